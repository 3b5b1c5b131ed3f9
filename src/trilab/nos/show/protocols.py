"""``show ip protocols``: each routing protocol says what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trilab.nos.features import rip
from trilab.nos.features.ospf import protocols as ospf
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES

if TYPE_CHECKING:
    from trilab.nos.session import Session

HELP = {
    "show": "Show running system information",
    "ip": "IP information",
    "protocols": "IP routing protocol process parameters and statistics",
}


def commands() -> list[Command]:
    """The command."""
    return [Command(EXEC_MODES, "show ip protocols", _protocols, HELP, roles=("router", "switch"))]


def _protocols(s: Session, m: Match) -> None:
    s.out("\n".join(["*** IP Routing is NSF aware ***", "", *ospf.lines(s), *rip.protocol_lines(s)]))
