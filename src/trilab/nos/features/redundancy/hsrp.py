"""HSRP, versions 1 and 2, on router interfaces: ``standby N ip …``, ``show standby``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trilab.nos.area import Area
from trilab.nos.context import CommandError, Context
from trilab.nos.features.redundancy.model import PRIORITY, Hsrp, HsrpGroup, Peer, Redundancy, Status, virtual_mac
from trilab.nos.features.redundancy.setting import MODES, fixed, typed, warn
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config, Interface
from trilab.nos.names import short
from trilab.nos.show.text import dotted

if TYPE_CHECKING:
    from trilab.nos.session import Session

HELP = {
    "standby": "HSRP interface configuration commands",
    "<group>": "group number",
    "ip": "Enable HSRP IPv4 and set the virtual IP address",
    "<address>": "Virtual IP address",
    "priority": "Priority level",
    "<priority>": "Priority value",
    "preempt": "Overthrow lower priority Active routers",
    "timers": "Hello and hold timers",
    "<hello>": "Hello interval in seconds",
    "<hold>": "Hold time in seconds",
    "name": "Redundancy name string",
    "<name>": "name string",
    "version": "HSRP version",
    "<version>": "Version number",
    "show": "Show running system information",
    "brief": "Brief output",
    "<interface>": "Interface name",
}

GROUPS = 255  # the highest number of version 1; RFC 2281, 5.1


def commands() -> list[Command]:
    """``standby`` on an interface, ``show standby``."""
    group, showing = (
        "standby [<group:int(0,4095)>]",
        {**HELP, "standby": "Hot Standby Router Protocol (HSRP) information"},
    )
    timers = "<hello:int(1,254)> <hold:int(2,255)>"
    made = [
        Command(MODES, f"{group} ip <address:ip>", _address, HELP,
                no=f"{group} ip [<address:ip>]", undo=fixed(_set, address=None)),
        Command(MODES, f"{group} priority <priority:int(0,255)>", typed(_set, "priority"), HELP,
                no=f"{group} priority [<priority:int(0,255)>]", undo=fixed(_set, priority=PRIORITY)),
        Command(MODES, f"{group} preempt", fixed(_set, preempt=True), HELP, undo=fixed(_set, preempt=False)),
        Command(MODES, f"{group} timers {timers}", _timers, HELP,
                no=f"{group} timers [{timers}]", undo=fixed(_set, hello=HsrpGroup.hello, hold=HsrpGroup.hold)),
        Command(MODES, f"{group} name <name:word>", typed(_set, "name"), HELP,
                no=f"{group} name [<name:word>]", undo=fixed(_set, name="")),
        Command(MODES, "standby version <version:int(1,2)>", _version, HELP, no="standby version [<version:int(1,2)>]",
                undo=_no_version),
        Command(MODES, "standby <group:int(0,4095)>", None, HELP, undo=_none),
        Command(EXEC_MODES, "show standby", _show, showing),
        Command(EXEC_MODES, "show standby <interface:ifname(port,sub,svi)>", _show, showing),
        Command(EXEC_MODES, "show standby brief", _brief, showing),
    ]  # fmt: skip
    return [replace(command, roles=("router", "switch")) for command in made]


def _set(c: Context, m: Match, **values: object) -> None:
    number = m.get("group", 0)
    for interface in c.interfaces():
        if number > GROUPS and interface.parts[Hsrp].version == 1:
            raise CommandError(f"% Group number must be 0 to {GROUPS} in HSRP version 1")
        known = {group.number: group for group in interface.parts[Hsrp].groups}
        known[number] = replace(known.get(number, HsrpGroup(number)), **values)  # type: ignore[arg-type]
        kept = (known[each] for each in sorted(known) if known[each] != HsrpGroup(each))
        interface.parts.put(replace(interface.parts[Hsrp], groups=tuple(kept)))


def _address(c: Context, m: Match) -> None:
    warn(c, m)
    if any(interface.address is not None and interface.address.ip == m["address"] for interface in c.interfaces()):
        c.say("% Warning: address cannot equal interface IP address")
    _set(c, m, address=m["address"])


def _timers(c: Context, m: Match) -> None:
    if m["hold"] <= m["hello"]:
        raise CommandError("% Invalid holdtime: it must be greater than the hello time")
    _set(c, m, hello=m["hello"], hold=m["hold"])


def _turn(c: Context, version: int) -> None:
    for interface in c.interfaces():
        part = interface.parts[Hsrp]
        if version == 1 and any(group.number > GROUPS for group in part.groups):
            raise CommandError(f"% Change to version 1 not allowed when groups > {GROUPS} in use")
        interface.parts.put(replace(part, version=version))


def _version(c: Context, m: Match) -> None:
    _turn(c, m["version"])


def _no_version(c: Context, m: Match) -> None:
    _turn(c, 1)


def _none(c: Context, m: Match) -> None:
    none = HsrpGroup(m["group"])
    _set(c, m, **{name: value for name, value in vars(none).items() if name != "number"})


def render_interface(config: Config, interface: Interface) -> list[str]:
    """The groups of an interface."""
    lines = [] if interface.parts[Hsrp].version == 1 else [" standby version 2"]
    for group in interface.parts[Hsrp].groups:
        found = [
            (group.address is not None, f"ip {group.address}"),
            ((group.hello, group.hold) != (HsrpGroup.hello, HsrpGroup.hold), f"timers {group.hello} {group.hold}"),
            (group.priority != PRIORITY, f"priority {group.priority}"),
            (group.preempt, "preempt"),
            (bool(group.name), f"name {group.name}"),
        ]
        lines += [f" standby {group.number} {line}" for there, line in found if there]
    return lines


def _groups(s: Session, m: Match) -> list[tuple[Interface, HsrpGroup, Status]]:
    """The groups that have an address, with what they do now."""
    seen = s.device.dataplane.observe(Redundancy).groups
    return [
        (interface, group, seen.get(("HSRP", interface.name, group.number), Status()))
        for interface in s.device.config.interfaces.values()
        for group in interface.parts[Hsrp].groups
        if group.address is not None and m.get("interface") in (None, interface.name)
    ]


def _router(peer: Peer | None, local: bool) -> str:
    return "local" if local else "unknown" if peer is None else str(peer.address)


def _told(peer: Peer | None, local: bool) -> str:
    more = "" if peer is None or local else f", priority {peer.priority} (expires in {max(0.0, peer.left):.3f} sec)"
    return _router(peer, local) + more


def _show(s: Session, m: Match) -> None:
    for interface, group, status in _groups(s, m):
        version = interface.parts[Hsrp].version
        mac = dotted(virtual_mac("HSRP", group.number, version))
        order = "" if version == 1 else " (version 2)"
        served = status.state == "Active" or status.active is not None
        times, since = "change" if status.changes == 1 else "changes", int(status.since)
        clock = f"{since // 3600:02d}:{since // 60 % 60:02d}:{since % 60:02d}"
        name = f'"{group.name}" (cfgd)' if group.name else f'"hsrp-{short(interface.name)}-{group.number}" (default)'
        s.out(
            f"{interface.name} - Group {group.number}{order}\n"
            f"  State is {status.state}\n"
            f"    {status.changes} state {times}, last state change {clock}\n"
            f"  Virtual IP address is {group.address}\n"
            f"  Active virtual MAC address is {mac if served else 'unknown'}\n"
            f"    Local virtual MAC address is {mac} (v{version} default)\n"
            f"  Hello time {group.hello} sec, hold time {group.hold} sec\n"
            + (f"    Next hello sent in {max(0.0, status.due):.3f} secs\n"
               if status.state in ("Speak", "Standby", "Active") else "")
            + f"  Preemption {'enabled' if group.preempt else 'disabled'}\n"
            f"  Active router is {_told(status.active, status.state == 'Active')}\n"
            f"  Standby router is {_told(status.standby, status.state == 'Standby')}\n"
            f"  Priority {group.priority} ({'default' if group.priority == PRIORITY else 'configured'}"
            f" {group.priority})\n"
            f"  Group name is {name}"
        )  # fmt: skip


def _brief(s: Session, m: Match) -> None:
    s.out(f"{'':21}P indicates configured to preempt.\n{'':21}|")
    s.out("Interface   Grp  Pri P State   Active          Standby         Virtual IP")
    for interface, group, status in _groups(s, m):
        active = _router(status.active, status.state == "Active")
        standby = _router(status.standby, status.state == "Standby")
        preempt = "P" if group.preempt else " "
        s.out(f"{short(interface.name):<11} {group.number:<4} {group.priority:<3} {preempt} {status.state:<7} "
              f"{active:<15} {standby:<15} {group.address}")  # fmt: skip


AREA = Area(commands, render_interface=render_interface)
