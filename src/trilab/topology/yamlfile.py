"""YAML 1.2 read as plain values, with the place of every key and value, for errors that say file:line:column.

The node tree comes from ruamel.yaml; the values are built here so that no text is lost (``1.10`` as a label stays
``1.10``) and that a trap (duplicate key, ``0042`` read as 42, alias bomb) is an error instead of a surprise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from trilab.errors import FileError

Loc = tuple[str | int, ...]
MAX_DEPTH = 40
MAX_VALUES = 50_000  # after alias expansion; a real file holds some hundreds

_TAG = "tag:yaml.org,2002:"
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_PROBLEMS = (  # start of ruamel's wording → ours
    (
        "mapping values are not allowed",
        "deux-points inattendu : indentation fausse, ou guillemets manquants",
    ),
    ("found character '\\t'", "tabulation dans l'indentation : utilisez des espaces"),
    ("found character", "caractère interdit en début de valeur : mettez le texte entre guillemets"),
    ("found unexpected end of stream", "guillemets jamais refermés"),
    ("could not find expected ':'", "deux-points manquant après une clé"),
    ("expected <block end>", "indentation incohérente avec les lignes qui précèdent"),
    ("expected ',' or", "virgule ou accolade ou crochet fermant manquant"),
    ("did not find expected", "indentation ou ponctuation incorrecte"),
    ("found undefined alias", "alias « * » sans ancre « & » correspondante"),
    ("expected a single document", "un seul document YAML est attendu dans le fichier"),
    ("but found another document", "un seul document YAML est attendu dans le fichier"),
)


class PlainFloat(float):
    """A number that remembers how it was written."""

    text: str

    def __new__(cls, value: float, text: str = "") -> PlainFloat:
        made = super().__new__(cls, value)
        made.text = text
        return made


@dataclass(frozen=True)
class Place:
    """Line and column in a file, from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class LineMap:
    """From a rendered text back to the file it was rendered from. Empty: the text is the file."""

    source: tuple[str, ...] = ()
    rendered: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()  # rendered line (from 0) → line of the file (from 1)

    def origin(self, line: int, column: int) -> Place:
        """Place in the file of a place (both from 0) in the rendered text.

        Where a template expression stands before the column, the column is that of the expression.
        """
        if not self.numbers:
            return Place(line + 1, column + 1)
        number = self.numbers[min(line, len(self.numbers) - 1)]
        written = self.source[number - 1] if number <= len(self.source) else ""
        shown = self.rendered[line] if line < len(self.rendered) else ""
        if written[:column] != shown[:column]:
            column = max(written.find("{"), 0)
        return Place(number, column + 1)


@dataclass(frozen=True)
class Source:
    """A parsed file: plain values, and where each key and value stands."""

    path: Path
    data: Any
    keys: Mapping[Loc, Place] = field(default_factory=dict)
    values: Mapping[Loc, Place] = field(default_factory=dict)

    def place(self, loc: Loc, *, key: bool = False) -> Place:
        """Where ``loc`` stands (its key with ``key``), else its nearest parent that is in the file."""
        if key and loc in self.keys:
            return self.keys[loc]
        for end in range(len(loc), -1, -1):
            if loc[:end] in self.values:
                return self.values[loc[:end]]
        return Place(1, 1)

    def error(self, loc: Loc, message: str, *, key: bool = False, hint: str = "") -> FileError:
        """An error about ``loc``, ready to raise."""
        place = self.place(loc, key=key)
        return FileError(self.path, message, line=place.line, column=place.column, field=dotted(loc), hint=hint)


def dotted(loc: Loc) -> str:
    """``("links", 2, "endpoints")`` → ``links[2].endpoints``; items are counted from 1, as a reader does."""
    text = ""
    for part in loc:
        text += f"[{part + 1}]" if isinstance(part, int) and text else f"{'.' if text else ''}{part}"
    return text


def read_text(path: Path) -> str:
    """A UTF-8 file's text.

    Raises:
        FileError: it is missing, unreadable, or not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise FileError(path, "le fichier n'est pas en UTF-8.", line=line, hint="Enregistrez-le en UTF-8.") from error
    except FileNotFoundError as error:
        raise FileError(path, "fichier introuvable.") from error
    except OSError as error:
        raise FileError(path, "fichier illisible.", hint=f"Vérifiez les droits (erreur {error.errno}).") from error


def parse(path: Path, text: str, lines: LineMap | None = None) -> Source:
    """Parse ``text`` (of ``path``, once rendered if ``lines`` says so).

    Raises:
        FileError: not YAML, or one of the traps above.
    """
    lines = lines or LineMap()
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = lines.origin(mark.line, mark.column) if mark else Place(1, 1)
        raise _syntax(path, str(error.problem or ""), place) from error
    except YAMLError as error:  # a control character: the reader gives no mark
        raise _syntax(path, "", Place(1, 1)) from error
    except RecursionError as error:
        raise FileError(path, "YAML mal formé : trop de niveaux imbriqués.", line=1, column=1) from error
    builder = _Builder(path, lines)
    data = builder.build(root, ()) if root is not None else None
    return Source(path, data, builder.keys, builder.values)


def _syntax(path: Path, problem: str, place: Place) -> FileError:
    french = next((ours for start, ours in _PROBLEMS if start in problem), "syntaxe incorrecte")
    return FileError(path, f"YAML mal formé : {french}.", line=place.line, column=place.column)


class _Builder:
    """Turns ruamel's nodes into plain values and remembers the places."""

    def __init__(self, path: Path, lines: LineMap) -> None:
        self.path, self.lines = path, lines
        self.keys: dict[Loc, Place] = {}
        self.values: dict[Loc, Place] = {}
        self.open: set[int] = set()  # nodes being built: an alias to one of them would never end
        self.scalars = YAML(typ="safe", pure=True).constructor

    def build(self, node: Node, loc: Loc) -> Any:
        self.values[loc] = self.place(node.start_mark)
        if len(loc) > MAX_DEPTH:
            raise self.fail(node, "trop de niveaux imbriqués.")
        if len(self.values) > MAX_VALUES or id(node) in self.open:
            raise self.fail(node, "alias « * » récursifs ou trop nombreux.")
        self.open.add(id(node))
        try:
            return self.value(node, loc)
        finally:
            self.open.discard(id(node))

    def value(self, node: Node, loc: Loc) -> Any:
        if isinstance(node, ScalarNode):
            return self.scalar(node)
        if isinstance(node, SequenceNode):
            return [self.build(item, (*loc, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, MappingNode)
        return self.mapping(node, loc)

    def mapping(self, node: MappingNode, loc: Loc) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        merged: list[tuple[Node, Node]] = []
        for key_node, value_node in node.value:
            if key_node.tag == f"{_TAG}merge":
                merged += self.merge_pairs(value_node)
                continue
            key = self.key(key_node)
            if key in made:
                raise self.fail(key_node, f"clé « {key} » donnée deux fois.", "Gardez-en une seule.")
            self.keys[(*loc, key)] = self.place(key_node.start_mark)
            made[key] = self.build(value_node, (*loc, key))
        for key_node, value_node in merged:  # what is written beside « << » wins
            if (key := self.key(key_node)) not in made:
                self.keys[(*loc, key)] = self.place(key_node.start_mark)
                made[key] = self.build(value_node, (*loc, key))
        return made

    def merge_pairs(self, node: Node) -> Iterator[tuple[Node, Node]]:
        for item in node.value if isinstance(node, SequenceNode) else [node]:
            if not isinstance(item, MappingNode):
                raise self.fail(item, "« << » attend une table ou une liste de tables.")
            for key_node, value_node in item.value:
                if key_node.tag == f"{_TAG}merge":
                    raise self.fail(key_node, "« << » imbriqué : non pris en charge.")
                yield key_node, value_node

    def key(self, node: Node) -> Any:
        if not isinstance(node, ScalarNode):
            raise self.fail(node, "une clé doit être un mot ou un nombre.")
        return self.scalar(node)

    def scalar(self, node: ScalarNode) -> Any:
        kind = str(node.tag).removeprefix(_TAG)
        if kind in ("str", "timestamp"):
            return str(node.value)
        if kind == "int" and _LEADING_ZERO.fullmatch(node.value):
            raise self.fail(node, f"« {node.value} » serait lu comme un nombre, sans son zéro.", "Guillemets requis.")
        if kind not in ("null", "bool", "int", "float"):
            raise self.fail(node, f"étiquette YAML « {node.tag} » non prise en charge.")
        try:
            value = self.scalars.construct_object(node)
        except (ValueError, OverflowError) as error:  # "0x", 5000 digits
            raise self.fail(node, "nombre illisible.", "Mettez ce texte entre guillemets.") from error
        return PlainFloat(value, node.value) if kind == "float" else value

    def place(self, mark: StreamMark) -> Place:
        return self.lines.origin(mark.line, mark.column)

    def fail(self, node: Node, message: str, hint: str = "") -> FileError:
        place = self.place(node.start_mark)
        return FileError(self.path, message, line=place.line, column=place.column, hint=hint)
