"""Links that go up and down, as system messages. Pure but for what it remembers."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Literal

from trilab.nos.dataplane import names
from trilab.nos.dataplane.base import Notice
from trilab.nos.model import Config
from trilab.nos.names import is_channel, is_radio

Status = Literal["off", "down", "up"]  # "off": shut down
State = tuple[Status, bool]  # the interface, its line protocol
_WORDS = {"off": "administratively down", "down": "down", "up": "up"}


def state(config: Config, name: str, carriers: Set[str], disabled: Set[str], forwarding: Mapping[int, bool]) -> State:
    """The state of one interface. ``carriers``: devices with a link; ``forwarding``: VLAN → a port forwards in it."""
    if not names.enabled(config, name):
        return "off", False
    vlan = names.svi_vlan(name)
    if vlan is not None:
        return "up", forwarding.get(vlan, False)
    up = names.is_loopback(name) or (f"eth{names.port_number(name)}" in carriers and name not in disabled)
    return ("up" if up else "down"), up


def followed(config: Config) -> list[str]:
    """The interfaces that messages are about; EtherChannels and radios have their own."""
    return [
        name
        for name in config.interfaces
        if not (is_channel(name) or is_radio(name) or names.is_subinterface(name))
        and not (config.role == "ap" and names.svi_vlan(name) is not None)
    ]


def told(name: str, before: State | None, after: State) -> list[Notice]:
    """What IOS says of a change. ``before`` is ``None`` for an interface that is new."""
    old_status, old_protocol = before or ("down", False)
    status, protocol = after
    said = []
    if status != old_status:
        text = f"Interface {name}, changed state to {_WORDS[status]}"
        said.append(Notice("LINK", 5, "CHANGED", text) if status == "off" else Notice("LINK", 3, "UPDOWN", text))
    if protocol != old_protocol:
        text = f"Line protocol on Interface {name}, changed state to {'up' if protocol else 'down'}"
        line = Notice("LINEPROTO", 5, "UPDOWN", text)
        said.insert(len(said) if protocol or status == "off" else 0, line)
    return said


class LinkWatch:
    """Remembers the states of the interfaces; the caller holds the data plane's lock."""

    def __init__(self) -> None:
        self._known: dict[str, State] = {}

    def follow(self, config: Config, carriers: Set[str], disabled: Set[str], forwarding: Mapping[int, bool]
               ) -> list[Notice]:  # fmt: skip
        """Compare with the last look; what changed."""
        now = {name: state(config, name, carriers, disabled, forwarding) for name in followed(config)}
        gone = [name for name in self._known if name not in now and self._known[name][0] != "off"]
        said = [notice for name in gone for notice in told(name, self._known[name], ("off", False))]
        said += [notice for name, after in now.items() for notice in told(name, self._known.get(name), after)]
        self._known = now
        return said

    def unsettled(self) -> bool:
        """Whether a VLAN interface waits for a port that forwards: nothing tells when one begins to."""
        return any(status == "up" and not protocol for status, protocol in self._known.values())
