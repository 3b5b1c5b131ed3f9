"""The Typer application: one command per file of ``trilab.cli.commands``, errors drawn in one place."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from trilab import __version__
from trilab.cli.commands import (
    authoring,
    catalogue,
    demo,
    doctor,
    grade,
    images,
    keys,
    lifecycle,
    netem,
    plan,
    prove,
    regrade,
    report,
    session,
    solve,
)
from trilab.cli.context import Context
from trilab.cli.output import Output
from trilab.cli.usage import UsageError, french, french_help
from trilab.errors import TrilabError, reason

EPILOG = "Guides : docs/guide-candidat.md, docs/guide-formateur.md, docs/guide-auteur.md, docs/guide-jury.md."


def build() -> typer.Typer:
    """The application with all its commands."""
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

    for module in (
        doctor,
        catalogue,
        lifecycle,
        session,
        netem,
        solve,
        grade,
        regrade,
        report,
        keys,
        prove,
        authoring,
        demo,
        images,
        plan,
    ):
        module.register(app)
    return app


def run(arguments: list[str] | None = None) -> int:
    """Run one command line and give its exit code: 0, 1 (failed), 2 (wrong input), 3 (machine), 130 (interrupted)."""
    output = Output()
    command = typer.main.get_command(build())
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
