"""The native engine: one bubble per lab, no Docker, no privilege where the system allows user namespaces."""

from __future__ import annotations

import json
import os
import select
import signal
from collections.abc import Callable, Iterator
from ipaddress import IPv4Interface
from pathlib import Path
from typing import Any

import psutil

from trilab import images
from trilab.engine import ready
from trilab.engine.base import LabSpec, NodeSpec, Report
from trilab.engine.folder import NodeState
from trilab.engine.kept import KeptEngine
from trilab.engine.native import cgroups, order, radio, supervisor
from trilab.engine.native.lab import NativeLab
from trilab.engine.native.state import LabFolder, LabState, RadioState
from trilab.engine.native.wire import Order
from trilab.engine.ready import READY
from trilab.errors import HostError, ObservationError
from trilab.french import count
from trilab.host import process
from trilab.polling import until


class NativeEngine(KeptEngine[LabFolder, NativeLab]):
    """See :class:`trilab.engine.base.Engine`."""

    name = "native"

    def _folder(self, key: str) -> LabFolder:
        return LabFolder(key)

    def _running(self, folder: LabFolder) -> NativeLab | None:
        lab = folder.load()
        return None if lab is None else NativeLab(folder, lab)

    def _prepared(self, spec: LabSpec, report: Report) -> Callable[[LabFolder, float], NativeLab]:
        image = images.ensure(report)
        kernel = images.ensure_radio(report) if radio.needed(spec) else None
        return lambda folder, started: _build(spec, folder, (image, kernel), started, report)

    def _clear(self, folder: LabFolder) -> None:
        """End the bubble if it runs: the kernel then removes the lab."""
        pid = folder.bubble_pid()
        if pid is not None:
            handle = os.pidfd_open(pid)
            try:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                if not select.select([handle], [], [], 30)[0]:
                    raise HostError(f"Le lab {folder.key} ne s'arrête pas (processus {pid}).")
            finally:
                os.close(handle)
        cgroups.remove(folder.cgroups)
        folder.remove()


def _build(
    spec: LabSpec,
    folder: LabFolder,
    built: tuple[images.NodeImage, Path | None],
    started: float,
    report: Report,
) -> NativeLab:
    image, kernel = built
    doors = cgroups.make(spec, folder.cgroups)
    wanted = order.build(spec, image, folder, doors, kernel)
    pids: dict[str, int] = {}
    for event in _supervise(folder, wanted, [door for group in doors.values() for door in group]):
        if "error" in event:
            raise HostError(event["error"])
        if "step" in event:
            report(event["step"])
        pids = event.get("ready", pids)
    bubble = folder.bubble_pid()
    if bubble is None or not pids:
        log = folder.log.read_text(errors="replace").strip()
        raise HostError(f"Le lab {spec.key} s'est arrêté pendant son démarrage. {log[-600:]}".strip())
    host = _host_pids(bubble, set(pids.values()))
    nodes = tuple(_node_state(node, wanted, host[pids[node.name]]) for node in spec.nodes)
    air = _radio_state(host[pids[radio.NAME]]) if radio.NAME in pids else None
    noted = LabState(spec=spec, image=image.id, started_at=started, bubble_pid=bubble, nodes=nodes, radio=air)
    folder.write("lab.json", noted)
    lab = NativeLab(folder, noted)
    ready.wait_for_ssh(lab, report)
    _wait_for_radio(lab)
    ready.run_exec(lab, report)
    return lab


def _supervise(folder: LabFolder, wanted: Order, doors: list[int]) -> Iterator[dict[str, Any]]:
    """Build the bubble in a fork and give its events until it lets go."""
    events_r, events_w = os.pipe()
    with folder.log.open("wb") as log, (folder.path / "bubble.pid").open("wb") as pid_file:
        builder = supervisor.fork(wanted, log.fileno(), events_w, pid_file.fileno())
    for descriptor in (events_w, *doors):
        os.close(descriptor)
    try:
        with os.fdopen(events_r, "rb") as events:
            for line in events:
                yield json.loads(line)
    finally:
        os.kill(builder, signal.SIGKILL)  # at the end of its events it is leaving; before, it takes the bubble with it
        os.waitpid(builder, 0)


def _host_pids(bubble: int, wanted: set[int]) -> dict[int, int]:
    """Pids as the bubble numbers them → as the host does (the NSpid line of /proc/PID/status)."""
    found = {}
    for one in psutil.Process(bubble).children(recursive=True):
        try:
            status = Path(f"/proc/{one.pid}/status").read_text()
        except OSError:
            continue
        numbers = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()[1:]
        if len(numbers) > 1 and int(numbers[1]) in wanted:
            found[int(numbers[1])] = int(numbers[0])
    if missing := wanted - found.keys():
        raise HostError(
            f"{count(len(missing), 'équipement arrêté', 'équipements arrêtés')} aussitôt après le démarrage.",
            "Voyez « trilab doctor ».",
        )
    return found


def _node_state(node: NodeSpec, wanted: Order, pid: int) -> NodeState:
    address = next(IPv4Interface(one.address).ip for one in wanted.nodes if one.name == node.name)
    born = process.born(pid)
    if born is None:
        raise HostError(f"Le nœud {node.name} s'est arrêté aussitôt démarré.")
    return NodeState(name=node.name, role=node.role, mgmt_ip=address, pid=pid, born=born)


def _radio_state(pid: int) -> RadioState:
    born = process.born(pid)
    if born is None:
        raise HostError("La radio du lab s'est arrêtée aussitôt démarrée.", "Voyez « trilab doctor ».")
    return RadioState(pid=pid, born=born)


def _wait_for_radio(lab: NativeLab) -> None:
    """Until the radio answers, and until every station has started its wpa_supplicant, as its boot does."""
    if lab.radio is None:
        return
    air = lab.radio
    stations = {node.name for node in lab.spec.nodes if radio.KINDS.get(node.role) == "station"}
    seconds = READY + len(stations)

    def silent() -> list[str]:
        running = air.status()["running"]
        return sorted(name for name in stations if not running[name])

    try:
        air.status(timeout=seconds)
        left = until(silent, lambda names: not names, seconds, 0.05)
    except ObservationError as error:
        said = air.console().strip()[-400:]
        raise HostError(f"La radio du lab n'a pas démarré. {error.message} {said}".strip()) from error
    if left:
        raise HostError(f"{', '.join(left)} : wpa_supplicant n'a pas démarré après {READY:.0f} s.")
