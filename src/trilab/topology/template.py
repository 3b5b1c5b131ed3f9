"""Jinja over a lab's variables: whole files (topology, subject, answers) and single values of a ``lab.yml``.

The environment is sandboxed and strict: an undefined name is an error with its line. A string that is only one
expression gives the expression's own value, so ``"{{ vlan }}"`` is 10 and ``"{{ '0101' }}"`` stays a text
(Jinja's own native types would guess from the text).
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template, TemplateSyntaxError, Undefined, UndefinedError
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.meta import find_undeclared_variables
from jinja2.nodes import Name
from jinja2.sandbox import ImmutableSandboxedEnvironment

from trilab.errors import FileError
from trilab.topology.netfilters import FilterError, filters
from trilab.topology.yamlfile import LineMap, Loc, Source

Variables = Mapping[str, Any]
_FAULTS = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError)
_MARK = re.compile("\x01([0-9]+)\x01")


@cache
def environment() -> Environment:
    """The one environment: it holds no state of a lab."""
    made = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)
    made.filters.update(filters())
    return made


@lru_cache(maxsize=2048)
def _template(text: str) -> Template:
    return environment().from_string(text)


@lru_cache(maxsize=2048)
def _expression(text: str) -> Callable[..., Any] | None:
    """The compiled expression of a text that is one ``{{ … }}`` and nothing else, else ``None``."""
    tokens = list(environment().lex(text.strip()))
    kinds = [kind for _, kind, _ in tokens]
    if kinds.count("variable_begin") != 1 or kinds[0] != "variable_begin" or kinds[-1] != "variable_end":
        return None
    source = "".join(value for _, _, value in tokens[1:-1]).strip()
    return environment().compile_expression(source, undefined_to_none=False)


def render(path: Path, text: str, variables: Variables) -> str:
    """Render a file's text.

    Raises:
        FileError: syntax, unknown variable or impossible computation, with the line.
    """
    if "{" not in text:
        return text
    try:
        return _template(text).render(variables)
    except _FAULTS as error:
        message, hint = _explain(error, variables)
        raise FileError(path, message, line=_line(error), hint=hint) from error


def render_mapped(path: Path, text: str, variables: Variables) -> tuple[str, LineMap]:
    """Render, and say from which line of the file each rendered line comes. Raises as :func:`render`."""
    rendered = render(path, text, variables)
    if "{" not in text:
        return rendered, LineMap()
    marked = _template(_mark_lines(text)).render(variables).split("\n")
    source = tuple(text.split("\n"))
    numbers, last = [], len(source)
    for line in reversed(marked):
        found = _MARK.findall(line)
        last = int(found[-1]) if found else last
        numbers.append(last)
    return rendered, LineMap(source, tuple(rendered.split("\n")), tuple(reversed(numbers)))


def _mark_lines(text: str) -> str:
    """The same template with its line number at the end of every line of literal text."""
    made = []
    for number, kind, value in environment().lex(text):
        if kind == "data":
            first, *rest = value.split("\n")
            value = first + "".join(f"\x01{number + i}\x01\n{line}" for i, line in enumerate(rest))
        made.append(value)
    return "".join(made)


def evaluate(value: Any, variables: Variables, source: Source, loc: Loc) -> Any:
    """Render every string of a value of ``source``, keys of tables included.

    Raises:
        FileError: at ``loc``, as for :func:`render`.
    """
    if isinstance(value, str):
        try:
            return _evaluate_text(value, variables)
        except _FAULTS as error:
            message, hint = _explain(error, variables)
            raise source.error(loc, message, hint=hint) from error
    if isinstance(value, list | tuple):
        return [evaluate(item, variables, source, (*loc, index)) for index, item in enumerate(value)]
    if isinstance(value, Mapping):
        return _evaluate_table(value, variables, source, loc)
    return value


def _evaluate_table(table: Mapping[Any, Any], variables: Variables, source: Source, loc: Loc) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    for key, item in table.items():
        name = evaluate(key, variables, source, (*loc, key))
        if name in made:
            raise source.error((*loc, key), f"après calcul, la clé « {name} » est donnée deux fois.", key=True)
        made[name] = evaluate(item, variables, source, (*loc, key))
    return made


def _evaluate_text(text: str, variables: Variables) -> Any:
    if "{" not in text:
        return text
    expression = _expression(text)
    if expression is None:
        return _template(text).render(variables)
    value = expression(**variables)
    if isinstance(value, Undefined):
        str(value)  # StrictUndefined raises here
    return value


def _explain(error: Exception, variables: Variables) -> tuple[str, str]:
    """French message and hint for what Jinja, or an expression in it, raised."""
    if isinstance(error, FilterError):
        return f"{error}.", ""
    if isinstance(error, UndefinedError):
        return _explain_undefined(str(error.message or ""), variables)
    if isinstance(error, TemplateSyntaxError):
        return "gabarit Jinja mal écrit.", "Vérifiez les accolades, les filtres et la fin de chaque bloc {% … %}."
    if isinstance(error, SecurityError):
        return "expression Jinja interdite dans un sujet.", "Seuls les variables et les filtres sont permis."
    return "expression Jinja impossible à calculer.", "Vérifiez le type des valeurs (nombre ou texte)."


def _explain_undefined(text: str, variables: Variables) -> tuple[str, str]:
    found = re.fullmatch(r"'(\w+)' is undefined", text)
    if not found:
        return "un élément demandé n'existe pas dans cette valeur.", "Vérifiez l'indice ou le nom de l'attribut."
    return unknown_variable(found[1], variables)


def unknown_variable(name: str, known: Iterable[str]) -> tuple[str, str]:
    """French message and hint for a name that no variable has."""
    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    hint = f"Vouliez-vous dire « {near[0]} » ? " if near else ""
    return f"variable « {name} » inconnue.", f"{hint}Variables connues : {', '.join(names) or 'aucune'}."


def undeclared(path: Path, text: str) -> list[tuple[str, int]]:
    """The variables that a text uses, in any branch of it, each with its first line (from 1).

    Raises:
        FileError: it is not a template, with the line.
    """
    if "{" not in text:
        return []
    try:
        tree = environment().parse(text)
    except TemplateSyntaxError as error:
        message, hint = _explain(error, {})
        raise FileError(path, message, line=error.lineno, hint=hint) from error
    names = find_undeclared_variables(tree)
    lines: dict[str, int] = {}
    for node in tree.find_all(Name):
        if node.name in names:
            lines.setdefault(node.name, node.lineno)
    return sorted(lines.items(), key=lambda item: item[1])


def _line(error: Exception) -> int | None:
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if frame.filename == "<template>"), None)
