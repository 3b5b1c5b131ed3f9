"""Typing at a command line: a real bash on a pseudo-terminal, and dialogues of an IOS-style device."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
from collections.abc import Iterator
from typing import cast

import paramiko
import pytest
from netmiko.base_connection import BaseConnection

from trilab.access import typing_bash, typing_ios


class LocalShell:
    """bash on a pseudo-terminal with the few methods of a paramiko client and channel that are used."""

    def __init__(self) -> None:
        self._ours, theirs = pty.openpty()
        environment = {**os.environ, "PS1": "$ ", "LANG": "C.UTF-8"}
        self._program = subprocess.Popen(
            ["bash", "--norc", "-i"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            start_new_session=True,
        )
        os.close(theirs)
        self._timeout = 5.0

    def invoke_shell(self, width: int = 80) -> LocalShell:
        return self

    def sendall(self, data: bytes) -> None:
        os.write(self._ours, data)

    def settimeout(self, seconds: float) -> None:
        self._timeout = seconds

    def recv(self, size: int) -> bytes:
        if not select.select([self._ours], [], [], self._timeout)[0]:
            raise TimeoutError
        try:
            return os.read(self._ours, size)
        except OSError:  # the other end is closed
            return b""

    def close(self) -> None:
        self._program.kill()
        self._program.wait()
        os.close(self._ours)


@pytest.fixture
def bash() -> Iterator[typing_bash.Keyboard]:
    shell = LocalShell()
    try:
        yield typing_bash.Keyboard(cast(paramiko.SSHClient, shell))
    finally:
        shell.close()


def test_here_documents_keep_tabs_and_dollars(bash: typing_bash.Keyboard, tmp_path: object) -> None:
    target = f"{tmp_path}/x"
    bash.type([f"cat > {target} <<'FIN'", "\tun $HOME", "", "deux # été", "FIN", "", "# commentaire"])
    with open(target, encoding="utf-8") as file:  # noqa: PTH123
        assert file.read() == "\tun $HOME\n\ndeux # été\n"


def test_output_of_all_commands_is_returned(bash: typing_bash.Keyboard) -> None:
    said = bash.type(["echo un", "if true; then", "echo deux", "fi"])
    assert "un\n" in said and "deux\n" in said


def test_a_failing_command_stops_with_its_line_and_output(bash: typing_bash.Keyboard) -> None:
    with pytest.raises(typing_bash.Failed) as caught:
        bash.type(["true", "sh -c 'echo raté; exit 3'", "echo jamais"])
    assert (caught.value.number, caught.value.status) == (2, 3)
    assert "raté" in caught.value.output


def test_an_unfinished_command_is_told(bash: typing_bash.Keyboard) -> None:
    with pytest.raises(typing_bash.Failed) as caught:
        bash.type(["cat <<FIN", "sans fin"])
    assert caught.value.status is None and caught.value.number == 2


def test_a_session_that_ends_is_told(bash: typing_bash.Keyboard) -> None:
    with pytest.raises(typing_bash.Failed) as caught:
        bash.type(["exit 0", "echo jamais"])
    assert caught.value.number == 1


class Dialogue:
    """A device that answers each line it gets with the next piece of a recorded dialogue."""

    def __init__(self, *pieces: tuple[str, str]) -> None:
        self._pieces, self._waiting, self.typed = list(pieces), "", list[str]()

    def write_channel(self, text: str) -> None:
        line = text.removesuffix("\n")
        self.typed.append(line)
        expected, answer = self._pieces.pop(0)
        assert line == expected
        self._waiting += f"{line}\r\n{answer}"

    def read_until_pattern(self, pattern: str, read_timeout: float) -> str:
        match = re.search(pattern, self._waiting)
        assert match is not None, f"the device would be waited for in vain: {self._waiting!r}"
        found, self._waiting = self._waiting[: match.end()], self._waiting[match.end() :]
        return found


def typed(lines: list[str], *pieces: tuple[str, str]) -> list[str]:
    device = Dialogue(*pieces)
    typing_ios.Keyboard(cast(BaseConnection, device)).type(lines)
    return device.typed


def test_plain_lines() -> None:
    lines = ["configure terminal", "hostname SW1", "end"]
    answers = ["Enter configuration commands, one per line.\r\nSwitch(config)#", "SW1(config)#", "SW1#"]
    assert typed(lines, *zip(lines, answers, strict=True)) == lines


@pytest.mark.parametrize(
    "words",
    ["% Invalid input detected at '^' marker.", "% Incomplete command.", '% Ambiguous command:  "sh"', "%Error: no"],
)
def test_a_refusal_tells_line_and_words(words: str) -> None:
    with pytest.raises(typing_ios.Refused) as caught:
        typed(
            ["configure terminal", "vlam 10", "end"],
            ("configure terminal", "SW1(config)#"),
            ("vlam 10", f"    ^\r\n{words}\r\n\r\nSW1(config)#"),
        )
    assert (caught.value.number, caught.value.line, caught.value.words) == (2, "vlam 10", words)


@pytest.mark.parametrize(
    "notice",
    [
        "% Generating 2048 bit RSA keys, keys will be non-exportable...",
        "%SYS-5-CONFIG_I: Configured from console by admin",
        "%Warning: portfast should only be enabled on ports connected to a single",
        "% Access VLAN does not exist. Creating vlan 10",
    ],
)
def test_notices_refuse_nothing(notice: str) -> None:
    assert typing_ios.refusal(f"{notice}\r\nSW1(config)#") == ""


def test_a_question_without_an_answer_gets_enter() -> None:
    lines = ["copy running-config startup-config", "show clock"]
    typed_lines = typed(
        lines,
        (lines[0], "Destination filename [startup-config]? "),
        ("", "Building configuration...\r\n[OK]\r\nSW1#"),
        (lines[1], "*10:00\r\nSW1#"),
    )
    assert typed_lines == [lines[0], "", lines[1]]


def test_a_question_with_an_answer_gets_it_and_a_last_question_gets_enter() -> None:
    assert typed(
        ["crypto key generate rsa", "2048", "write erase"],
        ("crypto key generate rsa", "How many bits in the modulus [512]: "),
        ("2048", "% Generating 2048 bit RSA keys ...[OK]\r\nSW1(config)#"),
        ("write erase", "Continue? [confirm]"),
        ("", "[OK]\r\nSW1#"),
    ) == ["crypto key generate rsa", "2048", "write erase", ""]


def test_a_banner_over_several_lines() -> None:
    lines = ["banner motd ^", "ACCES RESERVE # >", "^", "end"]
    enter = "Enter TEXT message.  End with the character '^'.\r\n"
    answers = [enter, "", "SW1(config)#", "SW1#"]
    assert typed(lines, *zip(lines, answers, strict=True)) == lines
    assert typing_ios.banner_mark("banner motd #en une ligne#") == ""
