sudo tee /etc/freeradius/3.0/clients.conf > /dev/null <<'FIN'
client ap1 {
    ipaddr = {{ ip_ap1 }}
    secret = {{ secret_radius }}
}
FIN
sudo tee /etc/freeradius/3.0/mods-config/files/authorize > /dev/null <<'FIN'
{{ compte_bureau }} Cleartext-Password := "{{ mdp_bureau }}"
{{ compte_atelier }} Cleartext-Password := "{{ mdp_atelier }}"
FIN
sudo service freeradius restart
