# Le réseau du personnel, retrouvé à chaque démarrage
sudo tee /etc/wpa_supplicant/wpa_supplicant.conf > /dev/null <<'FIN'
ctrl_interface=/run/wpa_supplicant
update_config=1
country=FR

network={
    ssid="{{ ssid_pro }}"
    psk="{{ secret_pro }}"
}
FIN
sudo wpa_cli reconfigure
