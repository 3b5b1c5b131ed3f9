"""Naming a process without doubt: its pid and when it was born (proc(5), /proc/PID/stat fields 3 and 22)."""

from __future__ import annotations

from pathlib import Path


def born(pid: int) -> int | None:
    """Clock ticks from boot to the start of a process; None when there is none, or only its zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def alive(pid: int, since: int) -> bool:
    """Whether ``pid`` is still the process born at ``since``."""
    return born(pid) == since
