"""The parameters of the checks and what the checks observe, in the words of somebody who writes a lab (French)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trilab.grading.observe import Cli, Request, Shell
from trilab.grading.requests import (
    Addresses,
    Asterisk,
    Call,
    Device,
    Dial,
    Enable,
    Lease,
    PhoneTraffic,
    SipRegister,
    SshLogin,
    TaggedPing,
    TcpOpen,
    Voicemail,
    Window,
)
from trilab.grading.wifi_requests import Beacons, Session, Station

PARAMETERS: Mapping[str, str] = {
    "accounts": "les postes et le téléphone de chacun",
    "address": "l'adresse visée",
    "allowed": "la liste exacte des VLAN autorisés",
    "ap": "le point d'accès",
    "callee": "le téléphone appelé",
    "caller": "le téléphone qui appelle",
    "contains": "ce que le texte doit contenir",
    "control": "témoin : ce que la source doit joindre au même moment",
    "control_secret": "témoin : le secret de ce réseau",
    "control_source": "témoin : l'équipement depuis lequel cela doit marcher au même moment",
    "control_ssid": "témoin : le réseau Wi-Fi où se trouve la station témoin",
    "deadline": "au plus tard, en secondes",
    "destination": "ce qu'il faut joindre : une adresse ou un équipement",
    "destinations": "ce qu'il faut joindre : des adresses ou des équipements",
    "dns": "les serveurs DNS donnés, dans l'ordre",
    "domain": "le domaine donné",
    "dscp": "le marquage attendu (46 = EF)",
    "excluded": "les adresses qui ne doivent jamais être données",
    "extension": "le numéro du poste",
    "gateway": "la passerelle",
    "identity": "le compte, tel que la station l'annonce",
    "hidden": "true si le nom doit être masqué dans les balises",
    "interface": "l'interface observée",
    "interfaces": "les interfaces observées",
    "ipbx": "l'IPBX",
    "linux": "true pour un PC ou un IPBX, false pour un commutateur ou un routeur",
    "mailbox": "la boîte vocale",
    "method": "la méthode EAP : PEAP (MSCHAPv2) ou TTLS (PAP)",
    "name": "le nom exact, majuscules comprises",
    "native": "le VLAN natif",
    "neighbours": "les points d'accès du décor, dont il faut s'écarter",
    "network": "le réseau de l'adresse donnée",
    "node": "l'équipement observé",
    "nonegotiate": "true si la négociation du trunk doit être coupée",
    "number": "le numéro composé",
    "options": "d'autres options DHCP et leur valeur",
    "password": "le mot de passe du compte",
    "phone": "le téléphone",
    "pmf": "la protection des trames de gestion : au moins proposée (capable) ou exigée (required)",
    "privilege": "le niveau de privilège à l'arrivée",
    "ranges": "les adresses exclues",
    "reach": "ce que la station doit joindre une fois entrée",
    "ring": "la durée de sonnerie avant la messagerie, en secondes",
    "secret": "le mot de passe du mode privilégié",
    "security": "les sécurités acceptées",
    "server": "le serveur RADIUS",
    "source": "l'équipement qui essaie",
    "sources": "les équipements qui essaient",
    "ssid": "le nom exact du réseau Wi-Fi",
    "ssids": "les seuls réseaux Wi-Fi demandés",
    "station": "la station de contrôle",
    "stations": "les deux stations de contrôle",
    "tolerance": "l'écart accepté sur la tonalité entendue, en hertz",
    "uplink": "le port du point d'accès vers le commutateur",
    "username": "le compte",
    "vlan": "le VLAN attendu",
    "vlans": "les VLAN et le nom exact de chacun",
    "voice": "le VLAN voix du port ; sans lui, le port ne doit pas en avoir",
}
"""By parameter name; ``check.parameter`` where one check means something else by it."""

SPECIAL: Mapping[str, str] = {
    "routing.default_gateway.address": "l'adresse de la passerelle",
    "routing.fixed_address.address": "l'adresse attendue, avec son préfixe",
    "routing.subinterface.address": "l'adresse attendue, avec son préfixe",
    "routing.svi.address": "l'adresse attendue, avec son préfixe",
    "security.isolated.destinations": "ce que la source ne doit pas joindre : des adresses ou des équipements",
    "security.ssh_refused_from.source": "l'équipement depuis lequel la connexion doit être refusée",
    "vlan.tag_on_wire.vlan": "l'étiquette attendue ; null : aucune étiquette",
    "voip.unknown_number.number": "un numéro qui n'est à personne",
    "wifi.account_joins.vlan": "le VLAN attribué au compte, et l'étiquette attendue sur ce port",
    "wifi.account_refused.control": "témoin : une station de contrôle qui entre avec le bon compte",
    "wifi.account_refused.password": "le bon mot de passe, dont un faux est tiré",
    "wifi.account_refused.stations": "les deux stations de contrôle refusées, en PEAP et en TTLS",
    "wifi.account_refused.wrong": "ce qui est faux : le mot de passe (password) ou le compte (identity)",
    "wifi.channel.allowed": "les canaux permis (1, 6 et 11)",
    "wifi.clients_isolated.secret": "le secret du réseau Wi-Fi",
    "wifi.isolated.control": "témoin : une station de contrôle de l'autre réseau, que la première ne doit pas joindre",
    "wifi.isolated.destinations": "ce que la station ne doit pas joindre : des adresses ou des équipements",
    "wifi.isolated.secret": "le secret du réseau Wi-Fi",
    "wifi.joins.secret": "le secret du réseau Wi-Fi",
    "wifi.joins.vlan": "l'étiquette attendue sur ce port ; null : aucune étiquette",
    "wifi.radius_secret.secret": "le secret partagé demandé",
    "wifi.secret_refused.control": "témoin : une station de contrôle qui entre avec le bon secret",
    "wifi.secret_refused.secret": "le bon secret, dont un faux est tiré",
}

UNSAID = frozenset(
    {"control", "control_source", "deadline", "hidden", "security", "tolerance", "voip.unknown_number.number", "wrong"}
)
"""What a subject does not tell: how to observe, or what is kept from the candidate."""

OBSERVED: Mapping[type[Request[Any]], str] = {
    Addresses: "les adresses d'un équipement, lues dans son noyau",
    Asterisk: "la console d'Asterisk",
    Beacons: "les balises des réseaux Wi-Fi, entendues sur l'air",
    Call: "un vrai appel, décroché, écouté et capturé sur tous ses câbles",
    Cli: "des commandes « show » et la configuration",
    Device: "un équipement de constructeur, lu par NAPALM ou netmiko",
    Dial: "un appel à un numéro, et un autre qui doit sonner au même moment",
    Enable: "le passage en mode privilégié, avec le bon secret et avec un faux",
    Lease: "un vrai échange DHCP, capturé",
    PhoneTraffic: "les trames du téléphone, capturées sur son câble",
    Session: "des stations de contrôle qui entrent dans un réseau Wi-Fi, capturées sur l'air et sur le câble",
    Shell: "des commandes sur une machine Linux",
    SipRegister: "une demande d'enregistrement SIP sans secret",
    SshLogin: "une connexion SSH par le réseau du candidat",
    Station: "le réseau Wi-Fi qu'un poste a rejoint de lui-même",
    TaggedPing: "les trames d'un ping, capturées sur un câble",
    TcpOpen: "une connexion TCP",
    Voicemail: "un appel sans réponse, qui laisse un message",
    Window: "des essais de communication (ICMP, TCP, trame), permis et interdits au même moment",
}


def meaning(check: str, parameter: str) -> str:
    """What to write for a parameter of a check (French); empty when nobody has told it."""
    return SPECIAL.get(f"{check}.{parameter}", PARAMETERS.get(parameter, ""))


def unsaid(check: str, parameter: str) -> bool:
    """Whether a subject need not tell the value of a parameter."""
    return parameter in UNSAID or f"{check}.{parameter}" in UNSAID
