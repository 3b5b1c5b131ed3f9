"""The line that a user is typing: text, cursor, history; and what to send to the terminal for each key. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

BACK = "\b"
HISTORY_SIZE = 20  # IOS default


@dataclass
class History:
    """The last commands of a session, oldest first."""

    lines: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        """Remember a line, unless it is empty or the last one again."""
        if line.strip() and (not self.lines or self.lines[-1] != line):
            self.lines = [*self.lines, line][-HISTORY_SIZE:]


@dataclass
class Editor:
    """One line being edited. Every method returns what brings the terminal up to date."""

    prompt: str
    echo: bool = True
    history: History = field(default_factory=History)
    text: str = ""
    cursor: int = 0
    _recalled: int = 0  # 0: the new line; n: the n-th before it
    _draft: str = ""

    def _show(self, text: str) -> str:
        return text if self.echo else ""

    def insert(self, typed: str) -> str:
        """Put characters at the cursor."""
        tail = self.text[self.cursor :]
        self.text = self.text[: self.cursor] + typed + tail
        self.cursor += len(typed)
        return self._show(typed + tail + BACK * len(tail))

    def delete(self, start: int, end: int) -> str:
        """Remove the characters ``start``–``end`` and put the cursor there."""
        start, end = max(start, 0), min(end, len(self.text))
        if start >= end:
            return ""
        tail, gone = self.text[end:], end - start
        move = self._move(start)
        self.text = self.text[:start] + tail
        return move + self._show(tail + " " * gone + BACK * (len(tail) + gone))

    def _move(self, to: int) -> str:
        to = min(max(to, 0), len(self.text))
        sent = BACK * (self.cursor - to) if to < self.cursor else self.text[self.cursor : to]
        self.cursor = to
        return self._show(sent)

    def _word_left(self) -> int:
        at = self.cursor
        while at and self.text[at - 1].isspace():
            at -= 1
        while at and not self.text[at - 1].isspace():
            at -= 1
        return at

    def _word_right(self) -> int:
        at = self.cursor
        while at < len(self.text) and self.text[at].isspace():
            at += 1
        while at < len(self.text) and not self.text[at].isspace():
            at += 1
        return at

    def replace(self, text: str) -> str:
        """Put another line in place of this one."""
        sent = self.delete(0, len(self.text))
        return sent + self.insert(text)

    def redraw(self) -> str:
        """The prompt and the line again, on a new row."""
        behind = len(self.text) - self.cursor
        return "\n" + self.prompt + self._show(self.text + BACK * behind)

    def recall(self, step: int) -> str:
        """Go ``step`` lines back (1) or forth (-1) in the history."""
        lines = self.history.lines
        wanted = self._recalled + step
        if not self.echo or not 0 <= wanted <= len(lines):
            return ""
        if self._recalled == 0:
            self._draft = self.text
        self._recalled = wanted
        return self.replace(lines[-wanted] if wanted else self._draft)

    def key(self, name: str) -> str:
        """A named key or a control character: moves, deletions, history."""
        at, end = self.cursor, len(self.text)
        if name in ("\x7f", "\b"):
            return self.delete(at - 1, at)
        if name in ("\x04", "delete"):
            return self.delete(at, at + 1)
        if name in ("\x15", "\x18"):
            return self.delete(0, at)
        if name == "\x0b":
            return self.delete(at, end)
        if name == "\x17":
            return self.delete(self._word_left(), at)
        if name in ("\x10", "up"):
            return self.recall(1)
        if name in ("\x0e", "down"):
            return self.recall(-1)
        if name in ("\x12", "\x0c"):
            return self.redraw()
        places = {"\x01": 0, "home": 0, "\x05": end, "end": end, "\x02": at - 1, "left": at - 1, "\x06": at + 1,
                  "right": at + 1, "word-left": self._word_left(), "word-right": self._word_right()}  # fmt: skip
        return self._move(places[name]) if name in places else ""
