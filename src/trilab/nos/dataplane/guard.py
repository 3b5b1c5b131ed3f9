"""What a switch's CPU does about frames: BPDU guard, and ports that are disabled for a cause until they recover."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Set

from trilab.nos.dataplane import bootp, flows, names, portaccess
from trilab.nos.dataplane.base import Notice
from trilab.nos.dataplane.bpf import Interest
from trilab.nos.dataplane.secure import Secure
from trilab.nos.dataplane.snoop import Snoop
from trilab.nos.dataplane.watch import Frame
from trilab.nos.features import etherchannel, spanning
from trilab.nos.features.dot1x import Gate
from trilab.nos.features.errdisable import BPDUGUARD, DHCP_RATE, SECURITY, Disabled, DisabledPorts, Recovery
from trilab.nos.model import Config
from trilab.nos.names import CHANNEL, is_channel, short


class Guard:
    """State beside the configuration; the caller holds the data plane's lock. ``now``: seconds, monotonic."""

    def __init__(
        self, now: Callable[[], float] = time.monotonic, send: Callable[[int, bytes], None] = lambda port, frame: None
    ) -> None:
        """``send`` puts a frame into the bridge's switching as if it came in on an OpenFlow port."""
        self._now, self._send = now, send
        self._config: Config | None = None
        self._ports: dict[str, str] = {}  # device → interface
        self._disabled: dict[str, tuple[str, float]] = {}  # interface → cause, since
        self.secure = Secure(now)
        self.snoop = Snoop(now)

    def follow(self, config: Config, cabled: Set[str]) -> None:
        """Take a new configuration. A port that is shut is no longer disabled."""
        self._config = config
        self._ports = {}
        for name in config.interfaces:
            device = names.device(config, name)
            if (
                config.role == "switch"
                and device in cabled
                and device is not None
                and not config.interfaces[name].routed
            ):
                group = config.interfaces[name].channel
                self._ports[device] = name if group is None else f"{CHANNEL}{group}"
        self.secure.follow(config)
        self.snoop.follow(config)
        kept = {name for name in self._disabled if name in config.interfaces and not config.interfaces[name].shutdown}
        self._disabled = {name: why for name, why in self._disabled.items() if name in kept}

    def interests(self) -> Mapping[str, Interest]:
        """What to look for on each device."""
        return {device: self._interest(name) for device, name in self._ports.items()}

    def _interest(self, name: str) -> Interest:
        if self._config is None or name in self._disabled or name not in self._config.interfaces:
            return Interest()
        interface = self._config.interfaces[name]
        if interface.parts[Gate].closed:
            return Interest(bpdu=spanning.guarded(self._config, interface))
        return Interest(
            bpdu=spanning.guarded(self._config, interface),
            known=self.secure.known(name),
            dhcp=self.snoop.active,
        )

    @property
    def down(self) -> Set[str]:
        """The interfaces that are disabled."""
        return self._disabled.keys()

    def frame(self, frame: Frame) -> list[Notice]:
        """A frame arrived; what happened. The interfaces that are down may have changed."""
        name = self._ports.get(frame.device)
        if name is None or self._config is None or name in self._disabled:
            return []
        if frame.is_bpdu and spanning.guarded(self._config, self._config.interfaces[name]):
            said = f"Received BPDU on port {short(name)} with BPDU Guard enabled. Disabling port."
            return [Notice("SPANTREE", 2, "BLOCK_BPDUGUARD", said), *self._disable(name, BPDUGUARD)]
        notices, violated = self.secure.frame(name, frame)
        if violated:
            return [*self._disable(name, SECURITY), *notices]
        return notices + (self._dhcp(name, frame) if self.secure.passes(name, frame.source) else [])

    def _dhcp(self, name: str, frame: Frame) -> list[Notice]:
        outcome = self.snoop.frame(name, frame)
        number = self._numbers().get(name)
        if outcome.forward and number is not None:
            self._send(number, bootp.tagged(frame))
        return [*outcome.notices, *(self._disable(name, DHCP_RATE) if outcome.disable else [])]

    def _numbers(self) -> dict[str, int]:
        """Interface → OpenFlow port of the bridge."""
        found = {}
        for name in set(self._ports.values()):
            group = int(name.removeprefix(CHANNEL)) if is_channel(name) else None
            number = names.port_number(name) if group is None else names.channel_number(group)
            if number is not None and self._config is not None and name in self._config.interfaces:
                found[name] = number
        return dict(sorted(found.items(), key=lambda item: item[1]))

    def _disable(self, name: str, cause: str) -> list[Notice]:
        group = int(name.removeprefix(CHANNEL)) if is_channel(name) else None
        ports = [] if group is None or self._config is None else etherchannel.members(self._config, group)
        for each in (name, *(port.name for port in ports)):
            self._disabled[each] = cause, self._now()
        said = f"{cause} error detected on {short(name)}, putting {short(name)} in err-disable state"
        return [Notice("PM", 4, "ERR_DISABLE", said)]

    def wake(self, linked: Set[str]) -> list[Notice]:
        """Time went by, or links changed (``linked``: devices with one). Brings back the ports whose time has come."""
        self.snoop.wake()
        notices = self.secure.wake({name for device, name in self._ports.items() if device in linked})
        for name, port in self.observe().ports.items():
            if port.left is not None and port.left <= 0:
                del self._disabled[name]
                said = f"Attempting to recover from {port.cause} err-disable state on {short(name)}"
                notices.append(Notice("PM", 4, "ERR_RECOVER", said))
        return notices

    def observe(self) -> DisabledPorts:
        """Why ports are disabled, and how long still."""
        recovery = Recovery() if self._config is None else self._config.parts[Recovery]
        now = self._now()
        return DisabledPorts({
            name: Disabled(cause, recovery.interval - (now - since) if cause in recovery.causes else None)
            for name, (cause, since) in self._disabled.items()
        })  # fmt: skip

    def due(self) -> float | None:
        """Seconds until :meth:`wake` has something to do."""
        left = [port.left for port in self.observe().ports.values()]
        return min(
            (max(0.0, each) for each in (*left, self.secure.due(), self.snoop.due()) if each is not None), default=None
        )

    def flows(self) -> str:
        """The bridge's flows."""
        numbers = self._numbers()
        gates = [] if self._config is None else portaccess.filters(self._config, numbers)
        return flows.table([*gates, *self.secure.filters(numbers)], self.snoop.filters(numbers))
