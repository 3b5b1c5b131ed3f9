"""The running configuration as text: every area's part, in the order of IOS."""

from __future__ import annotations

from trilab.nos.features import (
    acl,
    attacks,
    bridge,
    credentials,
    dhcp,
    dot11,
    files,
    interface,
    ip,
    ipv6,
    line,
    macfilter,
    ntp,
    routed,
    snmp,
    switching,
    syslog,
    system,
    vlan,
)
from trilab.nos.features.aaa import area as aaa
from trilab.nos.features.aaa import servers as radius
from trilab.nos.model import Config

_PARTS = (
    system.render_head,
    syslog.render_head,
    credentials.render_enable,
    aaa.render,
    system.render_names,
    attacks.render,
    dhcp.render,
    macfilter.render_use,
    dot11.render,
    credentials.render_users,
    files.render,
    bridge.render_head,
    switching.render,
    vlan.render,
    system.render_ssh,
    ipv6.render_routing,
    interface.render,
    routed.render,
    ip.render_routes,
    files.render_scp,
    acl.render,
    syslog.render,
    snmp.render,
    macfilter.render,
    radius.render,
    bridge.render_tail,
    system.render_banner,
    line.render,
    switching.render_late,
    ntp.render,
)


def render(config: Config) -> str:
    """The whole text, from the first ``!`` to ``end``."""
    lines: list[str] = []
    for part in _PARTS:
        lines += part(config)
    return "\n".join([*lines, "end", ""])


def render_interface(config: Config, name: str) -> str:
    """One interface's block, as ``show running-config interface`` prints it."""
    return "\n".join(["!", *interface.block(config, config.interfaces[name]), "end", ""])
