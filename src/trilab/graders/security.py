"""Isolation, remote administration, secrets. A refusal only counts beside a success of the same moment."""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from typing import Literal

from trilab.french import count
from trilab.graders import ios
from trilab.graders.routing import reach_fact
from trilab.grading import expect
from trilab.grading.expect import Fact
from trilab.grading.model import Finding
from trilab.grading.observe import Observer
from trilab.grading.registry import Node, Registry
from trilab.grading.requests import Addresses, Enable, LoginSeen, SshLogin, TcpOpen, Tried, Try, Window

checks = Registry()
_PROTOCOLS: tuple[Literal["icmp", "tcp", "frame"], ...] = ("icmp", "tcp", "frame")
_PROTOCOL_NAMES = {"icmp": "ICMP", "tcp": "TCP", "frame": "ICMP par trame brute"}
TELNET, SSH = 23, 22
# "password 7 …" is encrypted; of a line, an account or enable: a banner or a description may hold the word as well.
_READABLE = re.compile(r"(?: +|enable |username .*?)password (?!7 )\S")


@checks.check("security.isolated")
def isolated(lab: Observer, *, source: Node, destinations: list[str], control: str, control_source: Node) -> Finding:
    """Isolement : la source ne joint aucune des destinations.

    Each destination is tried by ICMP and TCP, and by raw frames: a source that only bars itself is not isolated. In
    the same window ``source`` must reach ``control`` (it is connected) and ``control_source`` must reach each
    destination (it is alive); else nothing is proven.
    """
    connected = Try(source, control)
    alive = tuple(Try(control_source, target) for target in destinations)
    forbidden = tuple(Try(source, target, protocol) for target in destinations for protocol in _PROTOCOLS)
    seen = lab.ask(Window((connected, *alive), forbidden))
    facts = [_refused(source, target, seen.negative) for target in destinations]
    facts += [_control(tried) for tried in seen.positive]
    return expect.finding(facts, [seen])


def _refused(source: str, target: str, tried: tuple[Tried, ...]) -> Fact:
    through = [one for one in tried if one.attempt.destination == target and one.reached]
    wanted = f"{source} ne joint pas {target}"
    if not through:
        return Fact(True, wanted, wanted)
    how = ", ".join(_PROTOCOL_NAMES[one.attempt.protocol] for one in through)
    return Fact(False, wanted, f"{source} joint {target} ({through[0].address}) en {how}")


def _control(tried: Tried) -> Fact:
    """A positive control: its failure makes the criterion inconclusive, it does not blame."""
    fact = reach_fact(tried)
    return fact if fact.ok else Fact(None, fact.expected, f"témoin non concluant : {fact.observed}")


def _login_fact(seen: LoginSeen, request: SshLogin, privilege: int | None) -> Fact:
    who = f"{request.username}@{request.address} depuis {request.source}"
    wanted = f"connexion SSH {who}" + ("" if privilege is None else f", privilège {privilege}")
    if seen.outcome != "accepted":
        return Fact(False, wanted, f"connexion SSH {who} : {seen.detail}")
    level = level_of(seen.output)
    if privilege is None or level == privilege:
        return Fact(True, wanted, f"connexion SSH {who} acceptée" + ("" if level is None else f", privilège {level}"))
    if level is None:
        return Fact(None, wanted, f"connexion SSH {who} acceptée, niveau de privilège illisible")
    return Fact(False, wanted, f"connexion SSH {who} acceptée, mais privilège {level}")


def level_of(output: str) -> int | None:
    """The privilege level: as « show privilege » says, else 15 or 1 from the prompt.

    Its last mention counts: a banner comes before the answer, and may say anything.
    """
    if found := re.findall(r"privilege level is (\d+)", output):
        return int(found[-1])
    prompt = re.search(r"([>#]) ?\Z", output)
    return None if prompt is None else {"#": 15, ">": 1}[prompt[1]]


@checks.check("security.ssh_login")
def ssh_login(
    lab: Observer, *, source: Node, address: IPv4Address, username: str, password: str, privilege: int = 15
) -> Finding:
    """Connexion SSH avec le compte demandé, au niveau de privilège demandé.

    The login is made over the candidate's own network (RFC 4252, password method).
    """
    request = SshLogin(source, str(address), username, password)
    seen = lab.ask(request)
    return expect.finding([_login_fact(seen, request, privilege)], [seen])


@checks.check("security.ssh_refused_from")
def ssh_refused_from(
    lab: Observer, *, source: Node, address: IPv4Address, control_source: Node, username: str, password: str
) -> Finding:
    """Administration SSH refusée depuis un réseau non autorisé.

    The right password does not help from ``source``, while it opens from ``control_source``; ``source`` must have an
    address, else its failure proves nothing.
    """
    right = SshLogin(control_source, str(address), username, password)
    wrong = SshLogin(source, str(address), username, password)
    allowed, barred = lab.ask(right), lab.ask(wrong)
    wanted = f"SSH vers {address} refusé depuis {source}"
    facts = [Fact(barred.outcome != "accepted", wanted, f"SSH vers {address} depuis {source} : {barred.detail}")]
    if barred.outcome != "accepted":
        facts += [_as_control(_login_fact(allowed, right, None)), _has_address(lab, source)]
    return expect.finding(facts, [barred, allowed])


def _as_control(fact: Fact) -> Fact:
    return fact if fact.ok else Fact(None, fact.expected, f"témoin non concluant : {fact.observed}")


def _has_address(lab: Observer, node: str) -> Fact:
    found = lab.ask(Addresses(node)).addresses
    wanted = f"{node} a une adresse"
    return Fact(True, wanted, f"{node} : {found[0][1]}") if found else Fact(None, wanted, f"{node} n'a pas d'adresse")


@checks.check("security.telnet_refused")
def telnet_refused(lab: Observer, *, source: Node, address: IPv4Address, username: str, password: str) -> Finding:
    """Telnet refusé, SSH seul accepté.

    Port 23 does not open from ``source`` while an SSH login from there succeeds (IOS: transport input ssh).
    """
    request = SshLogin(source, str(address), username, password)
    telnet, login = lab.ask(TcpOpen(source, str(address), TELNET)), lab.ask(request)
    states = {"open": "ouvert", "refused": "refusé", "silent": "sans réponse", "prohibited": "filtré"}
    closed = telnet.state != "open"
    facts = [
        Fact(closed, f"port 23 (Telnet) de {address} fermé", f"port 23 de {address} : {states[telnet.state]}"),
        *([_as_control(_login_fact(login, request, None))] if closed else []),
    ]
    return expect.finding(facts, [telnet, login])


@checks.check("security.ssh_v2")
def ssh_v2(lab: Observer, *, node: Node, source: Node, address: IPv4Address) -> Finding:
    """SSH version 2 seulement.

    The server announces protocol 2.0 (RFC 4253, 4.2; 1.99 would accept version 1), as « ip ssh version 2 » makes it.
    """
    seen, config = lab.ask(TcpOpen(source, str(address), SSH)), ios.running(lab, node)
    announced = seen.greeting.partition("\n")[0].strip() or "aucune annonce"
    written = bool(ios.globals_of(config.text, "ip ssh version 2"))
    silent = seen.state == "open" and not seen.greeting  # connected, and not a word in time: nothing is proven
    facts = [
        Fact(
            None if silent else announced.startswith("SSH-2.0-"),
            f"{address} annonce SSH-2.0",
            f"{address} annonce : {announced}",
        ),
        Fact(written, "« ip ssh version 2 » sur " + node, f"« ip ssh version 2 » {'présent' if written else 'absent'}"),
    ]
    return expect.finding(facts, [seen, config])


@checks.check("security.enable_secret")
def enable_secret(lab: Observer, *, node: Node, secret: str) -> Finding:
    """Mot de passe du mode privilégié, stocké sous forme de condensat.

    « enable » opens with this secret and not with another (IOS command reference: enable secret).
    """
    config = ios.running(lab, node)
    hashed = bool(ios.globals_of(config.text, "enable secret "))
    seen = lab.ask(Enable(node, secret))
    opened = seen.accepted or seen.wrong_accepted
    facts = [
        Fact(hashed, "« enable secret » configuré", f"« enable secret » {'présent' if hashed else 'absent'}"),
        Fact(opened, f"« enable » s'ouvre sur {node} avec le secret demandé", f"{node} : {seen.detail}"),
        Fact(
            not seen.wrong_accepted,
            "un autre secret est refusé",
            f"{node} : {seen.detail}" if seen.wrong_accepted else "un autre secret est refusé",
        ),
    ]
    return expect.finding(facts, [seen, config])


@checks.check("security.password_encryption")
def password_encryption(lab: Observer, *, node: Node) -> Finding:
    """Mots de passe chiffrés dans la configuration.

    IOS command reference: service password-encryption; no password stays readable.
    """
    config = ios.running(lab, node)
    on = "service password-encryption" in ios.lines(config.text)
    readable = [line for line in ios.lines(config.text) if _READABLE.match(line)]
    facts = [
        Fact(on, "« service password-encryption »", f"« service password-encryption » {'actif' if on else 'absent'}"),
        Fact(
            not readable,
            "aucun mot de passe lisible",
            count(len(readable), "mot de passe lisible", "mots de passe lisibles"),
        ),
    ]
    return expect.finding(facts, [config])


def banner_text(config: str) -> str:
    """The text of ``banner motd``, between its delimiters (``^C``, or the character that follows)."""
    match = re.search(r"^banner motd (\^C|\S)(.*?)\1", config.replace("\r", ""), re.MULTILINE | re.DOTALL)
    return "" if match is None else match[2].strip()


@checks.check("security.banner")
def banner(lab: Observer, *, node: Node, contains: str) -> Finding:
    """Bannière d'avertissement.

    IOS command reference: banner motd. Case and spacing do not matter.
    """
    config = ios.running(lab, node)
    return expect.finding([expect.contains("bannière", contains, banner_text(config.text))], [config])


@checks.check("security.wrong_password_refused")
def wrong_password_refused(
    lab: Observer, *, source: Node, address: IPv4Address, username: str, password: str
) -> Finding:
    """Mauvais mot de passe refusé.

    The same account with another password is refused by the server, while the right one opens.
    """
    right = SshLogin(source, str(address), username, password)
    wrong = SshLogin(source, str(address), username, f"{password}-faux")
    good, bad = lab.ask(right), lab.ask(wrong)
    wanted = f"mauvais mot de passe refusé pour {username}@{address}"
    refused = {"refused": True, "accepted": False, "no-service": None}[bad.outcome]
    facts = [Fact(refused, wanted, f"avec un mauvais mot de passe : {bad.detail}")]
    if bad.outcome != "accepted":
        facts.append(_as_control(_login_fact(good, right, None)))
    return expect.finding(facts, [bad, good])
