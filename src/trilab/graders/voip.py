"""Telephony: registrations, calls, voice quality marks, voicemail. One observed call serves several criteria."""

from __future__ import annotations

import re

from trilab.capture.names import linux_name, short_name
from trilab.capture.rows import Row
from trilab.french import count
from trilab.graders.sound import heard, stream_name
from trilab.grading import expect
from trilab.grading.expect import Fact
from trilab.grading.model import Finding, Verdict
from trilab.grading.observe import Observer
from trilab.grading.registry import Dscp, Extension, Interface, Node, Registry, VlanId
from trilab.grading.requests import (
    Addresses,
    Asterisk,
    Call,
    CallSeen,
    Dial,
    Leg,
    PhoneTraffic,
    SipRegister,
    Voicemail,
    VoicemailSeen,
)

checks = Registry()
_CONTACT = re.compile(
    r"Contact:\s+(?P<aor>[^/\s]+)/sips?:(?:[^@\s]+@)?(?P<host>[\d.]+)[^\s]*\s+(?P<hash>\S+)\s+(?P<state>\S+)"
)
_CHALLENGES = frozenset({401, 407})
_EARLY, _LATE = 1.0, 2.0  # seconds: a phone counts rings, not tenths; a busy machine is late
_GONE = frozenset({"Unavail", "Removed"})


@checks.check("voip.registered")
def registered(lab: Observer, *, ipbx: Node, extension: Extension, phone: Node) -> Finding:
    """Poste enregistré auprès de l'IPBX.

    The registrar holds a binding of the extension to this phone's own address (RFC 3261, 10.3).
    """
    answer, own = lab.ask(Asterisk(ipbx)), lab.ask(Addresses(phone))
    addresses = {address.partition("/")[0] for _, address in own.addresses}
    contacts = [match for match in _CONTACT.finditer(answer.text) if match["aor"] == extension]
    wanted = f"poste {extension} enregistré depuis {phone}"
    if not contacts:
        return expect.finding([Fact(False, wanted, f"aucun enregistrement du poste {extension}")], [answer, own])
    mine = [match for match in contacts if match["host"] in addresses]
    if not mine:
        hosts = ", ".join(match["host"] for match in contacts)
        return expect.finding([Fact(False, wanted, f"poste {extension} enregistré depuis {hosts}")], [answer, own])
    alive = mine[0]["state"] not in _GONE
    text = f"poste {extension} enregistré depuis {phone} ({mine[0]['host']})"
    return expect.finding([Fact(alive, wanted, text if alive else f"{text}, injoignable")], [answer, own])


@checks.check("voip.secret_required")
def secret_required(lab: Observer, *, ipbx: Node, accounts: dict[Extension, Node]) -> Finding:
    """Secret exigé pour s'enregistrer comme poste.

    A REGISTER without credentials is challenged by 401 or 407 (RFC 3261, 22), while the phone of that extension, which
    has the secret, is registered. ``accounts``: extension → phone.
    """
    facts, answers = [], []
    for extension, phone in accounts.items():
        seen = lab.ask(SipRegister(phone, ipbx, extension))
        answers.append(seen)
        wanted = f"poste {extension} : secret exigé"
        if seen.code is None:
            facts.append(Fact(None, wanted, f"poste {extension} : {ipbx} ne répond pas en SIP"))
            continue
        asked = seen.code in _CHALLENGES
        said = "secret exigé" if asked else "réponse sans demander le secret"
        facts.append(Fact(asked, wanted, f"poste {extension} : {said} ({seen.code})"))
        if asked and registered(lab, ipbx=ipbx, extension=extension, phone=phone).verdict is not Verdict.CONFORME:
            control = f"témoin non concluant : le poste {extension} n'est pas enregistré avec son secret"
            facts.append(Fact(None, f"poste {extension} enregistré avec son secret", control))
    return expect.finding(facts, answers)


@checks.check("voip.phone_vlan")
def phone_vlan(lab: Observer, *, phone: Node, vlan: VlanId) -> Finding:
    """Trafic du téléphone étiqueté dans le VLAN voix.

    Frames of the phone itself on its cable, seen from the switch (IEEE 802.1Q-2018, 9.6).
    """
    seen = lab.ask(PhoneTraffic(phone))
    wanted = f"trames de {phone} étiquetées {vlan}"
    if not seen.rows:
        return expect.finding([Fact(False, wanted, f"aucune trame IP de {phone} sur son câble")], [seen])
    tags = {row.vlan for row in seen.rows}
    shown = ", ".join("sans étiquette" if tag is None else str(tag) for tag in sorted(tags, key=lambda tag: tag or 0))
    return expect.finding([Fact(tags == {vlan}, wanted, f"trames de {phone} : {shown}")], [seen], wire=seen.rows)


def _step(call: CallSeen, wanted: str, *labels: str) -> Fact:
    """Whether one of the labels (``"BYE"``, ``"200 INVITE"``) is in the ladder seen at the IPBX."""
    for row in call.ladder:
        kind = row.label.split()[0]
        if kind in labels or f"{kind} {row.note.split(',')[0]}" in labels:
            return Fact(True, wanted, wanted)
    return Fact(False, wanted, f"sans {wanted}")


def _answered(call: CallSeen, request: Call) -> Fact:
    wanted = f"appel de {request.caller} vers {request.number} décroché par {request.callee}"
    return Fact(call.answered, wanted, wanted if call.answered else f"appel non établi : {call.detail}")


@checks.check("voip.call_signalling")
def call_signalling(lab: Observer, *, caller: Node, callee: Node, number: Extension) -> Finding:
    """Appel établi de bout en bout : sonnerie, réponse, raccroché.

    INVITE, 180 (or 183), 200, ACK, BYE at the IPBX (RFC 3261, 13 and 15), and the called phone is the one that rang.
    """
    request = Call(caller, callee, number)
    call = lab.ask(request)
    answered = _answered(call, request)
    steps = [
        _step(call, "INVITE", "INVITE"),
        _step(call, "sonnerie (180)", "180", "183"),
        _step(call, "réponse (200)", "200 INVITE"),
        _step(call, "ACK", "ACK"),
        _step(call, "BYE", "BYE"),
    ]
    return expect.finding([answered, *steps] if answered.ok else [answered], [call], wire=call.ladder)


def _phone_legs(call: CallSeen) -> list[Leg]:
    return [leg for leg in call.legs if leg.role in ("caller", "callee")]


def _not_answered(call: CallSeen, request: Call) -> Finding | None:
    fact = _answered(call, request)
    return None if fact.ok else expect.finding([fact], [call], wire=call.ladder)


@checks.check("voip.call_audio")
def call_audio(lab: Observer, *, caller: Node, callee: Node, number: Extension, tolerance: float = 15.0) -> Finding:
    """Voix dans les deux sens : chaque téléphone entend la tonalité de l'autre.

    Each phone plays its own tone; the RTP that arrives at the other holds it (FFT of the G.711 payload).
    ``tolerance`` in Hz.
    """
    request = Call(caller, callee, number)
    call = lab.ask(request)
    if finding := _not_answered(call, request):
        return finding
    tones = {"caller": call.callee_tone, "callee": call.caller_tone}
    names = {"caller": (caller, callee), "callee": (callee, caller)}
    facts = [heard(leg, *names[leg.role], tones[leg.role], tolerance) for leg in _phone_legs(call)]
    return expect.finding(facts, [call])


@checks.check("voip.rtp_dscp")
def rtp_dscp(lab: Observer, *, caller: Node, callee: Node, number: Extension, dscp: Dscp = 46) -> Finding:
    """Paquets de voix marqués pour la qualité de service.

    Every RTP packet on both phones' cables and the IPBX's, both ways: from the phones and from the IPBX
    (RFC 2474; 46 = EF, RFC 3246).
    """
    request = Call(caller, callee, number)
    call = lab.ask(request)
    if finding := _not_answered(call, request):
        return finding
    facts = []
    for leg in call.legs:
        for stream in leg.streams if leg.role != "trunk" else ():
            seen = ", ".join(map(str, stream.dscps))
            name = stream_name(call, stream)
            facts.append(Fact(set(stream.dscps) == {dscp}, f"voix {name} : DSCP {dscp}", f"voix {name} : DSCP {seen}"))
    return expect.finding(facts or [Fact(False, f"voix marquée DSCP {dscp}", "aucun paquet de voix")], [call])


@checks.check("voip.rtp_vlan")
def rtp_vlan(
    lab: Observer,
    *,
    caller: Node,
    callee: Node,
    number: Extension,
    vlan: VlanId,
    node: Node,
    interface: Interface,
) -> Finding:
    """Voix transportée dans le VLAN voix sur un lien donné.

    All RTP of the call on that link, both ways, carries this tag and no other (IEEE 802.1Q-2018, 9.6).
    """
    request = Call(caller, callee, number)
    call = lab.ask(request)
    if finding := _not_answered(call, request):
        return finding
    where = f"{node} {short_name(interface)}"
    end = f"{node}:{linux_name(interface)}"
    streams = [stream for leg in call.legs if end in leg.ends for stream in leg.streams]
    wanted = f"voix étiquetée {vlan} sur {where}"
    if not streams:
        return expect.finding([Fact(False, wanted, f"aucun paquet de voix sur {where}")], [call])
    facts = []
    for stream in streams:
        tags = ", ".join("aucune" if tag is None else str(tag) for tag in stream.vlans)
        text = f"voix {stream_name(call, stream)} sur {where} : étiquette {tags}"
        facts.append(Fact(set(stream.vlans) == {vlan}, wanted, text))
    return expect.finding(facts, [call])


@checks.check("voip.voicemail")
def voicemail(
    lab: Observer,
    *,
    caller: Node,
    number: Extension,
    mailbox: Extension,
    tolerance: float = 15.0,
    ring: float | None = None,
) -> Finding:
    """Messagerie : un appel sans réponse laisse un message audible.

    The IPBX answers in place of the phone, the mailbox grows by one message, and the message holds the caller's tone.
    ``ring``: seconds that the phone must ring before that, as seen on the wire.
    """
    seen = lab.ask(Voicemail(caller, number, mailbox))
    rung = [] if ring is None or not seen.answered else [_rung(seen.ladder, number, ring)]
    facts = [*rung, Fact(seen.answered, "la messagerie décroche", _picked_up(seen))]
    if seen.answered:
        grown = seen.messages_after - seen.messages_before
        facts.append(Fact(grown == 1, f"un nouveau message dans la boîte {mailbox}", _new_messages(grown)))
        if grown == 1:
            facts.append(_spoken(seen.tone_hz, seen.seconds, seen.caller_tone, tolerance))
    return expect.finding(facts, [seen], wire=seen.ladder)


def _picked_up(seen: VoicemailSeen) -> str:
    waited = f" (après {seen.rang:.0f} s)" if seen.rang else ""
    return f"{seen.detail.rstrip('.')}{waited}"


def _new_messages(number: int) -> str:
    return count(number, "nouveau message", "nouveaux messages")


def _rung(ladder: tuple[Row, ...], number: str, wanted: float) -> Fact:
    """How long the phone rang: from the first 180 or 183 to the CANCEL, or to the answer, whichever comes first."""
    expected = f"sonnerie de {wanted:g} s avant la messagerie"
    started = next((row.time for row in ladder if row.label.startswith(("180", "183"))), None)
    if started is None:
        return Fact(False, expected, f"le poste {number} ne sonne pas avant la messagerie")
    ends = (row.time for row in ladder if row.time > started and _ends_ringing(row))
    ended = next(ends, None)
    if ended is None:
        return Fact(None, expected, "fin de la sonnerie absente de la capture")
    seconds = ended - started
    return Fact(-_EARLY <= seconds - wanted <= _LATE, expected, f"sonnerie de {expect.decimal(seconds)} s")


def _ends_ringing(row: Row) -> bool:
    return row.label.startswith("CANCEL") or (row.label.startswith("200") and row.note.startswith("INVITE"))


def _spoken(tone: float | None, seconds: float, wanted: float, tolerance: float) -> Fact:
    expected = f"message audible ({wanted:.0f} Hz)"
    if tone is None:
        return Fact(False, expected, f"message de {expect.decimal(seconds)} s sans la tonalité de l'appelant")
    return Fact(abs(tone - wanted) <= tolerance, expected, f"message de {expect.decimal(seconds)} s, {tone:.0f} Hz")


@checks.check("voip.unknown_number")
def unknown_number(lab: Observer, *, caller: Node, number: Extension) -> Finding:
    """Numéro inconnu refusé.

    A final 4xx, 5xx or 6xx without ringing (RFC 3261, 21), while a known number rings from the same phone.
    """
    seen = lab.ask(Dial(caller, number))
    refused = seen.code is not None and seen.code >= 400 and not seen.ringing
    text = f"appel de {number} : {seen.detail}"
    facts = [Fact(refused, f"appel de {number} refusé sans sonner", text)]
    if refused:
        known = f"un numéro connu sonne depuis {caller}"
        if seen.control_rang:
            facts.append(Fact(True, known, f"{seen.control_number} sonne"))
        else:
            facts.append(Fact(None, known, f"témoin non concluant : {seen.control_detail}"))
    return expect.finding(facts, [seen], wire=seen.ladder)
