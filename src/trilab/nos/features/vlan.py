"""VLANs: ``vlan`` and ``name``. They are part of the configuration text, as in VTP transparent mode."""

from __future__ import annotations

from trilab.nos import vlans
from trilab.nos.context import CommandError, Context
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config, Vlan

HELP = {
    "vlan": "Vlan commands",
    "<vids>": "ISL VLAN IDs 1-4094",
    "name": "Ascii name of the VLAN",
    "<name>": "The ascii name for the VLAN",
}


def commands() -> list[Command]:
    """``vlan`` in global mode, ``name`` in the VLAN's."""
    return [
        Command(("config",), "vlan <vids:word>", _vlan, HELP, undo=_no_vlan, roles=("switch",)),
        Command(("vlan",), "name <name:word>", _name, HELP, no="name [<name:word>]", undo=_no_name, roles=("switch",)),
    ]


def _vids(text: str) -> frozenset[int]:
    found = vlans.parse(text)
    if found is None:
        last = len(text)
        raise CommandError(
            f"Command rejected: Bad VLAN list - character #{last} (EOL) delimits a VLAN\n"
            " number which is out of the range 1..4094."
            if text.replace(",", "").replace("-", "").isdecimal()
            else f"Command rejected: Bad VLAN list - character #1 ('{text[0]}') is not a digit."
        )
    return found


def _vlan(c: Context, m: Match) -> None:
    vids = _vids(m["vids"])
    for vid in vids:
        add(c.config, vid)
    c.enter("vlan", tuple(str(vid) for vid in sorted(vids)))


def _no_vlan(c: Context, m: Match) -> None:
    for vid in sorted(_vids(m["vids"])):
        if vid == 1 or vid in vlans.RESERVED:
            raise CommandError(f"%Default VLAN {vid} may not be deleted.")
        c.config.vlans.pop(vid, None)


def add(config: Config, vid: int) -> None:
    """Make a VLAN exist; the four reserved ones always do."""
    if vid not in config.vlans and vid not in vlans.RESERVED:
        config.vlans[vid] = Vlan(vid)
        config.vlans = dict(sorted(config.vlans.items()))


def _name(c: Context, m: Match) -> None:
    if len(c.target) > 1:
        raise CommandError("%Command rejected: the name of several VLANs cannot be set at once")
    vid, name = int(c.target[0]), m["name"]
    if vid == 1 or vid in vlans.RESERVED:
        raise CommandError(f"%Default VLAN {vid} may not have its name changed.")
    if len(name) > 32:
        raise CommandError("%VLAN name is too long: at most 32 characters")
    taken = next((v.vid for v in c.config.vlans.values() if v.vid != vid and name_of(v) == name), None)
    if taken is not None:
        raise CommandError(f"%VLAN #{vid} and #{taken} have an identical name: {name}")
    add(c.config, vid)  # it may have been deleted meanwhile
    c.config.vlans[vid].name = name


def _no_name(c: Context, m: Match) -> None:
    for vid in map(int, c.target):
        if vid != 1 and vid in c.config.vlans:
            c.config.vlans[vid].name = ""


def name_of(vlan: Vlan) -> str:
    """The name, or the default one (``VLAN0010``)."""
    return vlan.name or f"VLAN{vlan.vid:04d}"


def render(config: Config) -> list[str]:
    """``vlan`` blocks; unnamed VLANs share one line."""
    unnamed = [vlan.vid for vlan in config.vlans.values() if vlan.vid != 1 and not vlan.name]
    lines: list[str] = []
    for chunk in vlans.wrapped(unnamed, 60):
        lines += [f"vlan {chunk}", "!"]
    for vlan in config.vlans.values():
        if vlan.vid != 1 and vlan.name:
            lines += [f"vlan {vlan.vid}", f" name {vlan.name}", "!"]
    return lines
