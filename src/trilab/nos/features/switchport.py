"""Layer 2 settings of switch ports."""

from __future__ import annotations

from trilab.nos import vlans
from trilab.nos.context import CommandError, Context
from trilab.nos.features.dot1x import OPEN, Dot1xPort
from trilab.nos.features.port_security import PortSecurity
from trilab.nos.features.vlan import add
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import ALL_VLANS, Interface
from trilab.nos.names import short

HELP = {
    "switchport": "Set switching mode characteristics",
    "mode": "Set trunking mode of the interface",
    "access": "Set access mode characteristics of the interface",
    "trunk": "Set trunking characteristics of the interface",
    "dynamic": "Set trunking mode to dynamically negotiate access or trunk mode",
    "auto": "Set trunking mode dynamic negotiation parameter to AUTO",
    "voice": "Voice appliance attributes",
    "vlan": "Set VLAN when interface is in this mode",
    "<vid>": "VLAN ID of the VLAN",
    "allowed": "Set allowed VLAN characteristics when interface is in trunking mode",
    "native": "Set trunking native characteristics when interface is in trunking mode",
    "<vids>": "VLAN IDs of the allowed VLANs when this port is in trunking mode",
    "add": "add VLANs to the current list",
    "all": "all VLANs",
    "except": "all VLANs except the following",
    "none": "no VLANs",
    "remove": "remove VLANs from the current list",
    "nonegotiate": "Device will not engage in negotiation protocol on this interface",
}
MODE_HELP = {
    **HELP,
    "access": "Set trunking mode to ACCESS unconditionally",
    "trunk": "Set trunking mode to TRUNK unconditionally",
}
_WIDTH = 60  # of a VLAN list in one line of the configuration


def commands() -> list[Command]:
    """``switchport``."""
    p = ("if-port",)
    return [
        Command(p, "switchport mode (access=mode | trunk=mode | dynamic=mode auto)", _mode, MODE_HELP,
                no="switchport mode [access | trunk | dynamic auto]", undo=_no_mode),
        Command(p, "switchport access vlan <vid:int(1,4094)>", _access, HELP,
                no="switchport access vlan [<vid:int(1,4094)>]", undo=_no_access),
        Command(p, "switchport voice vlan <vid:int(1,4094)>", _voice, HELP,
                no="switchport voice vlan [<vid:int(1,4094)>]", undo=_no_voice),
        Command(p, "switchport trunk native vlan <vid:int(1,4094)>", _native, HELP,
                no="switchport trunk native vlan [<vid:int(1,4094)>]", undo=_no_native),
        Command(p, "switchport trunk allowed vlan (all=how | none=how | add=how <vids:vlans> | except=how <vids:vlans>"
                " | remove=how <vids:vlans> | <vids:vlans>)", _allowed, HELP,
                no="switchport trunk allowed vlan [<rest:line>]", undo=_no_allowed),
        Command(p, "switchport nonegotiate", _nonegotiate, HELP, undo=_no_nonegotiate),
    ]  # fmt: skip


def _set(c: Context, **values: object) -> None:
    for interface in c.bundles():
        for name, value in values.items():
            setattr(interface, name, value)


def _conflict(interface: Interface) -> CommandError:
    return CommandError(
        "Command rejected: Conflict between 'nonegotiate' and 'dynamic' status on this interface: "
        + short(interface.name)
    )


def _check_dynamic(interface: Interface) -> None:
    if interface.nonegotiate:
        raise _conflict(interface)
    if interface.parts[PortSecurity].enabled:
        raise CommandError(f"Command rejected: {interface.name} is a secure port.")


def _check_dot1x(interface: Interface) -> None:
    port = interface.parts[Dot1xPort]
    if port.pae or port.control != OPEN:
        raise CommandError(f"Command rejected: 802.1X is configured on {interface.name}: only access mode")


def _mode(c: Context, m: Match) -> None:
    for interface in c.bundles():
        if m["mode"] != "access":
            _check_dot1x(interface)
        if m["mode"] == "dynamic":
            _check_dynamic(interface)
    _set(c, mode=m["mode"])


def _no_mode(c: Context, m: Match) -> None:
    for interface in c.bundles():
        _check_dynamic(interface)
        _check_dot1x(interface)
    _set(c, mode="dynamic")


def _access(c: Context, m: Match) -> None:
    _ensure(c, m["vid"], "Access")
    _set(c, access_vlan=m["vid"])


def _ensure(c: Context, vid: int, word: str) -> None:
    if vid in vlans.RESERVED:
        raise CommandError(f"% VLAN {vid} is reserved")
    if vid not in c.config.vlans:
        c.say(f"% {word} VLAN does not exist. Creating vlan {vid}")
        add(c.config, vid)


def _no_access(c: Context, m: Match) -> None:
    _set(c, access_vlan=1)


def _voice(c: Context, m: Match) -> None:
    _ensure(c, m["vid"], "Voice")
    _set(c, voice_vlan=m["vid"])


def _no_voice(c: Context, m: Match) -> None:
    _set(c, voice_vlan=None)


def _native(c: Context, m: Match) -> None:
    _set(c, native_vlan=m["vid"])


def _no_native(c: Context, m: Match) -> None:
    _set(c, native_vlan=1)


def _allowed(c: Context, m: Match) -> None:
    how, given = m.get("how", "set"), m.get("vids", frozenset())
    for interface in c.bundles():
        interface.allowed = {
            "all": ALL_VLANS,
            "none": frozenset[int](),
            "add": interface.allowed | given,
            "remove": interface.allowed - given,
            "except": ALL_VLANS - given,
            "set": given,
        }[how]


def _no_allowed(c: Context, m: Match) -> None:
    _set(c, allowed=ALL_VLANS)


def _nonegotiate(c: Context, m: Match) -> None:
    for interface in c.bundles():
        if interface.mode == "dynamic":
            raise _conflict(interface)
    _set(c, nonegotiate=True)


def _no_nonegotiate(c: Context, m: Match) -> None:
    _set(c, nonegotiate=False)


def render(interface: Interface) -> list[str]:
    """The ``switchport`` lines that are not defaults."""
    lines = []
    if interface.access_vlan != 1:
        lines.append(f" switchport access vlan {interface.access_vlan}")
    if interface.native_vlan != 1:
        lines.append(f" switchport trunk native vlan {interface.native_vlan}")
    lines += _render_allowed(interface)
    if interface.mode != "dynamic":
        lines.append(f" switchport mode {interface.mode}")
    if interface.nonegotiate:
        lines.append(" switchport nonegotiate")
    if interface.voice_vlan is not None:
        lines.append(f" switchport voice vlan {interface.voice_vlan}")
    return lines


def _render_allowed(interface: Interface) -> list[str]:
    if interface.allowed == ALL_VLANS:
        return []
    if not interface.allowed:
        return [" switchport trunk allowed vlan none"]
    first, *more = vlans.wrapped(interface.allowed, _WIDTH)
    start = " switchport trunk allowed vlan "
    return [start + first, *(f"{start}add {rest}" for rest in more)]
