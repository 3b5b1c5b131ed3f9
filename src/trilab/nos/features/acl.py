"""Access lists: numbered and named, with sequence numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from trilab.nos.context import CommandError, Context
from trilab.nos.features import acl_entry
from trilab.nos.features.acl_entry import HELP as ENTRY_HELP
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Acl, AclEntry, Config

HELP = {
    **ENTRY_HELP,
    "access-list": "Named access-list",
    "ip": "Global IP configuration subcommands",
    "standard": "Standard Access List",
    "extended": "Extended Access List",
    "resequence": "Resequence Access List",
    "<name>": "Access-list name or number",
    "<start>": "Starting Sequence Number",
    "<step>": "Step to increment the sequence number",
}
NUMBERED_HELP = {**ENTRY_HELP, "access-list": "Add an access list entry", "<acl>": "IP access list number"}
_MAX = 2147483647
STANDARD = ((1, 99), (1300, 1999))
EXTENDED = ((100, 199), (2000, 2699))
Kind = Literal["standard", "extended"]


def commands() -> list[Command]:
    """Global ``access-list`` and ``ip access-list``, and the two list modes."""
    return [*_numbered(), *_named(), *_entries()]


def _numbered() -> list[Command]:
    g = ("config",)
    made = []
    for ranges, kind, bodies in (
        (STANDARD, "standard", [acl_entry.standard()]),
        (EXTENDED, "extended", acl_entry.extended()),
    ):
        number = "(" + " | ".join(f"<acl:int({low},{high})>" for low, high in ranges) + ")"
        run = _add_standard if kind == "standard" else _add_extended
        made += [Command(g, f"access-list {number} {body}", run, NUMBERED_HELP) for body in bodies]
        remark = _remark_standard if kind == "standard" else _remark_extended
        made.append(Command(g, f"access-list {number} remark <remark:line>", remark, NUMBERED_HELP,
                            no=f"access-list {number} [<rest:line>]", undo=_no_numbered))  # fmt: skip
    return made


def _named() -> list[Command]:
    g = ("config",)
    return [
        Command(g, "ip access-list standard <name:word>", _standard_list, HELP, undo=_no_list),
        Command(g, "ip access-list extended <name:word>", _extended_list, HELP, undo=_no_list),
        Command(g, f"ip access-list resequence <name:word> <start:int(1,{_MAX})> <step:int(1,{_MAX})>", _resequence,
                HELP),
    ]  # fmt: skip


def _entries() -> list[Command]:
    made = []
    sequence = f"<sequence:int(1,{_MAX})>"
    for mode, bodies in (("std-nacl", [acl_entry.standard()]), ("ext-nacl", acl_entry.extended())):
        modes = (mode,)
        made += [Command(modes, f"[{sequence}] {body}", _entry, HELP, undo=_no_entry) for body in bodies]
        made.append(Command(modes, "remark <remark:line>", _remark, HELP, undo=_no_remark))
        made.append(Command(modes, sequence, None, HELP, undo=_no_sequence))
    return made


def kind_of_number(name: str) -> Kind | None:
    """The kind that a list number means; None for a name or another number."""
    if not name.isdecimal():
        return None
    number = int(name)
    if any(low <= number <= high for low, high in STANDARD):
        return "standard"
    return "extended" if any(low <= number <= high for low, high in EXTENDED) else None


def _list(c: Context, name: str, kind: Kind) -> Acl:
    acl = c.config.acls.setdefault(name, Acl(name, kind))
    if acl.kind != kind:
        raise CommandError(f"% A named {acl.kind} IP access list with this name already exists")
    return acl


def _add_standard(c: Context, m: Match) -> None:
    place(_list(c, str(m["acl"]), "standard"), acl_entry.read(m))


def _add_extended(c: Context, m: Match) -> None:
    place(_list(c, str(m["acl"]), "extended"), acl_entry.read(m))


def _remark_standard(c: Context, m: Match) -> None:
    place(_list(c, str(m["acl"]), "standard"), AclEntry(0, "remark", remark=m["remark"][:100].rstrip()))


def _remark_extended(c: Context, m: Match) -> None:
    place(_list(c, str(m["acl"]), "extended"), AclEntry(0, "remark", remark=m["remark"][:100].rstrip()))


def _no_numbered(c: Context, m: Match) -> None:
    """On IOS, ``no access-list N …`` removes the whole list whatever follows."""
    c.config.acls.pop(str(m["acl"]), None)


def _open(c: Context, m: Match, kind: Kind) -> None:
    name = m["name"]
    if name.isdecimal() and kind_of_number(name) != kind:
        raise CommandError("% Invalid access list name.")
    _list(c, name, kind)
    c.enter("std-nacl" if kind == "standard" else "ext-nacl", (name,))


def _standard_list(c: Context, m: Match) -> None:
    _open(c, m, "standard")


def _extended_list(c: Context, m: Match) -> None:
    _open(c, m, "extended")


def _no_list(c: Context, m: Match) -> None:
    acl = c.config.acls.get(m["name"])
    if acl is None or not m.has(acl.kind):
        raise CommandError("%Access list " + m["name"] + " does not exist")
    del c.config.acls[m["name"]]


def _resequence(c: Context, m: Match) -> None:
    acl = c.config.acls.get(m["name"])
    if acl is None:
        raise CommandError("%Access list " + m["name"] + " does not exist")
    number = m["start"]
    for index, entry in enumerate(acl.entries):
        acl.entries[index] = replace(entry, sequence=number)
        if entry.action != "remark":
            number += m["step"]


def _this(c: Context) -> Acl:
    acl = c.config.acls.get(c.target[0])
    if acl is None:
        raise CommandError("% This access list has been removed.")
    return acl


def _entry(c: Context, m: Match) -> None:
    place(_this(c), replace(acl_entry.read(m), sequence=m.get("sequence", 0)))


def _remark(c: Context, m: Match) -> None:
    place(_this(c), AclEntry(0, "remark", remark=m["remark"][:100].rstrip()))


def place(acl: Acl, entry: AclEntry) -> None:
    """Add an entry at its sequence, or 10 after the last. A remark stands before the entry of its number.

    Raises:
        CommandError: the sequence is taken by another entry.
    """
    numbered = [known for known in acl.entries if known.action != "remark"]
    if any(acl_entry.same(known, entry) for known in numbered):
        return  # IOS keeps the first of two equal entries
    if entry.sequence == 0:
        last = max((known.sequence for known in numbered), default=0)
        acl.entries.append(replace(entry, sequence=last + 10))
        return
    if any(known.sequence == entry.sequence for known in numbered):
        raise CommandError("% Duplicate sequence number")
    at = next((i for i, known in enumerate(acl.entries) if known.sequence > entry.sequence), len(acl.entries))
    acl.entries.insert(at, entry)


def _no_entry(c: Context, m: Match) -> None:
    acl, gone = _this(c), acl_entry.read(m)
    kept = [known for known in acl.entries if known.action == "remark" or not acl_entry.same(known, gone)]
    if len(kept) == len(acl.entries):
        raise CommandError("% This entry does not exist in the access list")
    acl.entries = kept


def _no_remark(c: Context, m: Match) -> None:
    acl = _this(c)
    acl.entries = [known for known in acl.entries if known.action != "remark" or known.remark != m["remark"]]


def _no_sequence(c: Context, m: Match) -> None:
    acl = _this(c)
    kept = [known for known in acl.entries if known.action == "remark" or known.sequence != m["sequence"]]
    if len(kept) == len(acl.entries):
        raise CommandError("% Specified sequence number does not exist")
    acl.entries = kept


def render(config: Config) -> list[str]:
    """Named lists, then numbered ones, as IOS orders them."""
    lines: list[str] = []
    for acl in sorted(
        (a for a in config.acls.values() if not a.numbered), key=lambda a: (a.kind != "standard", a.name)
    ):
        lines.append(f"ip access-list {acl.kind} {acl.name}")
        lines += [f" {acl_entry.write(entry, acl.kind)}" for entry in acl.entries]
    if lines:
        lines.append("!")
    numbered = []
    for acl in sorted((a for a in config.acls.values() if a.numbered), key=lambda a: int(a.name)):
        numbered += [f"access-list {acl.name} {acl_entry.write(entry, acl.kind)}" for entry in acl.entries]
    return lines + ([*numbered, "!"] if numbered else [])
