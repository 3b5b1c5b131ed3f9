"""The far end of ``scp``: files of flash copied over SSH, by the protocol of rcp that IOS and ``scp -O`` speak."""

from __future__ import annotations

import re
import shlex
import socket

from trilab.nos.features.files import Files
from trilab.nos.flash import RUNNING, STARTUP, name_in
from trilab.nos.session import Session

_TIMEOUT = 60.0  # seconds without a byte
_LINE_MAX = 1024  # bytes of a control line
_SHORT = {"running-config": RUNNING, "startup-config": STARTUP}
_FILE = re.compile(r"C[0-7]{4} (\d{1,10}) (.+)")


class _Refused(Exception):
    """What the other end is told."""


def is_copy(command: str) -> bool:
    """Whether a command asked for over SSH is a file copy."""
    return re.match(r"scp(\s|$)", command) is not None


def serve(s: Session, command: str) -> None:
    """Receive or send one file, if the configuration and the user's privilege allow it."""
    link = s.connection
    link.settimeout(_TIMEOUT)
    try:
        try:
            _serve(s, link, command)
        except _Refused as refused:
            link.sendall(f"\x01{refused}\n".encode())
        link.shutdown(socket.SHUT_WR)
        while link.recv(65536):
            pass  # closing on unread bytes would take back what was just said
    except OSError:
        return  # the other end is gone, or silent


def _serve(s: Session, link: socket.socket, command: str) -> None:
    if not s.device.config.parts[Files].scp:
        raise _Refused("Administratively disabled.")
    if s.level < 15:
        raise _Refused("Privilege denied.")
    options, target = _asked(command)
    if "t" in options:
        _receive(s, link, target)
    elif "f" in options:
        _send(s, link, target)
    else:
        raise _Refused("scp: neither to nor from")


def _asked(command: str) -> tuple[set[str], str]:
    """The letters of the options, and the one file."""
    try:
        words = shlex.split(command)[1:]
    except ValueError as error:
        raise _Refused("scp: ambiguous target") from error
    options = {letter for word in words if word.startswith("-") for letter in word[1:]}
    targets = [word for word in words if not word.startswith("-")]
    if len(targets) != 1 or "r" in options:
        raise _Refused("scp: one file at a time")
    return options, targets[0]


def _receive(s: Session, link: socket.socket, target: str) -> None:
    link.sendall(b"\0")
    while line := _line(link):
        if line.startswith("T"):  # times: the file gets those of its arrival
            link.sendall(b"\0")
            continue
        found = _FILE.fullmatch(line)
        if found is None:
            raise _Refused("scp: protocol error")
        name = _name(target, found[2])
        if int(found[1]) > s.device.nvram.flash.free():
            raise _Refused(f"%Error writing flash:/{name} (No space left on device)")
        link.sendall(b"\0")
        content = _exactly(link, int(found[1]))
        if _exactly(link, 1) != b"\0":
            return  # the sender could not read its file
        s.device.nvram.flash.write(name, content)
        link.sendall(b"\0")


def _name(target: str, sent: str) -> str:
    """The file to write: what the target says, or in bare ``flash:`` the sender's name."""
    wanted = f"flash:{sent}" if target in ("flash:", "flash:/", ".") else target
    name = name_in(wanted if ":" in wanted else f"flash:{wanted}")
    if name is None:
        raise _Refused(f"%Error opening {wanted} (Invalid file name)")
    return name


def _send(s: Session, link: socket.socket, target: str) -> None:
    where = _SHORT.get(target, target.replace(":/", ":", 1))
    text = s.device.running() if where == RUNNING else s.device.nvram.read() if where == STARTUP else None
    name = where.rpartition(":")[2]
    content = text.encode() if text is not None else _content(s, where)
    if _exactly(link, 1) != b"\0":
        return
    link.sendall(f"C0644 {len(content)} {name}\n".encode())
    if _exactly(link, 1) != b"\0":
        return
    link.sendall(content + b"\0")
    _exactly(link, 1)


def _content(s: Session, where: str) -> bytes:
    name = name_in(where if ":" in where else f"flash:{where}")
    try:
        if name is not None:
            return s.device.nvram.flash.content(name)
    except FileNotFoundError:
        pass  # said below
    raise _Refused(f"%Error opening {where} (No such file or directory)")


def _line(link: socket.socket) -> str:
    """A control line without its end; empty when the other end has nothing more to say."""
    data = bytearray()
    while not data.endswith(b"\n"):
        byte = link.recv(1)
        if not byte or len(data) > _LINE_MAX:
            return ""
        data += byte
    return data[:-1].decode("utf-8", "replace")


def _exactly(link: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        more = link.recv(min(65536, size - len(data)))
        if not more:
            raise ConnectionResetError
        data += more
    return bytes(data)
