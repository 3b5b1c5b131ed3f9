"""``ip ospf …`` on interfaces."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from trilab.nos.context import L3_MODES, CommandError, Context
from trilab.nos.features.multilayer import forwards
from trilab.nos.features.ospf.model import Ospf, Port, Process
from trilab.nos.features.ospf.process import AREA, area_number
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Interface

HELP = {
    "ip": "Interface Internet Protocol config commands",
    "ospf": "OSPF interface commands",
    "<process>": "Process ID",
    "area": "Set the OSPF area ID",
    "<area>": "OSPF area ID",
    "cost": "Interface cost",
    "<cost>": "Cost",
    "hello-interval": "Time between HELLO packets",
    "dead-interval": "Interval after which a neighbor is declared dead",
    "retransmit-interval": "Time between retransmitting lost link state advertisements",
    "<seconds>": "Seconds",
    "priority": "Router priority",
    "<priority>": "Priority",
    "network": "Network type",
    "broadcast": "Specify OSPF broadcast multi-access network",
    "non-broadcast": "Specify OSPF NBMA network",
    "point-to-point": "Specify OSPF point-to-point network",
    "point-to-multipoint": "Specify OSPF point-to-multipoint network",
    "mtu-ignore": "Ignores the MTU in DBD packets",
    "authentication": "Enable authentication",
    "message-digest": "Use message-digest authentication",
    "null": "Use no authentication",
    "authentication-key": "Authentication password (key)",
    "<key>": "The OSPF password (key)",
    "message-digest-key": "Message digest authentication password (key)",
    "<number>": "Key ID",
    "md5": "Use MD5 algorithm",
}
_NETWORKS = "(broadcast=kind | non-broadcast=kind | point-to-point=kind | point-to-multipoint=kind)"


def commands() -> list[Command]:
    """Interface commands."""
    made: list[tuple[str, Any, str, Any]] = [
        (f"<process:int(1,65535)> area {AREA}", _area, f"<process:int(1,65535)> area [{AREA}]", {"process": None,
                                                                                          "area": None}),
        ("cost <cost:int(1,65535)>", {"cost": "cost"}, "cost [<cost:int(1,65535)>]", {"cost": None}),
        ("hello-interval <seconds:int(1,65535)>", {"hello": "seconds"}, "hello-interval [<seconds:int(1,65535)>]",
         {"hello": None}),
        ("dead-interval <seconds:int(1,65535)>", {"dead": "seconds"}, "dead-interval [<seconds:int(1,65535)>]",
         {"dead": None}),
        ("retransmit-interval <seconds:int(1,65535)>", {"retransmit": "seconds"},
         "retransmit-interval [<seconds:int(1,65535)>]", {"retransmit": 5}),
        ("priority <priority:int(0,255)>", {"priority": "priority"}, "priority [<priority:int(0,255)>]",
         {"priority": 1}),
        (f"network {_NETWORKS}", {"network": "kind"}, f"network [{_NETWORKS}]", {"network": ""}),
        ("mtu-ignore", _mtu_ignore, "mtu-ignore", {"mtu_ignore": False}),
        ("authentication [message-digest=kind | null=kind]", _authentication,
         "authentication [message-digest | null]", {"authentication": None}),
        ("authentication-key <key:word>", _key, "authentication-key [<key:word>]", {"key": None}),
        ("message-digest-key <number:int(1,255)> md5 <key:word>", _digest,
         "message-digest-key <number:int(1,255)> [md5 [<key:word>]]", _no_digest),
    ]  # fmt: skip
    return [
        Command(L3_MODES, f"ip ospf {text}", _handler(run), HELP, f"ip ospf {no}", _handler(undo), ("router", "switch"))
        for text, run, no, undo in made
    ]


def _handler(what: Any) -> Any:
    """A function as it is; a dictionary (field → name of the argument that sets it, or the value) as a setter."""
    if not isinstance(what, dict):
        return what

    def setter(c: Context, m: Match) -> None:
        values = {field: m.get(value, value) if isinstance(value, str) else value for field, value in what.items()}
        _set(c, **values)

    return setter


def _set(c: Context, **values: Any) -> None:
    for interface in c.interfaces():
        interface.parts.put(replace(interface.parts[Port], **values))


def _area(c: Context, m: Match) -> None:
    process = c.config.parts[Ospf].process
    if not forwards(c.config):
        raise CommandError("IP routing not enabled")
    if process is None:  # IOS makes the process
        c.config.parts.put(Ospf(Process(m["process"])))
    elif process.number != m["process"]:
        raise CommandError(f"% This device runs one OSPF process: {process.number}")
    _set(c, process=m["process"], area=area_number(m))


def _mtu_ignore(c: Context, m: Match) -> None:
    _set(c, mtu_ignore=True)


def _authentication(c: Context, m: Match) -> None:
    _set(c, authentication=m.get("kind", "simple"))


def _key(c: Context, m: Match) -> None:
    if len(m["key"]) > 8:
        c.say("% OSPF: Warning: The password/key will be truncated to 8 characters")
    _set(c, key=m["key"][:8])


def _digest(c: Context, m: Match) -> None:
    number, key = m["number"], m["key"]
    if len(key) > 16:
        raise CommandError("% OSPF: a message digest key has 16 characters at most")
    for interface in c.interfaces():
        own = interface.parts[Port]
        if any(known == number for known, _ in own.digests):
            raise CommandError(f"OSPF: Key {number} already exists")
        interface.parts.put(replace(own, digests=tuple(sorted([*own.digests, (number, key)]))))


def _no_digest(c: Context, m: Match) -> None:
    for interface in c.interfaces():
        own = interface.parts[Port]
        interface.parts.put(replace(own, digests=tuple(d for d in own.digests if d[0] != m["number"])))


def render(interface: Interface) -> list[str]:
    """The lines of an interface, in the order of IOS."""
    own = interface.parts[Port]
    simple = own.authentication == "simple"
    made = [
        own.authentication is not None and f"authentication{'' if simple else f' {own.authentication}'}",
        own.key is not None and f"authentication-key {own.key}",
        *(f"message-digest-key {number} md5 {key}" for number, key in own.digests),
        own.network and f"network {own.network}",
        own.hello is not None and f"hello-interval {own.hello}",
        own.dead is not None and f"dead-interval {own.dead}",
        own.retransmit != 5 and f"retransmit-interval {own.retransmit}",
        own.priority != 1 and f"priority {own.priority}",
        own.mtu_ignore and "mtu-ignore",
        own.area is not None and f"{own.process} area {own.area}",
        own.cost is not None and f"cost {own.cost}",
    ]
    return [f" ip ospf {line}" for line in made if line]
