"""Generated settings of the services that every device has, put onto a factory configuration."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

from hypothesis import strategies as st

from trilab.nos.features.attacks import Watch
from trilab.nos.features.files import Archive, Files
from trilab.nos.features.ntp import Ntp, Server
from trilab.nos.features.snmp import Community, Snmp
from trilab.nos.features.syslog import FACILITIES, OPTIONS, Host, Logging, Stamp
from trilab.nos.model import Config
from trilab.nos.names import is_channel, is_radio

addresses = st.integers(0x0A000001, 0x0AFFFFFE).map(IPv4Address)
levels = st.none() | st.integers(0, 7)
stamps = st.builds(Stamp, st.just("datetime"), st.frozensets(st.sampled_from(OPTIONS))) | st.sampled_from(
    [Stamp("none", frozenset()), Stamp("uptime", frozenset())]
)
hosts = st.lists(st.builds(Host, addresses, st.just(514) | st.integers(1, 65535)), max_size=3,
                 unique_by=lambda host: host.address).map(tuple)  # fmt: skip


def _no_buffer(settings: Logging) -> Logging:
    """The size of no buffer is not kept."""
    return replace(settings, size=Logging.size) if settings.buffered is None else settings


def put(draw: st.DrawFn, config: Config) -> None:
    """Draw the parts of every service."""
    usable = [name for name in config.interfaces if not (is_channel(name) or is_radio(name))]
    sources: list[str | None] = [None, *usable]
    logging: Any = st.builds(
        Logging, st.booleans(), levels, levels, levels, st.just(4096) | st.integers(4096, 99999), levels,
        st.sampled_from(list(FACILITIES)), hosts, st.sampled_from(sources), st.booleans(), st.booleans(), stamps,
        stamps,
    ).map(_no_buffer)  # fmt: skip
    config.parts.put(draw(logging))
    config.parts.put(draw(watches()))
    config.parts.put(draw(st.builds(Files, st.booleans(), st.booleans())))
    paths = st.sampled_from([None, "archive", "cfg-1.txt", "$h-cfg"])
    config.parts.put(draw(st.builds(Archive, paths, st.integers(1, 14), st.booleans())))
    acls = st.none() | st.sampled_from(["10", "LAN"])
    named = st.builds(Community, st.sampled_from(["public", "lecture", "a!b"]), acls)
    communities = st.lists(named, max_size=2, unique_by=lambda one: one.name).map(tuple)
    texts = st.sampled_from(["", "Salle 12", "admin@tri.lan"])
    config.parts.put(Snmp(draw(communities), draw(texts), draw(texts)))
    servers = st.lists(st.builds(Server, addresses, st.booleans()), max_size=3, unique_by=lambda one: one.address)
    config.parts.put(Ntp(tuple(draw(servers)), draw(st.none() | st.integers(1, 15)), draw(st.sampled_from(sources))))


@st.composite
def watches(draw: st.DrawFn) -> Watch:
    block = draw(st.none() | st.integers(1, 65535))
    every = st.none() | st.integers(1, 65535)
    counts = (draw(st.integers(1, 65535)), draw(st.integers(1, 65535))) if block is not None else (0, 0)
    acl = draw(st.none() | st.just("ADMIN")) if block is not None else None
    return Watch(block, *counts, draw(st.none() | st.integers(1, 10)), acl, draw(every), draw(every))
