sudo ifdown eth1
printf 'auto lo\niface lo inet loopback\n\nauto eth1\niface eth1 inet static\n address {{ ip_ipbx }}\n netmask {{ net_voix | netmask }}\n gateway {{ net_voix | host(254) }}\n' | sudo tee /etc/network/interfaces > /dev/null
sudo ifup eth1

cat > /tmp/pjsip.conf <<'FIN'
[global]
type=global
user_agent={{ societe }}

[udp]
type=transport
protocol=udp
bind={{ ip_ipbx }}:5060

[poste](!)
type=endpoint
transport=udp
context=postes
disallow=all
allow=alaw,ulaw
rtp_symmetric=yes
direct_media=no
tos_audio=0xb8

[secret](!)
type=auth
auth_type=userpass

[place](!)
type=aor
max_contacts=1
remove_existing=yes
qualify_frequency=60

[{{ poste1 }}](poste)
auth=auth{{ poste1 }}
aors={{ poste1 }}
[auth{{ poste1 }}](secret)
username={{ poste1 }}
password={{ secret_poste1 }}
[{{ poste1 }}](place)

[{{ poste2 }}](poste)
auth=auth{{ poste2 }}
aors={{ poste2 }}
mailboxes={{ poste2 }}@default
[auth{{ poste2 }}](secret)
username={{ poste2 }}
password={{ secret_poste2 }}
[{{ poste2 }}](place)
FIN
sudo cp /tmp/pjsip.conf /etc/asterisk/pjsip.conf

cat > /tmp/extensions.conf <<'FIN'
[general]
static=yes

[globals]
ATELIER={{ poste2 }}

[sonner]
exten => s,1,NoOp(Appel de ${CALLERID(num)} vers ${ARG1})
 same => n,Dial(PJSIP/${ARG1},${ARG2})
 same => n,Return()

[postes]
exten => _{{ poste1 // 10 }}[12],1,GotoIf($["${EXTEN}" = "${ATELIER}"]?atelier)
 same => n,Gosub(sonner,s,1(${EXTEN},45))
 same => n,Hangup()
 same => n(atelier),Gosub(sonner,s,1(${EXTEN},{{ sonnerie }}))
 same => n,GotoIf($["${DIALSTATUS}" = "BUSY"]?occupe)
 same => n,VoiceMail(${ATELIER},u)
 same => n,Hangup()
 same => n(occupe),VoiceMail(${ATELIER},b)
 same => n,Hangup()
FIN
sudo cp /tmp/extensions.conf /etc/asterisk/extensions.conf

cat > /tmp/voicemail.conf <<'FIN'
[general]
format=wav49|wav
maxsilence=10

[default]
{{ poste2 }} => 4321,Poste atelier
FIN
sudo cp /tmp/voicemail.conf /etc/asterisk/voicemail.conf
sudo asterisk -rx "core reload"
