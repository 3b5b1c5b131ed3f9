"""Reaching other devices: ping, traceroute, ssh, telnet; and clearing what was learnt."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

from trilab.nos.context import CommandError
from trilab.nos.dataplane.base import PingReply
from trilab.nos.exec.control import EXEC, PRIVILEGED
from trilab.nos.features.dhcp_client import current
from trilab.nos.features.ipv6 import Held
from trilab.nos.grammar.arguments import address
from trilab.nos.grammar.command import Command, Match
from trilab.nos.session import Session

HELP = {
    "ping": "Send echo messages",
    "traceroute": "Trace route to destination",
    "ip": "IP echo",
    "ipv6": "IPv6 echo",
    "<six>": "Ping destination address",
    "<target>": "Ping destination address or hostname",
    "repeat": "specify repeat count",
    "<count>": "Repeat count",
    "size": "specify datagram size",
    "<size>": "Datagram size",
    "timeout": "specify timeout interval",
    "<timeout>": "Timeout in seconds",
    "source": "specify source address or name",
    "<source>": "Source address",
    "ssh": "Open a secure shell client connection",
    "telnet": "Open a telnet connection",
    "-l": "Log in using this user name",
    "<user>": "Login name",
    "<host>": "IP address of a remote system",
    "clear": "Reset functions",
    "mac": "MAC forwarding table",
    "address-table": "MAC forwarding table",
    "dynamic": "dynamic entry type",
    "access-list": "Clear access list statistical information",
    "counters": "Clear access list counters",
    "<acl>": "Access list number or name",
    "arp": "Clear the entire ARP cache",
    "dhcp": "Delete items from the DHCP database",
    "binding": "Automatic bindings",
    "*": "Clear all automatic bindings",
    "<address>": "Automatic binding to clear",
}


def commands() -> list[Command]:
    """Active commands."""
    source = "source (<source:ip> | <interface:ifname(port,sub,svi,bvi,loop)>)"
    options = (
        f"{{repeat <count:int(1,2147483647)> | size <size:int(36,18024)> | timeout <timeout:int(0,3600)> | {source}}}"
    )
    return [
        Command(EXEC, f"ping [ip] <target:word> {options}", _ping, HELP),
        Command(EXEC, f"ping ipv6 <six:ip6> {options}", _ping, HELP, roles=("router",)),
        Command(EXEC, "traceroute [ip] <target:word>", _traceroute, HELP),
        Command(EXEC, "ssh -l <user:word> <host:word>", _ssh, HELP),
        Command(EXEC, "telnet <host:word>", _telnet, HELP),
        Command(PRIVILEGED, "clear [ip] access-list counters [<acl:word>]", _clear_counters, HELP),
        Command(PRIVILEGED, "clear arp", _clear_arp, HELP),
        Command(PRIVILEGED, "clear ip arp", _clear_arp, HELP),
        Command(PRIVILEGED, "clear ip dhcp binding (* | <address:ip>)", _clear_leases, HELP, roles=("router",)),
    ]


def _target(s: Session, text: str, error: str) -> IPv4Address:
    found = address(text)
    if found is None:
        if s.device.config.domain_lookup:
            s.out(f'Translating "{text}"...domain server (255.255.255.255)')
        raise CommandError(error)
    return found


def _source(s: Session, m: Match) -> IPv4Address | None:
    given: IPv4Address | None = m.get("source")
    name = m.get("interface")
    interfaces = s.device.config.interfaces
    if name is not None:
        interface = interfaces.get(name)
        known = None if interface is None else current(s, interface)
        if known is None:
            raise CommandError("% Invalid source interface - IP not enabled or interface is down")
        return known.ip
    if given is not None and all(not i.address or i.address.ip != given for i in interfaces.values()):
        raise CommandError("% Invalid source address- IP address not on any of our up interfaces")
    return given


def _six(s: Session, m: Match) -> IPv6Address | None:
    """The IPv6 address typed, also without the word «ipv6»."""
    if m.get("six") is not None:
        return IPv6Address(m["six"])
    try:
        return IPv6Address(m["target"]) if s.device.config.role == "router" else None
    except ValueError:
        return None


def _source6(s: Session, m: Match) -> IPv6Address | None:
    if m.get("source") is None and m.get("interface") is None:
        return None
    held = s.device.dataplane.observe(Held).addresses.get(m.get("interface", ""), ())
    known = next((one.ip for one in held if not one.ip.is_link_local), None)
    if known is None:
        raise CommandError("% Invalid source interface - IPv6 not enabled or interface is down")
    return known


def _ping(s: Session, m: Match) -> None:
    six = _six(s, m)
    target = six or _target(s, m["target"], "% Unrecognized host or address, or protocol not running.\n")
    source = _source(s, m) if six is None else _source6(s, m)
    count, size, timeout = m.get("count", 5), m.get("size", 100), m.get("timeout", 2)
    s.out("Type escape sequence to abort.")
    s.out(f"Sending {count}, {size}-byte ICMP Echos to {target}, timeout is {timeout} seconds:")
    if source is not None:
        s.out(f"Packet sent with a source address of {source} ")
    replies: list[PingReply] = []
    for reply in s.device.dataplane.ping(target, count=count, size=size, timeout=float(timeout), source=source):
        replies.append(reply)
        s.terminal.write(reply.code + ("\n" if len(replies) % 70 == 0 else ""))
        if s.terminal.interrupted():
            break
    s.terminal.write("\n")
    s.out(summary(replies))


def summary(replies: list[PingReply]) -> str:
    """The line that closes a ping."""
    times = [max(round(reply.rtt_ms), 1) for reply in replies if reply.ok and reply.rtt_ms is not None]
    good, sent = sum(reply.ok for reply in replies), len(replies)
    text = f"Success rate is {100 * good // max(sent, 1)} percent ({good}/{sent})"
    if times:
        text += f", round-trip min/avg/max = {min(times)}/{round(sum(times) / len(times))}/{max(times)} ms"
    return text


def _traceroute(s: Session, m: Match) -> None:
    target = _target(s, m["target"], "% Unrecognized host or address.\n")
    s.out("Type escape sequence to abort.")
    s.out(f"Tracing the route to {target}")
    for line in s.device.dataplane.traceroute(target):
        s.out(line)
        if s.terminal.interrupted():
            break


def _ssh(s: Session, m: Match) -> None:
    target = _target(s, m["host"], "% Bad IP address or host name")
    s.terminal.join(s.device.dataplane.open_session("ssh", target, m["user"]))


def _telnet(s: Session, m: Match) -> None:
    target = _target(s, m["host"], "% Bad IP address or host name")
    s.out(f"Trying {target} ...")
    s.terminal.join(s.device.dataplane.open_session("telnet", target, None))


def _clear_counters(s: Session, m: Match) -> None:
    s.device.dataplane.clear_counters(m.get("acl"))


def _clear_arp(s: Session, m: Match) -> None:
    s.device.dataplane.clear_arp()


def _clear_leases(s: Session, m: Match) -> None:
    s.device.dataplane.clear_leases(m.get("address"))
