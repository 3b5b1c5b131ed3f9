"""The device itself: configuration, version, users, clock."""

from __future__ import annotations

from trilab.nos import running
from trilab.nos.context import CommandError
from trilab.nos.exec.control import EXEC, PRIVILEGED
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config
from trilab.nos.names import is_port
from trilab.nos.session import Session
from trilab.nos.show.text import HARDWARE, SOFTWARE, base_mac, clock_text, serial, software

HELP = {
    "show": "Show running system information",
    "running-config": "Current operating configuration",
    "interface": "Show interface configuration",
    "startup-config": "Contents of startup configuration",
    "version": "System hardware and software status",
    "inventory": "Show the physical inventory",
    "users": "Display information about terminal lines",
    "clock": "Display the system clock",
    "history": "Display the session command history",
    "privilege": "Show current privilege level",
    "ip": "IP information",
    "ssh": "Information on SSH",
    "hosts": "IP domain-name, lookup style, nameservers, and host table",
}


def commands() -> list[Command]:
    """``show`` of the system."""
    made = [
        (PRIVILEGED, "running-config", _running),
        (PRIVILEGED, "running-config interface <name:ifname(port,sub,svi,channel,radio,bvi,loop)>", _running_interface),
        (PRIVILEGED, "startup-config", _startup),
        (EXEC, "version", _version),
        (EXEC, "inventory", _inventory),
        (EXEC, "users", _users),
        (EXEC, "clock", _clock),
        (EXEC, "history", _history),
        (EXEC, "privilege", _privilege),
        (EXEC, "ip ssh", _ip_ssh),
        (EXEC, "hosts", _hosts),
    ]
    return [Command(modes, f"show {text}", run, HELP) for modes, text, run in made]


def _size(text: str) -> int:
    return len(text.encode())


def _running(s: Session, m: Match) -> None:
    text = s.device.running()
    s.out(f"Building configuration...\n\nCurrent configuration : {_size(text)} bytes")
    s.out(text)


def _running_interface(s: Session, m: Match) -> None:
    if m["name"] not in s.device.config.interfaces:
        raise CommandError("% Interface " + m["name"] + " does not exist")
    text = running.render_interface(s.device.config, m["name"])
    s.out(f"Building configuration...\n\nCurrent configuration : {_size(text)} bytes")
    s.out(text)


def _startup(s: Session, m: Match) -> None:
    text = s.device.nvram.read()
    if text is None:
        raise CommandError("startup-config is not present")
    s.out(f"Using {_size(text)} out of 65536 bytes")
    s.out(text)


def uptime_text(seconds: float) -> str:
    """``1 day, 2 hours, 3 minutes``."""
    minutes = int(seconds // 60)
    counts = [(minutes // 10080, "week"), (minutes // 1440 % 7, "day"), (minutes // 60 % 24, "hour")]
    counts = [*((count, word) for count, word in counts if count), (minutes % 60, "minute")]
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts)


def _version(s: Session, m: Match) -> None:
    role = s.device.config.role
    image = SOFTWARE[role][2]
    board = serial(s)
    ports = sum(is_port(name) for name in s.device.config.interfaces)
    lines = [
        software(role),
        "trilab: an IOS-style command line for training; not the software of any vendor",
        "",
        "ROM: Bootstrap program is trilab",
        "",
        f"{s.device.config.hostname} uptime is {uptime_text(s.device.dataplane.uptime())}",
        "System returned to ROM by power-on",
        f'System image file is "flash:{image}"',
        "",
        f"cisco {HARDWARE[role]} (trilab) processor with 65536K bytes of memory.",
        f"Processor board ID {board}",
        f"{ports} Gigabit Ethernet interface{'' if ports == 1 else 's'}",
        "64K bytes of flash-simulated non-volatile configuration memory.",
        f"Base ethernet MAC Address       : {base_mac(s).upper()}",
        f"Model number                    : {HARDWARE[role]}",
        f"System serial number            : {board}",
        "",
        f"Configuration register is {'0x2102' if role == 'router' else '0xF'}",
        "",
    ]
    s.out("\n".join(lines))


def _inventory(s: Session, m: Match) -> None:
    model = HARDWARE[s.device.config.role]
    s.out(f'NAME: "1", DESCR: "{model}"\nPID: {model:<18}, VID: V01  , SN: {serial(s)}\n')


def _idle_text(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _users(s: Session, m: Match) -> None:
    s.out("    Line       User       Host(s)              Idle       Location")
    for other in sorted(s.device.sessions, key=lambda one: (one.kind != "console", one.number)):
        if other.hidden:
            continue
        mark = "*" if (other.kind, other.number) == (s.kind, s.number) else " "
        absolute = 0 if other.kind == "console" else other.number + 1
        name = f"{absolute:3d} {'con' if other.kind == 'console' else 'vty'} {other.number}"
        # On the console nobody gives a name: IOS leaves the user empty.
        user = "" if other.kind == "console" else other.user
        row = f"{mark}{name:<10} {user:<10} {'idle':<20} {_idle_text(other.idle())} {other.source}"
        s.out(row.rstrip())
    s.out("\n  Interface    User               Mode         Idle     Peer Address\n")


def _clock(s: Session, m: Match) -> None:
    s.out(clock_text(s.device.now(), sure=s.device.clock_offset is not None))


def _history(s: Session, m: Match) -> None:
    s.out("\n".join(f"  {line}" for line in s.history.lines))


def _privilege(s: Session, m: Match) -> None:
    s.out(f"Current privilege level is {s.level}")


def ssh_ready(config: Config) -> bool:
    """Whether the device has what its SSH server needs."""
    return config.rsa_bits is not None and (config.ssh_version != 2 or config.rsa_bits >= 768)


def _ip_ssh(s: Session, m: Match) -> None:
    config = s.device.config
    version = {None: "1.99", 1: "1.5", 2: "2.0"}[config.ssh_version]
    state = "Enabled" if ssh_ready(config) else "Disabled"
    s.out(f"SSH {state} - version {version}")
    if not ssh_ready(config):
        s.out("%Please create RSA keys to enable SSH (and of atleast 768 bits for SSH v2).")
    s.out(f"Authentication timeout: {config.ssh_timeout} secs; Authentication retries: {config.ssh_retries}")


def _hosts(s: Session, m: Match) -> None:
    config = s.device.config
    s.out(f"Default domain is {config.domain_name or 'not set'}")
    s.out(f"Name/address lookup uses {'domain service' if config.domain_lookup else 'static mappings'}")
    s.out(f"Name servers are {'255.255.255.255' if config.domain_lookup else ''}\n")
    s.out("Host                      Port  Flags      Age Type   Address(es)")
