"""The telephone itself: baresip with one account, driven over its control connection on the loopback.

baresip waits up to 32 s for an answer to REGISTER (timer F, RFC 3261) and half a minute before another try. A candidate
configures things in any order, so while the account is not registered baresip is started anew every other second. It is
killed, not asked: an account that baresip deletes while its REGISTER is unanswered is unregistered when the answer
comes, and that would remove the contact of the account that replaced it.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trilab.phone import baresip, netstring
from trilab.phone.baresip import CONTROL, HOME, PROGRAM, RECORDINGS, Account, account_line
from trilab.phone.calls import Journal, number
from trilab.phone.child import Child
from trilab.phone.loop import Loop

RECORDINGS_KEPT = 20  # files
RETRY, PATIENT = 2.0, 5.0  # seconds between two registrations that do not succeed: at first, and later
HURRIED = 30  # tries made at the first pace
CONNECT_EVERY = 0.05  # seconds between two tries to reach baresip while it starts

NO_REGISTRATION, REGISTERING, REGISTERED, FAILED = "none", "registering", "registered", "failed"
FRENCH = {
    NO_REGISTRATION: "pas d’enregistrement",
    REGISTERING: "enregistrement en cours",
    REGISTERED: "enregistré",
    FAILED: "enregistrement refusé",
}


class Telephone:
    """Runs baresip while there is an account; tells the journal, and ``on_change``, what happens."""

    def __init__(self, loop: Loop, tone: int, journal: Journal, on_change: Callable[[], None]) -> None:
        self._loop, self._tone, self._journal, self._on_change = loop, tone, journal, on_change
        self._account: Account | None = None
        self._child: Child | None = None
        self._socket: socket.socket | None = None
        self._decoder = netstring.Decoder()
        self._tries = 0  # since the last registration
        self._round = 0  # number of the running baresip: timers of a former one do nothing
        self.state, self.reason = NO_REGISTRATION, ""
        self._replies: dict[str, Callable[[dict[str, Any]], None]] = {}

    def use(self, account: Account | None) -> None:
        """Have this account, or none. Nothing happens when it is already so."""
        if account == self._account:
            return
        self._stop()
        self._account = account
        if account is not None:
            self._start(account)
        self._on_change()

    def check(self) -> None:
        """Start baresip again when it died."""
        if self._account is not None and (self._child is None or not self._child.running):
            self._journal.note("sip", "Le téléphone redémarre")
            self._stop()
            self._start(self._account)

    def _start(self, account: Account) -> None:
        baresip.prepare(self._tone, account.dscp)
        prune(RECORDINGS)
        self._round += 1
        self._child = Child(self._loop, [str(PROGRAM), "-f", str(HOME)], lambda line: None)
        self._set(REGISTERING, "")
        self._connect(self._round)

    def _end(self, *, kill: bool) -> None:
        self._round += 1
        self._disconnect()
        if self._child is not None:
            self._child.stop(kill=kill)
            self._child = None

    def _stop(self) -> None:
        self._end(kill=False)
        self._tries = 0
        self._journal.end_all("téléphone arrêté")
        self._set(NO_REGISTRATION, "")

    def _connect(self, now: int) -> None:
        if now != self._round or self._socket is not None:
            return
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            sock.connect(CONTROL)
        except OSError:
            sock.close()
            self._loop.after(CONNECT_EVERY, lambda: self._connect(now))
            return
        sock.setblocking(False)
        self._socket, self._decoder = sock, netstring.Decoder()
        self._loop.watch(sock.fileno(), self._read)
        if self.state != REGISTERED:
            self._register()

    def _disconnect(self) -> None:
        if self._socket is not None:
            self._loop.forget(self._socket.fileno())
            self._socket.close()
            self._socket = None
        self._replies.clear()

    def _register(self) -> None:
        """Create the account, which registers it; once more if that does not succeed."""
        assert self._account is not None
        self.command("uanew", account_line(self._account))
        self._again_later()

    def _again_later(self) -> None:
        now, delay = self._round, RETRY if self._tries < HURRIED else PATIENT
        self._loop.after(delay, lambda: self._again(now))

    def _again(self, now: int) -> None:
        """Start anew what is not registered. A call is not disturbed."""
        if now != self._round or self._account is None or self.state == REGISTERED:
            return
        if self._journal.current() is not None:
            self._again_later()
            return
        self._tries += 1
        self._end(kill=True)
        self._start(self._account)

    def command(self, name: str, params: str = "", reply: Callable[[dict[str, Any]], None] | None = None) -> bool:
        """Send a command to baresip; False when it does not run."""
        if self._socket is None:
            return False
        token = f"{name}-{len(self._replies)}-{self._round}"
        if reply is not None:
            self._replies[token] = reply
        try:
            self._socket.sendall(netstring.encode({"command": name, "params": params, "token": token}))
        except OSError:
            self._disconnect()
            return False
        return True

    def _read(self) -> None:
        assert self._socket is not None
        try:
            data = self._socket.recv(65536)
            messages = self._decoder.feed(data)
        except BlockingIOError:
            return
        except (OSError, ValueError):
            data, messages = b"", []
        if not data:
            self._disconnect()  # check() starts it again when it died
            self._connect(self._round)
            return
        for message in messages:
            self._handle(message)
        self._on_change()

    def _handle(self, message: dict[str, Any]) -> None:
        if message.get("response"):
            reply = self._replies.pop(str(message.get("token")), None)
            if reply is not None:
                reply(message)
        elif message.get("class") == "register":
            self._registration(str(message.get("type")), str(message.get("param", "")))
        elif message.get("class") == "call":
            self._call(str(message.get("type")), message)

    def _registration(self, kind: str, reason: str) -> None:
        if kind == "REGISTER_OK":
            self._tries = 0
            self._set(REGISTERED, reason)
        elif kind == "REGISTER_FAIL":
            again = self.state == REGISTERED
            self._set(FAILED, reason)
            if again:
                self._again(self._round)

    def _set(self, state: str, reason: str) -> None:
        if (state, reason) == (self.state, self.reason) or (state, self.state) == (REGISTERING, FAILED):
            return
        self.state, self.reason = state, reason
        account = self._account
        who = f"Poste {account.extension} sur {account.server} : " if account else ""
        self._journal.note(f"registration-{state}", f"{who}{FRENCH[state]}{f' ({reason})' if reason else ''}")

    def _call(self, kind: str, message: dict[str, Any]) -> None:
        call_id = str(message.get("id", ""))
        if kind == "CALL_INCOMING":
            self._journal.begin(call_id, "in", number(str(message.get("peeruri", ""))))
        elif kind in ("CALL_RINGING", "CALL_PROGRESS"):
            self._journal.ringing(call_id)
        elif kind == "CALL_ESTABLISHED":
            self._journal.established(call_id)
        elif kind == "CALL_CLOSED":
            self._journal.end(call_id, str(message.get("param", "")))


def prune(folder: Path) -> None:
    """Keep only the newest recordings: /run is memory."""
    files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)
    for path in files[:-RECORDINGS_KEPT]:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
