"""Before grading: give a network that was configured a moment ago the time to come up."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from trilab.errors import ObservationError
from trilab.grading.live.context import Context
from trilab.grading.live.spool import recover
from trilab.grading.live.wifi import knows_network
from trilab.probe.call import PhoneError

DEADLINE = 12.0  # seconds: leases and registrations come within 6 s of the last command, later on a busy machine
CLIENTS = ("pc", "phone", "wifi-client")


def settle(context: Context, deadline: float = DEADLINE) -> list[str]:
    """Wait until every PC, every phone and every Wi-Fi station that knows a network has an address, and every phone
    with an account is registered.

    Returns the nodes for which it did not come true within ``deadline`` seconds; that is no verdict.
    """
    end = time.monotonic() + deadline
    _recover(context)
    names = [name for name, node in context.lab.nodes.items() if node.role in CLIENTS and node.open]
    with ThreadPoolExecutor(max(1, len(names)), thread_name_prefix="settle") as pool:
        ready = list(pool.map(lambda name: _ready(context, name, end), names))
    return [name for name, came in zip(names, ready, strict=True) if not came]


def _recover(context: Context) -> None:
    """Tidy up after a grading that was killed. What cannot be tidied now shows in the observations themselves."""
    try:
        recover(context)
    except ObservationError:
        return


def _ready(context: Context, name: str, end: float) -> bool:
    try:
        if context.lab.nodes[name].role == "wifi-client" and not knows_network(context, name):
            return True
        if not context.until(lambda: bool(context.addresses(name)), end):
            return False
        return context.lab.nodes[name].role != "phone" or _registered(context, name, end)
    except ObservationError:
        return False


def _registered(context: Context, name: str, end: float) -> bool:
    try:
        with context.phone(name) as phone:
            phone.end()  # a call of a grading that was killed, or of somebody who forgot to hang up
            if not phone.ask("show")["phone"].get("extension"):
                return True
            return phone.wait("registered", max(0.0, end - time.monotonic()))
    except PhoneError:
        return False
