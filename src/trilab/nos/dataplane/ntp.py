"""The clock from the network: chrony, which never sets the machine's clock (``-x``), and what it says of servers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address

from trilab.nos.dataplane import system
from trilab.nos.dataplane.base import DataplaneError
from trilab.nos.dataplane.system import RUN, Service
from trilab.nos.features.ntp import Association, Ntp, Synchrony
from trilab.nos.model import Config

FOLDER = RUN / "ntp"
SETTINGS, COMMANDS = FOLDER / "chrony.conf", FOLDER / "command"
LOCAL = "127.127.1.1"  # the device's own clock, as IOS calls it
MARKS = {"*": "*", "+": "+", "-": "-", "x": "x", "~": "-"}


def settings(config: Config) -> str:
    """The text of chrony.conf. IOS polls every 64 seconds at first, and answers clients itself."""
    ntp = config.parts[Ntp]
    known = config.interfaces.get(ntp.source or "")
    lines = [
        f"server {one.address} iburst minpoll 6 maxpoll 10{' prefer' if one.prefer else ''}" for one in ntp.servers
    ]
    if ntp.master is not None:
        lines.append(f"local stratum {ntp.master}")
    if known is not None and known.address is not None:
        lines.append(f"bindacqaddress {known.address.ip}")
    lines += ["allow all", "cmdport 0", f"bindcmdaddress {COMMANDS}", f"pidfile {FOLDER}/pid"]
    return "\n".join([*lines, ""])


def parse(tracking: str, sources: str, data: str, master: int | None) -> Synchrony:
    """What ``chronyc -c`` says: ``tracking``, ``sources``, ``ntpdata``. Times come in seconds."""
    detail = {row[0]: row for row in _rows(data) if len(row) > 20}
    associations = [_association(row, detail.get(row[2])) for row in _rows(sources) if len(row) > 9]
    found = _rows(tracking)
    if not found or found[0][13] == "Not synchronised":
        return Synchrony(associations=tuple(associations))
    row = found[0]
    reference = str(IPv4Address(int(row[0], 16)))
    if master is not None:
        mark = "*" if reference == LOCAL else " "
        associations.insert(0, Association(mark, LOCAL, ".LOCL.", master - 1, 0, 16, 0o377, 0.0, 0.0, 1.204))
    return Synchrony(
        int(row[2]), reference, float(row[3]), _thousand(row[4]), float(row[7]), _thousand(row[10]),
        _thousand(row[11]), tuple(associations),
    )  # fmt: skip


def _association(row: Sequence[str], detail: Sequence[str] | None) -> Association:
    reach = int(row[5], 8)
    heard = reach != 0 and detail is not None
    reference = str(IPv4Address(int(detail[15], 16))) if heard and detail is not None else ".INIT."
    return Association(
        MARKS.get(row[1], " "), row[2], reference, int(row[3]) if heard else 16,
        int(row[6]) if heard else None, 2 ** int(row[4]), reach,
        _thousand(detail[19]) if heard and detail is not None else 0.0, _thousand(row[8]) if heard else 0.0,
        _thousand(row[9]) if heard else 15937.5,
    )  # fmt: skip


def _rows(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.splitlines() if "," in line]


def _thousand(seconds: str) -> float:
    return 1000 * float(seconds)


class NtpDaemon:
    """chronyd, while the configuration wants it."""

    def __init__(self, ask: Callable[[str], str] | None = None) -> None:
        self._service = Service("chronyd")
        self._ask = ask or _chronyc
        self._master: int | None = None
        self.synchronized = False  # as last seen by :meth:`look`

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._service.running

    def apply(self, config: Config) -> None:
        """Make the daemon match. Raises DataplaneError."""
        ntp = config.parts[Ntp]
        self._master = ntp.master
        if not ntp.active:
            self._service.stop()
            return
        FOLDER.mkdir(parents=True, exist_ok=True)
        FOLDER.chmod(0o750)  # else chronyd makes no socket there
        if system.write(SETTINGS, settings(config)) or not self._service.running:
            COMMANDS.unlink(missing_ok=True)
            self._service.start(["chronyd", "-x", "-n", "-u", "root", "-f", str(SETTINGS)])

    def observe(self) -> Synchrony:
        """The state of the clock now."""
        if not self.running:
            return Synchrony()
        try:
            return parse(self._ask("tracking"), self._ask("sources"), self._ask("ntpdata"), self._master)
        except DataplaneError:
            return Synchrony()  # it is starting

    def look(self) -> bool:
        """Ask whether the clock is synchronized; whether that changed."""
        before, self.synchronized = self.synchronized, self.observe().synchronized
        return before != self.synchronized


def _chronyc(question: str) -> str:
    return system.run(["chronyc", "-u", "root", "-h", str(COMMANDS), "-n", "-c", question], timeout=5)
