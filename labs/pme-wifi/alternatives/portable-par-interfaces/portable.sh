sudo ifdown wlan0
sudo tee /etc/network/interfaces > /dev/null <<'FIN'
auto lo
iface lo inet loopback

auto wlan0
iface wlan0 inet dhcp
    wpa-ssid {{ ssid_pro }}
    wpa-psk {{ secret_pro }}
FIN
sudo ifup wlan0
