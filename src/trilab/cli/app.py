"""The Typer application: one command per file of ``trilab.cli.commands``, errors drawn in one place."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from trilab import __version__
from trilab.cli.context import Context
from trilab.cli.output import Output
from trilab.cli.usage import UsageError, french, french_help
from trilab.errors import TrilabError, reason

EPILOG = "Guides : docs/guide-candidat.md, docs/guide-formateur.md, docs/guide-auteur.md, docs/guide-jury.md."


FILES = {  # command: its file, in the order of the help
    "doctor": "doctor",
    "labs": "catalogue",
    "up": "lifecycle",
    "ps": "lifecycle",
    "down": "lifecycle",
    "ssh": "session",
    "console": "session",
    "capture": "session",
    "netem": "netem",
    "solve": "solve",
    "grade": "grade",
    "regrade": "regrade",
    "report": "report",
    "keys": "keys",
    "prove": "prove",
    "new-lab": "authoring",
    "checks": "authoring",
    "check-lab": "authoring",
    "demo": "demo",
    "images": "images",
    "plan": "plan",
}


def build(name: str | None = None) -> typer.Typer:
    """The application; with the file of one command only where ``name`` is one: half a second less for each call."""
    app = typer.Typer(
        name="trilab",
        help="Travaux pratiques réseau : un vrai réseau, de vrais appels, une notation qui regarde le câble.",
        epilog=EPILOG,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
    )

    @app.callback()
    def root(
        context: typer.Context,
        labs: Annotated[
            list[Path] | None,
            typer.Option("--labs", envvar="TRILAB_LABS", help="Dossier de labs du centre, à côté de ceux de trilab."),
        ] = None,
        version: Annotated[bool, typer.Option("--version", help="Affiche la version.")] = False,
    ) -> None:
        if version:
            typer.echo(f"trilab {__version__}")
            raise typer.Exit
        context.obj = Context(tuple(labs or ()))

    files = [FILES[name]] if name in FILES else dict.fromkeys(FILES.values())
    for file in files:
        import_module(f"trilab.cli.commands.{file}").register(app)
    return app


def _named(arguments: Iterable[str]) -> str | None:
    """The command of a line; None where the help of all of them may be asked for."""
    words = iter(arguments)
    for word in words:
        if word == "--labs":
            next(words, None)
        elif not word.startswith("--labs="):
            return None if word.startswith("-") else word
    return None


def run(arguments: list[str] | None = None) -> int:
    """Run one command line and give its exit code: 0, 1 (failed), 2 (wrong input), 3 (machine), 130 (interrupted)."""
    output = Output()
    command = typer.main.get_command(build(_named(sys.argv[1:] if arguments is None else arguments)))
    french_help(command)
    try:
        result = command.main(arguments, prog_name="trilab", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except TrilabError as error:
        output.error(error)
        return error.exit_code
    except UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # the help has been shown
            return 2
        output.error(french(error))
        return 2
    except (typer.Abort, KeyboardInterrupt):
        output.err.print("Interrompu.")
        return 130
    except BrokenPipeError:  # «| head»: nobody reads any more
        sys.stderr.close()
        return 0
    except OSError as error:
        output.error(TrilabError(f"{error.filename or 'Système'} : {reason(error)}."))
        return 3
