"""The French texts of the ``phone`` command."""

from __future__ import annotations

import time
from typing import Any

HELP = """Le téléphone : VLAN voix, compte SIP, appels.

  phone show                               état du téléphone
  phone vlan auto                          VLAN voix annoncé par le switch (LLDP-MED)
  phone vlan N                             VLAN voix fixé (1 à 4094) ; none : sans étiquette
  phone account POSTE --secret SECRET [--server ADRESSE]
                                           compte SIP ; sans --server : option DHCP 150, sinon 66
  phone account none                       retirer le compte
  phone dscp ef|0-63                       marquage DSCP de la voix (RTP)
  phone dial NUMÉRO                        appeler
  phone answer                             décrocher
  phone hangup                             raccrocher, ou refuser l’appel
  phone press TOUCHES                      appuyer sur des touches pendant un appel (0–9, *, #)
  phone log                                journal : enregistrements et appels
  phone wait QUOI [--timeout SECONDES]     attendre : registered, address, incoming, ringing,
                                           established ou idle

  --json                                   réponse en JSON
"""
REGISTRATION = {
    "none": "aucun",
    "registering": "en cours",
    "registered": "enregistré",
    "failed": "refusé",
}
CALL = {"dialling": "numérotation", "ringing": "sonne", "established": "en communication", "ended": "terminé"}
DONE = {
    "vlan": "Réglage du VLAN voix enregistré.",
    "account": "Compte enregistré.",
    "dscp": "Marquage enregistré.",
    "dial": "Appel lancé.",
    "answer": "Décroché.",
    "hangup": "Raccroché.",
    "press": "Touches envoyées.",
}


def reply(request: dict[str, Any], answer: dict[str, Any]) -> str:
    """What a person reads of a reply without error."""
    if request["op"] == "show":
        return summary(answer["phone"])
    if request["op"] == "log":
        return journal(answer["entries"])
    if request["op"] == "wait":
        return "" if answer["done"] else "Délai dépassé.\n"
    return DONE[request["op"]] + "\n"


def summary(phone: dict[str, Any]) -> str:
    """The state, one line per subject."""
    lines = [
        ("Téléphone", f"{phone['name']} ({phone['mac']})"),
        ("Câble", "actif" if phone["link"] else "inactif"),
        ("Switch", "{system}, port {port}".format(**phone["lldp"]) if phone["lldp"] else "aucune annonce LLDP"),
        ("VLAN voix", _vlan(phone)),
        ("Adresse", phone["address"] or "aucune"),
        ("Passerelle", phone["gateway"] or "aucune"),
        ("Serveur SIP", f"{phone['server']} ({phone['server_source']})" if phone["server"] else "inconnu"),
        ("Poste", phone["extension"] or "aucun compte"),
        ("Enregistrement", _registration(phone)),
        ("DSCP de la voix", f"{phone['dscp']}{' (EF)' if phone['dscp'] == 46 else ''}"),
        ("Appel", _call(phone["call"])),
    ]
    return "".join(f"{name:<16} : {value}\n" for name, value in lines)


def _vlan(phone: dict[str, Any]) -> str:
    source = "automatique" if phone["vlan_setting"] is None else "fixé"
    if phone["vlan"] is None:
        return f"aucun ({source})"
    return f"{phone['vlan'] or 'sans étiquette'} ({source})"


def _registration(phone: dict[str, Any]) -> str:
    state = REGISTRATION[phone["registration"]]
    return f"{state} ({phone['reason']})" if phone["reason"] else state


def _call(call: dict[str, Any] | None) -> str:
    if call is None:
        return "aucun"
    return f"{'de' if call['direction'] == 'in' else 'vers'} {call['peer']}, {CALL[call['state']]}"


def journal(entries: list[dict[str, Any]]) -> str:
    """One line per entry, oldest first."""
    return "".join(f"{_clock(one['at'])}  {one['text']}\n" for one in entries)


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at)) + f",{int(at * 1000) % 1000:03d}"
