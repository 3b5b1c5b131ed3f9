"""``show ip ospf …`` and ``clear ip ospf process``, from what ospfd says (its JSON), in the form of IOS 15."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Interface
from typing import TYPE_CHECKING, Any

from trilab.nos.context import CommandError
from trilab.nos.dataplane import names
from trilab.nos.features.ospf.model import Ospf, Process
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.names import is_loopback, short
from trilab.nos.show.routes import age

if TYPE_CHECKING:
    from trilab.nos.session import Session

Json = Mapping[str, Any]
HELP = {
    "show": "Show running system information",
    "ip": "IP information",
    "ospf": "OSPF information",
    "<process>": "Process ID number",
    "neighbor": "Neighbor list",
    "detail": "detail of all neighbors",
    "interface": "Interface information",
    "brief": "Display brief summary information",
    "<name>": "Interface name",
    "database": "Database summary",
    "clear": "Reset functions",
    "process": "Reset OSPF process",
}
_STATES = {"2-Way": "2WAY"}
_ROLES = {"Backup": "BDR", "DROther": "DROTHER", "DR": "DR", "-": "  -"}
_INTERFACE_STATES = {"Backup": "BDR", "DROther": "DROTHER", "Point-To-Point": "P2P", "Waiting": "WAIT", "Down": "DOWN",
                     "Loopback": "LOOP", "DR": "DR"}  # fmt: skip
_TYPES = {"POINTOPOINT": "POINT_TO_POINT", "POINTOMULTIPOINT": "POINT_TO_MULTIPOINT", "NBMA": "NON_BROADCAST"}
_DATABASES = (
    ("routerLinkStates", "Router Link States", "Link count"),
    ("networkLinkStates", "Net Link States", ""),
    ("summaryLinkStates", "Summary Net Link States", ""),
    ("asbrSummaryLinkStates", "Summary ASB Link States", ""),
    ("nssaExternalLinkStates", "Type-7 AS External Link States", "Tag"),
)


def commands() -> list[Command]:
    """What is shown, and starting anew."""
    start, name = "show ip ospf [<process:int(1,65535)>]", "<name:ifname(port,sub,svi,loop)>"
    made = [
        (EXEC_MODES, start, _overview),
        (EXEC_MODES, f"{start} neighbor [{name}]", _neighbors),
        (EXEC_MODES, f"{start} neighbor [{name}] detail", _details),
        (EXEC_MODES, f"{start} interface [{name}]", _interfaces),
        (EXEC_MODES, f"{start} interface [{name}] brief", _brief),
        (EXEC_MODES, f"{start} database", _database),
    ]
    made_of = [Command(modes, text, run, HELP, roles=("router", "switch")) for modes, text, run in made]
    return [*made_of, Command(("privileged",), "clear ip ospf [<process:int(1,65535)>] process", _clear, HELP,
                              roles=("router", "switch"))]  # fmt: skip


def _process(s: Session, m: Match) -> Process:
    """The process. Raises CommandError, silent as IOS is, when there is none (of that number)."""
    process = s.device.config.parts[Ospf].process
    if process is None or m.get("process", process.number) != process.number:
        raise CommandError("" if m.get("process") is None else f"%OSPF: process {m['process']} is not running")
    return process


def _ask(s: Session, question: str) -> Json:
    answer = s.device.dataplane.ask("ospfd", f"show ip ospf {question} json".replace("  ", " "))
    return answer or {}


def _names(s: Session) -> dict[str, str]:
    """Device → interface."""
    return {device: name for name, device in names.layer3(s.device.config).items()}


def area_text(dotted: str) -> str:
    """``0.0.0.10`` → ``10``."""
    return str(int(IPv4Address(dotted.split(" ")[0])))


def _neighbor_rows(s: Session, m: Match) -> Iterator[tuple[str, str, Json]]:
    """(router ID, interface, what is known), for the interface asked for."""
    known = _names(s)
    for router, rows in _ask(s, "neighbor").get("neighbors", {}).items():
        for row in rows:
            name = known.get(row["ifaceName"].partition(":")[0])
            if name is not None and m.get("name", name) == name:
                yield router, name, row


def _state(row: Json) -> str:
    state, _, role = row["nbrState"].partition("/")
    return f"{_STATES.get(state, state.upper())}/{_ROLES.get(role, role.upper())}"


def _clock(milliseconds: int) -> str:
    return age(max(0, milliseconds) // 1000)


def _neighbors(s: Session, m: Match) -> None:
    _process(s, m)
    rows = list(_neighbor_rows(s, m))
    if rows:
        s.out("\nNeighbor ID     Pri   State           Dead Time   Address         Interface")
    for router, name, row in rows:
        alone = row["nbrState"].endswith("/-")  # IOS shows no priority where none counts
        priority = 0 if alone else row["nbrPriority"]
        dead = _clock(row["routerDeadIntervalTimerDueMsec"])
        s.out(f"{router:<15} {priority:>3}   {_state(row):<15} {dead}    {row['ifaceAddress']:<15} {name}")


def _details(s: Session, m: Match) -> None:
    _process(s, m)
    times = {(router, row["ifaceAddress"]): row for router, _, row in _neighbor_rows(s, m)}
    known = _names(s)
    for router, rows in _ask(s, "neighbor detail").get("neighbors", {}).items():
        for row in rows:
            if (router, row["ifaceAddress"]) in times:
                s.out("\n".join(_detail(router, row, times[router, row["ifaceAddress"]], known[row["ifaceName"]])))


def _detail(router: str, row: Json, times: Json, name: str) -> list[str]:
    return [
        f" Neighbor {router}, interface address {row['ifaceAddress']}",
        f"    In the area {area_text(row['areaId'])} via interface {name}",
        f"    Neighbor priority is {row['nbrPriority']}, State is {_state(row).partition('/')[0]},"
        f" {row['stateChangeCounter']} state changes",
        f"    DR is {row.get('routerDesignatedId', '0.0.0.0')} BDR is {row.get('routerDesignatedBackupId', '0.0.0.0')}",
        f"    Options is 0x{row['optionsCounter']:02x}",
        f"    Dead timer due in {_clock(times['routerDeadIntervalTimerDueMsec'])}",
        f"    Neighbor is up for {_clock(times['upTimeInMsec'])}",
        f"    Index 0/0, retransmission queue length {row['linkStateRetransmissionListCounter']},"
        " number of retransmission 0",
    ]


def _interface_rows(s: Session, m: Match) -> list[tuple[str, Json]]:
    known, wanted = _names(s), m.get("name")
    rows = _ask(s, "interface").get("interfaces", {})
    found = {known[device]: row for device, row in rows.items() if device in known and row.get("ospfEnabled")}
    if wanted is not None and wanted not in found:
        raise CommandError(f"%OSPF: OSPF not enabled on {wanted}")
    order = [name for name in s.device.config.interfaces if name in found and wanted in (None, name)]
    return [(name, found[name]) for name in order]


def _brief(s: Session, m: Match) -> None:
    process = _process(s, m)
    s.out("Interface    PID   Area            IP Address/Mask    Cost  State Nbrs F/C")
    for name, row in _interface_rows(s, m):
        state = "LOOP" if is_loopback(name) else _INTERFACE_STATES.get(row["state"], row["state"].upper())
        address = _address(s, name)
        counts = f"{row.get('nbrAdjacentCount', 0)}/{row.get('nbrCount', 0)}"
        s.out(f"{short(name):<12} {process.number:<5} {area_text(row['area']):<15} {address!s:<18} {row['cost']:<5} "
              f"{state:<5} {counts}")  # fmt: skip


def _address(s: Session, name: str) -> IPv4Interface | None:
    """The address, its mask as configured (FRR knows that of a loopback as a host's)."""
    return s.device.config.interfaces[name].address


def _interfaces(s: Session, m: Match) -> None:
    process = _process(s, m)
    for name, row in _interface_rows(s, m):
        state = "up" if row["ifUp"] else "down"
        lines = [
            f"{name} is {state}, line protocol is {state} ",
            f"  Internet Address {_address(s, name)}, Area {area_text(row['area'])}",
        ]
        kind = "LOOPBACK" if is_loopback(name) else _TYPES.get(row["networkType"], row["networkType"])
        lines.append(f"  Process ID {process.number}, Router ID {row['routerId']}, Network Type {kind},"
                     f" Cost: {row['cost']}")  # fmt: skip
        if is_loopback(name):
            lines.append("  Loopback interface is treated as a stub Host")
        else:
            lines += _adjacency(process.passive(name), row)
        s.out("\n".join(lines))


def _adjacency(passive: bool, row: Json) -> list[str]:
    state = row["state"].upper().replace("-", "_").replace("DROTHER", "DROTHER")
    state = {"BACKUP": "BDR"}.get(state, state)
    lines = [f"  Transmit Delay is {row['transmitDelaySecs']} sec, State {state}"
             + (f", Priority {row['priority']}" if row["networkType"] in ("BROADCAST", "NBMA") else "")]  # fmt: skip
    for word, title in (("dr", "Designated Router"), ("bdr", "Backup Designated router")):
        if f"{word}Id" in row:
            lines.append(f"  {title} (ID) {row[f'{word}Id']}, Interface address {row[f'{word}Address']}")
    hello = row["timerMsecs"] // 1000
    lines.append(f"  Timer intervals configured, Hello {hello}, Dead {row['timerDeadSecs']},"
                 f" Wait {row['timerWaitSecs']}, Retransmit {row['timerRetransmitSecs']}")  # fmt: skip
    if passive:
        lines.append("    No Hellos (Passive interface) ")
    else:
        lines.append(f"    Hello due in {_clock(row.get('timerHelloInMsecs', 0))}")
    lines.append(f"  Neighbor Count is {row.get('nbrCount', 0)}, Adjacent neighbor count is "
                 f"{row.get('nbrAdjacentCount', 0)}")  # fmt: skip
    return lines


def _overview(s: Session, m: Match) -> None:
    process, answer = _process(s, m), _ask(s, "")
    if not answer:
        return
    lines = [f' Routing Process "ospf {process.number}" with ID {answer["routerId"]}']
    if answer.get("abrType") and len(answer["areas"]) > 1:
        lines.append(" It is an area border router")
    if process.redistributed or process.originate is not None:
        lines.append(" It is an autonomous system boundary router")
        lines += [f" Redistributing External Routes from,\n    {given.source}" for given in process.redistributed]
    lines += [
        f" Number of external LSA {answer['lsaExternalCounter']}. Checksum Sum 0x{answer['lsaExternalChecksum']:06X}",
        f" Number of areas in this router is {len(answer['areas'])}."
        f" {_count(process, answer, '')} normal {_count(process, answer, 'stub')} stub"
        f" {_count(process, answer, 'nssa')} nssa",
        f" Reference bandwidth unit is {process.reference} mbps",
    ]
    for dotted, area in answer["areas"].items():
        number = area_text(dotted)
        lines += [
            f"    Area {'BACKBONE(0)' if number == '0' else number}",
            *(["        It is a stub area"] if process.area(int(number)).kind.startswith("stub") else []),
            f"        Number of interfaces in this area is {area['areaIfTotalCounter']}",
            f"        Area has {_authentication(process, int(number))}authentication",
            f"        SPF algorithm executed {area['spfExecutedCounter']} times",
            f"        Number of LSA {area['lsaNumber']}",
        ]
    s.out("\n".join(lines))


def _count(process: Process, answer: Json, kind: str) -> int:
    return sum(process.area(int(area_text(dotted))).kind.partition(" ")[0] == kind for dotted in answer["areas"])


def _authentication(process: Process, number: int) -> str:
    return {"": "no ", "simple": "simple password ", "message-digest": "message digest "}[
        process.area(number).authentication
    ]


def _database(s: Session, m: Match) -> None:
    process, answer = _process(s, m), _ask(s, "database")
    if not answer:
        return
    s.out(f"\n            OSPF Router with ID ({answer['routerId']}) (Process ID {process.number})")
    for dotted, area in answer.get("areas", {}).items():
        for key, title, last in _DATABASES:
            if area.get(key):
                s.out(f"\n                {title} (Area {area_text(dotted)})\n")
                _links(s, area[key], last)
    if answer.get("asExternalLinkStates"):
        s.out("\n                Type-5 AS External Link States\n")
        _links(s, answer["asExternalLinkStates"], "Tag")


def _links(s: Session, rows: list[Json], last: str) -> None:
    s.out(f"Link ID         ADV Router      Age         Seq#       Checksum {last}".rstrip())
    for row in rows:
        end = row.get("numOfRouterLinks", "") if last == "Link count" else row.get("routeTag", 0) if last else ""
        checksum = int(row["checksum"], 16)
        s.out(f"{row['lsId']:<15} {row['advertisedRouter']:<15} {row['lsaAge']:<11} 0x{row['sequenceNumber'].upper()} "
              f"0x{checksum:06X} {end}".rstrip())  # fmt: skip


def _clear(s: Session, m: Match) -> None:
    _process(s, m)
    if (s.ask("Reset ALL OSPF processes? [no]: ") or "").strip().lower() in ("y", "yes"):
        s.device.dataplane.restart_ospf()
