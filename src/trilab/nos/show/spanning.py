"""``show spanning-tree``: the one instance, shown for each VLAN that has ports."""

from __future__ import annotations

from trilab.nos.dataplane.base import StpPort, StpState
from trilab.nos.exec.control import EXEC
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config
from trilab.nos.names import short
from trilab.nos.session import Session
from trilab.nos.show.text import dotted, trunking

HELP = {
    "show": "Show running system information",
    "spanning-tree": "Spanning tree topology",
    "vlan": "VLAN Switch Spanning Trees",
    "<vid>": "vlan id",
}
_ROLES = {"root": "Root", "designated": "Desg", "alternate": "Altn", "backup": "Back", "disabled": "Disb"}
_STATES = {"forwarding": "FWD", "learning": "LRN", "discarding": "BLK", "disabled": "DIS"}


def commands() -> list[Command]:
    """``show spanning-tree [vlan N]``."""
    return [
        Command(EXEC, "show spanning-tree [vlan <vid:int(1,4094)>]", _spanning, HELP, roles=("switch",)),
    ]


def _carried(config: Config, port: StpPort, vid: int) -> bool:
    interface = config.interfaces.get(port.port)
    if interface is None or port.state == "disabled":
        return False
    return vid in interface.allowed if trunking(interface) else vid in (interface.access_vlan, interface.voice_vlan)


def _spanning(s: Session, m: Match) -> None:
    config, state = s.device.config, s.device.dataplane.stp()
    wanted = m.get("vid")
    shown = False
    for vid in config.vlans if wanted is None else [wanted]:
        ports = [port for port in state.ports if _carried(config, port, vid)] if state is not None else []
        if state is not None and ports and vid in config.vlans:
            s.out("\n".join(_instance(vid, state, ports)))
            shown = True
    if not shown:
        what = "No spanning tree instances exist." if wanted is None else (
            f"Spanning tree instance(s) for vlan {wanted} does not exist.")  # fmt: skip
        s.out(f"\n{what}\n")


def _instance(vid: int, state: StpState, ports: list[StpPort]) -> list[str]:
    root = state.root_port is None
    lines = [
        f"\nVLAN{vid:04d}",
        "  Spanning tree enabled protocol rstp",
        f"  Root ID    Priority    {state.root_priority + vid}",
        f"             Address     {dotted(state.root_mac)}",
    ]
    if root:
        lines.append("             This bridge is the root")
    else:
        nearest = next((port.number for port in state.ports if port.port == state.root_port), 0)
        lines.append(f"             Cost        {state.root_cost}")
        lines.append(f"             Port        {nearest} ({state.root_port})")
    timers = "Hello Time   2 sec  Max Age 20 sec  Forward Delay 15 sec"
    lines += [
        f"             {timers}",
        "",
        f"  Bridge ID  Priority    {state.priority + vid}  (priority {state.priority} sys-id-ext {vid})",
        f"             Address     {dotted(state.mac)}",
        f"             {timers}",
        "             Aging Time  300 sec",
        "",
        "Interface           Role Sts Cost      Prio.Nbr Type",
        "------------------- ---- --- --------- -------- --------------------------------",
    ]
    for port in ports:
        kind = "P2p Edge " if port.edge else "P2p "
        number = f"{port.priority}.{port.number}"
        lines.append(
            f"{short(port.port):<19} {_ROLES[port.role]} {_STATES[port.state]} {port.cost:<9} {number:<8} {kind}"
        )
    return [*lines, ""]
