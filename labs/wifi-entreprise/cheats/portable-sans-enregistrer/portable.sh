sudo wpa_cli add_network
sudo wpa_cli set_network 0 ssid '"{{ ssid }}"'
sudo wpa_cli set_network 0 key_mgmt WPA-EAP
sudo wpa_cli set_network 0 eap PEAP
sudo wpa_cli set_network 0 identity '"{{ compte_bureau }}"'
sudo wpa_cli set_network 0 password '"{{ mdp_bureau }}"'
sudo wpa_cli set_network 0 phase2 '"auth=MSCHAPV2"'
sudo wpa_cli enable_network 0
