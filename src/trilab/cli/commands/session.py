"""``trilab ssh``, ``console``, ``capture``: into a node, with the network or without."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from trilab.access.ssh import NOS_ROLES
from trilab.capture.live import stream
from trilab.capture.names import linux_name, short_name
from trilab.cli.context import CandidateOption, LabName, context_of
from trilab.engine.base import Lab, NodeInfo, Radio
from trilab.errors import FileError, InputError, StateError, UnknownNameError
from trilab.host import tools

NodeName = Annotated[str, typer.Argument(metavar="ÉQUIPEMENT", help="Nom de l'équipement, par exemple sw1.")]
_PATIENCE = ("-o", "ConnectTimeout=20")  # seconds: a candidate may have cut the management line of a Linux node
PASSTHROUGH = {"allow_extra_args": True, "allow_interspersed_args": False}


def node_of(lab: Lab, name: str) -> str:
    """A node by its name. Raises UnknownNameError."""
    if name not in lab.nodes:
        raise UnknownNameError("Équipement", name, lab.nodes, where=lab.spec.lab)
    return name


def _open(lab: Lab, name: str) -> NodeInfo:
    """A running node that the candidate has an account on. Raises UnknownNameError, InputError, StateError."""
    info = lab.nodes[node_of(lab, name)]
    if not info.open:
        text = f"{name} appartient au décor ou à la correction : aucun compte ne l'ouvre."
        raise InputError(text, "Les équipements à configurer sont ceux du sujet.")
    if not lab.alive(name):
        again = f"trilab down {lab.spec.lab}, puis trilab up {lab.spec.lab}"
        raise StateError(f"Le nœud {name} ne tourne plus.", f"Pour repartir d'un lab neuf : {again}")
    return info


def interface_of(lab: Lab, place: str) -> tuple[str, str]:
    """The two parts of ``NODE:INTERFACE``. Raises InputError, UnknownNameError."""
    node, separator, interface = place.partition(":")
    if not separator or not interface:
        raise InputError(f"« {place} » n'est pas de la forme ÉQUIPEMENT:INTERFACE.", "Exemple : sw1:Gi0/8 ou pc1:eth1")
    linux_name(interface)  # a wrong name is told before the capture is announced
    return node_of(lab, node), interface


def shown(lab: Lab, node: str, port: str) -> str:
    """A port as its device calls it."""
    about = next(one for one in lab.spec.nodes if one.name == node)
    return short_name(port) if about.role in ("switch", "router") and about.vendor is None else port


def cable_end(lab: Lab, place: str) -> tuple[str, str]:
    """Node and port (``ethN``) of ``NODE:INTERFACE``. Raises InputError; UnknownNameError: no cable there."""
    node, interface = interface_of(lab, place)
    cabled = lab.spec.cables(node)
    if (port := linux_name(interface)) not in cabled:
        raise UnknownNameError("Câble", interface, {shown(lab, node, one) for one in cabled}, where=node)
    return node, port


def follower(lab: Lab, place: str, filters: list[str]) -> Callable[[BinaryIO], None]:
    """What writes a capture of a place (``NODE:INTERFACE`` or ``air``) to a file until it is interrupted.

    Raises:
        InputError: not a place; no radio.
        UnknownNameError: no such node; no cable there.
    """
    if place == "air":
        if (radio := lab.radio) is None:
            raise InputError(f"Le lab {lab.spec.lab} n'a pas de Wi-Fi : rien à capturer dans l'air.")
        return lambda out: _follow_air(radio, out, filters)
    node, interface = interface_of(lab, place)
    port = linux_name(interface)
    if port.startswith("eth") and port != "eth0":
        cable_end(lab, place)
    return lambda out: stream(lab, node, interface, out, filters)


def _follow_air(radio: Radio, out: BinaryIO, filters: list[str]) -> None:
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError), radio.capture(filters) as blocks:
        for block in blocks:
            out.write(block)
            out.flush()


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command(context_settings=PASSTHROUGH)
    def ssh(
        context: typer.Context,
        lab: LabName,
        node: NodeName,
        command: Annotated[list[str] | None, typer.Argument(metavar="[-- COMMANDE]")] = None,
        candidate: CandidateOption = None,
    ) -> int:
        """Ouvre une session SSH sur un équipement, comme le candidat (compte admin)."""
        running = context_of(context).running(lab, candidate)
        info = _open(running, node)
        arguments = [tools.need("ssh"), *running.ssh_options(), *_PATIENCE, f"admin@{info.mgmt_ip}", *(command or [])]
        os.execv(arguments[0], arguments)

    @app.command()
    def console(context: typer.Context, lab: LabName, node: NodeName, candidate: CandidateOption = None) -> int:
        """Ouvre la console d'un équipement, sans passer par le réseau."""
        shared = context_of(context)
        running = shared.running(lab, candidate)
        info = _open(running, node)
        if info.vendor:
            raise InputError(
                f"{node} ({info.vendor}) n'a pas de console ici.", f"Utilisez « trilab ssh {lab} {node} »."
            )
        role = info.role
        shell = ["/usr/lib/trilab/cli"] if role in NOS_ROLES else ["su", "-", "admin"]
        inside = ["env", "USER=admin", "script", "-qec", " ".join(shell), "/dev/null"]
        arguments, environment = running.command(node, inside)
        shared.output.err.print(f"Console de {node} ; « exit » pour la quitter.")
        os.execve(arguments[0], arguments, environment)

    @app.command()
    def capture(
        context: typer.Context,
        lab: LabName,
        place: Annotated[
            str, typer.Argument(metavar="ÉQUIPEMENT:INTERFACE", help="sw1:Gi0/8, pc1:eth1… ; air : le 802.11.")
        ],
        output: Annotated[
            Path | None, typer.Option("--output", "-o", help="Fichier pcap ; sinon sortie standard.")
        ] = None,
        filters: Annotated[str, typer.Option("--filter", help="Filtre de capture : « vlan and udp port 5060 ».")] = "",
        candidate: CandidateOption = None,
    ) -> int:
        """Capture en direct, hors de portée du candidat : … | wireshark -k -i -"""
        shared = context_of(context)
        running = shared.running(lab, candidate)
        follow = follower(running, place, filters.split())
        if output is None and sys.stdout.isatty():
            raise InputError(
                "La capture est binaire.", f"trilab capture {lab} {place} | wireshark -k -i -, ou -o fichier"
            )
        shared.output.err.print(f"Capture sur {place} ; Ctrl-C pour arrêter.")
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # timeout(1) too leaves a whole file
        if output is None:  # unbuffered: nothing is left to write to a reader that went away
            with open(sys.stdout.fileno(), "wb", buffering=0, closefd=False) as pipe:
                follow(pipe)
            return 0
        try:
            with output.open("wb") as file:
                follow(file)
        except OSError as error:
            raise FileError(output, f"écriture impossible ({error.strerror}).") from error
        shared.output.err.print(f"Capture écrite dans {output}.")
        return 0
