"""System messages: where they go (console, monitor, buffer, hosts), how they are stamped, ``show logging``.

The forms are those of "Troubleshooting and Fault Management" of the IOS command reference; hosts get them as RFC 3164
says: a priority, then the text that the console shows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Literal

from trilab.nos.area import Area
from trilab.nos.context import CommandError, Context
from trilab.nos.dataplane.base import Notice
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config

if TYPE_CHECKING:
    from trilab.nos.session import Session

LEVELS = ("emergencies", "alerts", "critical", "errors", "warnings", "notifications", "informational", "debugging")
FACILITIES = {
    "kern": 0, "user": 1, "mail": 2, "daemon": 3, "auth": 4, "syslog": 5, "lpr": 6, "news": 7, "uucp": 8, "cron": 9,
    **{f"local{number}": 16 + number for number in range(8)},
}  # fmt: skip
PORT = 514  # RFC 3164, 2
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HELP = {
    "logging": "Modify message logging facilities",
    "on": "Enable logging to all enabled destinations",
    "buffered": "Set buffered logging parameters",
    "console": "Set console logging parameters",
    "monitor": "Set terminal line (monitor) logging parameters",
    "trap": "Set syslog server logging level",
    "<size>": "Logging buffer size",
    "<level>": "Logging severity level",
    "emergencies": "System is unusable                (severity=0)",
    "alerts": "Immediate action needed           (severity=1)",
    "critical": "Critical conditions               (severity=2)",
    "errors": "Error conditions                  (severity=3)",
    "warnings": "Warning conditions                (severity=4)",
    "notifications": "Normal but significant conditions (severity=5)",
    "informational": "Informational messages            (severity=6)",
    "debugging": "Debugging messages                (severity=7)",
    "facility": "Facility parameter for syslog messages",
    "host": "Set syslog server IP address and parameters",
    "<host>": "IP address of the syslog server",
    "transport": "Specify the transport protocol (default=UDP)",
    "udp": "User Datagram Protocol",
    "port": "Specify the UDP port number (default=514)",
    "<port>": "Port number",
    "source-interface": "Specify interface for source address in logging transactions",
    "origin-id": "Add origin ID to syslog messages",
    "hostname": "Use origin hostname as ID",
    "service": "Modify use of network based services",
    "timestamps": "Timestamp debug/log messages",
    "debug": "Timestamp debug messages",
    "log": "Timestamp log messages",
    "datetime": "Timestamp with date and time",
    "uptime": "Timestamp with system uptime",
    "msec": "Include milliseconds in timestamp",
    "localtime": "Use local time zone for timestamps",
    "show-timezone": "Add time zone information to timestamp",
    "year": "Include year in timestamp",
    "sequence-numbers": "Stamp logger messages with a sequence number",
}
EXEC_HELP = {
    "show": "Show running system information",
    "clear": "Reset functions",
    "logging": "Show the contents of logging buffers",
    "terminal": "Set terminal line parameters",
    "monitor": "Copy debug output to the current terminal line",
    "no": "Negate a command or set its defaults",
}


@dataclass(frozen=True)
class Stamp:
    """What stands before a message."""

    kind: Literal["none", "uptime", "datetime"] = "datetime"
    options: frozenset[str] = frozenset({"msec"})  # of "datetime"

    def words(self) -> str:
        """As typed behind ``service timestamps log``."""
        return " ".join([self.kind, *(option for option in OPTIONS if option in self.options)])


OPTIONS = ("msec", "localtime", "show-timezone", "year")


@dataclass(frozen=True)
class Host:
    """A syslog server."""

    address: IPv4Address
    port: int = PORT


@dataclass(frozen=True)
class Logging:
    """Levels are 0 to 7; ``None``: the destination gets nothing."""

    on: bool = True
    console: int | None = 7
    monitor: int | None = 7
    buffered: int | None = 7
    size: int = 4096  # bytes of the buffer
    trap: int | None = 6
    facility: str = "local7"
    hosts: tuple[Host, ...] = ()
    source: str | None = None
    origin: bool = False
    sequence: bool = False
    log: Stamp = Stamp()
    debug: Stamp = Stamp()


@dataclass(frozen=True)
class Datagram:
    """What the data plane is asked to send."""

    host: Host
    payload: bytes
    source: IPv4Address | None = None


def commands() -> list[Command]:
    """``logging``, ``service timestamps``, and what shows them."""
    g = ("config",)
    level = f"({' | '.join(f'{name}=level' for name in LEVELS)} | <level:int(0,7)>)"
    host = "<host:ip> [transport udp [port <port:int(1,65535)>]]"
    options = " | ".join(f"{option}=option" for option in OPTIONS)
    sinks = ("console", "monitor", "trap")
    interface = "<source:ifname(port,sub,svi,bvi,loop)>"
    return [
        Command(g, "logging on", _on, HELP, undo=_no_on),
        Command(g, f"logging buffered [<size:int(4096,2147483647)>] [{level}]", _buffered, HELP,
                no="logging buffered [<rest:line>]", undo=_no_buffered),
        *(Command(g, f"logging {sink}=sink [{level}]", _sink, HELP, no=f"logging {sink}=sink [<rest:line>]",
                  undo=_no_sink) for sink in sinks),
        Command(g, f"logging facility ({' | '.join(f'{name}=facility' for name in FACILITIES)})", _facility,
                {**HELP, **{name: f"{name} facility" for name in FACILITIES}}, no="logging facility [<rest:line>]",
                undo=_no_facility),
        Command(g, f"logging {host}", _host, HELP, no="logging <host:ip>", undo=_no_host),
        Command(g, f"logging host {host}", _host, HELP, undo=_no_host),
        Command(g, f"logging source-interface {interface}", _source, HELP,
                no="logging source-interface [<rest:line>]", undo=_no_source),
        Command(g, "logging origin-id hostname", _origin, HELP, no="logging origin-id", undo=_no_origin),
        Command(g, f"service timestamps [(debug=what | log=what) [uptime | datetime {{{options}}}]]", _stamp, HELP,
                no="service timestamps [(debug=what | log=what) [<rest:line>]]", undo=_no_stamp),
        Command(g, "service sequence-numbers", _sequence, HELP, undo=_no_sequence),
        Command(EXEC_MODES, "show logging", _show, EXEC_HELP),
        Command(("privileged",), "clear logging", _clear, EXEC_HELP),
        Command(EXEC_MODES, "terminal monitor", _monitor, EXEC_HELP, undo=_no_monitor),
        Command(EXEC_MODES, "terminal no monitor", _no_monitor, EXEC_HELP),
    ]  # fmt: skip


def _put(c: Context, **values: object) -> None:
    c.config.parts.put(replace(c.config.parts[Logging], **values))  # type: ignore[arg-type]


def _level(m: Match, default: int) -> int:
    given = m.get("level", default)
    return LEVELS.index(given) if isinstance(given, str) else int(given)


def _on(c: Context, m: Match) -> None:
    _put(c, on=True)


def _no_on(c: Context, m: Match) -> None:
    _put(c, on=False)


def _buffered(c: Context, m: Match) -> None:
    _put(c, buffered=_level(m, 7), size=m.get("size", c.config.parts[Logging].size))


def _no_buffered(c: Context, m: Match) -> None:
    _put(c, buffered=None, size=Logging.size)


def _sink(c: Context, m: Match) -> None:
    _put(c, **{m["sink"]: _level(m, getattr(Logging, m["sink"]))})


def _no_sink(c: Context, m: Match) -> None:
    _put(c, **{m["sink"]: None})


def _facility(c: Context, m: Match) -> None:
    _put(c, facility=m["facility"])


def _no_facility(c: Context, m: Match) -> None:
    _put(c, facility=Logging.facility)


def _host(c: Context, m: Match) -> None:
    others = tuple(host for host in c.config.parts[Logging].hosts if host.address != m["host"])
    _put(c, hosts=(*others, Host(m["host"], m.get("port", PORT))))


def _no_host(c: Context, m: Match) -> None:
    hosts = c.config.parts[Logging].hosts
    kept = tuple(host for host in hosts if host.address != m["host"])
    if kept == hosts:
        raise CommandError("% Syslog host not found")
    _put(c, hosts=kept)


def _source(c: Context, m: Match) -> None:
    _put(c, source=m["source"])


def _no_source(c: Context, m: Match) -> None:
    _put(c, source=None)


def _origin(c: Context, m: Match) -> None:
    _put(c, origin=True)


def _no_origin(c: Context, m: Match) -> None:
    _put(c, origin=False)


def _whats(m: Match) -> tuple[str, ...]:
    return (m["what"],) if m.get("what") else ("debug", "log")


def _stamp(c: Context, m: Match) -> None:
    options = frozenset(m.all("option"))
    stamp = Stamp("datetime", options) if m.has("datetime") else Stamp("uptime", frozenset())
    _put(c, **dict.fromkeys(_whats(m), stamp))


def _no_stamp(c: Context, m: Match) -> None:
    _put(c, **dict.fromkeys(_whats(m), Stamp("none", frozenset())))


def _sequence(c: Context, m: Match) -> None:
    _put(c, sequence=True)


def _no_sequence(c: Context, m: Match) -> None:
    _put(c, sequence=False)


def changes(before: Config, after: Config) -> list[Notice]:
    """What a change of the configuration makes the system say."""
    old, new = ({host.address: host.port for host in config.parts[Logging].hosts} for config in (before, after))
    said = [(address, port, "started") for address, port in new.items() if address not in old]
    said += [(address, port, "stopped") for address, port in old.items() if address not in new]
    return [
        Notice("SYS", 6, "LOGGINGHOST_STARTSTOP", f"Logging to host {address} port {port} {state} - CLI initiated")
        for address, port, state in said
    ]


def stamps(config: Config) -> list[str]:
    """The ``service timestamps`` lines, which IOS always writes."""
    now = config.parts[Logging]
    return [
        f"no service timestamps {what} uptime" if stamp.kind == "none" else f"service timestamps {what} {stamp.words()}"
        for what, stamp in (("debug", now.debug), ("log", now.log))
    ]


def render_head(config: Config) -> list[str]:
    """What stands behind the host name: where messages go on the device."""
    now = config.parts[Logging]
    lines = [] if now.on else ["no logging on"]
    if now.buffered is None:
        lines.append("no logging buffered")
    elif (now.size, now.buffered) != (Logging.size, Logging.buffered):
        size = f" {now.size}" if now.size != Logging.size else ""
        lines.append(f"logging buffered{size}" + (f" {LEVELS[now.buffered]}" if now.buffered != 7 else ""))
    lines += [line for sink in ("console", "monitor") for line in _sink_line(sink, getattr(now, sink), 7)]
    return [*lines, "!"] if lines else []


def _sink_line(sink: str, level: int | None, default: int) -> list[str]:
    if level == default:
        return []
    return [f"no logging {sink}" if level is None else f"logging {sink} {LEVELS[level]}"]


def render(config: Config) -> list[str]:
    """What stands behind the access lists: the hosts."""
    now = config.parts[Logging]
    lines = _sink_line("trap", now.trap, 6)
    lines += [f"logging facility {now.facility}"] if now.facility != Logging.facility else []
    lines += ["logging origin-id hostname"] if now.origin else []
    lines += [f"logging source-interface {now.source}"] if now.source is not None else []
    lines += [
        f"logging host {host.address}" + (f" transport udp port {host.port}" if host.port != PORT else "")
        for host in now.hosts
    ]
    return [*lines, "!"] if lines else []


def stamp_text(stamp: Stamp, now: datetime, uptime: float, *, sure: bool) -> str:
    """What stands before a message; the star says that nobody set the clock."""
    if stamp.kind == "none":
        return ""
    if stamp.kind == "uptime":
        whole = int(uptime)
        if whole < 86400:
            return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}: "
        return f"{whole // 604800}w{whole // 86400 % 7}d: " if whole >= 604800 else (
            f"{whole // 86400}d{whole // 3600 % 24:02d}h: ")  # fmt: skip
    year = f"{now.year} " if "year" in stamp.options else ""
    fraction = f".{now.microsecond // 1000:03d}" if "msec" in stamp.options else ""
    zone = " UTC" if "show-timezone" in stamp.options else ""
    mark = "" if sure else "*"
    return f"{mark}{MONTHS[now.month - 1]} {now.day:2d} {year}{now:%H:%M:%S}{fraction}{zone}: "


def _monitor(s: Session, m: Match) -> None:
    if s.kind == "console":
        raise CommandError("% Console already monitors")
    s.monitoring = True


def _no_monitor(s: Session, m: Match) -> None:
    s.monitoring = False


def _clear(s: Session, m: Match) -> None:
    if s.confirm("Clear logging buffer [confirm]"):
        s.device.journal.clear()


def _state(level: int | None, count: int, name: str) -> str:
    if level is None:
        return f"    {name} logging: disabled, xml disabled,\n                     filtering disabled"
    return (f"    {name} logging: level {LEVELS[level]}, {count} messages logged, xml disabled,\n"
            "                     filtering disabled")  # fmt: skip


def _show(s: Session, m: Match) -> None:
    now, journal = s.device.config.parts[Logging], s.device.journal
    counts = journal.counts()
    s.out(
        f"Syslog logging: {'enabled' if now.on else 'disabled'} (0 messages dropped, 0 messages rate-limited,\n"
        "                0 flushes, 0 overruns, xml disabled, filtering disabled)\n\n"
        "No Active Message Discriminator.\n\n\nNo Inactive Message Discriminator.\n\n"
    )
    s.out(_state(now.console, counts["console"], "Console"))
    s.out(_state(now.monitor, counts["monitor"], "Monitor"))
    s.out(_state(now.buffered, counts["buffered"], "Buffer"))
    s.out(
        "    Exception Logging: size (4096 bytes)\n    Count and timestamp logging messages: disabled\n"
        "    File logging: disabled\n    Persistent logging: disabled\n"
    )
    if now.trap is None:
        s.out("    Trap logging: disabled")
    else:
        s.out(f"    Trap logging: level {LEVELS[now.trap]}, {counts['trap']} message lines logged")
    for host in now.hosts if now.trap is not None else ():
        s.out(
            f"        Logging to {host.address}  (udp port {host.port}, audit disabled,\n"
            f"              link up),\n              {counts[str(host.address)]} message lines logged, \n"
            "              0 message lines rate-limited, \n              0 message lines dropped-by-MD, \n"
            "              xml disabled, sequence number disabled\n              filtering disabled"
        )
    lines = journal.lines()
    if now.buffered is not None:
        s.out(f"\nLog Buffer ({now.size} bytes):\n")
    if lines:
        s.out("\n".join(lines))


AREA = Area(commands, render)
