"""Typing at an IOS-style command line: prompts, questions, banners, and the device's own words when it refuses."""

from __future__ import annotations

import re
from collections.abc import Sequence

from netmiko.base_connection import BaseConnection

_PROMPT = r"(?:\A|[\r\n])[\w.-]+(?:\([\w/-]+\))?[>#] ?\Z"
_QUESTION = r"(?:\[confirm\]|\]\? ?|\[yes/no\]: ?|\]: ?|[Pp]assword: ?)\Z"
_BANNER = r"End with the character '.'\.\s*\Z"
_STOP = rf"(?:{_PROMPT}|{_QUESTION}|{_BANNER})"
_BANNER_LINE = re.compile(r"^\s*banner\s+\w+\s+(?P<mark>\S)(?P<text>.*)$", re.IGNORECASE)
# A line that starts with "%" refuses what was typed, except log messages (%SYS-5-…) and these notices.
_REFUSAL = re.compile(
    r"^%(?![A-Z0-9_]+-\d-)\s*"
    r"(?!Generating|The (?:name|key)|You already|Warning|Portfast has been|Login disabled|Please|Default|"
    r"(?:Access|Voice) VLAN does not)\S.*",
    re.MULTILINE,
)
LINE_TIMEOUT = 60.0  # seconds: an RSA key takes a few


MAX_QUESTIONS = 5  # asked one after the other by the last line


class Refused(Exception):
    """The device refused line ``number`` (from 1). ``words``: what it said."""

    def __init__(self, number: int, line: str, words: str) -> None:
        super().__init__(words)
        self.number, self.line, self.words = number, line, words


def refusal(output: str) -> str:
    """The device's words when it refused a line, else an empty text."""
    match = _REFUSAL.search(output.replace("\r", ""))
    return "" if match is None else match[0].strip()


def _asks(output: str) -> bool:
    return re.search(_QUESTION, output) is not None and re.search(_PROMPT, output) is None


def banner_mark(line: str) -> str:
    """The delimiter of a banner that goes on over the next lines, else an empty text."""
    match = _BANNER_LINE.match(line)
    if match is None or match["mark"] in match["text"]:
        return ""
    return match["mark"]


class Keyboard:
    """Types lines one by one, each after the prompt of the one before, and answers questions with Enter.

    A question is answered by the next line when that line cannot be a command (a number, yes, no, or nothing).
    """

    def __init__(self, connection: BaseConnection) -> None:
        self._connection = connection

    def _type(self, line: str, stop: str = _STOP) -> str:
        self._connection.write_channel(line + "\n")
        return str(self._connection.read_until_pattern(stop, read_timeout=LINE_TIMEOUT))

    def type(self, lines: Sequence[str]) -> str:
        """Type all lines and return everything the device said. Raises Refused at the first refusal."""
        said, mark, asked = "", "", False
        for number, line in enumerate(lines, start=1):
            if asked and not _is_reply(line):
                said += self._type("")
            if mark:
                output = self._type(line, _STOP if mark in line else r"\n")
                mark = "" if mark in line else mark
            else:
                mark = banner_mark(line)
                output = self._type(line)
            said += output
            if words := refusal(output):
                raise Refused(number, line, words)
            asked = not mark and _asks(output)
        for _ in range(MAX_QUESTIONS):
            if not asked:
                break
            output = self._type("")
            said += output
            asked = _asks(output)
        return said


def _is_reply(line: str) -> bool:
    return re.fullmatch(r"\s*(?:\d+|y|n|yes|no|)\s*", line, re.IGNORECASE) is not None
