"""The network of a bubble: one namespace per node, veth pairs between them, an out-of-band management bridge."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Interface
from pathlib import Path
from typing import Any

from pyroute2 import IPRoute
from pyroute2.netlink.exceptions import NetlinkError

from trilab.errors import HostError
from trilab.host import syscalls

BRIDGE = "mgmt0"
LOOPBACK = 1  # its index in every namespace
FIRST_INDEX = 1000  # of the bridge, then of its ports: chosen, so that nothing has to be looked up


@dataclass(frozen=True)
class Cable:
    """A veth pair between two (node, interface) ends."""

    a: tuple[str, str]
    b: tuple[str, str]
    mtu: int
    mac: str | None = None  # of end a; None: the kernel chooses


class Network:
    """Builds the namespaces and cables from inside the bubble. Single-threaded: it moves between namespaces."""

    def __init__(self, nodes: Iterable[str]) -> None:
        self._home = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.namespaces: dict[str, int] = {}
        for node in nodes:
            syscalls.unshare(syscalls.CLONE_NEWNET)
            Path("/proc/sys/net/ipv4/ip_forward").write_text("0")  # it is inherited from the host otherwise
            self.namespaces[node] = os.open("/proc/self/ns/net", os.O_RDONLY)
        self._go_home()
        Path("/proc/sys/net/ipv4/ip_forward").write_text("0")

    def _go_home(self) -> None:
        syscalls.setns(self._home, syscalls.CLONE_NEWNET)

    def path(self, node: str) -> str:
        """A path that an OCI runtime of this bubble can open."""
        return f"/proc/{os.getpid()}/fd/{self.namespaces[node]}"

    def wire(self, cables: Iterable[Cable], gateway: IPv4Interface, addresses: dict[str, IPv4Interface]) -> None:
        """Lay every cable and the management network; all interfaces are up when it returns."""
        with IPRoute() as route:
            for cable in cables:
                self._veth(route, cable)
            self._management(route, gateway, addresses)
        for node, address in addresses.items():
            self._settle(node, address)

    def _veth(self, route: Any, cable: Cable) -> None:
        (a, a_name), (b, b_name) = cable.a, cable.b
        far = {"ifname": b_name, "net_ns_fd": self.namespaces[b], "mtu": cable.mtu}
        mac = {"address": cable.mac} if cable.mac else {}
        try:
            route.link("add", ifname=a_name, kind="veth", mtu=cable.mtu, net_ns_fd=self.namespaces[a], peer=far, **mac)
        except NetlinkError as error:
            raise HostError(f"Le câble {a}:{a_name} – {b}:{b_name} n'a pas pu être posé ({error}).") from error

    def _management(self, route: Any, gateway: IPv4Interface, nodes: Iterable[str]) -> None:
        route.link("add", ifname=BRIDGE, kind="bridge", index=FIRST_INDEX, state="up")
        route.addr("add", index=FIRST_INDEX, address=str(gateway.ip), prefixlen=gateway.network.prefixlen)
        route.link("set", index=LOOPBACK, state="up")
        for index, node in enumerate(nodes, FIRST_INDEX + 1):
            far = {"ifname": "eth0", "net_ns_fd": self.namespaces[node]}
            route.link("add", ifname=f"m{index}", kind="veth", index=index, master=FIRST_INDEX, peer=far, state="up")
            # a node reaches the graders' side only, never another node: no way round the lab's own cables
            route.brport("set", index=index, isolated=1)

    def _settle(self, node: str, address: IPv4Interface) -> None:
        """What can only be done from inside: addresses, checksums, far ends up."""
        syscalls.setns(self.namespaces[node], syscalls.CLONE_NEWNET)
        try:
            with IPRoute() as route:
                eth0 = socket.if_nametoindex("eth0")
                route.addr("add", index=eth0, address=str(address.ip), prefixlen=address.network.prefixlen)
                for index, name in socket.if_nameindex():
                    if name not in ("lo", "eth0"):
                        syscalls.checksum_offload_off(name)
                    route.link("set", index=index, state="up")
        finally:
            self._go_home()

    def settle_apart(
        self, name: str, address: IPv4Interface, device: str, up: Iterable[str], bridged: Iterable[tuple[str, str, str]]
    ) -> None:
        """The same for a namespace without management.

        ``device`` gets the address; only ``up`` come up. ``bridged``: (cable, inner, end): the cable leads through a
        bridge and a pair of its own to ``end``, which stays up whatever becomes of the cable.
        """
        syscalls.setns(self.namespaces[name], syscalls.CLONE_NEWNET)
        try:
            Path("/proc/sys/net/ipv4/conf/all/arp_ignore").write_text("1")
            for part in ("all", "default"):
                Path(f"/proc/sys/net/ipv6/conf/{part}/disable_ipv6").write_text("1")
            with IPRoute() as route:
                route.link("set", index=LOOPBACK, state="up")
                for cable, inner, end in bridged:
                    _bridge(route, cable, inner, end)
                for _, cable in socket.if_nameindex():
                    if cable != "lo" and not cable.startswith("br-"):
                        syscalls.checksum_offload_off(cable)
                index = socket.if_nametoindex(device)
                route.addr("add", index=index, address=str(address.ip), prefixlen=address.network.prefixlen)
                for cable in up:
                    route.link("set", index=socket.if_nametoindex(cable), state="up")
        finally:
            self._go_home()


def _bridge(route: Any, cable: str, inner: str, end: str) -> None:
    """In the current namespace."""
    route.link("add", ifname=f"br-{cable}", kind="bridge", state="up")
    master = socket.if_nametoindex(f"br-{cable}")
    route.link("add", ifname=inner, kind="veth", peer={"ifname": end})
    for name in (cable, inner):
        route.link("set", index=socket.if_nametoindex(name), master=master)
    for name in (inner, end):
        route.link("set", index=socket.if_nametoindex(name), state="up")
