"""Phones of an imaginary exchange, behind the real control socket: what one dials makes another ring."""

from __future__ import annotations

import itertools
import threading
import time
from pathlib import Path
from typing import Any

from trilab.phone.calls import Journal, as_json
from trilab.phone.control import Control, Refused
from trilab.phone.loop import Loop
from trilab.phone.settings import Settings


class Handset:
    """One phone; ``rings`` False: the exchange does not find it. ``voicemail``: the exchange answers in its place."""

    def __init__(self, exchange: Exchange, extension: str) -> None:
        self.exchange, self.extension = exchange, extension
        self.settings, self.journal = Settings(extension=extension), Journal(time.time)
        self.registered, self.addressed, self.rings, self.voicemail = True, True, True, False
        self.keys = ""
        self.peer: Handset | None = None
        self.call_id = ""

    def change(self, new: Settings) -> None:
        self.settings = new
        self.exchange.wake()

    def dial(self, wanted: str) -> None:
        if not self.registered:
            raise Refused("Le téléphone n’est pas enregistré auprès d’un serveur.")
        self.exchange.connect(self, wanted)

    def answer(self) -> None:
        if self.peer is None:
            raise Refused("Aucun appel ne sonne.")
        for end in (self, self.peer):
            end.journal.established(end.call_id)
        self.exchange.wake()

    def hangup(self) -> None:
        if self.journal.current() is None:
            raise Refused("Aucun appel en cours.")
        for end in (self, self.peer):
            if end is not None:
                end.journal.end(end.call_id, "BYE")
        self.exchange.wake()

    def press(self, keys: str) -> None:
        self.keys += keys

    def show(self) -> dict[str, Any]:
        nothing = dict.fromkeys(("lldp", "gateway", "server", "server_source"))
        return {
            **nothing,
            **{"name": self.extension, "mac": "02:00:00:00:00:01", "link": True, "pc_port": False, "tone": 440},
            **{"vlan_setting": None, "vlan": 30, "address": "10.1.30.9/24", "dns": [], "extension": self.extension},
            **{"registration": "registered" if self.registered else "none", "reason": "", "dscp": 46},
            "call": as_json(self.journal.current()),
        }


class Exchange:
    """Runs in a thread of its own; a context manager."""

    def __init__(self, folder: Path, *extensions: str) -> None:
        self.loop = Loop()
        self._ids = itertools.count()
        self.phones = {extension: Handset(self, extension) for extension in extensions}
        self.sockets = {extension: folder / f"{extension}.sock" for extension in extensions}
        self._controls = [Control(self.loop, phone, self.sockets[name]) for name, phone in self.phones.items()]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        while not self._over.is_set():
            self.loop.step(0.02)

    def __enter__(self) -> Exchange:
        for control in self._controls:
            control.open()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def wake(self) -> None:
        for control in self._controls:
            control.wake()

    def connect(self, caller: Handset, wanted: str) -> None:
        callee = self.phones.get(wanted)
        caller.call_id, caller.peer = f"out{next(self._ids)}", callee
        caller.journal.begin(caller.call_id, "out", wanted)
        if callee is None or not callee.rings:
            caller.journal.end(caller.call_id, "404 Not Found")
        else:
            callee.call_id, callee.peer = f"in{next(self._ids)}", caller
            callee.journal.begin(callee.call_id, "in", caller.extension)
            caller.journal.ringing(caller.call_id)
            if callee.voicemail:
                self.loop.after(0.1, lambda: self._take_over(caller, callee))
        self.wake()

    def _take_over(self, caller: Handset, callee: Handset) -> None:
        callee.journal.end(callee.call_id, "CANCEL")
        caller.peer = None
        caller.journal.established(caller.call_id)
        self.wake()
