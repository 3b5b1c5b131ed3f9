"""``show spanning-tree``: the one instance, shown for each VLAN that has ports in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from trilab.nos.dataplane.base import StpPort, StpState
from trilab.nos.features import spanning
from trilab.nos.features.mac_table import MacTable
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config
from trilab.nos.names import short
from trilab.nos.show.text import dotted, trunking

if TYPE_CHECKING:
    from trilab.nos.session import Session

HELP = {
    "show": "Show running system information",
    "spanning-tree": "Spanning tree topology",
    "active": "Report on active interfaces only",
    "blockedports": "Show blocked ports",
    "bridge": "Status and configuration of this bridge",
    "interface": "Spanning Tree interface status and configuration",
    "root": "Status and configuration of the root bridge",
    "summary": "Summary of port states",
    "vlan": "VLAN Switch Spanning Trees",
    "<vid>": "vlan id",
}
_ROLES = {"root": "Root", "designated": "Desg", "alternate": "Altn", "backup": "Back", "disabled": "Disb"}
_STATES = {"forwarding": "FWD", "learning": "LRN", "discarding": "BLK", "disabled": "DIS"}
_PORT_RULE = "------------------- ---- --- --------- -------- --------------------------------"
Instance = tuple[int, list[StpPort]]


def commands() -> list[Command]:
    """``show spanning-tree`` in all its forms."""
    vid = "vlan <vid:int(1,4094)>"
    made: list[tuple[str, Callable[[Session, Match], None]]] = [
        ("[active]", _spanning),
        (f"{vid} [active]", _spanning),
        ("root", _root),
        (f"{vid} root", _root),
        ("bridge", _bridge),
        (f"{vid} bridge", _bridge),
        ("blockedports", _blocked),
        ("summary", _summary),
        ("interface <port:ifname(port,channel)>", _interface),
    ]
    return [Command(EXEC_MODES, f"show spanning-tree {text}", run, HELP, roles=("switch",)) for text, run in made]


def _carried(config: Config, port: StpPort, vid: int) -> bool:
    interface = config.interfaces.get(port.port)
    if interface is None or port.role == "disabled":
        return False
    return vid in interface.allowed if trunking(interface) else vid in (interface.access_vlan, interface.voice_vlan)


def _instances(s: Session, state: StpState, m: Match) -> list[Instance]:
    """VLANs that have a port in the tree, with their ports."""
    config, wanted = s.device.config, m.get("vid")
    all_vlans = [(vid, [p for p in state.ports if _carried(config, p, vid)]) for vid in config.vlans]
    return [(vid, ports) for vid, ports in all_vlans if ports and wanted in (None, vid)]


def _state(s: Session, m: Match) -> tuple[StpState, list[Instance]] | None:
    """The tree and its VLANs; says so when there is none."""
    state = s.device.dataplane.stp()
    found = [] if state is None else _instances(s, state, m)
    if state is None or not found:
        wanted = m.get("vid")
        what = "No spanning tree instances exist." if wanted is None else (
            f"Spanning tree instance(s) for vlan {wanted} does not exist.")  # fmt: skip
        s.out(f"\n{what}\n")
        return None
    return state, found


def _spanning(s: Session, m: Match) -> None:
    found = _state(s, m)
    if found is not None:
        for vid, ports in found[1]:
            s.out("\n".join(_instance(s.device.config, vid, found[0], ports)))


def _timers(state: StpState) -> str:
    return f"Hello Time {state.hello:3d} sec  Max Age {state.max_age} sec  Forward Delay {state.forward_delay} sec"


def _instance(config: Config, vid: int, state: StpState, ports: list[StpPort]) -> list[str]:
    lines = [
        f"\nVLAN{vid:04d}",
        f"  Spanning tree enabled protocol {'ieee' if config.parts[spanning.Tree].legacy else 'rstp'}",
        f"  Root ID    Priority    {state.root_priority + vid}",
        f"             Address     {dotted(state.root_mac)}",
    ]
    if state.root_port is None:
        lines.append("             This bridge is the root")
    else:
        nearest = next((port.number for port in state.ports if port.port == state.root_port), 0)
        lines.append(f"             Cost        {state.root_cost}")
        lines.append(f"             Port        {nearest} ({state.root_port})")
    return [
        *lines,
        f"             {_timers(state)}",
        "",
        f"  Bridge ID  Priority    {state.priority + vid}  (priority {state.priority} sys-id-ext {vid})",
        f"             Address     {dotted(state.mac)}",
        f"             {_timers(state)}",
        f"             Aging Time  {config.parts[MacTable].aging:<3} sec",
        "",
        "Interface           Role Sts Cost      Prio.Nbr Type",
        _PORT_RULE,
        *(_port_row(short(port.port), port) for port in ports),
        "",
    ]


def _port_row(label: str, port: StpPort) -> str:
    kind = "P2p Edge " if port.edge else "P2p "
    number = f"{port.priority}.{port.number}"
    return f"{label:<19} {_ROLES[port.role]} {_STATES[port.state]} {port.cost:<9} {number:<8} {kind}"


def _interface(s: Session, m: Match) -> None:
    state = s.device.dataplane.stp()
    here = [] if state is None else [port for port in state.ports if port.port == m["port"]]
    rows = [
        _port_row(f"VLAN{vid:04d}", port)
        for port in here
        for vid in s.device.config.vlans
        if _carried(s.device.config, port, vid)
    ]
    if not rows:
        s.out(f"no spanning tree info available for {m['port']}\n")
        return
    s.out("\n".join(["", "Vlan                Role Sts Cost      Prio.Nbr Type", _PORT_RULE, *rows, ""]))


def _root(s: Session, m: Match) -> None:
    found = _state(s, m)
    if found is None:
        return
    state, instances = found
    s.out("\n                                        Root    Hello Max Fwd")
    s.out("Vlan                   Root ID          Cost    Time  Age Dly  Root Port")
    s.out("---------------- -------------------- --------- ----- --- ---  ------------")
    for vid, _ in instances:
        bridge = f"{state.root_priority + vid:5d} {dotted(state.root_mac)}"
        port = "" if state.root_port is None else short(state.root_port)
        cost = 0 if state.root_port is None else state.root_cost
        times = f"{state.hello:5d} {state.max_age:3d} {state.forward_delay:3d}"
        s.out(f"{f'VLAN{vid:04d}':<16} {bridge:<20} {cost:9d} {times}  {port}".rstrip())


def _bridge(s: Session, m: Match) -> None:
    found = _state(s, m)
    if found is None:
        return
    state, instances = found
    s.out("\n                                                   Hello  Max  Fwd")
    s.out("Vlan                         Bridge ID              Time  Age  Dly  Protocol")
    s.out("---------------- --------------------------------- -----  ---  ---  --------")
    protocol = "ieee" if s.device.config.parts[spanning.Tree].legacy else "rstp"
    for vid, _ in instances:
        bridge = f"{state.priority + vid:5d} ({state.priority:5d},{vid:4d}) {dotted(state.mac)}"
        times = f"{state.hello:5d}  {state.max_age:3d}  {state.forward_delay:3d}"
        s.out(f"{f'VLAN{vid:04d}':<16} {bridge:<33} {times}  {protocol}")


def _blocked(s: Session, m: Match) -> None:
    found = _state(s, m)
    instances = found[1] if found is not None else []
    s.out("\nName                 Blocked Interfaces List\n-------------------- ------------------------------------")
    count = 0
    for vid, ports in instances:
        blocked = [short(port.port) for port in ports if port.state == "discarding"]
        if blocked:
            s.out(f"{f'VLAN{vid:04d}':<20} {', '.join(blocked)}")
            count += len(blocked)
    s.out(f"\nNumber of blocked ports (segments) in the system : {count}\n")


def _summary(s: Session, m: Match) -> None:
    tree, state = s.device.config.parts[spanning.Tree], s.device.dataplane.stp()
    instances = [] if state is None else _instances(s, state, m)
    root = [f"VLAN{vid:04d}" for vid, _ in instances] if state is not None and state.root_port is None else []
    s.out(f"Switch is in {'pvst' if tree.legacy else 'rapid-pvst'} mode")
    s.out(f"Root bridge for: {', '.join(root) or 'none'}")
    flags = {
        "Extended system ID": True,
        "Portfast Default": tree.portfast,
        "PortFast BPDU Guard Default": tree.bpduguard,
    }
    s.out("\n".join(f"{name:<28} is {'enabled' if on else 'disabled'}" for name, on in flags.items()))
    s.out("\nName                   Blocking Listening Learning Forwarding STP Active")
    rule = "---------------------- -------- --------- -------- ---------- ----------"
    s.out(rule)
    totals = [0, 0, 0, 0, 0]
    for vid, ports in instances:
        states = [port.state for port in ports]
        counts = [states.count("discarding"), 0, states.count("learning"), states.count("forwarding"), len(states)]
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
        s.out(_summary_row(f"VLAN{vid:04d}", counts))
    s.out(rule)
    s.out(_summary_row(f"{len(instances)} vlan{'' if len(instances) == 1 else 's'}", totals) + "\n")


def _summary_row(name: str, counts: list[int]) -> str:
    blocking, listening, learning, forwarding, active = counts
    return f"{name:<22} {blocking:8d} {listening:9d} {learning:8d} {forwarding:10d} {active:10d}"
