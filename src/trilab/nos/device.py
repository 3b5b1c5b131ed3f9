"""The device: its configuration, what is saved, its data plane, who is connected."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from trilab.nos import defaults, interpreter, running
from trilab.nos.dataplane.base import ClockSet, Dataplane, DataplaneError, FailedLogin, Notice
from trilab.nos.features import syslog
from trilab.nos.features.attacks import Watch
from trilab.nos.features.syslog import Logging
from trilab.nos.flash import Flash
from trilab.nos.gate import Gate
from trilab.nos.grammar.graph import Grammar
from trilab.nos.journal import Circumstances, Journal
from trilab.nos.model import Config
from trilab.nos.show.text import clock_text, software


class Connected(Protocol):
    """A session, as ``show users`` and ``reload`` need it."""

    kind: str
    number: int
    user: str
    source: str

    @property
    def hidden(self) -> bool: ...
    def idle(self) -> float: ...
    def hang_up(self) -> None: ...
    def hear(self, severity: int, text: str) -> bool: ...


@dataclass(frozen=True)
class Nvram:
    """What survives a reload: the configuration text, and beside it what IOS keeps out of the text."""

    startup: Path
    private: Path

    def read(self) -> str | None:
        """The saved text, or None when there is none."""
        try:
            return self.startup.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def rsa_bits(self) -> int | None:
        """Modulus of the saved RSA key."""
        try:
            bits = json.loads(self.private.read_text(encoding="utf-8"))["rsa_bits"]
        except (FileNotFoundError, ValueError, KeyError):
            return None
        return bits if isinstance(bits, int) else None

    def write(self, text: str, rsa_bits: int | None) -> None:
        """Save. A crash leaves the old text or the new one."""
        self.startup.parent.mkdir(parents=True, exist_ok=True)
        for path, content in ((self.startup, text), (self.private, json.dumps({"rsa_bits": rsa_bits}))):
            new = path.with_suffix(".new")
            new.write_text(content, encoding="utf-8")
            new.replace(path)

    @property
    def flash(self) -> Flash:
        """The files beside them."""
        return Flash(self.startup.parent / "flash")

    def erase(self) -> None:
        """Forget everything."""
        self.startup.unlink(missing_ok=True)
        self.private.unlink(missing_ok=True)


class Device:
    """One switch, router or access point. ``log`` receives what no session can be told."""

    def __init__(self, grammar: Grammar, dataplane: Dataplane, nvram: Nvram, log: Callable[[str], None]) -> None:
        self.grammar, self.dataplane, self.nvram, self._log = grammar, dataplane, nvram, log
        self.names = grammar.names
        self.lock = threading.RLock()
        self.sessions: list[Connected] = []
        self.clock_offset: timedelta | None = None  # None: the clock was never set
        self.config = defaults.factory(self.names)
        self.journal = Journal(dataplane.perform)
        self.gate = Gate(lambda: self.config.parts[Watch], self.tell, dataplane.perform, self._time)
        dataplane.listen(self._hear)

    def boot(self) -> None:
        """Take the saved configuration (or the factory's) and make the system match it."""
        with self.lock:
            self.config = self._saved()
            try:
                self.dataplane.apply(self.config)
            except DataplaneError as error:
                self._log(f"% {error}")
        self.tell(Notice("SYS", 5, "RESTART", f"System restarted --\n{software(self.names.role)}"))

    def _hear(self, notice: Notice) -> None:
        """Something happened in the data plane."""
        if isinstance(notice, FailedLogin):
            self.gate.failure(notice.user, notice.source, notice.port)
            return
        if isinstance(notice, ClockSet):
            self.clock_offset = timedelta() if notice.synchronized else self.clock_offset
            return
        if notice.change is not None:
            try:
                with self.edit() as config:
                    notice.change(config)
            except DataplaneError as error:
                self._log(f"% {error}")
        self._log(str(notice))
        self.tell(notice)

    def tell(self, notice: Notice) -> None:
        """Record a system message, and let those have it who are to."""
        config = self.config
        settings = config.parts[Logging]
        known = config.interfaces.get(settings.source or "")
        source = None if known is None or known.address is None else known.address.ip
        sure = self.clock_offset is not None
        stamp = syslog.stamp_text(settings.log, self.now(), self.dataplane.uptime(), sure=sure)
        self.journal.record(notice, Circumstances(settings, config.hostname, stamp, source, list(self.sessions)))

    def _saved(self) -> Config:
        text = self.nvram.read()
        if text is None:
            return defaults.factory(self.names)
        config, refused = interpreter.load(text, defaults.boot_base(self.names), self.grammar)
        for line in refused:
            self._log(f"% Startup line not understood: {line}")
        config.rsa_bits = self.nvram.rsa_bits()
        return config

    def reload(self) -> None:
        """Disconnect everybody and boot again."""
        with self.lock:
            self._power_off()
            self.gate.restart()
            self.journal.restart()
            self.boot()
            for session in list(self.sessions):
                session.hang_up()

    def _power_off(self) -> None:
        """Neighbours see the device go: nothing that it had learnt or started outlives a reload. The RSA key does."""
        bare = defaults.factory(self.names)
        bare.rsa_bits = self.config.rsa_bits
        try:
            self.dataplane.apply(bare)
        except DataplaneError as error:
            self._log(f"% {error}")

    @contextmanager
    def edit(self) -> Iterator[Config]:
        """A copy of the configuration to change; applied and kept when the block ends without error.

        Raises:
            DataplaneError: the system refused; the configuration is as before.
        """
        with self.lock:
            working = defaults.clone(self.config)
            yield working
            if working == self.config:
                return
            self.dataplane.apply(working)
            before, self.config = self.config, working
        for notice in syslog.changes(before, working):
            self.tell(notice)
        self.gate.follow()

    def running(self) -> str:
        """The running configuration's text."""
        return running.render(self.config)

    def save(self) -> None:
        """``write memory``."""
        with self.lock:
            self.nvram.write(self.running(), self.config.rsa_bits)

    def _time(self) -> str:
        return clock_text(self.now(), sure=True)

    def now(self) -> datetime:
        """The device's clock, UTC."""
        return datetime.now(UTC) + (self.clock_offset or timedelta())
