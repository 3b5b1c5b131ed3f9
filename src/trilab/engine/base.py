"""What an engine gives to the rooms above it: labs that run, and a way to reach into them.

Everything a grader does in a lab goes through :class:`Lab`: run a program in a node, run a trusted program in a
node's network only, open a TCP socket from a node. The grader itself stays outside the lab.
"""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import Protocol

from trilab.topology.spec import LabSpec, LinkSpec, NodeSpec, Role, open_to_candidate

__all__ = [
    "Completed",
    "Engine",
    "Impairment",
    "Interface",
    "Lab",
    "LabSpec",
    "LinkSpec",
    "NodeInfo",
    "NodeNetwork",
    "NodeSpec",
    "Radio",
    "Report",
    "Role",
]

Report = Callable[[str], None]  # progress: receives one French line per step


@dataclass(frozen=True)
class NodeInfo:
    """One running node."""

    name: str
    role: Role
    mgmt_ip: IPv4Address
    pid: int  # of the node's init, as the host numbers it; 0 on another machine
    labels: Mapping[str, str] = field(default_factory=dict)
    vendor: str = ""  # containerlab's kind of a vendor's device; empty: a node of ours

    @property
    def open(self) -> bool:
        """Whether the candidate has an account on it."""
        return open_to_candidate(self.labels)


@dataclass(frozen=True)
class Completed:
    """A finished program. ``stdout`` and ``stderr`` are decoded as UTF-8 with replacement."""

    argv: tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Interface:
    """An interface of a node, as its kernel has it. ``addresses``: IPv4 of global scope, with prefix length."""

    name: str
    mac: str
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class NodeNetwork:
    """The network of a node, as its kernel has it. ``gateways``: next hops of its IPv4 default routes."""

    interfaces: tuple[Interface, ...]
    gateways: tuple[str, ...]


@dataclass(frozen=True)
class Impairment:
    """What a link does to the packets that leave by an interface. ``delay`` and its random variation ``jitter`` in
    milliseconds, ``loss`` in percent, ``rate`` in kbit/s; 0: untouched."""

    delay: float = 0.0
    jitter: float = 0.0
    loss: float = 0.0
    rate: int = 0


class Radio(Protocol):
    """The air of a running lab, from the graders' side. Where it does not answer, a method raises ObservationError."""

    @property
    def alive(self) -> bool: ...
    def status(self, timeout: float = ...) -> Mapping[str, object]:
        """``uptime``: seconds since its power-on; ``running``: node → daemons on its radios."""

    def run(self, node: str, argv: Sequence[str], timeout: float = ...) -> Completed:
        """``iw``, ``wpa_cli`` or ``hostapd_cli`` on the radios of a node, whatever the node itself holds."""

    def access_point(self, node: str, config: str, radio: int = ...) -> str:
        """Run hostapd on a radio of an access point with a ``hostapd.conf``, and return once every SSID is on the air.

        ``bridge=airN`` in it leads an SSID to the node's interface ``airN``. Gives what hostapd said meanwhile.
        """

    def join(self, node: str, config: str, files: Mapping[str, bytes] | None = None) -> str:
        """Run wpa_supplicant on a station with a ``wpa_supplicant.conf`` and the files that it names; does not wait for
        an association."""

    def stop(self, node: str, daemon: str) -> bool:
        """End ``wpa_supplicant`` or ``hostapd0`` …; False when it did not run."""

    def log(self, node: str, daemon: str) -> str:
        """What a daemon said since it was started."""

    def capture(
        self, filters: Sequence[str] = ..., timeout: float | None = ...
    ) -> AbstractContextManager[Iterator[bytes]]:
        """Everything on the air, as a pcap stream (802.11 with radiotap), from the first block on until the block ends.

        ``filters``: words of pcap-filter(7), ``type mgt subtype beacon`` say. ``timeout``: seconds without a frame
        after which ObservationError is raised.
        """


class Lab(Protocol):
    """A running lab."""

    @property
    def spec(self) -> LabSpec: ...
    @property
    def nodes(self) -> Mapping[str, NodeInfo]: ...
    @property
    def radio(self) -> Radio | None:
        """Its air; None where it has no access point and no Wi-Fi station."""

    @property
    def started_at(self) -> float:
        """Unix time at which ``up`` began."""

    @property
    def image(self) -> str:
        """What the nodes run: the hashes of the image and of its layer."""

    @property
    def key_file(self) -> Path:
        """Ed25519 private key (OpenSSH format) of the service account ``trilab`` on every node."""

    @property
    def folder(self) -> Path:
        """What the host keeps about this lab; removed with it."""

    def ssh_options(self) -> list[str]:
        """Options for the host's ``ssh`` to reach a node by its management address."""

    def command(self, node: str, argv: Sequence[str]) -> tuple[list[str], dict[str, str]]:
        """The host command line and environment that run ``argv`` as root in a node, on the caller's terminal."""

    def run(
        self,
        node: str,
        argv: Sequence[str],
        *,
        trusted: bool = False,
        input: str | None = None,
        timeout: float = 30.0,
    ) -> Completed:
        """Run a program as root in ``node`` and wait at most ``timeout`` seconds.

        With ``trusted``, the program comes from the untouched image and enters the node's network namespace only: the
        candidate can neither replace it nor see it.

        Raises:
            UnknownNameError: no such node.
            ObservationError: the node is dead, or the program did not end in time (it is killed).
        """

    def popen(self, node: str, argv: Sequence[str], *, trusted: bool = False) -> subprocess.Popen[bytes]:
        """Start a program as in :meth:`run`; stdin, stdout and stderr are pipes. The caller ends it."""

    def connect(self, host: str, port: int, *, source: str | None = None, timeout: float = 5.0) -> socket.socket:
        """Open a TCP connection from ``source``'s network namespace (from the management side when ``None``).

        Raises:
            ObservationError: the source node is dead.
            OSError: as :func:`socket.create_connection` (refused, timed out, unreachable).
        """

    def network(self, node: str) -> NodeNetwork:
        """What the node's kernel says of its network; no program of the node takes part.

        Raises:
            UnknownNameError: no such node.
            ObservationError: the node is dead, or its kernel does not answer.
        """

    def impair(self, node: str, interface: str, how: Impairment | None) -> None:
        """Degrade what leaves a node by an interface, whatever was set there before; None: nothing more is degraded.

        Raises:
            UnknownNameError: no such node.
            HostError: the kernel cannot (it needs sch_netem).
            ObservationError: the node is dead.
        """

    def impaired(self, node: str) -> Mapping[str, Impairment]:
        """Interface → how it is degraded, for those that are. Raises as :meth:`impair`."""

    def alive(self, node: str) -> bool: ...
    def memory(self) -> int:
        """Proportional set size of all processes of the lab, in bytes (on a cluster: what it counts).

        Raises:
            ObservationError: the engine cannot know.
        """

    def logs(self, node: str) -> str:
        """The node's start-up log."""


class Engine(Protocol):
    """Starts, finds and removes labs."""

    name: str

    def up(self, spec: LabSpec, report: Report = ...) -> Lab:
        """Start a lab and return once every node answers SSH on its management address.

        Raises:
            StateError: that lab already runs for that candidate.
            HostError: the machine cannot; nothing is left behind.
        """

    def labs(self) -> Sequence[Lab]:
        """Every lab that runs."""

    def leftovers(self) -> list[str]:
        """Keys of all labs that left something on this machine, running or crashed."""

    def get(self, lab: str, candidate: str | None = None) -> Lab:
        """The running lab; with no candidate, the only one. Raises StateError when there is none, or several."""

    def down(self, key: str) -> bool:
        """Remove everything of a lab (``lab@candidate``), also after a crash; False when nothing was there."""
