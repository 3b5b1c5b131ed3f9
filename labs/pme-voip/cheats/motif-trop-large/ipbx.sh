# Adresse fixe dans le VLAN voix
sudo ifdown eth1
sudo tee /etc/network/interfaces > /dev/null <<'FIN'
auto lo
iface lo inet loopback

auto eth1
iface eth1 inet static
    address {{ ip_ipbx }}/{{ net_voix | prefixlen }}
    gateway {{ net_voix | host(254) }}
FIN
sudo ifup eth1

# Comptes SIP des deux postes
sudo tee /etc/asterisk/pjsip.conf > /dev/null <<'FIN'
[transport-udp]
type = transport
protocol = udp
bind = 0.0.0.0

[{{ poste1 }}]
type = endpoint
context = interne
disallow = all
allow = alaw
auth = {{ poste1 }}
aors = {{ poste1 }}
callerid = Accueil <{{ poste1 }}>
language = fr
direct_media = no
tos_audio = ef

[{{ poste1 }}]
type = auth
auth_type = userpass
username = {{ poste1 }}
password = {{ secret_poste1 }}

[{{ poste1 }}]
type = aor
max_contacts = 1
remove_existing = yes

[{{ poste2 }}]
type = endpoint
context = interne
disallow = all
allow = alaw
auth = {{ poste2 }}
aors = {{ poste2 }}
callerid = Atelier <{{ poste2 }}>
language = fr
direct_media = no
tos_audio = ef

[{{ poste2 }}]
type = auth
auth_type = userpass
username = {{ poste2 }}
password = {{ secret_poste2 }}

[{{ poste2 }}]
type = aor
max_contacts = 1
remove_existing = yes
FIN

# Plan de numérotation : l'atelier a une messagerie, l'accueil n'en a pas
sudo tee /etc/asterisk/extensions.conf > /dev/null <<'FIN'
[general]
static = yes

[interne]
exten => {{ poste1 }},1,Dial(PJSIP/{{ poste1 }},30)
 same => n,Hangup()

exten => _X.,1,Dial(PJSIP/{{ poste2 }},{{ sonnerie }})
 same => n,VoiceMail({{ poste2 }}@default,u)
 same => n,Hangup()
FIN

# Boîte vocale de l'atelier
sudo tee /etc/asterisk/voicemail.conf > /dev/null <<'FIN'
[general]
format = wav
maxsecs = 120

[default]
{{ poste2 }} => 0000,Atelier
FIN

sudo asterisk -rx "core reload"
