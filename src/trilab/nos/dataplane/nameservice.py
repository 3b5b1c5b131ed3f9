"""Accounts for whoever a RADIUS server may know: sshd asks the C library for every name before any password.

The C library asks the socket of a name service cache first (glibc, ``nscd/nscd-client.h``, protocol version 2); the
in-band SSH server finds there this one, which knows every name. That it is let in is PAM's decision.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

VERSION, BY_NAME, BY_NUMBER = 2, 0, 1
_REQUEST = struct.Struct("=iii")  # version, what is asked, length of the key
_REPLY = struct.Struct("=9i")  # version, found, lengths of name and password, uid, gid, three more lengths
_KEY_MAX = 1024  # bytes
_NAME = re.compile(r"[\w.@+-]{1,64}", re.ASCII)
_NOBODY = _REPLY.pack(VERSION, 0, *[0] * 7)


@dataclass(frozen=True)
class Account:
    """What the C library needs of an account."""

    uid: int
    gid: int
    home: str = "/"
    shell: str = "/bin/sh"


def reply(name: str, account: Account) -> bytes:
    """The answer about one account."""
    texts = [text.encode() + b"\0" for text in (name, "x", "", account.home, account.shell)]
    name_length, word_length, *others = (len(text) for text in texts)
    return _REPLY.pack(VERSION, 1, name_length, word_length, account.uid, account.gid, *others) + b"".join(texts)


class NameService:
    """Answers on a socket: the accounts of ``known``, and any other name as ``anybody``."""

    def __init__(self, place: Path, known: Mapping[str, Account], anybody: Account) -> None:
        self._place, self._known, self._anybody = place, known, anybody
        self._listener: socket.socket | None = None

    def start(self) -> None:
        """Answer from now on (once)."""
        if self._listener is None:
            self._place.parent.mkdir(parents=True, exist_ok=True)
            self._place.unlink(missing_ok=True)
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(self._place))
            listener.listen()
            self._listener = listener
            threading.Thread(target=self._serve, args=(listener,), daemon=True).start()

    def _serve(self, listener: socket.socket) -> None:
        while True:
            client, _ = listener.accept()
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with client:
            client.settimeout(5)
            try:
                head = client.recv(_REQUEST.size, socket.MSG_WAITALL)
                if len(head) == _REQUEST.size:
                    version, asked, length = _REQUEST.unpack(head)
                    key = client.recv(min(max(length, 0), _KEY_MAX), socket.MSG_WAITALL)
                    if version == VERSION:
                        client.sendall(self.find(asked, key.rstrip(b"\0").decode(errors="replace")))
            except OSError:
                return  # the other side went away

    def find(self, asked: int, key: str) -> bytes:
        """The answer to a question; empty to one that only the files can answer."""
        if asked == BY_NAME:
            account = self._known.get(key) or (self._anybody if _NAME.fullmatch(key) else None)
            return _NOBODY if account is None else reply(key, account)
        if asked == BY_NUMBER:
            found = ((name, account) for name, account in self._known.items() if str(account.uid) == key)
            return next((reply(name, account) for name, account in found), _NOBODY)
        return b""
