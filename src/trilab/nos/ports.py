"""Names of protocols, ports and ICMP messages in access lists (IOS command reference, "access-list (IP extended)")."""

from __future__ import annotations

TCP = {
    "bgp": 179, "chargen": 19, "cmd": 514, "daytime": 13, "discard": 9, "domain": 53, "echo": 7, "exec": 512,
    "finger": 79, "ftp": 21, "ftp-data": 20, "gopher": 70, "hostname": 101, "ident": 113, "irc": 194, "klogin": 543,
    "kshell": 544, "login": 513, "lpd": 515, "nntp": 119, "pim-auto-rp": 496, "pop2": 109, "pop3": 110, "smtp": 25,
    "sunrpc": 111, "tacacs": 49, "talk": 517, "telnet": 23, "time": 37, "uucp": 540, "whois": 43, "www": 80,
}  # fmt: skip
UDP = {
    "biff": 512, "bootpc": 68, "bootps": 67, "discard": 9, "dnsix": 195, "domain": 53, "echo": 7, "isakmp": 500,
    "mobile-ip": 434, "nameserver": 42, "netbios-dgm": 138, "netbios-ns": 137, "netbios-ss": 139,
    "non500-isakmp": 4500, "ntp": 123, "pim-auto-rp": 496, "rip": 520, "snmp": 161, "snmptrap": 162, "sunrpc": 111,
    "syslog": 514, "tacacs": 49, "talk": 517, "tftp": 69, "time": 37, "who": 513, "xdmcp": 177,
}  # fmt: skip
ICMP = (
    "administratively-prohibited", "echo", "echo-reply", "host-unreachable", "information-reply",
    "information-request", "mask-reply", "mask-request", "net-unreachable", "packet-too-big", "parameter-problem",
    "port-unreachable", "protocol-unreachable", "reassembly-timeout", "redirect", "router-advertisement",
    "router-solicitation", "source-quench", "time-exceeded", "timestamp-reply", "timestamp-request", "traceroute",
    "ttl-exceeded", "unreachable",
)  # fmt: skip
PROTOCOLS = ("ahp", "eigrp", "esp", "gre", "igmp", "ipinip", "ospf", "pim")
PROTOCOL_NUMBERS = {
    "ahp": 51, "eigrp": 88, "esp": 50, "gre": 47, "icmp": 1, "igmp": 2, "ipinip": 4, "ospf": 89, "pim": 103,
    "tcp": 6, "udp": 17,
}  # fmt: skip


def table(protocol: str) -> dict[str, int]:
    """Port names of ``tcp`` or ``udp``."""
    return TCP if protocol == "tcp" else UDP


def name_of(protocol: str, port: int) -> str:
    """The name that IOS writes for a port, else its number."""
    return next((name for name, number in table(protocol).items() if number == port), str(port))
