sudo ifdown eth1
sudo tee /etc/network/interfaces > /dev/null <<'FIN'
auto eth1
iface eth1 inet static
    address {{ pc2 }}/24
FIN
sudo ifup eth1
