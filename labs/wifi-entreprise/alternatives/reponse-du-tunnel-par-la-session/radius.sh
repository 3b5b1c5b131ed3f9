sudo tee /etc/freeradius/3.0/clients.conf > /dev/null <<'FIN'
client {{ ip_ap1 }} {
    secret = {{ secret_radius }}
}
FIN
sudo tee /etc/freeradius/3.0/mods-config/files/authorize > /dev/null <<'FIN'
{{ compte_bureau }} Cleartext-Password := "{{ mdp_bureau }}"
    Tunnel-Private-Group-Id := "{{ vlan_bureau }}", Fall-Through = Yes
{{ compte_atelier }} Cleartext-Password := "{{ mdp_atelier }}"
    Tunnel-Private-Group-Id := "{{ vlan_atelier }}", Fall-Through = Yes
DEFAULT
    Tunnel-Type := VLAN, Tunnel-Medium-Type := IEEE-802
FIN
sudo sed -i 's/if (0) {/if (1) {/' /etc/freeradius/3.0/sites-enabled/inner-tunnel
sudo service freeradius restart
