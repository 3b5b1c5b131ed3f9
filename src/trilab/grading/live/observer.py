"""The live observer: each request observed once, in a thread pool, its answer shared and recorded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, cast

from trilab.access import Sessions, graders
from trilab.engine.base import Lab
from trilab.errors import NotGradedError, ObservationError, TrilabError, reason
from trilab.grading import observe, requests, store, wifi_requests
from trilab.grading.evidence import Keeper
from trilab.grading.live import (
    commands,
    device,
    dhcp,
    health,
    network,
    register,
    remote,
    voice,
    voicemail,
    wifi,
    wifi_session,
)
from trilab.grading.live.context import Context, Phones
from trilab.grading.live.settle import settle
from trilab.grading.observe import Answer, Request

A = TypeVar("A", bound=Answer)
Handler = Callable[[Context, Any], Answer]
WORKERS = 48  # threads; most of them wait


def handlers() -> Mapping[type[Request[Any]], Handler]:
    """Request → what observes it."""
    return {
        observe.Cli: commands.cli,
        observe.Shell: commands.shell,
        requests.Asterisk: commands.asterisk,
        requests.SipRegister: register.sip_register,
        requests.Device: device.device,
        requests.DeadNodes: network.dead_nodes,
        requests.Troubles: health.troubles,
        requests.Addresses: network.addresses,
        requests.Window: network.window,
        requests.TaggedPing: network.tagged_ping,
        requests.SshLogin: remote.ssh_login,
        requests.Enable: remote.enable,
        requests.TcpOpen: remote.tcp_open,
        requests.Lease: dhcp.lease,
        requests.PhoneTraffic: network.phone_traffic,
        requests.Call: voice.call,
        requests.Dial: voice.dial,
        requests.Voicemail: voicemail.voicemail,
        wifi_requests.Beacons: wifi.beacons,
        wifi_requests.Session: wifi_session.session,
        wifi_requests.Station: wifi.station,
    }


class LiveObserver:
    """See :class:`trilab.grading.observe.Observer`. A context manager: it ends its sessions and threads."""

    def __init__(self, lab: Lab, out: Path, keeper: Keeper | None = None) -> None:
        """``out``: report directory; scratch files go to ``out/.work``."""
        self.keeper = keeper or Keeper(out)
        work = out / ".work"
        work.mkdir(parents=True, exist_ok=True)
        self._context = Context(lab, Sessions(lab, graders(lab)), self.keeper, work, Phones(lab))
        self._handlers = handlers()
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="observe")
        self._lock = threading.Lock()
        self._asked: dict[Request[Any], Future[Answer]] = {}

    def settle(self) -> list[str]:
        """Wait for leases and registrations; see :func:`trilab.grading.live.settle.settle`."""
        return settle(self._context)

    def start(self, request: Request[A]) -> Future[A]:
        """Begin an observation, or give the one that already runs."""
        with self._lock:
            future = self._asked.get(request)
            if future is None:
                future = self._pool.submit(self._observe, request)
                self._asked[request] = future
        return cast("Future[A]", future)

    def ask(self, request: Request[A]) -> A:
        """Observe, or give the answer already observed. Raises ObservationError when it cannot be observed."""
        return self.start(request).result()

    def _observe(self, request: Request[Any]) -> Answer:
        try:
            device.refuse(self._context.lab, request)
            return self._handlers[type(request)](self._context, request)
        except ObservationError:
            raise
        except TrilabError as error:  # a wrong name, a missing tool: nothing that the candidate did
            raise ObservationError(str(error)) from error
        except OSError as error:
            raise ObservationError(f"Observation impossible : {reason(error)}.") from error

    def observations(self) -> list[tuple[Request[Any], Answer | str]]:
        """Every finished observation, for :func:`trilab.grading.store.dump`; failed ones give their reason."""
        with self._lock:
            asked = list(self._asked.items())
        found: list[tuple[Request[Any], Answer | str]] = []
        for request, future in asked:
            if future.done():
                error = future.exception()
                failure = store.NotGraded if isinstance(error, NotGradedError) else str
                found.append((request, future.result() if error is None else failure(error)))
        return found

    def save(self, out: Path) -> Path:
        """Write ``observations.json`` in ``out`` and return its path."""
        path = out / store.FILE
        path.write_text(store.dump(self.observations()), encoding="utf-8")
        return path

    def close(self) -> None:
        """Wait for running observations, then end threads and sessions."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._context.sessions.close()
        self._context.phones.close()

    def __enter__(self) -> LiveObserver:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
