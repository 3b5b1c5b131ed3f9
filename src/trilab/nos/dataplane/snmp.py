"""SNMP: the net-snmp agent, which asks us for the interfaces, so that they have the names of the configuration.

It sees the system group and the interfaces only (RFC 3418, RFC 2863): its own tables would show the node's.
It reaches us by ``pass_persist`` (snmpd.conf(5)) through a Unix socket.
"""

from __future__ import annotations

import bisect
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping

from trilab.nos.dataplane import names, system
from trilab.nos.dataplane.base import DataplaneError, PortState
from trilab.nos.dataplane.nft import effective
from trilab.nos.dataplane.sshd import addresses
from trilab.nos.dataplane.system import RUN, Service
from trilab.nos.features.snmp import Community, Snmp
from trilab.nos.model import Config, Interface
from trilab.nos.names import CHANNEL, is_channel, is_loopback, is_port, is_svi, short
from trilab.nos.show.text import software

FOLDER = RUN / "snmp"
SETTINGS, SOCKET = FOLDER / "agent.conf", FOLDER / "agent.sock"
INTERFACES, EXTENDED = (1, 3, 6, 1, 2, 1, 2), (1, 3, 6, 1, 2, 1, 31)
MODULES = "-ifTable,-ifXTable,-interface"
OBJECTS = {"switch": 1208, "router": 1048, "ap": 618}  # sysObjectID, of the maker's products
FRESH = 1.0  # seconds that one look at the interfaces serves
Oid = tuple[int, ...]
Value = tuple[str, str]  # type as pass_persist has it, and text


def index(config: Config, name: str) -> int:
    """The interface's number; on a switch, that of a Catalyst."""
    if config.role == "switch":
        if is_svi(name):
            return names.svi_vlan(name) or 0
        if is_channel(name):
            return 5000 + int(name.removeprefix(CHANNEL))
        return 10100 + (names.port_number(name) or 0)
    return 1 + list(config.interfaces).index(name)


def table(config: Config, states: Mapping[str, PortState]) -> dict[Oid, Value]:
    """IF-MIB: ifNumber, ifTable, ifXTable."""
    found: dict[Oid, Value] = {(*INTERFACES, 1, 0): ("integer", str(len(config.interfaces)))}
    for name, interface in config.interfaces.items():
        number = index(config, name)
        state = states.get(name) or PortState(name, False, False, False, "00:00:00:00:00:00", 1500)
        for column, value in _columns(number, interface, state):
            found[(*INTERFACES, 2, 1, column, number)] = value
        for column, value in _extended(interface, state):
            found[(*EXTENDED, 1, 1, 1, column, number)] = value
    return found


def _columns(number: int, interface: Interface, state: PortState) -> Iterator[tuple[int, Value]]:
    kind = 24 if is_loopback(interface.name) else 53 if is_svi(interface.name) else 6  # IANAifType
    yield 1, ("integer", str(number))
    yield 2, ("string", interface.name)
    yield 3, ("integer", str(kind))
    yield 4, ("integer", str(state.mtu))
    yield 5, ("gauge", "1000000000")
    yield 6, ("octet", state.mac.replace(":", " "))
    yield 7, ("integer", "2" if interface.shutdown else "1")
    yield 8, ("integer", "1" if state.protocol else "2")
    counted = {10: state.rx_bytes, 11: state.rx_packets, 14: state.rx_errors,
               16: state.tx_bytes, 17: state.tx_packets, 20: state.tx_errors}  # fmt: skip
    for column, count in counted.items():
        yield column, ("counter", str(count % 2**32))


def _extended(interface: Interface, state: PortState) -> Iterator[tuple[int, Value]]:
    yield 1, ("string", short(interface.name))
    counted = {6: state.rx_bytes, 7: state.rx_packets, 10: state.tx_bytes, 11: state.tx_packets}
    for column, count in counted.items():
        yield column, ("counter64", str(count))
    yield 15, ("gauge", "1000")
    yield 17, ("integer", "1" if is_port(interface.name) else "2")  # ifConnectorPresent
    yield 18, ("string", interface.description)


def answer(lines: Iterator[str], look: Callable[[], dict[Oid, Value]]) -> Iterator[str]:
    """The other side of ``pass_persist``: what to write for the lines read."""
    for line in lines:
        command = line.strip()
        if command == "PING":
            yield "PONG\n"
        elif command in ("get", "getnext"):
            asked = tuple(int(part) for part in next(lines, "").strip().strip(".").split(".") if part.isdecimal())
            yield _found(look(), asked, after=command == "getnext")
        elif command == "set":
            next(lines, ""), next(lines, "")
            yield "not-writable\n"


def _found(values: Mapping[Oid, Value], asked: Oid, *, after: bool) -> str:
    known = sorted(values)
    at = bisect.bisect_right(known, asked) if after else bisect.bisect_left(known, asked)
    if at == len(known) or (not after and known[at] != asked):
        return "NONE\n"
    kind, text = values[known[at]]
    return f".{'.'.join(map(str, known[at]))}\n{kind}\n{text}\n"


def settings(config: Config) -> str:
    """The text of snmpd.conf."""
    snmp = config.parts[Snmp]
    lines = ["agentaddress " + ",".join(f"udp:{address}:161" for address in addresses(config))]
    for number, community in enumerate(snmp.communities):
        lines += _sources(config, community, f"c{number}")
        lines += [f"group g{number} {version} c{number}" for version in ("v1", "v2c")]
        lines.append(f'access g{number} "" any noauth exact seen none none')
    lines.append("dontLogTCPWrappersConnects yes")
    lines += [f"view seen included {oid}" for oid in (".1.3.6.1.2.1.1", ".1.3.6.1.2.1.2", ".1.3.6.1.2.1.31")]
    domain = f".{config.domain_name}" if config.domain_name else ""
    lines += [
        f"sysName {config.hostname}{domain}", f"sysDescr {software(config.role)}",
        f"sysObjectID .1.3.6.1.4.1.9.1.{OBJECTS[config.role]}", f"sysServices {78 if config.role == 'router' else 6}",
    ]  # fmt: skip
    texts = {"sysLocation": snmp.location, "sysContact": snmp.contact}
    lines += [f"{token} {text}" for token, text in texts.items() if text]
    for oid in (INTERFACES, EXTENDED):
        lines.append(f"pass_persist .{'.'.join(map(str, oid))} /usr/bin/nc -U {SOCKET}")
    return "\n".join([*lines, ""])


def _sources(config: Config, community: Community, security: str) -> list[str]:
    """Who may use a community, entry by entry of its list: the first that matches decides, and one without group has
    no access. As on IOS, a list that does not exist permits."""
    acl = effective(config, community.acl)
    if acl is None:
        return [f"com2sec {security} default {community.name}"]
    lines = []
    for entry in acl.entries:
        if entry.action != "remark":
            address, wildcard = entry.source
            mask = ".".join(str(255 - int(part)) for part in str(wildcard).split("."))
            source = "default" if mask == "0.0.0.0" else f"{address}/{mask}"
            lines.append(f"com2sec {security if entry.action == 'permit' else 'refused'} {source} {community.name}")
    return lines


class SnmpAgent:
    """snmpd, while there is a community and an address. ``states``: the interfaces now."""

    def __init__(self, states: Callable[[], Mapping[str, PortState]]) -> None:
        self._service, self._states = Service("snmpd"), states
        self._config: Config | None = None
        self._listener: socket.socket | None = None
        self._seen: tuple[float, dict[Oid, Value]] = (0.0, {})

    def apply(self, config: Config) -> None:
        """Make the agent match. Raises DataplaneError."""
        self._config, self._seen = config, (0.0, {})
        if not config.parts[Snmp].communities or not addresses(config):
            self._service.stop()
            return
        self._listen()
        if system.write(SETTINGS, settings(config), 0o600) or not self._service.running:
            self._service.start(
                ["env", "MIBS=", f"SNMP_PERSISTENT_DIR={FOLDER / 'kept'}", "snmpd", "-f", "-Lo", "-C",
                 "-c", str(SETTINGS), "-I", MODULES]
            )  # fmt: skip

    def _listen(self) -> None:
        if self._listener is not None:
            return
        FOLDER.mkdir(parents=True, exist_ok=True)
        SOCKET.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(SOCKET))
        self._listener.listen(4)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("r", encoding="utf-8") as lines:
                for text in answer(iter(lines), self._look):
                    connection.sendall(text.encode())
        except OSError:
            return  # the agent has ended

    def _look(self) -> dict[Oid, Value]:
        when, seen = self._seen
        if self._config is not None and time.monotonic() - when > FRESH:
            try:
                seen = table(self._config, self._states())
            except DataplaneError:
                return seen
            self._seen = time.monotonic(), seen
        return seen
