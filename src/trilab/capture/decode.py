"""A capture as a wire table: one :class:`Row` per packet that a reader of the report wants to see."""

from __future__ import annotations

from collections.abc import Iterable

from scapy.layers.inet import ICMP
from scapy.layers.l2 import ARP

from trilab.capture import dhcp, lldp, sip
from trilab.capture.frames import Frame
from trilab.capture.rows import Row

_ARP, _ICMP_PROTOCOL = 0x0806, 1
_ICMP = {0: "ICMP echo-reply", 3: "ICMP inaccessible", 5: "ICMP redirect", 8: "ICMP echo", 11: "ICMP TTL dépassé"}
_ICMP_PROHIBITED = frozenset({9, 10, 13})  # codes of type 3: administratively prohibited (RFC 1812, 5.2.7.1)


def _dhcp_note(message: dhcp.DhcpMessage) -> str:
    shown = {1: "masque", 3: "passerelle", 6: "DNS", 15: "domaine", 51: "bail", 66: "66", 150: "150"}
    parts = [f"{message.your_ip}"] if message.your_ip != "0.0.0.0" else []
    if message.relay_ip != "0.0.0.0":
        parts.append(f"relais {message.relay_ip}")
    parts += [f"{label} {message.options[code]}" for code, label in shown.items() if code in message.options]
    return ", ".join(parts)


def _other(frame: Frame) -> tuple[str, str] | None:
    if frame.ethertype == _ARP and ARP in frame.packet:
        return ("ARP requête" if frame.packet[ARP].op == 1 else "ARP réponse", "")
    if frame.protocol == _ICMP_PROTOCOL and ICMP in frame.packet:
        icmp = frame.packet[ICMP]
        label = _ICMP.get(int(icmp.type), f"ICMP type {icmp.type}")
        return (label, "interdit par un filtre" if icmp.type == 3 and icmp.code in _ICMP_PROHIBITED else "")
    return None


def _sip_note(message: sip.SipMessage) -> str:
    """What a response answers (``INVITE``), and where the audio is wanted."""
    answers = [message.method] if message.status else []
    return ", ".join(answers + ([f"SDP {':'.join(map(str, message.media))}"] if message.media else []))


def _describe(frame: Frame) -> tuple[str, str] | None:
    """Label and note of one frame, or None when it is not for the table (RTP has its own summary)."""
    if found := dhcp.messages([frame]):
        return (f"DHCP {found[0].kind}", _dhcp_note(found[0]))
    if messages := sip.messages([frame]):
        return (messages[0].start, _sip_note(messages[0]))
    if seen := lldp.announcements([frame]):
        one = seen[0]
        return ("LLDP", f"{one.system} {one.port}" + (f", VLAN voix {one.voice_vlan}" if one.voice_vlan else ""))
    return _other(frame)


def rows(frames: Iterable[Frame]) -> tuple[Row, ...]:
    """The table: ARP, ICMP, DHCP, SIP and LLDP packets, with tag and DSCP; times count from the first frame."""
    listed = list(frames)
    table = []
    for frame in listed:
        text = _describe(frame)
        if text is not None:
            table.append(
                Row(
                    time=round(frame.time - listed[0].time, 6),
                    source=frame.source,
                    destination=frame.destination,
                    label=text[0],
                    vlan=frame.vlan,
                    dscp=frame.dscp,
                    note=text[1],
                )
            )
    return tuple(table)
