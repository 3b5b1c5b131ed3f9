# Le visiteur ne joint plus rien… tant qu'il garde ces routes
for reseau in {{ net_data }} {{ net_voix }} {{ net_admin }}; do
  sudo ip route replace blackhole $reseau
done
