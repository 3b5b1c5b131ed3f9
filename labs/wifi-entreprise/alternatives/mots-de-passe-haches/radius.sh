empreinte() { smbencrypt "$1" 2>/dev/null | awk 'END {print $NF}'; }
sudo tee -a /etc/freeradius/3.0/clients.conf > /dev/null <<'FIN'
client borne {
    ipv4addr = {{ ip_ap1 }}
    secret = "{{ secret_radius }}"
    shortname = borne
}
FIN
sudo tee /etc/freeradius/3.0/mods-config/files/authorize > /dev/null <<FIN
{{ compte_bureau }} NT-Password := "$(empreinte '{{ mdp_bureau }}')"
    Tunnel-Type = 13, Tunnel-Medium-Type = 6, Tunnel-Private-Group-Id = {{ vlan_bureau }}
{{ compte_atelier }} NT-Password := "$(empreinte '{{ mdp_atelier }}')"
    Tunnel-Type = 13, Tunnel-Medium-Type = 6, Tunnel-Private-Group-Id = {{ vlan_atelier }}
FIN
sudo sed -i 's/use_tunneled_reply = no/use_tunneled_reply = yes/; s/default_eap_type = md5/default_eap_type = peap/' /etc/freeradius/3.0/mods-enabled/eap
sudo service freeradius start
