"""Which stations may associate: ``access-list 700–799`` and ``dot11 association mac-list``.

The radio knows lists of single addresses, so an entry stands for one address or for every one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from trilab.nos.context import CommandError, Context
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config

ONE, ANY = "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"  # wildcard masks
Action = Literal["permit", "deny"]
HELP = {
    "access-list": "Add an access list entry",
    "<number>": "48-bit MAC address access list",
    "permit": "Specify packets to forward",
    "deny": "Specify packets to reject",
    "<mac>": "48-bit hardware source address",
    "<mask>": "48-bit hardware source address mask",
    "dot11": "IEEE 802.11 config commands",
    "association": "association configuration commands",
    "mac-list": "MAC address list for association",
}


@dataclass(frozen=True)
class Rule:
    """One entry; ``mac`` is ``None`` for every address."""

    action: Action
    mac: str | None


@dataclass(frozen=True)
class MacLists:
    """The lists by number, and the one that the radio applies."""

    lists: tuple[tuple[int, tuple[Rule, ...]], ...] = ()
    applied: int | None = None

    def rules(self, number: int | None) -> tuple[Rule, ...]:
        """The entries of a list; none when it does not exist."""
        return dict(self.lists).get(number, ()) if number is not None else ()

    def with_rules(self, number: int, rules: tuple[Rule, ...]) -> MacLists:
        """With a list replaced; without entries it is gone."""
        lists = dict(self.lists) | {number: rules}
        return replace(self, lists=tuple(sorted((key, value) for key, value in lists.items() if value)))


def effective(config: Config) -> tuple[Action, list[str]] | None:
    """(what happens to the addresses that are not listed, the addresses to which the contrary happens).

    ``None``: everybody may associate. As on IOS the first entry that fits decides, nothing fits: deny; a list without
    entries lets everybody in.
    """
    lists = config.parts[MacLists]
    rules = lists.rules(lists.applied)
    if not rules:
        return None
    default: Action = next((rule.action for rule in rules if rule.mac is None), "deny")
    before = rules[: next((at for at, rule in enumerate(rules) if rule.mac is None), len(rules))]
    first = {rule.mac: rule.action for rule in reversed(before) if rule.mac is not None}
    return default, sorted(mac for mac, action in first.items() if action != default)


def commands() -> list[Command]:
    """The list, and its use."""
    g, number = ("config",), "<number:int(700,799)>"
    made = [
        Command(g, f"access-list {number} (permit=action | deny=action) <mac:mac> [<mask:mac>]", _add, HELP,
                no=f"access-list {number} [<rest:line>]", undo=_remove),
        Command(g, f"dot11 association mac-list {number}", _apply, HELP, no=f"dot11 association mac-list [{number}]",
                undo=_no_apply),
    ]  # fmt: skip
    return [replace(command, roles=("ap",)) for command in made]


def _add(c: Context, m: Match) -> None:
    mask = m.get("mask", ONE)
    if mask not in (ONE, ANY):
        raise CommandError("% Only the masks 0000.0000.0000 (one address) and ffff.ffff.ffff (any) are supported")
    lists, rule = c.config.parts[MacLists], Rule(m["action"], None if mask == ANY else m["mac"])
    rules = lists.rules(m["number"])
    if rule not in rules:
        c.config.parts.put(lists.with_rules(m["number"], (*rules, rule)))


def _remove(c: Context, m: Match) -> None:
    """As for other numbered lists, the whole list goes whatever follows."""
    c.config.parts.put(c.config.parts[MacLists].with_rules(m["number"], ()))


def _apply(c: Context, m: Match) -> None:
    c.config.parts.put(replace(c.config.parts[MacLists], applied=m["number"]))


def _no_apply(c: Context, m: Match) -> None:
    c.config.parts.put(replace(c.config.parts[MacLists], applied=None))


def render_use(config: Config) -> list[str]:
    """``dot11 association``."""
    applied = config.parts[MacLists].applied
    return [] if applied is None else [f"dot11 association mac-list {applied}", "!"]


def render(config: Config) -> list[str]:
    """``access-list`` lines."""
    lines = [
        f"access-list {number} {rule.action:<6} {_pair(rule)}"
        for number, rules in config.parts[MacLists].lists
        for rule in rules
    ]
    return [*lines, "!"] if lines else []


def _pair(rule: Rule) -> str:
    return f"{_dotted(rule.mac or ONE)}   {_dotted(ANY if rule.mac is None else ONE)}"


def _dotted(mac: str) -> str:
    digits = mac.replace(":", "")
    return ".".join(digits[at : at + 4] for at in range(0, 12, 4))
