"""Device-wide settings: name, services, banner, DNS, SSH and its key, spanning tree."""

from __future__ import annotations

import re

from trilab.nos.context import CommandError, Context
from trilab.nos.defaults import HOSTNAMES
from trilab.nos.features import syslog
from trilab.nos.features.syslog import Logging
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config

VERSION = "15.0"
HELP = {
    "hostname": "Set system's network name",
    "<hostname>": "This system's network name",
    "version": "Version of the configuration",
    "service": "Modify use of network based services",
    "password-encryption": "Encrypt system passwords",
    "banner": "Define a login banner",
    "motd": "Set Message of the Day banner",
    "<banner>": "c banner-text c, where 'c' is a delimiting character",
    "ip": "Global IP configuration subcommands",
    "domain-name": "Define the default domain name",
    "domain": "IP DNS Resolver",
    "name": "Define the default domain name",
    "<domain>": "Default domain name",
    "domain-lookup": "Enable IP Domain Name System hostname translation",
    "lookup": "Enable IP Domain Name System hostname translation",
    "ssh": "Configure ssh options",
    "<version>": "Protocol version",
    "time-out": "Specify SSH time-out interval",
    "<timeout>": "SSH time-out interval (secs)",
    "authentication-retries": "Specify number of authentication retries",
    "<retries>": "Number of authentication retries",
    "crypto": "Encryption module",
    "key": "Long term key operations",
    "generate": "Generate new keys",
    "zeroize": "Remove keys",
    "rsa": "RSA keys",
    "general-keys": "Generate a general purpose RSA key pair for signing and encryption",
    "modulus": "Provide number of modulus bits on the command line",
    "<bits>": "size of the key modulus [360-4096]",
}
SSH_VERSION_HELP = {**HELP, "version": "Specify protocol version to be supported"}
_SHORT_KEY = "Please create RSA keys (of at least 768 bits size) to enable SSH v2."


def commands() -> list[Command]:
    """Commands of the global configuration mode."""
    g = ("config",)
    return [
        Command(g, "hostname <hostname:word>", _hostname, HELP, no="hostname [<hostname:word>]", undo=_no_hostname),
        Command(g, "version <version:word>", _version, HELP),
        Command(g, "service password-encryption", _encrypt, HELP, undo=_no_encrypt),
        Command(g, "banner motd <banner:raw>", _banner, HELP, no="banner motd", undo=_no_banner, ask=_ask_banner),
        Command(g, "ip domain-name <domain:word>", _domain, HELP, no="ip domain-name [<domain:word>]", undo=_no_domain),
        Command(g, "ip domain name <domain:word>", _domain, HELP, no="ip domain name [<domain:word>]", undo=_no_domain),
        Command(g, "ip (domain-lookup | domain lookup)", _lookup, HELP, undo=_no_lookup),
        Command(g, "ip ssh version <version:int(1,2)>", _ssh_version, SSH_VERSION_HELP,
                no="ip ssh version [<version:int(1,2)>]", undo=_no_ssh_version),
        Command(g, "ip ssh time-out <timeout:int(1,120)>", _ssh_timeout, HELP,
                no="ip ssh time-out [<timeout:int(1,120)>]", undo=_no_ssh_timeout),
        Command(g, "ip ssh authentication-retries <retries:int(0,5)>", _ssh_retries, HELP,
                no="ip ssh authentication-retries [<retries:int(0,5)>]", undo=_no_ssh_retries),
        Command(g, "crypto key generate rsa [general-keys] [modulus <bits:int(360,4096)>]", _generate, HELP,
                ask=_ask_bits),
        Command(g, "crypto key zeroize rsa", _zeroize, HELP, ask=_ask_zeroize),
    ]  # fmt: skip


def _hostname(c: Context, m: Match) -> None:
    name = m["hostname"]
    if not re.fullmatch(r"[A-Za-z](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?", name) or len(name) > 63:
        raise CommandError("% Hostname contains one or more illegal characters.")
    c.config.hostname = name


def _no_hostname(c: Context, m: Match) -> None:
    c.config.hostname = HOSTNAMES[c.config.role]


def _version(c: Context, m: Match) -> None:
    if m["version"] != VERSION:
        raise CommandError(f"% This software reads configurations of version {VERSION}")


def _encrypt(c: Context, m: Match) -> None:
    c.config.password_encryption = True


def _no_encrypt(c: Context, m: Match) -> None:
    c.config.password_encryption = False


def delimiter_of(text: str) -> str:
    """The delimiter that opens a banner: ``^C`` (as running-config shows it), ETX, or one character."""
    return "^C" if text.startswith("^C") else text[:1]


def _ask_banner(c: Context, m: Match) -> str:
    """Read the lines up to the closing delimiter; what follows it is dropped, as on IOS."""
    given: str = m["banner"]
    delimiter = delimiter_of(given)
    text = given[len(delimiter) :]
    if delimiter not in text:
        c.say(f"Enter TEXT message.  End with the character '{delimiter}'.")
    while delimiter not in text:
        more = c.read_line("")
        if more is None:
            raise CommandError("% Banner not ended")
        text += "\n" + more
    return text.partition(delimiter)[0]


def _banner(c: Context, m: Match) -> None:
    text = m.answer
    c.config.banner_motd = text or None


def _no_banner(c: Context, m: Match) -> None:
    c.config.banner_motd = None


def _domain(c: Context, m: Match) -> None:
    c.config.domain_name = m["domain"]


def _no_domain(c: Context, m: Match) -> None:
    c.config.domain_name = None


def _lookup(c: Context, m: Match) -> None:
    c.config.domain_lookup = True


def _no_lookup(c: Context, m: Match) -> None:
    c.config.domain_lookup = False


def _ssh_version(c: Context, m: Match) -> None:
    c.config.ssh_version = m["version"]
    if m["version"] == 2 and (c.config.rsa_bits or 0) < 768 and c.interactive:
        c.say(_SHORT_KEY)


def _no_ssh_version(c: Context, m: Match) -> None:
    c.config.ssh_version = None


def _ssh_timeout(c: Context, m: Match) -> None:
    c.config.ssh_timeout = m["timeout"]


def _no_ssh_timeout(c: Context, m: Match) -> None:
    c.config.ssh_timeout = 120


def _ssh_retries(c: Context, m: Match) -> None:
    c.config.ssh_retries = m["retries"]


def _no_ssh_retries(c: Context, m: Match) -> None:
    c.config.ssh_retries = 3


def _key_name(c: Context) -> str:
    config = c.config
    if config.hostname == HOSTNAMES[config.role]:
        raise CommandError(f"% Please define a hostname other than {config.hostname}.")
    if config.domain_name is None:
        raise CommandError("% Please define a domain-name first.")
    return f"{config.hostname}.{config.domain_name}"


def _ask_bits(c: Context, m: Match) -> str:
    name = _key_name(c)
    bits = m.get("bits")
    if c.config.rsa_bits is not None and bits is None:
        c.say(f"% You already have RSA keys defined named {name}.")
        if not yes(c.read_line("% Do you really want to replace them? [yes/no]: ")):
            raise CommandError("")
    if bits is None:
        c.say(f"The name for the keys will be: {name}")
        c.say("Choose the size of the key modulus in the range of 360 to 4096 for your")
        c.say("  General Purpose Keys. Choosing a key modulus greater than 512 may take")
        c.say("  a few minutes.\n")
        return _read_bits(c)
    if c.config.rsa_bits is not None:
        c.say("% You already have RSA keys defined named " + name + ".")
        c.say("% They will be replaced.\n")
    else:
        c.say(f"The name for the keys will be: {name}\n")
    return str(bits)


def _read_bits(c: Context) -> str:
    while True:
        typed = c.read_line("How many bits in the modulus [512]: ")
        if typed is None:
            raise CommandError("")
        text = typed.strip() or "512"
        if text.isdecimal() and 360 <= int(text) <= 4096:
            return text
        c.say("% A decimal number between 360 and 4096.")


def _generate(c: Context, m: Match) -> None:
    bits = int(m.answer)
    c.config.rsa_bits = bits
    c.say(f"% The key modulus size is {bits} bits")
    c.say(f"% Generating {bits} bit RSA keys, keys will be non-exportable...[OK]\n")


def yes(typed: str | None) -> bool:
    """Whether an answer begins ``yes``."""
    return bool(typed) and "yes".startswith((typed or "").strip().lower())


def _ask_zeroize(c: Context, m: Match) -> str:
    if c.config.rsa_bits is None:
        raise CommandError("% No Signature RSA Keys found in configuration.\n")
    c.say("% All RSA keys will be removed.")
    c.say("% All router certs issued using these keys will also be removed.")
    if not yes(c.read_line("Do you really want to remove these keys? [yes/no]: ")):
        raise CommandError("")
    return "yes"


def _zeroize(c: Context, m: Match) -> None:
    c.config.rsa_bits = None


def render_head(config: Config) -> list[str]:
    """From ``version`` to the host name."""
    no = "" if config.password_encryption else "no "
    head = ["!", f"version {VERSION}", *syslog.stamps(config), f"{no}service password-encryption"]
    if config.parts[Logging].sequence:
        head.append("service sequence-numbers")
    return [*head, "!", f"hostname {config.hostname}", "!"]


def render_names(config: Config) -> list[str]:
    """Domain name and lookup."""
    lines = [] if config.domain_lookup else ["no ip domain-lookup"]
    if config.domain_name is not None:
        lines.append(f"ip domain-name {config.domain_name}")
    return [*lines, "!"] if lines else []


def render_ssh(config: Config) -> list[str]:
    """``ip ssh`` lines that are not defaults."""
    lines = []
    if config.ssh_timeout != 120:
        lines.append(f"ip ssh time-out {config.ssh_timeout}")
    if config.ssh_retries != 3:
        lines.append(f"ip ssh authentication-retries {config.ssh_retries}")
    if config.ssh_version is not None:
        lines.append(f"ip ssh version {config.ssh_version}")
    return [*lines, "!"] if lines else []


def render_banner(config: Config) -> list[str]:
    """The banner between ``^C``, or between another character when the text holds that."""
    text = config.banner_motd
    if text is None:
        return []
    delimiter = next(mark for mark in ("^C", *"#@%~$&|!*+=;:`<>") if mark not in text)
    return [f"banner motd {delimiter}{text}{delimiter}", "!"]
