"""VRRP on router interfaces: ``vrrp N ip …``, ``show vrrp``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trilab.nos.area import Area
from trilab.nos.context import Context
from trilab.nos.features.redundancy.model import PRIORITY, Redundancy, Status, Vrrp, VrrpGroup, virtual_mac
from trilab.nos.features.redundancy.setting import MODES, fixed, typed, warn
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config, Interface
from trilab.nos.names import short
from trilab.nos.show.text import dotted

if TYPE_CHECKING:
    from trilab.nos.session import Session

HELP = {
    "vrrp": "VRRP Interface configuration commands",
    "<group>": "Group number",
    "ip": "Enable Virtual Router Redundancy Protocol (VRRP) for IP",
    "<address>": "VRRP group IP address",
    "description": "Group specific description",
    "<text>": "Up to 80 characters describing this group",
    "priority": "Priority of this VRRP group",
    "<priority>": "Priority level",
    "preempt": "Enable preemption of lower priority Master",
    "timers": "Set the VRRP timers",
    "advertise": "Set the Advertisement timer",
    "<seconds>": "Advertisement interval in seconds",
    "show": "Show running system information",
    "all": "Include groups in disabled state",
    "brief": "Brief output",
    "interface": "VRRP interface status and configuration",
    "<name>": "Interface name",
}


def commands() -> list[Command]:
    """``vrrp`` on an interface, ``show vrrp``."""
    group = "vrrp <group:int(1,255)>"
    made = [
        Command(MODES, f"{group} ip <address:ip>", _address, HELP,
                no=f"{group} ip [<address:ip>]", undo=fixed(_set, address=None)),
        Command(MODES, f"{group} description <text:line>", _description, HELP,
                no=f"{group} description [<text:line>]", undo=fixed(_set, description="")),
        Command(MODES, f"{group} priority <priority:int(1,254)>", typed(_set, "priority"), HELP,
                no=f"{group} priority [<priority:int(1,254)>]", undo=fixed(_set, priority=PRIORITY)),
        Command(MODES, f"{group} preempt", fixed(_set, preempt=True), HELP, undo=fixed(_set, preempt=False)),
        Command(MODES, f"{group} timers advertise <seconds:int(1,255)>", typed(_set, "interval", "seconds"), HELP,
                no=f"{group} timers advertise [<seconds:int(1,255)>]", undo=fixed(_set, interval=VrrpGroup.interval)),
        Command(MODES, group, None, HELP, undo=_none),
        Command(EXEC_MODES, "show vrrp [all | interface <name:ifname(port,sub,svi)>]", _show,
                {**HELP, "vrrp": "VRRP information"}),
        Command(EXEC_MODES, "show vrrp brief", _brief, {**HELP, "vrrp": "VRRP information"}),
    ]  # fmt: skip
    return [replace(command, roles=("router", "switch")) for command in made]


def _set(c: Context, m: Match, **values: object) -> None:
    for interface in c.interfaces():
        known = {group.number: group for group in interface.parts[Vrrp].groups}
        number = m["group"]
        known[number] = replace(known.get(number, VrrpGroup(number)), **values)  # type: ignore[arg-type]
        kept = (known[each] for each in sorted(known) if known[each] != VrrpGroup(each))
        interface.parts.put(Vrrp(tuple(kept)))


def _address(c: Context, m: Match) -> None:
    warn(c, m)
    _set(c, m, address=m["address"])


def _description(c: Context, m: Match) -> None:
    _set(c, m, description=m["text"][:80])


def _none(c: Context, m: Match) -> None:
    none = VrrpGroup(m["group"])
    _set(c, m, **{name: value for name, value in vars(none).items() if name != "number"})


def render_interface(config: Config, interface: Interface) -> list[str]:
    """The groups of an interface."""
    lines = []
    for group in interface.parts[Vrrp].groups:
        start = f" vrrp {group.number}"
        found = [
            (bool(group.description), f"description {group.description}"),
            (group.address is not None, f"ip {group.address}"),
            (group.interval != VrrpGroup.interval, f"timers advertise {group.interval}"),
            (group.priority != PRIORITY, f"priority {group.priority}"),
        ]
        lines += [f"{start} {line}" for there, line in found if there]
        lines += [] if group.preempt else [f" no{start} preempt"]
    return lines


def _groups(s: Session, m: Match) -> list[tuple[Interface, VrrpGroup, Status]]:
    """The groups that have an address, with what they do now."""
    seen = s.device.dataplane.observe(Redundancy).groups
    return [
        (interface, group, seen.get(("VRRP", interface.name, group.number), Status()))
        for interface in s.device.config.interfaces.values()
        for group in interface.parts[Vrrp].groups
        if group.address is not None and m.get("name") in (None, interface.name)
    ]


def _facts(interface: Interface, group: VrrpGroup, status: Status) -> tuple[str, int, int, float]:
    """Address and priority of the master (of nobody: ``unknown``), own priority, Master_Down_Interval in seconds."""
    own = None if interface.address is None else interface.address.ip
    priority = group.priority if own is None else group.effective(own)
    down = 3 * group.interval + (256 - priority) / 256  # RFC 3768, 6.1
    if status.state == "Master":
        return str(own), priority, priority, down
    if status.active is None:
        return "0.0.0.0", 0, priority, down
    return str(status.active.address), status.active.priority, priority, down


def _show(s: Session, m: Match) -> None:
    for interface, group, status in _groups(s, m):
        address, its, priority, down = _facts(interface, group, status)
        local = " (local)" if status.state == "Master" else ""
        s.out(
            f"{interface.name} - Group {group.number}\n"
            f"  State is {status.state}\n"
            f"  Virtual IP address is {group.address}\n"
            f"  Virtual MAC address is {dotted(virtual_mac('VRRP', group.number))}\n"
            f"  Advertisement interval is {group.interval}.000 sec\n"
            f"  Preemption {'enabled' if group.preempt else 'disabled'}\n"
            f"  Priority is {priority}\n"
            f"  Master Router is {address}{local}, priority is {its}\n"
            f"  Master Advertisement interval is {group.interval}.000 sec\n"
            f"  Master Down interval is {down:.3f} sec\n"
        )


def _brief(s: Session, m: Match) -> None:
    s.out("Interface          Grp Pri Time  Own Pre State   Master addr     Group addr")
    for interface, group, status in _groups(s, m):
        address, _, priority, down = _facts(interface, group, status)
        own = "Y" if interface.address is not None and interface.address.ip == group.address else " "
        marks = f"{own:>3} {'Y' if group.preempt else ' ':>3}"
        s.out(f"{short(interface.name):<18} {group.number:<3} {priority:<3} {int(1000 * down):<5} {marks}"
              f"  {status.state:<7} {address:<15} {group.address}")  # fmt: skip


AREA = Area(commands, render_interface=render_interface)
