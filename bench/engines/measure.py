"""What is measured of a contender, and how: marks on one clock, medians over rounds."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

import paramiko
import psutil

from trilab.polling import until

WORKERS = 4  # labs that start, or stop, at the same time
PATIENCE = 60.0  # seconds for a ping or a prompt
POLL = 0.02  # seconds between two looks, as the engines do
_PROMPT = re.compile(r"[>#$] ?\Z")
_DAEMONS = ("dockerd", "containerd", "containerd-shim", "docker-proxy")


@dataclass(frozen=True)
class Marks:
    """Of one lab: instants of ``time.monotonic``. ``parts``: what the start consists of → seconds."""

    started: float  # every node runs, every cable is laid
    ping: float  # the first answer from end to end
    prompt: float | None  # a prompt by SSH on every node; None: there is no SSH
    parts: Mapping[str, float] = field(default_factory=dict)


class Contender(Protocol):
    """Something that starts the network. Labs are numbered from 0; start and stop are called in threads."""

    name: str

    def missing(self) -> str:
        """Why it cannot run here; empty when it can."""

    def start(self, number: int) -> Marks: ...
    def stop(self, number: int) -> None: ...
    def memory(self, number: int) -> int:
        """PSS of a lab in bytes."""

    def shared(self) -> int:
        """PSS of what runs besides, once for all labs, in bytes."""


@dataclass(frozen=True)
class Round:
    """One round with ``labs`` labs at once: seconds, and bytes."""

    contender: str
    labs: int
    started: float
    ping: float
    prompt: float | None
    down: float
    memory: int
    shared: int
    parts: Mapping[str, float]


def once(contender: Contender, labs: int) -> Round:
    """Start, look, stop. Whatever fails, nothing is left."""
    numbers = range(labs)
    begin = time.monotonic()
    try:
        with ThreadPoolExecutor(WORKERS) as pool:
            marks = list(pool.map(contender.start, numbers))
        memory = sum(map(contender.memory, numbers))
        shared = contender.shared()
    finally:
        end = time.monotonic()
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(contender.stop, numbers))
    prompts = [one.prompt - begin for one in marks if one.prompt is not None]
    return Round(
        contender=contender.name,
        labs=labs,
        started=max(one.started for one in marks) - begin,
        ping=max(one.ping for one in marks) - begin,
        prompt=max(prompts, default=None),
        down=time.monotonic() - end,
        memory=memory,
        shared=shared,
        parts=marks[0].parts,
    )


def poll(condition: Callable[[], bool]) -> float:
    """The instant at which it is seen to be true. Raises TimeoutError."""
    if not until(condition, bool, PATIENCE, POLL):
        raise TimeoutError(f"nothing after {PATIENCE:.0f} s")
    return time.monotonic()


def prompts(sockets: Iterable[Callable[[], socket.socket]]) -> float:
    """Log in as the candidate everywhere at once; the instant of the last prompt."""
    wanted = list(sockets)
    with ThreadPoolExecutor(len(wanted)) as pool:
        return max(pool.map(_prompt, wanted))


def _prompt(connect: Callable[[], socket.socket]) -> float:
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect(
            "node",
            username="admin",
            password="admin",
            sock=connect(),
            timeout=PATIENCE,
            banner_timeout=PATIENCE,
            auth_timeout=PATIENCE,
            allow_agent=False,
            look_for_keys=False,
        )
        channel = client.invoke_shell()
        channel.settimeout(PATIENCE)
        said = ""
        while not _PROMPT.search(said):
            said += channel.recv(4096).decode(errors="replace")
        return time.monotonic()


def pss(processes: Iterable[psutil.Process]) -> int:
    """Proportional set size, in bytes; processes that ended count nothing."""
    total = 0
    for one in processes:
        try:
            total += one.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return total


def docker_daemons() -> int:
    """PSS of Docker's own processes on this machine, shims included, in bytes."""
    return pss(one for one in psutil.process_iter(["name"]) if str(one.info["name"]).startswith(_DAEMONS))
