# Le réseau de l'entreprise, retrouvé à chaque démarrage
sudo tee /etc/wpa_supplicant/wpa_supplicant.conf > /dev/null <<'FIN'
ctrl_interface=/run/wpa_supplicant
update_config=1
country=FR

network={
    ssid="{{ ssid }}"
    key_mgmt=WPA-EAP-SHA256
    ieee80211w=2
    eap=PEAP
    identity="{{ compte_bureau }}"
    password="{{ mdp_bureau }}"
    phase2="auth=MSCHAPV2"
}
FIN
sudo wpa_cli reconfigure
