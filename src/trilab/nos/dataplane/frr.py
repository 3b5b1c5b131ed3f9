"""FRR: the daemons that run because a configuration needs them, and what they are told, change by change."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from trilab.nos.dataplane import frrtext, names, system
from trilab.nos.dataplane.base import DataplaneError
from trilab.nos.dataplane.frrtext import Sections
from trilab.nos.dataplane.system import Service
from trilab.nos.features import ipv6, ospf3, rip
from trilab.nos.features.multilayer import forwards
from trilab.nos.features.ospf import wire as ospf
from trilab.nos.features.ospf.model import Ospf, automatic_router_id
from trilab.nos.model import Config, StaticRoute

BASE = ("mgmtd", "zebra", "staticd")  # with any protocol: static routes are then FRR's, to compete and be redistributed
FOLDER = Path("/run/frr")
START = 20.0  # seconds for a daemon to listen; it takes a fraction of one


@dataclass(frozen=True)
class Plan:
    """What must run, and what it must know. Nothing runs for an empty plan."""

    daemons: tuple[str, ...] = ()
    sections: Sections = field(default_factory=dict)


def plan(config: Config, router_id: IPv4Address | None) -> Plan:
    """``router_id``: of the OSPF process; None when the device has no address to take it from."""
    if not forwards(config):
        return Plan()
    protocols: list[tuple[str, Sections]] = []
    if router_id is not None and config.parts[Ospf].process is not None:
        protocols.append(("ospfd", ospf.sections(config, router_id)))
    if config.parts[rip.Rip].process is not None:
        protocols.append(("ripd", rip.sections(config)))
    if router_id is not None and config.parts[ospf3.Ospf3].process is not None:
        protocols.append(("ospf6d", ospf3.sections(config, router_id)))
    modern = ipv6.sections(config)
    if not protocols and not modern:
        return Plan()
    statics: Sections = {"": tuple(line for route in config.routes if (line := static(config, route)))}
    sections = frrtext.joined([frrtext.BASE, statics, modern, *(found for _, found in protocols)])
    return Plan((*BASE, *(daemon for daemon, _ in protocols)), sections)


def static(config: Config, route: StaticRoute) -> str:
    """One ``ip route``; empty while its interface does not exist."""
    device = ""
    if route.interface is not None and route.interface != "Null0":
        device = names.layer3(config).get(route.interface, "")
        if not device:
            return ""
    hops = ["Null0"] if route.interface == "Null0" else [str(route.next_hop or ""), device]
    return " ".join(word for word in ("ip route", str(route.prefix), *hops, str(route.distance)) if word)


class Frr:
    """The running daemons."""

    def __init__(self) -> None:
        self._services = {name: Service(f"frr-{name}") for name in (*BASE, "ospfd", "ripd", "ospf6d")}
        self._plan = Plan()
        self._router_id: IPv4Address | None = None

    @property
    def running(self) -> bool:
        """Whether FRR holds the routes."""
        return bool(self._plan.daemons)

    def apply(self, config: Config) -> None:
        """Start, tell and stop what differs.

        Raises:
            DataplaneError: a daemon did not start, or refused its configuration.
        """
        wanted = plan(config, self._choose(config))
        lost = [name for name in self._plan.daemons if not self._services[name].running]
        if lost:
            self.stop()
        if wanted == self._plan:
            return
        if not wanted.daemons:
            self.stop()
            return
        self._tell(frrtext.changes(self._plan.sections, wanted.sections), wanted.daemons)
        for name in self._plan.daemons:
            if name not in wanted.daemons:
                self._services[name].stop()
        self._plan = wanted

    def _choose(self, config: Config) -> IPv4Address | None:
        """A router keeps the identity with which its process started (IOS: until the process is cleared)."""
        process = config.parts[Ospf].process
        if process is None and config.parts[ospf3.Ospf3].process is None:
            self._router_id = None
        elif process is not None and process.router_id is not None:
            self._router_id = process.router_id
        elif self._router_id is None or not {"ospfd", "ospf6d"} & set(self._plan.daemons):
            self._router_id = automatic_router_id(config)
        return self._router_id

    def stop(self) -> None:
        """End everything; zebra takes its routes out of the kernel."""
        for name in reversed(list(self._services)):
            self._services[name].stop()
        self._plan = Plan()

    def restart_ospf(self, config: Config) -> None:
        """``clear ip ospf process``. Raises DataplaneError."""
        if "ospfd" not in self._plan.daemons:
            return
        self._router_id = None
        self.apply(config)
        system.run(["vtysh", "-d", "ospfd", "-c", "clear ip ospf process"])

    def ask(self, daemon: str, question: str) -> Any:
        """The answer to a ``show … json``; None when that daemon does not run. Raises DataplaneError."""
        if daemon not in self._plan.daemons:
            return None
        text = system.run(["vtysh", "-d", daemon, "-c", question])
        try:
            return json.loads(text or "{}")
        except ValueError as error:
            raise DataplaneError(f"{daemon}: no answer to {question!r}") from error

    def _tell(self, text: str, daemons: Sequence[str]) -> None:
        new = [name for name in daemons if not self._services[name].running]
        if "zebra" in new:
            self._prepare()
        for name in new:
            (FOLDER / f"{name}.vty").unlink(missing_ok=True)
            self._services[name].start([f"/usr/lib/frr/{name}", "--log", "stdout"])
        for name in new:
            self._await(name)
        script = FOLDER / "change.conf"
        script.write_text(text)
        system.run(["vtysh", "-f", str(script)])

    def _await(self, name: str) -> None:
        """Raises DataplaneError."""
        if not system.wait_until((FOLDER / f"{name}.vty").exists, START, lambda: self._services[name].running):
            raise DataplaneError(f"{name} did not start")

    @staticmethod
    def _prepare() -> None:
        """The folder of the daemons' sockets, and an empty configuration."""
        FOLDER.mkdir(exist_ok=True)
        shutil.chown(FOLDER, "frr", "frr")
        settings = Path("/etc/frr/vtysh.conf")
        settings.write_text("no service integrated-vtysh-config\n")
        for path in (settings.parent, settings):
            shutil.chown(path, "frr", "frr")
        (settings.parent / "frr.conf").unlink(missing_ok=True)
