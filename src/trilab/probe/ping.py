"""ICMP echo from a node, by the image's own ping in the node's network namespace."""

from __future__ import annotations

import math
import re
import time
from dataclasses import dataclass

from trilab.engine.base import Completed, Lab
from trilab.errors import ObservationError
from trilab.polling import until

INTERVAL = 0.2  # seconds between two echo requests
SLACK = 5.0  # seconds given to the program beyond its own deadline
COUNTS = re.compile(r"(\d+) packets transmitted, (\d+) received")
RTT = re.compile(r"time=([\d.]+) ms")
ICMP_ERROR = re.compile(r"^From (\S+?):? icmp_seq=\d+ (.+)$", re.MULTILINE)
NO_ROUTE = (
    "Network is unreachable",
    "No route to host",
    "Host is unreachable",
    # the node's own routes: prohibit, blackhole, broadcast
    "Permission denied",
    "Invalid argument",
    "Do you want to ping broadcast?",
)


@dataclass(frozen=True)
class PingResult:
    """``errors``: what routers answered (``10.1.10.1: Packet filtered``), or why nothing could be sent."""

    source: str
    target: str
    sent: int
    received: int
    rtt: float | None  # milliseconds, of the first reply
    errors: tuple[str, ...]
    seconds: float  # how long it took
    output: str

    @property
    def reachable(self) -> bool:
        """Whether a reply came."""
        return self.received > 0


def ping(lab: Lab, source: str, target: str, *, deadline: float = 5.0, address: str = "") -> PingResult:
    """Ping ``target`` (an IPv4 address) until a reply comes or ``deadline`` seconds are over.

    ``address`` is the source address or interface to use. Raises ObservationError when ping itself could not work.
    """
    started = time.monotonic()

    def attempt() -> PingResult:
        left = max(1, math.ceil(deadline - (time.monotonic() - started)))
        argv = ["ping", "-n", "-c", "1", "-i", str(INTERVAL), "-w", str(left), *(["-I", address] if address else [])]
        done = lab.run(source, [*argv, target], trusted=True, timeout=left + SLACK)
        return parse(source, target, done, time.monotonic() - started)

    return until(attempt, lambda result: result.reachable, deadline)


def echoes(
    lab: Lab, source: str, target: str, count: int, *, interval: float = INTERVAL, wait: float = 1.0
) -> PingResult:
    """Send ``count`` echoes ``interval`` seconds apart, and wait ``wait`` seconds for replies to the last.

    Raises ObservationError when ping itself could not work: that it did not say «no reply» proves nothing.
    """
    started = time.monotonic()
    argv = ["ping", "-n", "-c", str(count), "-i", str(interval), "-W", str(wait), target]
    done = lab.run(source, argv, trusted=True, timeout=count * interval + wait + 2 * SLACK)
    return parse(source, target, done, time.monotonic() - started)


def parse(source: str, target: str, done: Completed, seconds: float) -> PingResult:
    """Read the output of iputils ping. Raises ObservationError when it is no such output."""
    counts = COUNTS.search(done.stdout)
    rtt = RTT.search(done.stdout)
    errors = [f"{sender}: {text}" for sender, text in ICMP_ERROR.findall(done.stdout)]
    if counts is None:
        last = done.stderr.strip().splitlines()[-1:] or [f"code {done.returncode}"]
        if not any(reason in last[0] for reason in NO_ROUTE):
            raise ObservationError(f"{source} : ping {target} n’a pas pu être lancé ({last[0]}).")
        errors.append(last[0].removeprefix("ping: "))
    return PingResult(
        source=source,
        target=target,
        sent=int(counts[1]) if counts else 0,
        received=int(counts[2]) if counts else 0,
        rtt=float(rtt[1]) if rtt else None,
        errors=tuple(dict.fromkeys(errors)),
        seconds=seconds,
        output=done.stdout + done.stderr,
    )
