"""The clock from the network (RFC 5905): ``ntp server``, ``ntp master``, and what shows them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from trilab.nos.area import Area
from trilab.nos.context import CommandError, Context
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config
from trilab.nos.show.text import clock_text

if TYPE_CHECKING:
    from trilab.nos.session import Session

MASTER = 8  # stratum; IOS command reference, "ntp master"
EPOCH = 2_208_988_800  # seconds from 1900, where NTP counts from, to 1970
HELP = {
    "ntp": "Configure NTP",
    "server": "Configure NTP server",
    "<server>": "IP address of peer",
    "prefer": "Prefer this peer when possible",
    "master": "Act as NTP master clock",
    "<stratum>": "Stratum number",
    "source": "Configure interface for source address",
    "show": "Show running system information",
    "status": "NTP status",
    "associations": "NTP associations",
}
SHOW_HELP = {**HELP, "ntp": "Network time protocol"}


@dataclass(frozen=True)
class Server:
    """Where the time comes from."""

    address: IPv4Address
    prefer: bool = False


@dataclass(frozen=True)
class Ntp:
    """``master``: the stratum that the device claims when nobody gives it the time."""

    servers: tuple[Server, ...] = ()
    master: int | None = None
    source: str | None = None

    @property
    def active(self) -> bool:
        """Whether anything is to run."""
        return bool(self.servers) or self.master is not None


@dataclass(frozen=True)
class Association:
    """One server, as the daemon sees it. Times in milliseconds, ``when`` and ``poll`` in seconds.

    ``mark``: ``*`` the one that is followed, ``+`` a good one, ``-`` not used, ``x`` wrong, a blank: no answer yet.
    """

    mark: str
    address: str
    reference: str
    stratum: int
    when: int | None
    poll: int
    reach: int
    delay: float
    offset: float
    dispersion: float


@dataclass(frozen=True)
class Synchrony:
    """The state of the clock (an observation of the data plane). Times in milliseconds, but ``updated`` (Unix)."""

    stratum: int = 16
    reference: str = ""
    updated: float = 0.0
    offset: float = 0.0
    frequency: float = 0.0  # parts per million
    delay: float = 0.0
    dispersion: float = 0.0
    associations: tuple[Association, ...] = ()

    @property
    def synchronized(self) -> bool:
        """Whether the time comes from somewhere."""
        return self.stratum < 16


def commands() -> list[Command]:
    """``ntp`` and what shows it."""
    g = ("config",)
    return [
        Command(g, "ntp server <server:ip> [prefer]", _server, HELP, no="ntp server <server:ip> [prefer]",
                undo=_no_server),
        Command(g, "ntp master [<stratum:int(1,15)>]", _master, HELP, undo=_no_master),
        Command(g, "ntp source <source:ifname(port,sub,svi,bvi,loop)>", _source, HELP,
                no="ntp source [<rest:line>]", undo=_no_source),
        Command(EXEC_MODES, "show ntp status", _status, SHOW_HELP),
        Command(EXEC_MODES, "show ntp associations", _associations, SHOW_HELP),
    ]  # fmt: skip


def _put(c: Context, **values: object) -> None:
    c.config.parts.put(replace(c.config.parts[Ntp], **values))  # type: ignore[arg-type]


def _server(c: Context, m: Match) -> None:
    others = tuple(server for server in c.config.parts[Ntp].servers if server.address != m["server"])
    _put(c, servers=(*others, Server(m["server"], m.has("prefer"))))


def _no_server(c: Context, m: Match) -> None:
    known = c.config.parts[Ntp].servers
    kept = tuple(server for server in known if server.address != m["server"])
    if kept == known:
        raise CommandError("% NTP: No such server")
    _put(c, servers=kept)


def _master(c: Context, m: Match) -> None:
    _put(c, master=m.get("stratum", MASTER))


def _no_master(c: Context, m: Match) -> None:
    _put(c, master=None)


def _source(c: Context, m: Match) -> None:
    _put(c, source=m["source"])


def _no_source(c: Context, m: Match) -> None:
    _put(c, source=None)


def render(config: Config) -> list[str]:
    """The lines of the configuration."""
    now = config.parts[Ntp]
    lines = [f"ntp source {now.source}"] if now.source is not None else []
    if now.master is not None:
        lines.append("ntp master" + (f" {now.master}" if now.master != MASTER else ""))
    lines += [f"ntp server {server.address}{' prefer' if server.prefer else ''}" for server in now.servers]
    return [*lines, "!"] if lines else []


def _seen(s: Session) -> Synchrony:
    if not s.device.config.parts[Ntp].active:
        raise CommandError("%NTP is not enabled.")
    return s.device.dataplane.observe(Synchrony)


def _status(s: Session, m: Match) -> None:
    seen = _seen(s)
    if seen.synchronized:
        s.out(f"Clock is synchronized, stratum {seen.stratum}, reference is {seen.reference}")
    else:
        s.out("Clock is unsynchronized, stratum 16, no reference clock")
    actual = 119.2092 * (1 + seen.frequency / 1e6)
    s.out(f"nominal freq is 119.2092 Hz, actual freq is {actual:.4f} Hz, precision is 2**18")
    whole, fraction = int(seen.updated + EPOCH) if seen.synchronized else 0, int(seen.updated % 1 * 2**32)
    when = clock_text(datetime.fromtimestamp(seen.updated if seen.synchronized else -EPOCH, UTC), sure=True)
    s.out(f"reference time is {whole:08X}.{fraction:08X} ({when})")
    s.out(f"clock offset is {seen.offset:.4f} msec, root delay is {seen.delay:.2f} msec")
    followed = next((one for one in seen.associations if one.mark == "*"), None)
    peer = followed.dispersion if followed is not None else 0.0
    s.out(f"root dispersion is {seen.dispersion:.2f} msec, peer dispersion is {peer:.2f} msec")
    loop = "'CTRL' (Normal Controlled Loop)" if seen.synchronized else "'NSET' (Never set)"
    s.out(f"loopfilter state is {loop}, drift is {seen.frequency / 1e6:.9f} s/s")
    ago = "never updated"
    if followed is not None and followed.when is not None:
        ago = f"last update was {followed.when} sec ago"
    s.out(f"system poll interval is {followed.poll if followed is not None else 64}, {ago}.")


def _associations(s: Session, m: Match) -> None:
    seen = _seen(s)
    s.out("\n  address         ref clock       st   when   poll reach  delay  offset   disp")
    for one in seen.associations:
        when = "-" if one.when is None else one.when
        s.out(f"{one.mark}~{one.address:<16}{one.reference:<16}{one.stratum:>2}{when:>7}{one.poll:>7}{one.reach:>6o}"
              f"{one.delay:>7.3f}{one.offset:>8.3f}{one.dispersion:>7.3f}")  # fmt: skip
    s.out(" * sys.peer, # selected, + candidate, - outlyer, x falseticker, ~ configured")


AREA = Area(commands, render)
