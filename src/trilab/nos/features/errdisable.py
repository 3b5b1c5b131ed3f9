"""Err-disabled ports: recovery by ``shutdown`` / ``no shutdown``, or by time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from trilab.nos.area import Area
from trilab.nos.context import Context
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config
from trilab.nos.names import short

if TYPE_CHECKING:
    from trilab.nos.session import Session

BPDUGUARD, SECURITY, DHCP_RATE = "bpduguard", "psecure-violation", "dhcp-rate-limit"
CAUSES = (BPDUGUARD, DHCP_RATE, SECURITY)  # what can happen here
INTERVAL = 300  # seconds; Catalyst 2960 command reference, "errdisable recovery"
HELP = {
    "errdisable": "Error disable",
    "recovery": "Error disable recovery",
    "cause": "Enable error disable recovery for application",
    "all": "Enable timer to recover from all error causes",
    BPDUGUARD: "Enable timer to recover from BPDU Guard error",
    DHCP_RATE: "Enable timer to recover from dhcp-rate-limit error",
    SECURITY: "Enable timer to recover from psecure violation error",
    "interval": "Error disable recovery timer value",
    "<seconds>": "timer-interval(sec)",
    "show": "Show running system information",
    "interfaces": "Interface status and configuration",
    "status": "Show interface line status",
    "err-disabled": "Show interface error disabled state",
}


@dataclass(frozen=True)
class Recovery:
    """Which causes heal by themselves, and after how many seconds."""

    causes: frozenset[str] = frozenset()
    interval: int = INTERVAL


@dataclass(frozen=True)
class Disabled:
    """One err-disabled port. ``left``: seconds until it comes back; ``None``: it waits for somebody."""

    cause: str
    left: float | None = None


@dataclass(frozen=True)
class DisabledPorts:
    """Interface name → why it is err-disabled (an observation of the data plane)."""

    ports: Mapping[str, Disabled] = field(default_factory=lambda: MappingProxyType({}))


def commands() -> list[Command]:
    """``errdisable recovery`` and what shows it."""
    g = ("config",)
    causes = " | ".join(f"{cause}=cause" for cause in ("all", *CAUSES))
    made = [
        Command(g, f"errdisable recovery cause ({causes})", _cause, HELP, undo=_no_cause),
        Command(g, "errdisable recovery interval <seconds:int(30,86400)>", _interval, HELP,
                no="errdisable recovery interval [<seconds:int(30,86400)>]", undo=_no_interval),
        Command(EXEC_MODES, "show errdisable recovery", _show, HELP),
        Command(EXEC_MODES, "show interfaces status err-disabled", _show_ports, HELP),
    ]  # fmt: skip
    return [replace(command, roles=("switch",)) for command in made]


def _causes(m: Match) -> frozenset[str]:
    return frozenset(CAUSES if m["cause"] == "all" else {m["cause"]})


def _cause(c: Context, m: Match) -> None:
    now = c.config.parts[Recovery]
    c.config.parts.put(replace(now, causes=now.causes | _causes(m)))


def _no_cause(c: Context, m: Match) -> None:
    now = c.config.parts[Recovery]
    c.config.parts.put(replace(now, causes=now.causes - _causes(m)))


def _interval(c: Context, m: Match) -> None:
    c.config.parts.put(replace(c.config.parts[Recovery], interval=m["seconds"]))


def _no_interval(c: Context, m: Match) -> None:
    c.config.parts.put(replace(c.config.parts[Recovery], interval=INTERVAL))


def render(config: Config) -> list[str]:
    """The lines of the configuration."""
    recovery = config.parts[Recovery]
    lines = [f"errdisable recovery cause {cause}" for cause in sorted(recovery.causes)]
    if recovery.interval != INTERVAL:
        lines.append(f"errdisable recovery interval {recovery.interval}")
    return [*lines, "!"] if lines else []


def _show(s: Session, m: Match) -> None:
    recovery = s.device.config.parts[Recovery]
    s.out("ErrDisable Reason            Timer Status\n-----------------            --------------")
    for cause in CAUSES:
        s.out(f"{cause:<28} {'Enabled' if cause in recovery.causes else 'Disabled'}")
    s.out(f"\nTimer interval: {recovery.interval} seconds\n")
    s.out("Interfaces that will be enabled at the next timeout:\n")
    waiting = s.device.dataplane.observe(DisabledPorts).ports
    rows = [(name, port) for name, port in waiting.items() if port.left is not None]
    if rows:
        s.out("Interface       Errdisable reason       Time left(sec)")
        s.out("---------       -----------------       --------------")
    for name, port in rows:
        s.out(f"{short(name):<15} {port.cause:<23} {round(port.left or 0):>14}")


def _show_ports(s: Session, m: Match) -> None:
    disabled = s.device.dataplane.observe(DisabledPorts).ports
    s.out("\nPort      Name               Status       Reason               Err-disabled Vlans")
    for name, port in disabled.items():
        description = s.device.config.interfaces[name].description[:18]
        s.out(f"{short(name):<9} {description:<18} {'err-disabled':<12} {port.cause}")
    s.out("")


AREA = Area(commands, render)
