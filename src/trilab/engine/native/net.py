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


@dataclass(frozen=True)
class Cable:
    """A veth pair between two (node, interface) ends."""

    a: tuple[str, str]
    b: tuple[str, str]
    mtu: int


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
        """Lay every cable and the management network, then raise the interfaces of every node."""
        with IPRoute() as route:
            for cable in cables:
                self._veth(route, cable)
            self._management(route, gateway)
        for node, address in addresses.items():
            self._raise(node, address)

    def _veth(self, route: Any, cable: Cable) -> None:
        (a, a_name), (b, b_name) = cable.a, cable.b
        try:
            route.link(
                "add",
                ifname=a_name,
                kind="veth",
                mtu=cable.mtu,
                net_ns_fd=self.namespaces[a],
                peer={"ifname": b_name, "net_ns_fd": self.namespaces[b], "mtu": cable.mtu},
            )
        except NetlinkError as error:
            raise HostError(f"Le câble {a}:{a_name} – {b}:{b_name} n'a pas pu être posé ({error}).") from error

    def _management(self, route: Any, gateway: IPv4Interface) -> None:
        route.link("add", ifname=BRIDGE, kind="bridge")
        bridge = route.link_lookup(ifname=BRIDGE)[0]
        route.addr("add", index=bridge, address=str(gateway.ip), prefixlen=gateway.network.prefixlen)
        route.link("set", index=route.link_lookup(ifname="lo")[0], state="up")
        for number, namespace in enumerate(self.namespaces.values()):
            near = f"m{number}"
            route.link("add", ifname=near, kind="veth", peer={"ifname": "eth0", "net_ns_fd": namespace})
            index = route.link_lookup(ifname=near)[0]
            route.link("set", index=index, master=bridge, state="up")
            # a node reaches the graders' side only, never another node: no way round the lab's own cables
            route.brport("set", index=index, isolated=1)
        route.link("set", index=bridge, state="up")

    def _raise(self, node: str, address: IPv4Interface) -> None:
        syscalls.setns(self.namespaces[node], syscalls.CLONE_NEWNET)
        try:
            with IPRoute() as route:
                for index, name in socket.if_nameindex():
                    if name == "eth0":
                        route.addr("add", index=index, address=str(address.ip), prefixlen=address.network.prefixlen)
                    elif name != "lo":
                        syscalls.checksum_offload_off(name)
                    route.link("set", index=index, state="up")
        finally:
            self._go_home()
