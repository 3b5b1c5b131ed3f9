"""A phone under control: one conversation with its daemon, in JSON lines (see ``trilab.phone.control``)."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import time
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface
from multiprocessing import connection
from types import TracebackType
from typing import Any, Self

from trilab.engine.base import Lab
from trilab.errors import ObservationError

ANSWER = 5.0  # seconds the phone may take to answer, beyond what it was asked to wait
RECORDINGS = "/run/trilab/phone/rec"


@dataclass(frozen=True)
class PhoneState:
    """What a phone shows. ``vlan`` 0: untagged; ``None``: none learnt yet. ``registration``: ``registered``, …"""

    node: str
    vlan: int | None
    vlan_fixed: bool
    address: IPv4Interface | None
    gateway: IPv4Address | None
    extension: str
    server: str
    server_source: str
    registration: str
    reason: str
    dscp: int
    tone: int  # Hz
    mac: str

    @property
    def registered(self) -> bool:
        """Whether the server accepted the account."""
        return self.registration == "registered"


def state_from(node: str, show: dict[str, Any]) -> PhoneState:
    """The typed state of a ``show``. Raises KeyError, ValueError when it is not one."""
    return PhoneState(
        node=node,
        vlan=show["vlan"],
        vlan_fixed=show["vlan_setting"] is not None,
        address=IPv4Interface(show["address"]) if show["address"] else None,
        gateway=IPv4Address(show["gateway"]) if show["gateway"] else None,
        extension=show["extension"] or "",
        server=show["server"] or "",
        server_source=show["server_source"] or "",
        registration=show["registration"],
        reason=show["reason"],
        dscp=show["dscp"],
        tone=show["tone"],
        mac=show["mac"],
    )


class PhoneLink:
    """``with PhoneLink(lab, "tel1") as phone: phone.ask("dial", number="101")``."""

    def __init__(self, lab: Lab, node: str) -> None:
        self._node = node
        self._program: subprocess.Popen[bytes] = lab.popen(node, ["/usr/bin/phone", "pipe"])
        self._buffer = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def open(self) -> bool:
        """Whether the phone has not ended the conversation."""
        return self._program.poll() is None

    def close(self) -> None:
        """End the conversation."""
        for stream in (self._program.stdin, self._program.stdout, self._program.stderr):
            assert stream is not None
            stream.close()
        try:
            self._program.wait(ANSWER)
        except subprocess.TimeoutExpired:
            self._program.kill()
            self._program.wait()

    def try_(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """The reply, also when the phone refuses (``ok`` false). Raises ObservationError when none comes."""
        assert self._program.stdin is not None
        request = json.dumps({"op": operation, **parameters}) + "\n"
        try:
            self._program.stdin.write(request.encode())
            self._program.stdin.flush()
        except OSError as error:
            raise self._silent() from error
        line = self._line(ANSWER + float(parameters.get("timeout", 0)))
        try:
            reply: dict[str, Any] = json.loads(line)
        except ValueError as error:
            raise ObservationError(f"{self._node} : réponse illisible du téléphone.") from error
        return reply

    def ask(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """The reply. Raises ObservationError when the phone refuses or does not answer."""
        reply = self.try_(operation, **parameters)
        if not reply.get("ok"):
            raise ObservationError(f"{self._node} : {reply.get('error', 'demande refusée par le téléphone')}")
        return reply

    def wait(self, condition: str, timeout: float) -> bool:
        """Wait for a condition of the phone at most ``timeout`` seconds; whether it came."""
        return bool(self.ask("wait", **{"for": condition, "timeout": timeout})["done"])

    def _silent(self) -> ObservationError:
        return ObservationError(f"{self._node} : le téléphone ne répond pas.")

    def _line(self, patience: float) -> bytes:
        assert self._program.stdout is not None
        descriptor = self._program.stdout.fileno()
        deadline = time.monotonic() + patience
        while b"\n" not in self._buffer:
            ready = connection.wait([descriptor], max(0.0, deadline - time.monotonic()))
            data = os.read(descriptor, 65536) if ready else b""
            if not data:
                raise self._silent()
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line


def phone_state(lab: Lab, node: str) -> PhoneState:
    """What the phone shows now. Raises ObservationError when it does not answer."""
    with PhoneLink(lab, node) as phone:
        return state_from(node, phone.ask("show")["phone"])


def wait_registered(lab: Lab, node: str, deadline: float = 10.0) -> PhoneState:
    """The state once the phone is registered, or after ``deadline`` seconds."""
    with PhoneLink(lab, node) as phone:
        return state_from(node, phone.ask("wait", **{"for": "registered", "timeout": deadline})["phone"])


def recording(lab: Lab, node: str, since: float) -> bytes | None:
    """WAV file of what the phone heard in its last call begun after ``since`` (Unix time), once hung up."""
    newest = (
        f"find {RECORDINGS} -name '*-dec.wav' -newermt @{since:.3f} -printf '%T@ %p\\n' | sort -n | tail -n 1 "
        "| cut -d' ' -f2- | xargs -r base64 -w0"
    )
    done = lab.run(node, ["/bin/sh", "-c", newest])
    if done.returncode != 0:
        raise ObservationError(f"{node} : enregistrement illisible ({done.stderr.strip()[-200:]}).")
    return base64.b64decode(done.stdout) or None
