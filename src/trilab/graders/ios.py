"""Reading what an IOS-style device says: ``show`` tables by ntc-templates, and sections of the configuration."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from ntc_templates.parse import ParsingException, parse_output
from textfsm import TextFSMError

from trilab.capture.names import ios_name, short_name
from trilab.errors import InputError, ObservationError
from trilab.grading.observe import Cli, Observer, Text

RUNNING, STARTUP = "show running-config", "show startup-config"
Entry = dict[str, str | list[str]]


def table(lab: Observer, node: str, command: str) -> tuple[list[Entry], Text]:
    """The rows of a ``show`` table, and the answer they come from.

    Raises:
        ObservationError: not observed, or ntc-templates cannot read it.
    """
    answer = lab.ask(Cli(node, command))
    try:
        return [dict(row) for row in _parsed(command, answer.text)], answer
    except (ParsingException, TextFSMError) as error:
        raise ObservationError(f"{node} : la sortie de « {command} » n'a pas la forme attendue.") from error


@lru_cache(maxsize=64)
def _parsed(command: str, said: str) -> list[Entry]:
    """Kept: several criteria read the same table."""
    rows: list[Entry] = parse_output(platform="cisco_ios", command=command, data=said)
    return rows


def text(entry: Entry, field: str) -> str:
    """One field of a row as text."""
    value = entry.get(field, "")
    return value if isinstance(value, str) else ",".join(value)


def port(entries: Iterable[Entry], interface: str, field: str = "interface") -> Entry | None:
    """The row about an interface, whatever the spelling of its name."""
    wanted = ios_name(interface)
    for entry in entries:
        try:
            if ios_name(text(entry, field)) == wanted:
                return entry
        except InputError:  # Port-channel, Loopback: not among the names that labs use
            continue
    return None


def running(lab: Observer, node: str) -> Text:
    """The running configuration."""
    return lab.ask(Cli(node, RUNNING))


def lines(config: str) -> list[str]:
    """The lines of a configuration, without trailing spaces."""
    return [line.rstrip() for line in config.replace("\r", "").split("\n")]


def section(config: str, header: str) -> list[str]:
    """The indented lines under the line ``header``, stripped; empty when there are none."""
    inside, found = False, []
    for line in lines(config):
        if inside and line.startswith(" "):
            found.append(line.strip())
        else:
            inside = line.strip().lower() == header.lower()
    return found


def globals_of(config: str, start: str) -> list[str]:
    """Lines at the left margin that begin with ``start``."""
    return [line for line in lines(config) if line.startswith(start)]


def quote(lab: Observer, node: str, interface: str) -> str:
    """A sentence that quotes an interface's configuration, to explain a verdict; empty when it cannot be read."""
    try:
        answer = running(lab, node)
    except ObservationError:
        return ""
    found = section(answer.text, f"interface {ios_name(interface)}")
    shown = ", ".join(f"« {line} »" for line in found if not line.startswith("description")) or "rien"
    return f"Configuration de {short_name(interface)} : {shown}."


def vlan_ids(listed: str) -> set[int]:
    """``1,10-12`` as VLAN numbers; ``ALL`` is 1–4094 and ``NONE`` is empty."""
    if listed.strip().upper() in ("ALL", ""):
        return set(range(1, 4095)) if listed.strip() else set()
    found: set[int] = set()
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", listed):
        found |= set(range(int(first), int(last or first) + 1))
    return found


def ranges(numbers: Iterable[int]) -> str:
    """The inverse of :func:`vlan_ids`, as the CLI writes lists."""
    parts: list[list[int]] = []
    for number in sorted(set(numbers)):
        if parts and number == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], number]
        else:
            parts.append([number])
    return ",".join("-".join(str(number) for number in part) for part in parts) or "aucun"
