"""Mistakes on the command line, said in French.

Typer carries its own copy of click, or uses the installed one, depending on its version: what is caught here is found
through the names that Typer itself exports.
"""

from __future__ import annotations

import re
from typing import Any

import typer

from trilab.errors import InputError, UnknownNameError

_REFUSALS = (  # what click, then pydantic inside recent versions of Typer, say of a value
    (r"is not one of (.*?)\.?\)?$", "valeurs possibles : {}"),
    (r"greater than or equal to (\S+)", "au moins {}"),
    (r"less than or equal to (\S+)", "au plus {}"),
    (r"not in the range x>=(\S+?)\.$", "au moins {}"),
    (r"valid (?:integer|number)|not a valid (?:integer|float)", "un nombre est attendu"),
)

UsageError: type[Exception] = typer.BadParameter.__bases__[0]  # the common base of all mistakes of usage


def french(error: Any) -> InputError:
    """The French sentence for a ``UsageError``."""
    context = error.ctx
    path = context.command_path if context else "trilab"
    kind = type(error).__name__
    if kind == "NoSuchOption":
        near = f"Vouliez-vous dire « {error.possibilities[0]} » ?" if error.possibilities else f"Aide : {path} --help"
        return InputError(f"L'option « {error.option_name} » n'existe pas.", near)
    if kind == "MissingParameter":
        return InputError(f"{_name(error.param)} manque.", f"Aide : {path} --help")
    if kind == "BadParameter":
        return InputError(
            f"{_name(error.param)} : valeur incorrecte{_because(error.message)}.", f"Aide : {path} --help"
        )
    if "No such command" in error.message:
        return UnknownNameError("Commande", error.message.split("'")[1], context.command.list_commands(context))
    return InputError(f"{path} : arguments incorrects ({error.message.rstrip('.')}).", f"Aide : {path} --help")


def _because(message: str) -> str:
    """Why a value is refused, in French; nothing where the library's words are not known."""
    for pattern, told in _REFUSALS:
        if found := re.search(pattern, message):
            return f" ({told.format(*found.groups())})".replace("'", "")
    return ""


def french_help(command: Any) -> None:
    """Say in French what ``--help`` does, for ``command`` and the commands below it: Typer's own words are fixed."""
    option = command.get_help_option(typer.Context(command))
    if option is not None:
        option.help = "Affiche cette aide."
    for below in getattr(command, "commands", {}).values():
        french_help(below)


def _name(param: Any) -> str:
    if param is None:
        return "Un argument"
    if param.param_type_name == "argument":
        return f"L'argument {param.metavar or param.name.upper()}"
    return f"L'option {param.opts[0]}"
