"""``trilab netem``: a link that delays, loses or slows packets down, for trainers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from trilab.cli.commands.session import cable_end, node_of, shown
from trilab.cli.context import CandidateOption, Context, JsonOption, LabName, context_of
from trilab.engine.base import Impairment, Lab
from trilab.errors import InputError
from trilab.french import number

_NUMBER = r"(\d+(?:[.,]\d+)?)\s*"
_TIME = re.compile(_NUMBER + "(ms|s)", re.IGNORECASE)
_PERCENT = re.compile(_NUMBER + "%?")
_RATE = re.compile(_NUMBER + "([kmg])(?:bit|bit/s|bps)?", re.IGNORECASE)
_FACTORS = {"ms": 1.0, "s": 1000.0, "k": 1.0, "m": 1000.0, "g": 1_000_000.0}  # to milliseconds, to kbit/s
LONGEST = 60_000.0  # milliseconds
FASTEST = 10_000_000  # kbit/s


def _value(text: str, form: re.Pattern[str], option: str, example: str, most: float) -> float:
    match = form.fullmatch(text.strip())
    if match is None:
        raise InputError(f"{option} : « {text} » n'est pas une valeur possible.", f"Exemple : {option} {example}")
    written, *unit = match.groups()
    value = float(written.replace(",", ".")) * (_FACTORS[unit[0].lower()] if unit else 1.0)
    if value > most:
        raise InputError(f"{option} : « {text} » est trop grand.", f"Exemple : {option} {example}")
    return value


def parse(delay: str, jitter: str, loss: str, rate: str) -> Impairment:
    """What the options ask for; an empty one asks for nothing. Raises InputError."""
    how = Impairment(
        delay=_value(delay or "0ms", _TIME, "--delay", "50ms", LONGEST),
        jitter=_value(jitter or "0ms", _TIME, "--jitter", "5ms", LONGEST),
        loss=_value(loss or "0", _PERCENT, "--loss", "1%", 100),
        rate=round(_value(rate or "0k", _RATE, "--rate", "512kbit", FASTEST)),
    )
    if how.jitter > how.delay:
        raise InputError("--jitter : la gigue varie le délai, et ne peut pas le dépasser.", "Ajoutez --delay.")
    if how == Impairment():
        raise InputError("Ces valeurs ne dégradent rien.", "Pour rétablir un lien : --reset.")
    return how


def told(how: Impairment) -> str:
    """In words."""
    parts = (
        (how.delay, f"délai {number(how.delay)} ms"),
        (how.jitter, f"gigue {number(how.jitter)} ms"),
        (how.loss, f"perte {number(how.loss)} %"),
        (how.rate, f"débit {number(how.rate)} kbit/s"),
    )
    return ", ".join(text for value, text in parts if value)


def _found(lab: Lab, nodes: list[str]) -> dict[str, Mapping[str, Impairment]]:
    return {node: lab.impaired(node) for node in nodes}


def _set(shared: Context, lab: Lab, place: str, how: Impairment) -> None:
    node, port = cable_end(lab, place)
    lab.impair(node, port, how)
    far, far_port = lab.spec.cables(node)[port]
    out = shared.output.out
    out.print(f"{node}:{shown(lab, node, port)} dégrade ce qu'il envoie : {told(how)}.")
    out.print(f"L'autre sens du câble : {far}:{shown(lab, far, far_port)}. Pour rétablir : --reset.")


def _reset(shared: Context, lab: Lab, place: str | None) -> None:
    """One end, or all of a node, or all of the lab."""
    if place and ":" in place:
        node, port = cable_end(lab, place)
        ends = [(node, port)]
    else:
        nodes = [node_of(lab, place)] if place else list(lab.nodes)
        ends = [(node, port) for node, ports in _found(lab, nodes).items() for port in ports]
    for node, port in ends:
        lab.impair(node, port, None)
        shared.output.out.print(f"{node}:{shown(lab, node, port)} rétabli.")
    if not ends:
        shared.output.out.print("Aucun lien dégradé.")


def _show(shared: Context, lab: Lab, place: str | None, as_json: bool) -> None:
    node, port = cable_end(lab, place) if place and ":" in place else (place and node_of(lab, place), None)
    found = _found(lab, [node] if node else list(lab.nodes))
    ends = {(a, b): how for a, ports in found.items() for b, how in ports.items() if port in (None, b)}
    if as_json:
        shared.output.json({f"{a}:{b}": asdict(how) for (a, b), how in ends.items()})
        return
    table = Table("Envoyé par", "Dégradation", title="Liens dégradés", title_justify="left")
    for (a, b), how in ends.items():
        table.add_row(f"{a}:{shown(lab, a, b)}", told(how))
    shared.output.out.print(table if ends else "Aucun lien dégradé.")


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def netem(
        context: typer.Context,
        lab: LabName,
        place: Annotated[
            str | None,
            typer.Argument(metavar="ÉQUIPEMENT[:INTERFACE]", help="Qui envoie : sw1:Gi0/8, pc1:eth1… ; sinon tout."),
        ] = None,
        delay: Annotated[str, typer.Option("--delay", metavar="DURÉE", help="Délai ajouté : 50ms, 1s.")] = "",
        jitter: Annotated[str, typer.Option("--jitter", metavar="DURÉE", help="Gigue : le délai varie d'autant.")] = "",
        loss: Annotated[str, typer.Option("--loss", metavar="%", help="Paquets perdus au hasard : 1%.")] = "",
        rate: Annotated[str, typer.Option("--rate", metavar="DÉBIT", help="Débit maximal : 512kbit, 2Mbit.")] = "",
        reset: Annotated[bool, typer.Option("--reset", help="Rétablit le lien, ou tous.")] = False,
        candidate: CandidateOption = None,
        json: JsonOption = False,
    ) -> int:
        """Dégrade un lien (délai, gigue, perte, débit), le rétablit, ou montre ceux qui le sont."""
        shared = context_of(context)
        options = (delay, jitter, loss, rate)
        if reset and any(options):
            raise InputError("--reset rétablit un lien : il va sans --delay, --jitter, --loss ni --rate.")
        if any(options) and (place is None or ":" not in place):
            raise InputError("Quel lien ? Donnez ÉQUIPEMENT:INTERFACE.", "Exemple : sw1:Gi0/8 ou pc1:eth1")
        how = parse(*options) if any(options) else None
        running = shared.running(lab, candidate)
        if how is not None and place is not None:
            _set(shared, running, place, how)
        elif reset:
            _reset(shared, running, place)
        else:
            _show(shared, running, place, json)
        return 0
