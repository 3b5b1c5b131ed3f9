# Le point d'accès, seul client du serveur
sudo tee /etc/freeradius/3.0/clients.conf > /dev/null <<'FIN'
client ap1 {
    ipaddr = {{ ip_ap1 }}
    secret = testing123
}
FIN
# Les comptes, et le VLAN de chacun
sudo tee /etc/freeradius/3.0/mods-config/files/authorize > /dev/null <<'FIN'
{{ compte_bureau }} Cleartext-Password := "{{ mdp_bureau }}"
    Tunnel-Type = VLAN,
    Tunnel-Medium-Type = IEEE-802,
    Tunnel-Private-Group-Id = "{{ vlan_bureau }}"
{{ compte_atelier }} Cleartext-Password := "{{ mdp_atelier }}"
    Tunnel-Type = VLAN,
    Tunnel-Medium-Type = IEEE-802,
    Tunnel-Private-Group-Id = "{{ vlan_atelier }}"
FIN
# Ce que décide le tunnel (PEAP, TTLS) sort du tunnel : sans cela, le point d'accès ne reçoit pas le VLAN
sudo sed -i 's/use_tunneled_reply = no/use_tunneled_reply = yes/' /etc/freeradius/3.0/mods-available/eap
sudo service freeradius restart
