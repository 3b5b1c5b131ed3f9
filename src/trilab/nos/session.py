"""One user at the command line: prompt, modes, running commands. Each session runs in its own thread."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass, field

from trilab.nos import filters, interpreter
from trilab.nos.accounts import Grant
from trilab.nos.context import CommandError, Context
from trilab.nos.dataplane.base import DataplaneError, Notice
from trilab.nos.device import Device
from trilab.nos.editor import History
from trilab.nos.features.syslog import Logging
from trilab.nos.grammar import helptext
from trilab.nos.grammar.parser import Failure, Parsed, complete, next_words
from trilab.nos.model import Line
from trilab.nos.terminal import HungUp, Quit, Terminal, TimedOut

SERVICE_ACCOUNT = "trilab"  # the graders: privilege 15, not shown, never timed out


class Closed(Exception):
    """The session is over (``exit``, ``logout``)."""


@dataclass
class Session:
    """A user's state. ``kind``: ``console`` (out of band) or ``vty`` (in band)."""

    device: Device
    terminal: Terminal
    connection: socket.socket
    kind: str
    number: int
    user: str
    source: str
    level: int = 1
    grant: Grant = field(default_factory=Grant)  # how the user was let in
    monitoring: bool = False  # terminal monitor
    history: History = field(default_factory=History)
    _capture: list[str] | None = None

    def __post_init__(self) -> None:
        self.context = Context(
            self.device.names,
            self.device.config,
            self.out,
            mode="exec",
            tree=self.device.dataplane.stp,
            ask=self.device.dataplane.ask,
            read_line=self._plain_line,
        )

    @property
    def hidden(self) -> bool:
        """Whether ``show users`` leaves the session out."""
        return self.user == SERVICE_ACCOUNT and self.kind == "console"

    def line(self) -> Line:
        """The configured line that the session came in on."""
        kind = "con" if self.kind == "console" else "vty"
        lines = [line for line in self.device.config.lines if line.kind == kind]
        return next((line for line in lines if line.first <= self.number <= line.last), lines[-1])

    def idle(self) -> float:
        """Seconds since the last key."""
        return time.monotonic() - self.terminal.last_key

    def hang_up(self) -> None:
        """End the session from outside."""
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it was closed already

    def hear(self, severity: int, text: str) -> bool:
        """Print a system message when this terminal is one that shows it; whether it was."""
        settings = self.device.config.parts[Logging]
        level = settings.console if self.kind == "console" else settings.monitor if self.monitoring else None
        if self.hidden or not self.terminal.tty or level is None or severity > level:
            return False
        self.terminal.tell(text)
        return True

    # what commands use

    def out(self, text: str) -> None:
        """Print whole lines."""
        if self._capture is not None:
            self._capture.append(text)
        else:
            self.terminal.print(text)

    def ask(self, prompt: str, *, echo: bool = True) -> str | None:
        """Put a question; None when the user gives up (Ctrl-C)."""
        self._set_timeout()
        typed = self.terminal.read_line(prompt, echo=echo)
        return typed.text if typed.ended == "enter" else None

    def confirm(self, prompt: str) -> bool:
        """``[confirm]``: Enter or y go on."""
        typed = self.ask(prompt)
        return typed is not None and typed.strip().lower() in ("", "y", "yes")

    def close(self) -> None:
        """Leave."""
        raise Closed

    def _plain_line(self, prompt: str) -> str | None:
        return self.ask(prompt)

    # the loop

    def prompt(self) -> str:
        """The prompt of the mode."""
        name = self.device.config.hostname
        if self.context.mode == "exec":
            return f"{name}{'#' if self.level > 1 else '>'}"
        return f"{name[:20]}{self.context.prompt}#"

    def mode(self) -> str:
        """The grammar's mode."""
        if self.context.mode != "exec":
            return self.context.mode
        return "privileged" if self.level == 15 else "exec"

    def _set_timeout(self) -> None:
        seconds = self.line().exec_timeout
        self.terminal.timeout = None if self.hidden or not seconds else float(seconds)

    def loop(self) -> None:
        """Read and run commands until the session ends. Raises Closed, HungUp, TimedOut."""
        while True:
            self._set_timeout()
            self.terminal.synchronous = self.line().logging_synchronous
            prompt = self.prompt()
            typed = self.terminal.read_line(prompt, history=self.history, helper=self.help, completer=self._complete)
            if typed.ended != "ctrl-c":  # IOS: Ctrl-Z runs what is typed, then leaves
                self.execute(typed.text, len(prompt))
            if typed.ended != "enter" and self.context.mode != "exec":
                self.context.enter("exec")
                self._configured()

    def _complete(self, text: str) -> str:
        return complete(self.device.grammar.modes[self.mode()], text)

    def help(self, text: str) -> str:
        """What ``?`` prints after ``text``."""
        after_bar = filters.help_after_bar(text)
        words = next_words(self.device.grammar.modes[self.mode()], text) if after_bar is None else after_bar
        if isinstance(words, Failure):
            return helptext.help_failure(words, text)
        return helptext.listing(text, words, self.terminal.columns) if words else "% Unrecognized command"

    def execute(self, text: str, prompt_width: int = 0) -> None:
        """Run one line and print what it says."""
        if not text.strip() or text.lstrip().startswith("!"):
            return
        self.history.add(text.strip())
        self.terminal.fresh_page()
        configuring = self.context.mode != "exec"
        try:
            self._execute(text, prompt_width)
        except CommandError as error:
            if str(error):
                self._tell(str(error))
        except DataplaneError as error:
            self._tell(f"% {error}")
        except Quit:
            pass  # the user has seen enough
        finally:
            self._capture = None
            if configuring and self.context.mode == "exec":
                self._configured()

    def _configured(self) -> None:
        """The user has left configuration."""
        self.device.tell(Notice("SYS", 5, "CONFIG_I", f"Configured from console by {self.who()}"))

    def who(self) -> str:
        """The user, as system messages call them."""
        if self.kind == "console":
            return "console"
        line = f"vty{self.number}"
        at = f" ({self.source})" if self.source else ""
        return f"{self.user} on {line}{at}" if self.user else f"{line}{at}"

    def _tell(self, text: str) -> None:
        self._capture = None
        self.terminal.write(text + "\n")

    def _execute(self, text: str, prompt_width: int) -> None:
        try:
            command, output_filter = filters.split(text)
        except filters.BadFilter as bad:
            failure = Failure("incomplete") if bad.column is None else Failure("invalid", bad.column)
            self._tell(helptext.failure(failure, text, prompt_width))
            return
        found, is_global = interpreter.resolve(self.device.grammar, self.mode(), command)
        if isinstance(found, Failure):
            self._tell(helptext.failure(found, text, prompt_width))
            return
        if output_filter is None:
            self._run(found, is_global)
            return
        self._capture = []
        self._run(found, is_global)
        kept = output_filter.apply("\n".join(self._capture))
        self._capture = None
        if kept:
            self.out(kept)

    def _run(self, found: Parsed, is_global: bool) -> None:
        if interpreter.is_exec(found):
            handler = found.action.command.undo if found.action.negated else found.action.command.run
            if handler is not None:
                handler(self, found.match)
            return
        self.context.config = self.device.config
        self._change(interpreter.ask(self.context, found), is_global)

    def _change(self, asked: Parsed, is_global: bool) -> None:
        """Run a configuration command. What it says is printed once the device is free for others again."""
        c, said = self.context, list[str]()
        before = c.mode, c.target, c.in_range
        c.say = said.append
        try:
            with self.device.edit() as config:
                c.config = config
                if is_global:
                    c.enter("config")
                interpreter.run(c, asked)
        except DataplaneError:
            c.enter(*before)
            raise
        finally:
            c.say = self.out
            for text in said:
                self.out(text)


__all__ = ["Closed", "HungUp", "Session", "TimedOut"]
