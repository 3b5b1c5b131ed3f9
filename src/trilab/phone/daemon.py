"""The phone's daemon: voice VLAN, then address, then registration; and the control socket of the ``phone`` command."""

from __future__ import annotations

import signal
import sys
import time
from typing import Any

from trilab.phone import passthrough, settings, system
from trilab.phone.baresip import Account
from trilab.phone.calls import Journal, as_json, number
from trilab.phone.control import Control, Refused
from trilab.phone.dhcp import DhcpClient, Lease
from trilab.phone.lldp import VoicePolicy
from trilab.phone.loop import Loop
from trilab.phone.neighbour import Neighbour
from trilab.phone.settings import Settings
from trilab.phone.sip import REGISTERED, Telephone
from trilab.phone.system import RUN, SWITCH_PORT
from trilab.phone.voice import VoiceInterface

CHECK = 1.0  # seconds between two looks at the programs and the cable
VOICE_PRIORITY = 5  # 802.1p of voice when the VLAN is set by hand (IEEE 802.1Q, table I-2)


class Phone:
    """Everything the phone is."""

    def __init__(self, loop: Loop, node: system.Node) -> None:
        self._loop, self._node = loop, node
        self.settings = settings.load()
        self.journal = Journal(time.time)
        self._interface: VoiceInterface | None = None
        self._carrier = False
        self.neighbour = Neighbour(loop, node.name, self._apply_vlan)
        self._dhcp = DhcpClient(loop, node.name, self._leased)
        self._telephone = Telephone(loop, node.tone, self.journal, self._changed)
        self.control = Control(loop, self)

    def start(self) -> None:
        """Bring the phone to life; everything else happens by callbacks."""
        error = passthrough.connect(self._node.pc_port)
        if error:
            self.journal.note("error", f"Port PC : {error}")
        self.control.open()
        self.neighbour.start()
        self._loop.every(CHECK, self._check)
        self._apply_vlan()

    def close(self) -> None:
        """End every program."""
        self._telephone.use(None)
        self._drop_interface()

    def _changed(self) -> None:
        self.control.wake()

    def _check(self) -> None:
        live = system.carrier(SWITCH_PORT)
        if live != self._carrier:
            self._carrier = live
            self.journal.note("link", "Câble réseau actif" if live else "Câble réseau inactif")
            if live:
                self.neighbour.hello()
                if self._interface is not None:
                    self._dhcp.start()
        self._dhcp.check(needs_server=bool(self.settings.extension) and not self.settings.server)
        self._telephone.check()

    # Voice VLAN

    def _wanted(self) -> VoicePolicy | None:
        fixed = self.settings.vlan
        return self.neighbour.policy if fixed is None else VoicePolicy(fixed, VOICE_PRIORITY, self.settings.dscp)

    def _apply_vlan(self) -> None:
        wanted = self._wanted()
        now = self._interface
        if wanted is not None and now is not None and wanted.vlan == now.vlan:
            return
        self._drop_interface()
        if wanted is not None:
            self._make_interface(wanted)
        elif now is not None:
            self.journal.note("vlan", "Plus de VLAN voix")
        self._changed()

    def _make_interface(self, wanted: VoicePolicy) -> None:
        try:
            self._interface = made = VoiceInterface(wanted.vlan, wanted.priority)
        except OSError as error:
            self.journal.note("error", f"Interface voix : {error.strerror}")
            self._loop.after(CHECK, self._apply_vlan)
            return
        self._loop.watch(made.tap, made.to_wire)
        self._loop.watch(made.wire.fileno(), made.from_wire)
        source = "LLDP-MED" if self.settings.vlan is None else "réglage"
        self.journal.note("vlan", f"VLAN voix {wanted.vlan or 'sans étiquette'} ({source})")
        self._dhcp.start()

    def _drop_interface(self) -> None:
        if self._interface is None:
            return
        self._dhcp.stop()
        self._telephone.use(None)
        self._loop.forget(self._interface.tap)
        self._loop.forget(self._interface.wire.fileno())
        self._interface.close()
        self._interface = None

    # Address and registration

    def _leased(self, lease: Lease | None) -> None:
        self.journal.note("dhcp", f"Adresse {lease.address}" if lease else "Plus d’adresse")
        self._apply_account()
        self._changed()

    def _server(self) -> tuple[str, str]:
        if self.settings.server:
            return self.settings.server, "réglage"
        return self._dhcp.lease.server() if self._dhcp.lease else ("", "")

    def _apply_account(self) -> None:
        kept, lease, (server, _) = self.settings, self._dhcp.lease, self._server()
        if not (kept.extension and server and lease):
            self._telephone.use(None)
            return
        self._telephone.use(Account(kept.extension, kept.secret, server, str(lease.address.ip), kept.dscp))

    def change(self, new: Settings) -> None:
        """Keep and apply other settings."""
        self.settings = new
        settings.save(new)
        self._apply_vlan()
        self._apply_account()

    # What the ``phone`` command asks

    @property
    def registered(self) -> bool:
        """Whether the server accepted the account."""
        return self._telephone.state == REGISTERED

    @property
    def addressed(self) -> bool:
        """Whether DHCP gave an address."""
        return self._dhcp.lease is not None

    def dial(self, wanted: str) -> None:
        """Call a number. Raises Refused."""
        if not self.registered:
            raise Refused("Le téléphone n’est pas enregistré auprès d’un serveur.")
        if self.journal.current() is not None:
            raise Refused("Un appel est déjà en cours.")

        def answered(reply: dict[str, Any]) -> None:
            data = str(reply.get("data", ""))
            if not reply.get("ok") or "call id:" not in data:
                self.journal.note("error", f"Appel vers {wanted} impossible : {data.strip()}")
                return
            self.journal.begin(data.partition("call id:")[2].strip(), "out", number(wanted))

        if not self._telephone.command("dial", wanted, answered):
            raise Refused("Le téléphone ne répond pas.")

    def answer(self) -> None:
        """Lift the handset of a ringing phone. Raises Refused."""
        call = self.journal.current()
        if call is None or call.direction != "in" or call.established_at is not None:
            raise Refused("Aucun appel ne sonne.")
        self._telephone.command("accept")

    def hangup(self) -> None:
        """End the call, or refuse the one that rings. Raises Refused."""
        if self.journal.current() is None:
            raise Refused("Aucun appel en cours.")
        self._telephone.command("hangup")

    def press(self, keys: str) -> None:
        """Press keys during a call (RFC 4733 events). Raises Refused."""
        call = self.journal.current()
        if call is None or call.established_at is None:
            raise Refused("Aucune communication en cours.")
        for key in keys:
            self._telephone.command("sndcode", key)

    def show(self) -> dict[str, Any]:
        """The state, with stable keys."""
        kept, lease, (server, source) = self.settings, self._dhcp.lease, self._server()
        interface, heard = self._interface, self.neighbour.heard
        return {
            "name": self._node.name,
            "mac": system.mac(SWITCH_PORT).hex(":"),
            "link": system.carrier(SWITCH_PORT),
            "pc_port": self._node.pc_port,
            "tone": self._node.tone,
            "vlan_setting": kept.vlan,
            "vlan": interface.vlan if interface else None,
            "lldp": {"system": heard.system, "port": heard.port} if heard else None,
            "address": str(lease.address) if lease else None,
            "gateway": str(lease.gateway) if lease and lease.gateway else None,
            "dns": [str(one) for one in lease.dns] if lease else [],
            "extension": kept.extension or None,
            "server": server or None,
            "server_source": source or None,
            "registration": self._telephone.state,
            "reason": self._telephone.reason,
            "dscp": kept.dscp,
            "call": as_json(self.journal.current()),
        }


def main() -> int:
    """Run until told to end."""
    RUN.mkdir(parents=True, exist_ok=True)
    loop = Loop()
    phone = Phone(loop, system.node())
    for number_ in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number_, lambda *_: loop.stop())
    phone.start()
    loop.run()
    phone.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
