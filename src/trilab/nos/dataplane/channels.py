"""Which ports an EtherChannel really uses. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set

from trilab.nos.dataplane import names, switching
from trilab.nos.features import etherchannel
from trilab.nos.features.etherchannel import Bundles, Flag
from trilab.nos.model import Config

POLL = 0.5  # seconds between two looks at LACP, while a channel negotiates
_MEMBER = re.compile(r"^member: (\S+): (.*)$", re.M)
_PARTNER = re.compile(r"partner state:(.*)")


def negotiated(text: str) -> set[str]:
    """``lacp/show`` → devices attached to a partner that agrees (IEEE 802.1AX, 6.4.15)."""
    found = set()
    parts = _MEMBER.split(text)[1:]
    for device, state, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        partner = _PARTNER.search(body)
        if "attached" in state.split() and partner is not None and "synchronized" in partner[1].split():
            found.add(device)
    return found


def negotiates(config: Config) -> bool:
    """Whether some channel speaks LACP."""
    return any(port.channel is not None and port.channel_mode != "on" for port in config.interfaces.values())


def states(config: Config, carriers: Set[str], agreed: Set[str]) -> Bundles:
    """``carriers``: devices with a link; ``agreed``: those that LACP bundled."""
    found: dict[str, Flag] = {}
    for group in etherchannel.groups(config):
        usable = switching.bundled(config, group, carriers).keys()
        for port in etherchannel.members(config, group):
            device = names.device(config, port.name) or ""
            if device not in carriers:
                found[port.name] = "D"
            else:
                found[port.name] = "P" if device in usable and (port.channel_mode == "on" or device in agreed) else "s"
    return Bundles(found)


def idle(config: Config, bundles: Mapping[str, Flag]) -> frozenset[int]:
    """Channels without any bundled port."""
    return frozenset(
        group
        for group in etherchannel.groups(config)
        if all(bundles.get(port.name) != "P" for port in etherchannel.members(config, group))
    )
