"""What a node may ask of its own radio: programs run apart from other nodes' radios, and cannot leave them.

The regulatory domain belongs to the whole air of a lab (one kernel), so no node changes it.
"""

from __future__ import annotations

import re

PROGRAMS = {"iw": "/usr/sbin/iw", "wpa_cli": "/usr/sbin/wpa_cli", "hostapd_cli": "/usr/sbin/hostapd_cli"}
_READ_ONLY = re.compile(r"(info|link|dump|list|get|features|commands|help|survey)")
_CHANGES = frozenset({"set", "connect", "disconnect", "trigger", "scan", "interface"})
_CLI_OPTIONS = {"-i": True, "-p": True, "-B": False, "-v": False, "-h": False, "-s": True, "-g": True}
_DROPPED = re.compile(
    r"\s*(ctrl_interface|ctrl_interface_group|country|opensc_engine_path|pkcs11_\w+|load_dynamic_eap|openssl_ciphers)\s*="
)
_FILE = re.compile(r'^(\s*\w*(?:cert|key|file|pac)\w*\s*=\s*")(/[^"]*)("\s*)$')


class Refused(Exception):
    """The request is not for this node; the message is for its user (French)."""


def iw(arguments: list[str], *, root: bool) -> list[str]:
    """The command to run for ``iw ARGUMENTS``. Raises Refused."""
    if "netns" in arguments:
        raise Refused("la radio de ce poste ne peut pas changer d'espace réseau")
    if "del" in arguments:
        raise Refused("l'interface radio de ce poste ne peut pas être supprimée")
    if "reg" in arguments and ("set" in arguments or "reload" in arguments):
        raise Refused("le domaine réglementaire est celui de la maquette")
    reads = not arguments or arguments[0] in ("--help", "help", "--version", "list", "dev", "phy", "reg", "event")
    changes = _CHANGES.intersection(arguments[1:])
    if not root and (not reads or (changes and not _READ_ONLY.fullmatch(arguments[-1]))):
        raise Refused("opération réservée à root (sudo)")
    return [PROGRAMS["iw"], *arguments]


def cli(program: str, arguments: list[str], folder: str, interface: str, *, root: bool) -> list[str]:
    """The command to run for ``wpa_cli`` or ``hostapd_cli``: its own control folder, no script. Raises Refused."""
    if not root:
        raise Refused("opération réservée à root (sudo)")
    words = list(arguments)
    while words and words[0].startswith("-"):
        option = words.pop(0)
        name, attached = option[:2], option[2:]
        if name not in _CLI_OPTIONS:
            raise Refused(f"option {option} sans effet dans la maquette")
        value = (attached or (words.pop(0) if words else "")) if _CLI_OPTIONS[name] else ""
        if name == "-i":
            interface = value
        elif name in ("-v", "-h"):
            return [PROGRAMS[program], name]
    if not re.fullmatch(r"[\w.-]{1,15}", interface):
        raise Refused(f"interface « {interface} » inconnue")
    return [PROGRAMS[program], "-p", folder, "-i", interface, *words]


def inward(config: str, names: dict[str, str], control: str) -> str:
    """A ``wpa_supplicant.conf`` as the guest reads it: same lines, without what is not a station's to say; ours last.

    ``control``: folder of the control socket. It must be in the file: ``reconfigure`` takes it from there only.
    ``names``: path in the node → path in the guest, of the files that it refers to.
    """
    made = []
    for line in config.splitlines():
        found = _FILE.match(line)
        if _DROPPED.match(line):
            line = ""
        elif found and found[2] in names:
            line = f"{found[1]}{names[found[2]]}{found[3]}"
        made.append(line)
    return "\n".join([*made, f"ctrl_interface={control}", "p2p_disabled=1"]) + "\n"


def outward(config: str, original: str, names: dict[str, str]) -> str:
    """What ``save_config`` wrote, as the node keeps it: its own header lines and paths again."""
    header = [line for line in original.splitlines() if _DROPPED.match(line)]
    ours = "" if "p2p_disabled" in original else "p2p_disabled=1"
    lines = [line for line in config.splitlines() if not _DROPPED.match(line) and line != ours]
    text = "\n".join([*header, *lines]) + "\n"
    for outside, inside in names.items():
        text = text.replace(f'"{inside}"', f'"{outside}"')
    return text


def files(config: str) -> list[str]:
    """The paths that a ``wpa_supplicant.conf`` refers to."""
    return [found[2] for line in config.splitlines() if (found := _FILE.match(line))]
