sudo wpa_cli add_network
sudo wpa_cli set_network 0 ssid '"{{ ssid_pro }}"'
sudo wpa_cli set_network 0 psk '"{{ secret_pro }}"'
sudo wpa_cli enable_network 0
