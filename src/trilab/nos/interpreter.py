"""Run configuration lines: find the command (falling back to global configuration, as IOS does) and call it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from trilab.nos.context import CommandError, Context
from trilab.nos.defaults import clone
from trilab.nos.grammar import helptext
from trilab.nos.grammar.graph import EXEC_MODES, Grammar
from trilab.nos.grammar.parser import Failure, Parsed, parse
from trilab.nos.model import Config


def resolve(grammar: Grammar, mode: str, text: str) -> tuple[Parsed | Failure, bool]:
    """What ``text`` means in a mode, and whether it was found as a global configuration command instead."""
    here = parse(grammar.modes[mode], text)
    if isinstance(here, Parsed) or here.kind != "invalid" or mode in ("config", *EXEC_MODES):
        return here, False
    above = parse(grammar.modes["config"], text)
    if isinstance(above, Parsed) or above.kind != "invalid":
        return above, True
    return (above if above.column > here.column else here), False


def is_exec(parsed: Parsed) -> bool:
    """Whether the command belongs to an exec mode (typed after ``do``, or at the exec prompt)."""
    return parsed.action.command.modes[0] in EXEC_MODES


def ask(c: Context, parsed: Parsed) -> Parsed:
    """Let the command put its own question, outside of any lock.

    Raises:
        CommandError: the user declined.
    """
    question = parsed.action.command.ask
    if question is None or parsed.action.negated:
        return parsed
    return replace(parsed, match=replace(parsed.match, answer=question(c, parsed.match)))


def run(c: Context, parsed: Parsed) -> None:
    """Call the command on the context's configuration.

    Raises:
        CommandError: the command is refused.
    """
    command = parsed.action.command
    handler = command.undo if parsed.action.negated else command.run
    if handler is None:
        raise CommandError("% Command not available")
    handler(c, parsed.match)


def load(
    text: str, base: Config, grammar: Grammar, tell: Callable[[str], None] = lambda said: None
) -> tuple[Config, list[str]]:
    """Read a configuration text onto a copy of ``base``; the lines that mean nothing come back beside it.

    ``tell`` hears what is said of each of them, as it would be printed at the prompt.
    """
    lines = iter(text.splitlines())
    refused: list[str] = []
    c = Context(grammar.names, clone(base), lambda said: None, interactive=False, read_line=lambda _: next(lines, None))
    for line in lines:
        if not line.strip() or line.lstrip().startswith("!"):
            continue
        if not line.startswith(" "):
            c.enter("config")
        wrong = _load_line(c, line, grammar)
        if wrong is not None:
            refused.append(line)
            tell(f"{line}\n{wrong}")
        if c.mode == "exec":
            break
    return c.config, refused


def _load_line(c: Context, line: str, grammar: Grammar) -> str | None:
    """Run a line; what is wrong with it, if anything."""
    found, is_global = resolve(grammar, c.mode, line)
    if isinstance(found, Parsed) and is_exec(found):
        found = Failure("invalid", len(line) - len(line.lstrip()))
    if isinstance(found, Failure):
        return helptext.failure(found, line, 0)
    if is_global:
        c.enter("config")
    try:
        run(c, ask(c, found))
    except CommandError as error:
        return str(error)
    return None


def sections(text: str) -> Iterator[list[str]]:
    """Cut a configuration into blocks: a line at the margin with the indented lines under it."""
    block: list[str] = []
    for line in text.splitlines():
        if block and not line.startswith(" "):
            yield block
            block = []
        block.append(line)
    if block:
        yield block
