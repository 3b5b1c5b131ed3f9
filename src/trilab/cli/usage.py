"""Mistakes on the command line, said in French."""

from __future__ import annotations

import click

from trilab.errors import InputError, UnknownNameError


def french(error: click.UsageError) -> InputError:
    """The French sentence for what click found wrong."""
    path = error.ctx.command_path if error.ctx else "trilab"
    help_hint = f"Aide : {path} --help"
    if isinstance(error, click.NoSuchOption):
        return UnknownNameError("Option", error.option_name, error.possibilities or (), where=path)
    if isinstance(error, click.MissingParameter):
        kind = "L'option" if isinstance(error.param, click.Option) else "L'argument"
        name = error.param.opts[0] if isinstance(error.param, click.Option) else _metavar(error.param)
        return InputError(f"{kind} {name} manque.", help_hint)
    if isinstance(error, click.BadParameter):
        name = error.param.opts[0] if error.param and error.param.opts else ""
        return InputError(f"Valeur incorrecte pour {name} : {error.message}", help_hint)
    if error.ctx is not None and isinstance(error.ctx.command, click.Group) and "No such command" in error.message:
        name = error.message.split("'")[1]
        return UnknownNameError("Commande", name, error.ctx.command.list_commands(error.ctx))
    return InputError(f"{path} : arguments incorrects ({error.message.rstrip('.')}).", help_hint)


def _metavar(param: click.Parameter | None) -> str:
    return (param.metavar or param.name or "?").upper() if param else "?"
