sudo ifdown eth1
sudo tee /etc/network/interfaces > /dev/null <<'FIN'
auto lo
iface lo inet loopback

auto eth1
iface eth1 inet static
    address {{ net_invites | host(101) }}/24
    gateway {{ net_invites | host(254) }}
FIN
sudo ifup eth1
