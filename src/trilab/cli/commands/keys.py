"""``trilab keys``: the key that signs reports, and the keys whose reports are trusted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from trilab.cli.context import JsonOption, context_of
from trilab.cli.output import Output
from trilab.errors import StateError
from trilab.report import Keyring, PublicKey, Signer, read_public
from trilab.report.keyring import check_name

NameOption = Annotated[str, typer.Option("--name", metavar="NOM", help="Nom montré à la vérification (le centre).")]


def signer(output: Output) -> Signer:
    """The key of this machine, made at its first use. Raises FileError, HostError."""
    keyring = Keyring()
    found = keyring.signer()
    if found is not None:
        return found
    try:
        made = keyring.create()
    except StateError:  # another grading made it at the same moment
        found = keyring.signer()
        if found is None:
            raise
        return found
    output.err.print(
        f"Première signature : une clé a été créée dans {escape(str(keyring.private_path))}, pour "
        f"{escape(made.public.name)} ({made.public.fingerprint}). À donner au jury : trilab keys show > centre.pub",
        soft_wrap=True,
    )
    return made


def register(app: typer.Typer) -> None:
    """Add the group and its commands."""
    group = typer.Typer(help="Clés : signer les rapports, et faire confiance à ceux d'un centre.", no_args_is_help=True)
    app.add_typer(group, name="keys")
    _own(group)
    _others(group)


def _own(group: typer.Typer) -> None:
    @group.command()
    def create(
        context: typer.Context,
        name: NameOption = "",
        swap: Annotated[
            bool, typer.Option("--replace", help="Range l'ancienne clé, et lui garde sa confiance, avant d'en changer.")
        ] = False,
    ) -> int:
        """Crée la clé qui signe les rapports de cette machine. Une clé existante n'est jamais écrasée."""
        keyring = Keyring()
        made = keyring.create(name, replace=swap)
        out = context_of(context).output.out
        out.print(f"Clé créée : {escape(str(keyring.private_path))} (à ne donner à personne).", soft_wrap=True)
        out.print(f"{escape(made.public.name)} : {made.public.fingerprint}", soft_wrap=True)
        out.print("À donner au jury : trilab keys show > centre.pub")
        return 0

    @group.command()
    def show(context: typer.Context, json: JsonOption = False) -> int:
        """Montre la clé publique de cette machine (à donner au jury) et son empreinte."""
        output = context_of(context).output
        found = Keyring().signer()
        if found is None:
            raise StateError("Cette machine n'a pas encore de clé.", "Pour la créer : trilab keys create --name CENTRE")
        if json:
            output.json(_as_json(found.public))
            return 0
        output.out.print(escape(found.public.line()), soft_wrap=True)
        output.err.print(f"Empreinte, à donner de vive voix : {found.public.fingerprint}", soft_wrap=True)
        return 0


def _others(group: typer.Typer) -> None:
    @group.command()
    def trust(
        context: typer.Context,
        file: Annotated[Path, typer.Argument(metavar="FICHIER", help="Clé publique d'un centre (trilab keys show).")],
        name: NameOption = "",
    ) -> int:
        """Fait confiance aux rapports que signe une clé, après avoir comparé son empreinte."""
        key = read_public(file)
        chosen = check_name(name) or key.name
        key = replace(key, name=chosen)
        Keyring().trust(key)
        out = context_of(context).output.out
        out.print(f"Clé de confiance : {escape(key.name or 'sans nom')}, {key.fingerprint}", soft_wrap=True)
        out.print("Comparez cette empreinte avec celle que le centre vous a donnée de vive voix.")
        return 0

    @group.command()
    def forget(
        context: typer.Context,
        fingerprint: Annotated[str, typer.Argument(metavar="EMPREINTE", help="SHA256:…, voir « trilab keys list ».")],
    ) -> int:
        """Retire sa confiance à une clé."""
        gone = Keyring().forget(fingerprint)
        context_of(context).output.out.print(f"{escape(gone.name or 'Clé sans nom')} : plus de confiance.")
        return 0

    @group.command("list")
    def listing(context: typer.Context, json: JsonOption = False) -> int:
        """Liste la clé de cette machine et les clés de confiance."""
        output, keyring = context_of(context).output, Keyring()
        own, trusted = keyring.signer(), keyring.trusted()
        if json:
            mine = None if own is None else _as_json(own.public)
            output.json({"own": mine, "trusted": [_as_json(key) for key in trusted]})
            return 0
        for key in (own.public,) if own else ():
            output.out.print(f"{escape(key.name)} : {key.fingerprint} (signe les rapports d'ici)", soft_wrap=True)
        for key in trusted:
            output.out.print(f"{escape(key.name or 'sans nom')} : {key.fingerprint} (de confiance)", soft_wrap=True)
        if own is None and not trusted:
            output.out.print("Aucune clé. → trilab keys create --name CENTRE")
        return 0


def _as_json(key: PublicKey) -> dict[str, str]:
    return {"name": key.name, "fingerprint": key.fingerprint, "public": key.line()}
