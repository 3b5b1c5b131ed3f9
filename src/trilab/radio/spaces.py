"""In the guest: one network namespace per node, holding its radios and the far ends of its cables."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trilab.radio import regdomain, wire

RUN = Path("/run/nodes")
FIRMWARE = Path("/run/firmware")  # as the keeper tells the kernel
IP, TC, IW = "/usr/sbin/ip", "/usr/sbin/tc", "/usr/sbin/iw"
FIRST_UID = 20000
RTM_NEWLINK, RTMGRP_LINK, IFLA_IFNAME, IFLA_OPERSTATE, OPER_UP = 16, 1, 3, 16, 6
IPV6 = Path("/proc/sys/net/ipv6/conf")


@dataclass
class Space:
    """One node's part of the guest. ``ports``: name in the node → interface here."""

    name: str
    kind: str  # "ap" or "station"
    uid: int
    ports: dict[str, str]
    namespace: int = -1  # descriptor of its network namespace
    services: dict[str, Any] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def folder(self) -> Path:
        """Its own files in the guest."""
        return RUN / self.name

    def enter(self) -> None:
        """Move the calling thread (and what it will start) into the namespace."""
        os.setns(self.namespace, os.CLONE_NEWNET)  # type: ignore[attr-defined,unused-ignore]  # Python 3.12

    def confined(self, command: list[str]) -> list[str]:
        """A command as this node's own user, with the rights on its network only."""
        rights = "+net_admin,+net_raw"
        limits = ("--clear-groups", "--no-new-privs", f"--inh-caps={rights}", f"--ambient-caps={rights}")
        return ["/usr/bin/setpriv", f"--reuid={self.uid}", f"--regid={self.uid}", *limits, "--", *command]


def run(command: list[str], text: str = "") -> str:
    """Run a program and give its output. Raises CalledProcessError."""
    done = subprocess.run(command, input=text, check=True, capture_output=True, text=True)
    return done.stdout


def build(config: dict[str, Any]) -> dict[str, Space]:
    """Lay out every node's namespace. The radios of the kernel go to the nodes in the order of the configuration."""
    FIRMWARE.mkdir(parents=True)
    (FIRMWARE / "regulatory.db").write_bytes(regdomain.database())
    run([IW, "reg", "reload"])
    run([IW, "reg", "set", config["country"]])
    spaces, moves, radio, vector = {}, ["link set hwsim0 up"], 0, 1
    for number, node in enumerate(config["nodes"]):
        ports = {port["name"]: f"vec{vector + rank}" for rank, port in enumerate(node["ports"])}
        space = Space(node["name"], node["kind"], FIRST_UID + number, ports)
        in_thread(_new_namespace, space)
        path = f"/proc/{os.getpid()}/fd/{space.namespace}"
        moves += [f"link set {interface} netns {path}" for interface in ports.values()]
        vector += len(ports)
        spaces[node["name"]] = space
    run([IP, "-batch", "-"], "\n".join(moves) + "\n")
    for node in config["nodes"]:
        space = spaces[node["name"]]
        for _ in node["radios"]:
            run([IW, "phy", f"phy{radio}", "set", "netns", "name", f"/proc/{os.getpid()}/fd/{space.namespace}"])
            radio += 1
        in_thread(_furnish, space, radio - len(node["radios"]), node["radios"])
    return spaces


def in_thread(target: Callable[..., None], *arguments: Any) -> None:
    """Call in a thread of its own, which may change its network namespace. Raises what the call raised."""
    failed: list[Exception] = []

    def call() -> None:
        try:
            target(*arguments)
        except (OSError, subprocess.CalledProcessError) as error:
            failed.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def _new_namespace(space: Space) -> None:
    os.unshare(os.CLONE_NEWNET)  # type: ignore[attr-defined,unused-ignore]  # Python 3.12
    for part in ("all", "default"):
        (IPV6 / part / "disable_ipv6").write_text("1")
    space.namespace = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    space.folder.mkdir(parents=True)
    os.chown(space.folder, space.uid, space.uid)


def _furnish(space: Space, first: int, macs: list[str]) -> None:
    """Names and addresses of the radios; a station's cable is spliced to its radio."""
    space.enter()
    # wlanN of the kernel first go out of the way: a name that is wanted may be taken
    lines = ["link set lo up", *(f"link set wlan{first + rank} name radio{rank}" for rank in range(len(macs)))]
    for rank, mac in enumerate(macs):
        lines.append(f"link set radio{rank} name wlan{rank} address {mac}")
    if space.kind == "station":
        lines.append(f"link set {space.ports['wlan0']} up promisc on")
    if space.kind == "ap":
        aaa = space.ports[wire.AAA]
        lines += [f"addr add {wire.AAA_GUEST}/{wire.AAA_PREFIX} dev {aaa}", f"link set {aaa} up"]
        lines.append(f"route add default via {wire.AAA_NODE}")
    run([IP, "-batch", "-"], "\n".join(lines) + "\n")
    if space.kind == "station":
        _splice(space.ports["wlan0"])


def _splice(cable: str) -> None:
    """What the node sends goes on the air, what the air brings goes to the node; EAPOL stays for the supplicant."""
    lines = []
    for source, target in ((cable, "wlan0"), ("wlan0", cable)):
        lines.append(f"qdisc add dev {source} clsact")
        for rank, protocol in enumerate(("arp", "ip", "ipv6"), 1):
            match = f"filter add dev {source} ingress protocol {protocol} pref {rank} matchall"
            lines.append(f"{match} action mirred egress redirect dev {target}")
    run([TC, "-batch", "-"], "\n".join(lines) + "\n")


def bridge(space: Space, slot: str) -> None:
    """Make the bridge between SSIDs of one VLAN and their cable, once; in the namespace of the access point."""
    if slot in {name for _, name in socket.if_nameindex()}:  # not /sys: that shows the namespace of its mount
        return
    settings = "type bridge forward_delay 0 mcast_snooping 0"
    cable = space.ports[slot]
    lines = (f"link add {slot} {settings}", f"link set {cable} up master {slot}", f"link set {slot} up")
    run([IP, "-batch", "-"], "\n".join(lines) + "\n")


def watch(space: Space, changed: Callable[[str, bool], None]) -> None:
    """Follow a station's link until the guest ends: up once it is associated and authenticated (rtnetlink(7))."""
    space.enter()
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    sock.bind((0, RTMGRP_LINK))
    was = False
    while True:
        for name, state in links(sock.recv(65536)):
            up = state == OPER_UP
            if name == "wlan0" and up != was:
                changed(space.name, up)
                was = up


def links(messages: bytes) -> list[tuple[str, int]]:
    """(interface, operational state) of every RTM_NEWLINK in a datagram."""
    found, offset = [], 0
    while offset + 16 <= len(messages):
        length, kind = struct.unpack_from("IH", messages, offset)
        if kind == RTM_NEWLINK:
            values = _attributes(messages[offset + 32 : offset + length])
            if IFLA_IFNAME in values and IFLA_OPERSTATE in values:
                found.append((values[IFLA_IFNAME].rstrip(b"\0").decode(), values[IFLA_OPERSTATE][0]))
        offset += max(16, (length + 3) & ~3)
    return found


def _attributes(content: bytes) -> dict[int, bytes]:
    values, offset = {}, 0
    while offset + 4 <= len(content):
        length, kind = struct.unpack_from("HH", content, offset)
        values[kind & 0x3FFF] = content[offset + 4 : offset + length]
        offset += max(4, (length + 3) & ~3)
    return values
