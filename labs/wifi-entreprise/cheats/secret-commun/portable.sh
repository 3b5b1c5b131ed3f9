sudo tee /etc/wpa_supplicant/wpa_supplicant.conf > /dev/null <<'FIN'
ctrl_interface=/run/wpa_supplicant
network={
    ssid="{{ ssid }}"
    psk="{{ mdp_bureau }}"
}
FIN
sudo wpa_cli reconfigure
