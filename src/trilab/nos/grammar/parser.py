"""Walk the graph along a line: the command it means, or where and why it means none; help and completion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from trilab.nos.grammar.arguments import Unfinished
from trilab.nos.grammar.command import Binding, Match
from trilab.nos.grammar.pattern import Action, Argument, Keyword, Node
from trilab.nos.grammar.tokens import Line, Token


@dataclass(frozen=True)
class Failure:
    """A line that means nothing; ``column`` counts from the start of the line."""

    kind: Literal["invalid", "incomplete", "ambiguous"]
    column: int = 0


@dataclass(frozen=True)
class Parsed:
    """A line that means a command."""

    action: Action
    match: Match


@dataclass(frozen=True, slots=True)
class _Path:
    node: Node
    bindings: tuple[Binding, ...] = ()
    words: frozenset[str] = frozenset()


def _closure(paths: Iterable[_Path]) -> list[_Path]:
    """Follow the free edges."""
    todo, done, seen = list(paths), [], set()
    while todo:
        path = todo.pop(0)
        if id(path.node) in seen:
            continue
        seen.add(id(path.node))
        done.append(path)
        todo[:0] = [_Path(node, path.bindings, path.words) for node in path.node.free]
    return done


def _edges(paths: list[_Path]) -> list[tuple[_Path, Keyword | Argument, Node]]:
    return [(path, label, node) for path in paths for label, node in path.node.edges]


def _keywords(paths: list[_Path], word: str) -> set[str]:
    """The keywords that ``word`` may stand for: itself, else all that it begins."""
    word = word.lower()
    known = {label.text for _, label, _ in _edges(paths) if isinstance(label, Keyword)}
    folded = {text for text in known if text.lower() == word}
    return folded or {text for text in known if text.lower().startswith(word)}


def _by_keyword(paths: list[_Path], keyword: str) -> list[_Path]:
    return [
        _Path(node, (*path.bindings, (label.name, keyword)) if label.name else path.bindings, path.words | {keyword})
        for path, label, node in _edges(paths)
        if isinstance(label, Keyword) and label.text == keyword
    ]


def _by_argument(paths: list[_Path], line: Line, index: int) -> tuple[list[_Path], int]:
    """The paths whose argument reads the words at ``index``; the longest reading wins.

    Raises:
        Unfinished: the only readings need more words.
    """
    found: list[tuple[int, _Path]] = []
    unfinished = False
    for path, label, node in _edges(paths):
        if isinstance(label, Argument):
            try:
                taken = label.kind.read(line, index)
            except Unfinished:
                unfinished = True
                continue
            if taken is not None:
                found.append((taken[1], _Path(node, (*path.bindings, (label.name, taken[0])), path.words)))
    if not found and unfinished:
        raise Unfinished
    longest = max((count for count, _ in found), default=0)
    return [path for count, path in found if count == longest], longest


def _bad_column(paths: list[_Path], token: Token) -> int:
    """The first character that no keyword could have there; the word's start where only arguments are expected."""
    word = token.text.lower()
    best = 0
    for _, label, _ in _edges(paths):
        if isinstance(label, Keyword):
            text = label.text.lower()
            common = next((i for i, (a, b) in enumerate(zip(word, text, strict=False)) if a != b), len(text))
            best = max(best, min(common, len(word) - 1))
    return token.start + best


def _advance(paths: list[_Path], line: Line, index: int) -> tuple[list[_Path], int] | Failure:
    """Take the word at ``index`` (an argument may take several)."""
    token = line.tokens[index]
    keywords = _keywords(paths, token.text)
    if len(keywords) == 1:
        return _by_keyword(paths, keywords.pop()), 1
    try:
        taken, count = _by_argument(paths, line, index)
    except Unfinished:
        return Failure("incomplete")
    if taken:
        return taken, count
    if keywords:
        return Failure("ambiguous", token.start)
    return Failure("invalid", _bad_column(paths, token))


def _walk(root: Node, line: Line, stop: int) -> list[_Path] | Failure:
    paths = _closure([_Path(root)])
    index = 0
    while index < stop:
        step = _advance(paths, line, index)
        if isinstance(step, Failure):
            return step
        paths = _closure(step[0])
        index += step[1]
    return paths


def parse(root: Node, text: str) -> Parsed | Failure:
    """The command that ``text`` means in the mode of ``root``."""
    line = Line.of(text)
    paths = _walk(root, line, len(line.tokens))
    if isinstance(paths, Failure):
        return paths
    for path in paths:
        if path.node.action is not None:
            return Parsed(path.node.action, Match(path.bindings, path.words))
    return Failure("incomplete")


def next_words(root: Node, text: str) -> list[tuple[str, str]] | Failure:
    """Help for the word at the end of ``text``: (display, help) pairs, keywords sorted, ``<cr>`` last.

    Text that ends in a blank asks for the next word; otherwise only what continues the last word is listed.
    """
    line = Line.of(text)
    partial = bool(text) and not text[-1].isspace()
    paths = _walk(root, line, len(line.tokens) - partial)
    if isinstance(paths, Failure):
        return paths
    word = line.tokens[-1].text if partial else ""
    listed: dict[str, str] = {}
    for _, label, _ in _edges(paths):
        if isinstance(label, Keyword):
            if label.text.lower().startswith(word.lower()):
                listed.setdefault(label.text, label.help)
        elif not word or _continues(label, line):
            for display, help_text in label.kind.help:
                if display not in label.kind.words or display.lower().startswith(word.lower()):
                    listed.setdefault(display, help_text or label.help)
    answer = sorted(listed.items(), key=lambda item: (not item[0][:1].islower(), item[0].lower()))
    if not word and any(path.node.action is not None for path in paths):
        answer.append(("<cr>", ""))
    return answer or Failure("invalid", line.tokens[-1].start if line.tokens else 0)


def _continues(argument: Argument, line: Line) -> bool:
    if any(word.lower().startswith(line.tokens[-1].text.lower()) for word in argument.kind.words):
        return True
    try:
        return argument.kind.read(line, len(line.tokens) - 1) is not None
    except Unfinished:
        return True


def complete(root: Node, text: str) -> str:
    """``text`` with its last word completed and a blank added, or as it was when that is not one keyword."""
    if not text or text[-1].isspace():
        return text
    line = Line.of(text)
    paths = _walk(root, line, len(line.tokens) - 1)
    if isinstance(paths, Failure):
        return text
    word = line.tokens[-1]
    keywords = _keywords(paths, word.text)
    for _, label, _ in _edges(paths):
        if isinstance(label, Argument):
            keywords |= {full for full in label.kind.words if full.lower().startswith(word.text.lower())}
    return text[: word.start] + keywords.pop() + " " if len(keywords) == 1 else text
