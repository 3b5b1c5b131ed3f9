"""The reference of the command line, for those who write and take exams: every command, from the grammar itself.

``python -m trilab.nos.reference > docs/nos.md`` writes it; French, as everything a user reads.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from trilab.nos.commands import all_commands
from trilab.nos.context import PROMPTS
from trilab.nos.grammar.command import Command
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Role

_ARGUMENT = re.compile(r"<\w+:(\w+)(?:\(([^)]*)\))?>")
_GROUP = re.compile(r"[\[({][^\]\[(){}]*[\])}]\+?|<[^<>]*>")  # the innermost choice, or an argument
_BOUND = re.compile(r"(?<=\S)=\w+")
_WORD = re.compile(r"(?<=<)\w+(?=:)|[^][(){}|+<>\s]+(?![^<]*>)")
_KINDS = {
    "ip": "A.B.C.D", "ip6": "X:X::X", "mac": "H.H.H", "word": "MOT", "reader": "MOT",
    "flash": "flash:MOT", "prefix": "flash:MOT", "stored": "FICHIER", "line": "TEXTE",
    "vlans": "VLAN,VLAN-VLAN",
    "clock": "hh:mm:ss", "ifname": "INTERFACE", "ifrange": "INTERFACES", "port": "PORT", "message": "MESSAGE",
}  # fmt: skip
_ROLES: dict[Role, str] = {"switch": "Commutateur", "router": "Routeur", "ap": "Borne Wi-Fi"}
_WHERE = {
    "if-port": "port de commutateur ou EtherChannel", "if-svi": "interface VLAN", "if-l3": "port routé",
    "if-sub": "sous-interface", "if-loop": "interface de bouclage", "if-bvi": "interface BVI",
    "vlan": "VLAN", "dhcp": "réserve DHCP", "ospf": "OSPF", "rip": "RIP", "if-radio": "radio",
    "if-wire": "port filaire", "if-bridged": "sous-interface pontée", "ssid": "SSID", "sg-radius": "groupe RADIUS",
    "radius-server": "serveur RADIUS", "archive": "archives de la configuration",
}  # fmt: skip
_ELSEWHERE: dict[Role, tuple[str, ...]] = {  # modes that a role never enters
    "switch": ("if-sub", "if-loop", "if-bvi", "if-radio", "if-wire", "if-bridged", "dhcp"),
    "router": ("if-port", "if-svi", "if-bvi", "if-radio", "if-wire", "if-bridged", "vlan"),
    "ap": ("if-port", "if-svi", "if-l3", "if-sub", "if-loop", "vlan", "dhcp"),
}

# What courses type and this system refuses with « % Invalid input detected »: role, mode, line, why.
REFUSED: tuple[tuple[Role, str, str, str], ...] = (
    ("switch", "config", "spanning-tree mode mst", "un seul arbre pour tous les VLAN"),
    ("switch", "config", "no spanning-tree vlan 10", "l’arbre ne s’arrête pas VLAN par VLAN"),
    ("switch", "if-port", "spanning-tree vlan 10 cost 4", "un seul arbre : le coût vaut pour tous les VLAN du port"),
    ("switch", "if-port", "spanning-tree guard root", "Open vSwitch ne l’a pas"),
    ("switch", "if-port", "spanning-tree bpdufilter enable", "Open vSwitch ne l’a pas"),
    ("switch", "if-port", "channel-group 1 mode desirable", "PAgP est un protocole de constructeur"),
    ("switch", "if-port", "switchport mode dynamic desirable", "DTP est un protocole de constructeur"),
    ("switch", "if-port", "switchport trunk encapsulation dot1q", "802.1Q seul, comme sur un Catalyst 2960"),
    ("switch", "if-port", "switchport protected", "pas encore"),
    ("switch", "if-port", "storm-control broadcast level 20.00", "les tempêtes sont déjà bornées, sans réglage"),
    ("switch", "if-port", "mab", "les postes s’authentifient en 802.1X"),
    ("switch", "if-port", "authentication open", "rien ne passe avant l’authentification"),
    ("switch", "if-port", "authentication host-mode multi-auth", "single-host ou multi-host"),
    ("switch", "if-port", "authentication violation restrict", "une autre station est toujours ignorée, sans message"),
    ("switch", "config", "vtp mode server", "VTP n’envoie rien : transparent ou off"),
    ("switch", "config", "cdp run", "CDP est un protocole de constructeur ; LLDP est actif"),
    ("switch", "privileged", "show cdp neighbors", "CDP n’existe pas ; voir show lldp neighbors"),
    ("switch", "config", "ip arp inspection vlan 10", "pas encore"),
    ("switch", "config", "monitor session 1 source vlan 10", "les sources sont des ports"),
    ("switch", "privileged", "debug spanning-tree events", "aucune commande debug"),
    ("router", "privileged", "debug ip packet", "aucune commande debug"),
    ("router", "config", "router eigrp 1", "EIGRP est un protocole de constructeur"),
    ("router", "config", "interface Serial0/0/0", "aucune liaison série"),
    ("router", "config", "interface Tunnel0", "GRE : le noyau qui porte le lab n’en a pas toujours le module"),
    ("switch", "config", "snmp-server community prive rw", "lecture seule : rien ne s’écrit par SNMP"),
    ("switch", "config", "snmp-server enable traps", "aucune trap n’est envoyée"),
    ("switch", "config", "snmp-server group G v3 priv", "SNMPv3 : pas encore"),
    ("router", "config", "ntp authenticate", "pas encore"),
    ("router", "archive", "log config", "les commandes tapées ne sont pas journalisées"),
    ("router", "archive", "time-period 60", "archive config, ou write-memory"),
    ("router", "privileged", "configure terminal revert timer 5", "aucun retour minuté"),
    ("ap", "if-radio", "encryption mode wep mandatory", "hostapd n’a plus WEP"),
    ("ap", "if-radio", "encryption vlan 10 mode ciphers tkip", "WPA2 et WPA3 avec AES seulement"),
    ("ap", "ssid", "authentication shared", "c’est du WEP"),
    ("ap", "ssid", "authentication key-management wpa", "WPA version 1 : préciser version 2 ou version 3"),
    ("ap", "if-radio", "channel 14", "hors du domaine réglementaire français : canaux 1 à 13"),
    ("ap", "if-radio", "station-role workgroup-bridge", "la radio n’est que borne (root)"),
    ("ap", "config", "interface Dot11Radio1", "pas de radio à 5 GHz"),
    ("ap", "config", "vlan 10", "les VLAN sont ceux des sous-interfaces (encapsulation dot1Q)"),
    ("ap", "config", "radius-server local", "le serveur RADIUS est un nœud du lab"),
    ("ap", "config", "aaa accounting network default start-stop group radius", "aucune comptabilité n’est envoyée"),
    ("router", "config", "interface Dialer1", "PPPoE : pas encore"),
    ("router", "config", "crypto isakmp policy 10", "IPsec : le noyau qui porte le lab n’a pas toujours ESP"),
    ("router", "config", "router bgp 65000", "pas encore"),
    ("router", "if-l3", "standby 1 track 1 decrement 20", "aucun suivi d’interface ni d’objet : pas encore"),
    ("router", "if-l3", "vrrp 1 track 1 decrement 20", "aucun suivi d’interface ni d’objet : pas encore"),
    ("switch", "config", "tacacs-server host 10.0.0.1", "TACACS+ est un protocole de constructeur ; RADIUS existe"),
    ("switch", "config", "tacacs server T1", "TACACS+ est un protocole de constructeur ; RADIUS existe"),
    ("router", "config", "aaa accounting exec default start-stop group radius", "aucune comptabilité n’est envoyée"),
    ("router", "rip", "auto-summary", "RIP ne résume jamais : « no auto-summary » est toujours écrit"),
    ("router", "config", "ip nat outside source static 10.0.0.1 10.0.0.2", "seule la source intérieure est traduite"),
    ("router", "config", "ip route 10.0.0.0 255.0.0.0 10.1.0.1 track 1", "pas encore"),
)
_INTRODUCTION = """\
Sous-ensemble d’IOS 15 (Catalyst 2960 et 3560, ISR 1941, borne autonome). Une commande absente de cette liste est
refusée avec `% Invalid input detected at '^' marker.` Les mots s’abrègent.

Notation : `[facultatif]`, `(l’un | ou l’autre)`, `{dans un ordre quelconque}`, `x+` une ou plusieurs fois.
En italique, l’aide que donne `?` sur l’équipement.
"""
_LIMITS = """\
## Ce qui diffère d’un vrai Catalyst

- **Arbre recouvrant** : un seul arbre RSTP porte tous les VLAN. `spanning-tree vlan 10 priority …` est accepté et vaut
  pour tous ; une deuxième priorité, pour d’autres VLAN, est refusée avec la raison. Les temporisations sont courtes
  (Forward Delay 4 s, Max Age 6 s) : `show spanning-tree` donne les vraies. `mode pvst` fait du 802.1D.
- **EtherChannel** : un port LACP sans partenaire est suspendu (`s`), il ne travaille pas seul. Six groupes,
  de couche 2.
- **DTP** : rien n’est négocié ; `dynamic auto`, le mode par défaut, est un port d’accès.
- **LLDP** est actif au départ (il annonce le VLAN voix aux téléphones), CDP n’existe pas.
- **Table MAC** : la durée de vie va de 15 à 3600 s.
- **OSPF** : un seul processus OSPF, un seul processus OSPFv3 ; OSPFv3 annonce une interface Loopback avec son préfixe.
- **RIP** : les routes ne sont jamais résumées aux classes A, B et C.
- **NAT** : un pool a 256 adresses au plus ; de l’extérieur, une adresse de pool ne mène nulle part (il faut une
  traduction statique). Une liste sortante sur une interface `ip nat outside` refuse sans message ICMP.
- **VRRP, HSRP** : VRRP version 2, HSRP versions 1 et 2, sans authentification ni suivi (`track`), intervalles en
  secondes. Une liste d’accès entrante ne filtre pas leurs messages. Les durées de HSRP reçues ne remplacent pas celles
  de l’équipement.
- **DHCP snooping** : l’option 82 n’est jamais insérée.
- **Port security** : le vieillissement est absolu ; un port routé ou un EtherChannel ne peut pas être sécurisé.
- **AAA** : les listes de `login`, `enable` et `exec` valent pour les sessions SSH et telnet, jamais pour la console.
  Le port RADIUS est 1645 s’il n’est pas dit (FreeRADIUS écoute sur 1812). Aucun serveur n’est mis à l’écart
  (`deadtime`) : chacun est réessayé à chaque connexion.
- **802.1X** : sur des ports d’accès, par EAP et RADIUS. En single-host, une deuxième station est ignorée, le port reste
  ouvert. Le VLAN du serveur ne compte qu’avec `aaa authorization network default group radius`, comme sur IOS.
- **Journal** : `debug` n’existe pas ; `service timestamps debug` est gardé et ne change rien.
- **NTP** : l’heure est celle de la machine qui porte le lab ; un équipement réglé par `clock set` la sert tout de même.
- **login delay** vaut pour telnet ; SSH ne fait attendre personne.
- **SNMP** : versions 1 et 2c, en lecture, groupe system et interfaces (IF-MIB).
- **Fichiers** : `flash:` garde des configurations, sans dossiers ; pas de TFTP. `scp -O` (SFTP n’existe pas) les copie
  dans les deux sens après `ip scp server enable`, pour un compte de privilège 15 ; par l’accès d’administration, il
  faut aussi `privilege level 15` sous `line con 0`.
- **Archives** : `FICHIER` est `flash:MOT`, `system:running-config` ou `nvram:startup-config`. La numérotation suit les
  fichiers présents. Aucun retour minuté (`revert timer`) ; `configure replace` refuse en bloc un fichier dont une ligne
  n’est pas comprise.
- `no switchport` et `ip routing` existent sur tous les commutateurs, comme sur un Catalyst 3560.

## Ce qui diffère d’une vraie borne autonome

- **SSID** : huit par radio, chacun avec son BSSID, `mbssid` ou non. Sans `guest-mode`, ni `mbssid guest-mode` sur une
  radio avec `mbssid`, le nom est caché. Un SSID incomplet n’est pas émis : un message dit pourquoi.
- **Groupes de pont** : un VLAN du fil par groupe, un groupe par VLAN ; l’arbre recouvrant n’y tourne pas.
- **WPA3** : `authentication key-management wpa version 3 [transition]` est une extension.
- **Filtre MAC** : masques `0000.0000.0000` et `ffff.ffff.ffff` seulement.
- `show dot11 associations` ne connaît l’adresse IP que des stations avec qui BVI1 a parlé.
"""


def readable(pattern: str) -> str:
    """A pattern as a manual writes it."""

    def argument(found: re.Match[str]) -> str:
        kind, parameters = found[1], found[2]
        if kind == "int" and parameters:
            low, high = parameters.split(",")
            return low if low == high else f"<{low}-{high}>"
        return _KINDS.get(kind, kind.upper())

    return _BOUND.sub("", _ARGUMENT.sub(argument, pattern))


def _french(text: str) -> str:
    """No-break spaces where French typography has them."""
    return re.sub(r" (?=[:;?!»])|(?<=«) ", "\N{NO-BREAK SPACE}", text)


def _title(mode: str) -> str:
    if mode in EXEC_MODES:
        return "Mode utilisateur (`>`)" if mode == "exec" else "Mode privilégié (`#`)"
    where = f" : {_WHERE[mode]}" if mode in _WHERE else ""
    return f"`{PROMPTS[mode]}#`{_french(where)}"


def _lines(commands: list[Command], role: Role, mode: str) -> Iterator[str]:
    for command in commands:
        shown_above = mode == "privileged" and "exec" in command.modes
        if role in command.roles and mode in command.modes and not shown_above:
            if command.run is None:
                yield f"`no {readable(command.no or command.pattern)}`{_help(command)}"
            else:
                undo = " — et `no`" if command.undo is not None else ""
                yield f"`{readable(command.pattern)}`{undo}{_help(command)}"


def _help(command: Command) -> str:
    """What ``?`` says of the last word that the command always has; without any, of its first word."""
    text = pattern = command.no or command.pattern if command.run is None else command.pattern
    while (bare := _GROUP.sub(" ", text)) != text:
        text = bare
    said = [command.help[word] for word in _BOUND.sub("", text).split() if command.help.get(word)]
    words = _WORD.findall(pattern)
    named = [*words, *(f"<{word}>" for word in words)]
    said = said or [command.help[word] for word in named if command.help.get(word)][:1]
    return f"\N{NO-BREAK SPACE}: *{said[-1].rstrip('.')}*" if said else ""


def document() -> str:
    """The whole text."""
    commands = all_commands()
    parts = [
        "# Les commandes des équipements\n",
        "<!-- Écrit par « make reference » d’après la grammaire : ne pas modifier à la main. -->\n",
        _french(_INTRODUCTION),
        _french(_LIMITS),
        "## Refusé, et pourquoi\n",
        "| équipement | commande | raison |\n|---|---|---|",
        *(f"| {_ROLES[role]} | `{line}` | {_french(why)} |" for role, _, line, why in REFUSED),
        "",
    ]
    for role, name in _ROLES.items():
        parts.append(f"## {name}\n")
        for mode in (mode for mode in (*EXEC_MODES, *PROMPTS) if mode not in _ELSEWHERE[role]):
            lines = sorted(set(_lines(commands, role, mode)))
            if any(not line.startswith(("`end`", "`exit`")) for line in lines):
                parts += [f"### {_title(mode)}\n", *(f"- {line}" for line in lines), ""]
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(document())
