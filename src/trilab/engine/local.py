"""A lab whose nodes are processes of this machine, whichever engine started them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

import psutil

from trilab.engine import network, programs
from trilab.engine.base import Completed, NodeNetwork
from trilab.engine.folder import Folder, NodeState
from trilab.engine.kept import KeptLab, Note
from trilab.engine.sockets import Sockets
from trilab.errors import ObservationError, UnknownNameError


class LocalNote(Note, Protocol):
    """``lab.json`` with the processes of the nodes."""

    @property
    def nodes(self) -> tuple[NodeState, ...]: ...


N = TypeVar("N", bound=LocalNote)


class LocalLab(KeptLab[N]):
    """The part of :class:`trilab.engine.base.Lab` that asks the kernel. ``home``: as portal.py takes it.

    ``vendors``: node → containerlab's kind, for devices of a vendor's.
    """

    def __init__(self, folder: Folder, note: N, home: int, vendors: Mapping[str, str]) -> None:
        labels = {node.name: dict(node.labels) for node in note.spec.nodes}
        self._states = {node.name: node for node in note.nodes}
        infos = {name: node.info(labels[name], vendors.get(name, "")) for name, node in self._states.items()}
        super().__init__(folder, note, infos)
        self._sockets = Sockets(note.spec.key, home)

    def _living(self, node: str) -> NodeState:
        if node not in self._states:
            raise UnknownNameError("Nœud", node, self._states, where=self.spec.key)
        if not self.alive(node):
            raise ObservationError(f"Le nœud {node} ne tourne plus.")
        return self._states[node]

    def alive(self, node: str) -> bool:
        return self._states[node].alive

    def _finished(
        self, program: subprocess.Popen[bytes], node: str, argv: Sequence[str], input: str | None, timeout: float
    ) -> Completed:
        """The end of :meth:`trilab.engine.base.Lab.run`."""
        done = programs.finished(program, node, argv, input, timeout)
        if done.returncode != 0:
            self._living(node)  # a failure of a node that went down meanwhile says nothing about the program
        return done

    def network(self, node: str) -> NodeNetwork:
        return network.by_netlink(self._sockets.get(self._living(node).pid, "netlink"))


def memory(roots: Iterable[int]) -> int:
    """Proportional set size in bytes of some processes and all their descendants."""
    total = 0
    for pid in roots:
        try:
            init = psutil.Process(pid)
            total += sum(_own(one) for one in [init, *init.children(recursive=True)])
        except psutil.NoSuchProcess:
            continue
    return total


def _own(one: psutil.Process) -> int:
    try:
        return int(one.memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0
