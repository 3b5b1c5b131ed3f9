sudo tee /etc/wpa_supplicant/wpa_supplicant.conf > /dev/null <<'FIN'
ctrl_interface=/run/wpa_supplicant
country=FR
network={
    ssid="{{ ssid_invites }}"
    psk="{{ secret_invites }}"
}
FIN
sudo wpa_cli reconfigure
sudo nft add table inet barriere
sudo nft 'add chain inet barriere sortie { type filter hook output priority 0 ; }'
sudo nft add rule inet barriere sortie ip daddr {{ net_data }} drop
