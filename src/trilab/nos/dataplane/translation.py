"""What NAT needs beside its rules: ARP for the global addresses, and the flows that conntrack remembers."""

from __future__ import annotations

import contextlib
import json
from ipaddress import IPv4Address

from trilab.nos.dataplane import nft, system
from trilab.nos.dataplane.base import DataplaneError
from trilab.nos.features.nat import rules
from trilab.nos.features.nat.table import Translation, parse
from trilab.nos.model import Config

TABLE, PREFERENCE = "200", "2"  # of routes; looked up after the local addresses, before the candidate's routes


class Translator:
    """The running translation."""

    def __init__(self) -> None:
        self._answered: frozenset[tuple[str, IPv4Address]] = frozenset()
        self._rules: list[str] = []

    def clean(self) -> None:
        """Forget what an earlier life left. Raises DataplaneError."""
        self._answered, self._rules = frozenset(), []
        with contextlib.suppress(DataplaneError):  # an empty table does not exist
            system.run(["ip", "-4", "route", "flush", "table", TABLE])
        if f"{PREFERENCE}:" not in system.run(["ip", "-4", "rule"]):
            system.run(["ip", "-4", "rule", "add", "pref", PREFERENCE, "lookup", TABLE])

    def apply(self, config: Config) -> None:
        """After the rules and the links. Flows begun under other rules are forgotten. Raises DataplaneError."""
        wanted = rules.answered(config)
        for device, address in self._answered - wanted:
            with contextlib.suppress(DataplaneError):  # gone with its device
                system.run(["ip", "neigh", "del", "proxy", str(address), "dev", device])
            with contextlib.suppress(DataplaneError):
                system.run(["ip", "route", "del", f"{address}/32", "table", TABLE])
        # The kernel answers ARP for an address that it would route to another device: to lo, where nothing may go.
        lines = [f"neigh replace proxy {address} dev {device}" for device, address in sorted(wanted)]
        lines += [f"route replace {address}/32 dev lo table {TABLE}" for _, address in sorted(wanted - self._answered)]
        if lines:
            system.run(["ip", "-batch", "-"], "\n".join([*lines, ""]))
        self._answered = wanted
        text = rules.chains(config)
        if text != self._rules:
            system.run(["conntrack", "-F"])
            self._rules = text

    def translations(self, config: Config) -> list[Translation]:
        """Active flows, and the inside hosts that own an address of a pool. Raises DataplaneError."""
        if not rules.active(config):
            return []
        found = parse(system.run(["conntrack", "-L", "--any-nat"]))
        for name, address in rules.owners(config).items():
            rows = json.loads(system.run(["nft", "--json", "list", "set", *nft.TABLE.split(), name]))["nftables"]
            held = next(row["set"].get("elem", []) for row in rows if "set" in row)
            found += [Translation("", (address, 0), (IPv4Address(_value(element)), 0)) for element in held]
        return sorted(found)

    def clear(self, config: Config) -> None:
        """``clear ip nat translation *``. Raises DataplaneError."""
        script = "".join(f"flush set {nft.TABLE} {name}\n" for name in rules.owners(config))
        if script:
            system.run(["nft", "-f", "-"], script)
        system.run(["conntrack", "-F"])


def _value(element: object) -> str:
    """An element with a timeout is an object around its value."""
    return str(element["elem"]["val"] if isinstance(element, dict) else element)
