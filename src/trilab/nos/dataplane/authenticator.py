"""The authenticators of the switch ports (IEEE 802.1X): one hostapd, an interface of it per port."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Callable, Mapping

from trilab.nos.dataplane import names, system
from trilab.nos.dataplane.base import DataplaneError
from trilab.nos.dataplane.relay import Relay, Servers
from trilab.nos.dataplane.sshd import addresses
from trilab.nos.dataplane.system import RUN, Service
from trilab.nos.features.aaa.model import Aaa
from trilab.nos.features.dot1x import Dot1xPort
from trilab.nos.model import Config

FOLDER = RUN / "dot1x"
CONTROL = FOLDER / "control"
READY = 20.0  # seconds for hostapd to start, and to answer
# EAPOL to the group of port access entities: a request that asks for the name (IEEE 802.1X-2020, 11.1; RFC 3748, 4.1)
GROUP, ETHER_TYPE = bytes.fromhex("0180c2000003"), 0x888E
IDENTITY_REQUEST = bytes.fromhex("888e 02 00 0005 01 00 0005 01")
_EVENT = re.compile(r"IFNAME=(\S+) <\d+>AP-STA-DISCONNECTED (\S+)")


def settings(config: Config, name: str, relay: int, secret: str) -> str:
    """hostapd's configuration for one port. ``relay``: the UDP port of our relay."""
    port, own = config.interfaces[name].parts[Dot1xPort], own_address(config)
    lines = {
        "interface": names.device(config, name),
        "driver": "wired",
        "ieee8021x": 1,
        "use_pae_group_addr": 1,
        "eap_reauth_period": port.reauthenticate if port.periodic else 0,
        "nas_identifier": config.hostname,
        "own_ip_addr": own or "127.0.0.1",
        "auth_server_addr": "127.0.0.1",
        "auth_server_port": relay,
        "auth_server_shared_secret": secret,
    }
    extra = ["radius_auth_req_attr=61:d:15", f"radius_auth_req_attr=87:s:{name}"]  # Ethernet; NAS-Port-Id
    return "\n".join([*(f"{key}={value}" for key, value in lines.items()), *extra, ""])


def own_address(config: Config) -> str | None:
    """Who we are for a server: the source interface, else our first address."""
    source = config.interfaces.get(config.parts[Aaa].source or "")
    if source is not None and source.address is not None:
        return str(source.address.ip)
    return next((str(address) for address in addresses(config)), None)


def servers(config: Config) -> Servers:
    """Whom the relay asks."""
    aaa = config.parts[Aaa]
    source = config.interfaces.get(aaa.source or "")
    own = None if source is None or source.address is None else source.address.ip
    found = aaa.servers_for(aaa.dot1x)
    targets = tuple((server.address, server.auth_port, server.key or "") for server in found if server.address)
    return Servers(targets, aaa.timeout, 1 + aaa.retransmit, own)


def ask_identity(device: str) -> None:
    """Ask whoever is behind a port for a name; a port that has just gone away asks nothing."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as link:
        link.bind((device, 0))
        link.send(GROUP + link.getsockname()[4] + IDENTITY_REQUEST)


class Authenticators:
    """The running hostapd. ``gone(device, mac)`` is told, from a thread of ours, when a station logged off."""

    def __init__(self, relay: Relay, gone: Callable[[str, str], None]) -> None:
        self._relay, self._gone = relay, gone
        self._service = Service("hostapd-wired")
        self._running: dict[str, tuple[int, str]] = {}  # device → life of the port, settings

    def apply(self, config: Config, ports: Mapping[str, int]) -> None:
        """``ports``: interface → number of its life. Raises DataplaneError."""
        self._relay.servers = servers(config)
        if not ports:
            if self._running:
                self._service.stop()
            self._running = {}
            return
        wanted = {}
        for name, number in ports.items():
            device = names.device(config, name)
            if device is not None:
                wanted[device] = number, settings(config, name, self._relay.port, self._relay.secret)
        if not self._service.running:
            self._running = {}
            self._start()
        for device in [device for device, one in self._running.items() if wanted.get(device) != one]:
            self._command(f"REMOVE {device}")
            del self._running[device]
        for device in wanted.keys() - self._running.keys():
            system.write(FOLDER / f"{device}.conf", wanted[device][1], 0o600)
            self._command(f"ADD {device} config={FOLDER / device}.conf")
            self._command(f"IFNAME={device} ENABLE")
            self._running[device] = wanted[device]

    def _start(self) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        CONTROL.unlink(missing_ok=True)
        self._service.start(["hostapd", "-g", str(CONTROL)])
        if not system.wait_until(CONTROL.exists, READY, lambda: self._service.running):
            raise DataplaneError("hostapd does not start")
        link = self._open("events")
        self._say(link, "ATTACH")
        link.settimeout(None)
        threading.Thread(target=self._listen, args=(link,), daemon=True).start()

    @staticmethod
    def _open(name: str) -> socket.socket:
        place = FOLDER / name
        place.unlink(missing_ok=True)
        link = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        link.bind(str(place))
        link.settimeout(READY)
        link.connect(str(CONTROL))
        return link

    @staticmethod
    def _say(link: socket.socket, text: str) -> str:
        link.send(text.encode())
        return link.recv(65536).decode(errors="replace")

    def _command(self, text: str) -> None:
        """Raises DataplaneError."""
        try:
            with self._open("commands") as link:
                answer = self._say(link, text).strip()
        except OSError as error:
            raise DataplaneError(f"hostapd: {error}") from error
        if answer != "OK":
            raise DataplaneError(f"hostapd: {text.split()[0]}: {answer}")

    def _listen(self, link: socket.socket) -> None:
        with link:
            while True:
                try:
                    found = _EVENT.match(link.recv(65536).decode(errors="replace"))
                except OSError:
                    return  # hostapd has ended
                if found is not None:
                    self._gone(found[1], found[2])
