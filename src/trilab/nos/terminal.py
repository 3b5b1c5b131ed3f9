"""The user's terminal at the other end of a socket: keys in, text out, line editing, ``--More--``."""

from __future__ import annotations

import codecs
import os
import select
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from trilab.nos.editor import Editor, History

_MORE = " --More-- "
_SEQUENCES = {
    "[A": "up", "[B": "down", "[C": "right", "[D": "left", "OA": "up", "OB": "down", "OC": "right", "OD": "left",
    "[H": "home", "[F": "end", "[1~": "home", "[4~": "end", "[3~": "delete", "b": "word-left", "f": "word-right",
}  # fmt: skip
_ESCAPES = ("\x03", "\x1e")  # Ctrl-C, and Ctrl-Shift-6 as on IOS


class HungUp(Exception):
    """The other end is gone."""


class TimedOut(Exception):
    """Nothing was typed during the line's exec-timeout."""


class Quit(Exception):
    """The user left the output at ``--More--``."""


@dataclass(frozen=True)
class Typed:
    """A line, and how it was ended."""

    text: str
    ended: Literal["enter", "ctrl-c", "ctrl-z"] = "enter"


class Terminal:
    """Owns the socket. ``tty`` false: no ``--More--``, plain line feeds."""

    def __init__(self, connection: socket.socket, *, tty: bool, columns: int, rows: int) -> None:
        self._socket, self.tty = connection, tty
        self.columns, self.length = columns or 80, rows or 24
        self.timeout: float | None = None  # seconds without a key; None: for ever
        self.last_key = time.monotonic()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._waiting, self._after_return, self._ended = "", False, False
        self._printed = 0
        self._news: list[str] = []
        self._lock = threading.Lock()  # of the news and their bell
        self._bell: int | None = os.eventfd(0, os.EFD_NONBLOCK)
        self._editor: Editor | None = None  # the line that messages may interrupt
        self.synchronous = False  # whether they put the line back (``logging synchronous``)

    def close(self) -> None:
        """Free what the terminal holds beside the socket."""
        with self._lock:
            if self._bell is not None:
                os.close(self._bell)
            self._bell = None

    def tell(self, text: str) -> None:
        """Have a system message printed once the user is at a prompt. Any thread may call this."""
        with self._lock:
            if self._bell is not None:
                self._news.append(text)
                os.eventfd_write(self._bell, 1)

    def _take_news(self) -> str:
        with self._lock:
            taken, self._news = self._news, []
            if self._bell is not None:
                with suppress(BlockingIOError):
                    os.eventfd_read(self._bell)
        return "".join(f"{text}\n" for text in taken)

    def _interject(self, editor: Editor) -> None:
        """Print what came in. An empty line is put back, one with text only when the terminal is synchronous."""
        news = self._take_news()
        if editor.text and not self.synchronous:
            self.write(f"\n{news}")
        elif news:
            shown = editor.redraw().removeprefix("\n")
            self.write(f"\r{' ' * len(editor.prompt + editor.text)}\r{news}{shown}")

    def write(self, text: str) -> None:
        """Send text as it is (line feeds become CR LF on a tty). Raises HungUp."""
        try:
            self._socket.sendall((text.replace("\n", "\r\n") if self.tty else text).encode())
        except OSError as error:
            raise HungUp from error

    def fresh_page(self) -> None:
        """Start counting lines for ``--More--``."""
        self._printed = 0

    def print(self, text: str) -> None:
        """Write whole lines, stopping at each page. Raises Quit, HungUp, TimedOut."""
        lines = text.split("\n")
        if not self.tty or not self.length:
            self.write(text + "\n")
            return
        room = max(self.length - 1, 1)
        while lines:
            if self._printed >= room:
                self._more(room)
            take = max(room - self._printed, 1)
            self.write("\n".join(lines[:take]) + "\n")
            self._printed += len(lines[:take])
            lines = lines[take:]

    def _more(self, room: int) -> None:
        self.write(_MORE)
        key = self._key()
        self.write("\r" + " " * len(_MORE) + "\r")
        if key == " ":
            self._printed = 0
        elif key == "\r":
            self._printed = room - 1
        else:
            raise Quit

    def _fill(self, timeout: float | None) -> bool:
        """Wait for input; False on time-out. Raises HungUp at the end of input."""
        editor, bell = self._editor, self._bell
        watched: list[socket.socket | int] = [self._socket]
        if editor is not None and bell is not None:
            watched.append(bell)
        try:
            ready = [] if self._ended else select.select(watched, [], [], timeout)[0]
            if editor is not None and bell in ready:
                self._interject(editor)
            if self._socket not in ready:
                return bool(ready)
            data = self._socket.recv(4096)
        except (OSError, ValueError) as error:
            raise HungUp from error
        self._ended = not data
        self._waiting += self._decoder.decode(data)
        return True

    def _character(self) -> str:
        ends = None if self.timeout is None else time.monotonic() + self.timeout
        while not self._waiting:
            if self._ended:
                raise HungUp
            if not self._fill(None if ends is None else max(0.0, ends - time.monotonic())):
                raise TimedOut
        character, self._waiting = self._waiting[0], self._waiting[1:]
        self.last_key = time.monotonic()
        return character

    def _key(self) -> str:
        """One key: a character, or the name of a special key. Line ends are all ``\\r``."""
        character = self._character()
        if character == "\n" and self._after_return:
            character = self._character()
        self._after_return = character == "\r"
        if character == "\n":
            return "\r"
        if character != "\x1b":
            return character
        sequence = self._character()
        if sequence in "[O":
            sequence += self._character()
            while sequence[-1].isdigit() or sequence[-1] == ";":
                sequence += self._character()
        return _SEQUENCES.get(sequence, "")

    def _key_at(self, editor: Editor | None) -> str:
        """The next key; while it waits, messages may come between."""
        self._editor = editor
        try:
            return self._key()
        finally:
            self._editor = None

    def interrupted(self) -> bool:
        """Whether the user typed an escape since last asked; other keys are kept. Raises HungUp."""
        while not self._ended and self._fill(0):
            continue
        found = any(mark in self._waiting for mark in _ESCAPES)
        if found:
            self._waiting = ""
        return found

    def join(self, remote: socket.socket) -> None:
        """Connect the user to another terminal until that one ends. Raises HungUp."""
        with remote:
            if self._waiting:
                remote.sendall(self._waiting.encode())
                self._waiting = ""
            while True:
                ready = select.select([self._socket, remote], [], [], self.timeout)[0]
                try:
                    if remote in ready:
                        data = remote.recv(4096)
                        if not data:
                            return
                        self._socket.sendall(data)
                    if self._socket in ready:
                        data = self._socket.recv(4096)
                        if not data:
                            raise HungUp
                        remote.sendall(data)
                except OSError as error:
                    raise HungUp from error
                if not ready:
                    return

    def read_line(
        self,
        prompt: str,
        *,
        echo: bool = True,
        history: History | None = None,
        helper: Callable[[str], str] | None = None,
        completer: Callable[[str], str] | None = None,
    ) -> Typed:
        """Let the user edit one line. ``helper`` answers ``?``, ``completer`` Tab. Raises HungUp, TimedOut."""
        editor = Editor(prompt, echo, history or History())
        news = self._take_news() if helper is not None else ""  # at a prompt for commands
        self.write(news + prompt)
        while True:
            try:
                key = self._key_at(editor if helper is not None else None)
            except HungUp:
                if not editor.text:
                    raise
                key = "\r"  # the last line of a pipe
            if key == "\r":
                self.write("\n")
                return Typed(editor.text)
            if key in ("\x03", "\x1a"):
                self.write("^C\n" if key == "\x03" else "^Z\n")
                return Typed(editor.text, "ctrl-c" if key == "\x03" else "ctrl-z")
            self._edit(editor, key, helper, completer)

    def _edit(
        self,
        editor: Editor,
        key: str,
        helper: Callable[[str], str] | None,
        completer: Callable[[str], str] | None,
    ) -> None:
        if key == "?" and helper is not None:
            self._help(editor, helper)
        elif key == "\t":
            if completer is not None and editor.cursor == len(editor.text):
                editor.text = completer(editor.text)
                editor.cursor = len(editor.text)
                self.write(editor.redraw())
        elif len(key) == 1 and key.isprintable():
            self.write(editor.insert(key + self._plain()))
        else:
            self.write(editor.key(key))

    def _plain(self) -> str:
        """The ordinary characters that wait after the one in hand: pasted text is echoed in one piece."""
        count = 0
        while count < len(self._waiting) and self._waiting[count].isprintable() and self._waiting[count] != "?":
            count += 1
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken

    def _help(self, editor: Editor, helper: Callable[[str], str]) -> None:
        self.fresh_page()
        self.write("?\n")
        with suppress(Quit):
            self.print(helper(editor.text[: editor.cursor]))
        self.write(editor.redraw().removeprefix("\n"))
