"""What a check may ask beyond ``show`` commands: probes, logins, leases, calls. All values, all replayable."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from trilab.capture.rows import Row
from trilab.capture.rtp import Stream
from trilab.grading.observe import Answer, Request, Text

PHONES = "phones"  # exclusive: a phone takes part in one call at a time


@dataclass(frozen=True)
class Addresses(Request["AddressList"]):
    """The IPv4 addresses of a node's data interfaces, as its kernel has them."""

    node: str


@dataclass(frozen=True)
class AddressList(Answer):
    """``addresses``: (interface, address with prefix length), management and loopback left out."""

    addresses: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Try:
    """One attempt to reach ``destination`` (an address or a node's name) from ``source`` (a node)."""

    source: str
    destination: str
    protocol: Literal["icmp", "tcp", "frame"] = "icmp"  # frame: an ICMP echo beside the source's routes and filters
    port: int = 22  # TCP: a refusal (RST) also shows that the packet arrived and came back


@dataclass(frozen=True)
class Tried:
    """What came of a :class:`Try`. ``address``: the destination once resolved."""

    attempt: Try
    reached: bool
    address: str
    detail: str  # French


@dataclass(frozen=True)
class Window(Request["WindowSeen"]):
    """Attempts in one and the same time window.

    ``positive`` ones are repeated until each succeeds, at most ``deadline`` seconds; then all, ``negative`` ones
    included, are made once more together: a refusal only counts beside a success of the same moment.
    """

    positive: tuple[Try, ...]
    negative: tuple[Try, ...] = ()
    deadline: float = 6.0


@dataclass(frozen=True)
class WindowSeen(Answer):
    """The last results, in the order of the request."""

    positive: tuple[Tried, ...]
    negative: tuple[Tried, ...]


@dataclass(frozen=True)
class TaggedPing(Request["TaggedSeen"]):
    """Frames of a ping from ``source`` to ``destination``, captured on ``interface`` of ``node``."""

    node: str
    interface: str
    source: str
    destination: str


@dataclass(frozen=True)
class TaggedSeen(Answer):
    """``reached``: the ping was answered. ``rows``: the ICMP frames of that ping on the captured link."""

    reached: bool
    address: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class SshLogin(Request["LoginSeen"]):
    """An SSH login with a password over the candidate's own network, then ``show privilege``."""

    source: str
    address: str
    username: str
    password: str


@dataclass(frozen=True)
class LoginSeen(Answer):
    """``outcome``: ``refused`` = the server refused the password; ``no-service`` = no SSH server was reached."""

    outcome: Literal["accepted", "refused", "no-service"]
    banner: str  # the server's version line, "SSH-2.0-…"
    output: str  # of "show privilege"
    detail: str  # French


@dataclass(frozen=True)
class Enable(Request["EnableSeen"]):
    """``enable`` at the console of a switch or router, first with a wrong secret, then with ``secret``."""

    node: str
    secret: str


@dataclass(frozen=True)
class EnableSeen(Answer):
    """``wrong_accepted``: privileged mode opened without a secret, or with a wrong one."""

    accepted: bool
    wrong_accepted: bool
    detail: str  # French


@dataclass(frozen=True)
class TcpOpen(Request["TcpSeen"]):
    """A TCP connection from a node; ``greeting``: read what the server says first."""

    source: str
    address: str
    port: int


@dataclass(frozen=True)
class TcpSeen(Answer):
    """``state``: ``refused`` = a reset came back; ``silent`` = nothing came back; ``prohibited`` = a filter said no."""

    state: Literal["open", "refused", "silent", "prohibited"]
    greeting: str


@dataclass(frozen=True)
class Lease(Request["LeaseSeen"]):
    """A DHCP exchange made by a trusted client in ``node``, seen on the wire. ``wishes``: addresses asked for in turn
    (option 50) in Discover messages alone, which bind nothing: an excluded address must not be offered.
    """

    node: str
    wishes: tuple[str, ...] = ()


@dataclass(frozen=True)
class LeaseSeen(Answer):
    """Values as read in the packets. ``offers``: (address wished, address offered or empty)."""

    obtained: bool
    address: str
    prefixlen: int
    server: str
    relay: str
    vlan: int | None
    options: dict[int, str]
    offers: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class PhoneTraffic(Request["PhoneFrames"]):
    """IPv4 frames that a phone itself sends, captured on the switch's end of its cable while it pings its gateway."""

    phone: str


@dataclass(frozen=True)
class PhoneFrames(Answer):
    """``rows``: frames from the phone's own addresses."""

    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Call(Request["CallSeen"]):
    """A call that the callee answers, some seconds of audio, and the hang-up by the caller; captured everywhere."""

    exclusive: ClassVar[str] = PHONES
    caller: str
    callee: str
    number: str


LegRole = Literal["caller", "callee", "ipbx", "trunk"]


@dataclass(frozen=True)
class Leg:
    """One captured cable of a call. ``ends``: ``node:ethN`` of both ends. ``owner`` and ``address``: the phone or IPBX
    at its end (empty for a trunk).
    """

    role: LegRole
    ends: tuple[str, str]
    owner: str
    address: str
    streams: tuple[Stream, ...]


@dataclass(frozen=True)
class CallSeen(Answer):
    """``ladder``: SIP messages at the IPBX, oldest first. ``caller_tone``, ``callee_tone``: what each plays, in Hz."""

    answered: bool
    code: int | None  # last final SIP status of the caller's INVITE
    ladder: tuple[Row, ...]
    legs: tuple[Leg, ...]
    caller_tone: float
    callee_tone: float
    detail: str  # French


@dataclass(frozen=True)
class Dial(Request["DialSeen"]):
    """A call that nobody answers, given up as soon as it rings or is refused; then, as a control, the extension of
    another phone, given up as soon as it rings.
    """

    exclusive: ClassVar[str] = PHONES
    caller: str
    number: str


@dataclass(frozen=True)
class DialSeen(Answer):
    """``ringing``: the number rang. ``code``: its final SIP status when there was one before the caller gave up."""

    ringing: bool
    code: int | None
    ladder: tuple[Row, ...]
    detail: str  # French
    control_number: str
    control_rang: bool
    control_detail: str  # French


@dataclass(frozen=True)
class Voicemail(Request["VoicemailSeen"]):
    """An unanswered call that speaks to the voicemail, then hangs up; the message is removed again."""

    exclusive: ClassVar[str] = PHONES
    caller: str
    number: str
    mailbox: str


@dataclass(frozen=True)
class VoicemailSeen(Answer):
    """``rang``: seconds of ringing before the IPBX answered. ``tone_hz``: in the recorded message."""

    answered: bool
    code: int | None
    rang: float
    messages_before: int
    messages_after: int
    seconds: float  # length of the recorded message
    tone_hz: float | None
    caller_tone: float
    removed: bool
    ladder: tuple[Row, ...]
    detail: str


@dataclass(frozen=True)
class SipRegister(Request["SipAsked"]):
    """A REGISTER for ``extension`` without credentials and without Contact, from ``source`` to the node ``ipbx``."""

    source: str
    ipbx: str
    extension: str


@dataclass(frozen=True)
class SipAsked(Answer):
    """``code``: the final SIP status; None when nothing came back."""

    code: int | None


@dataclass(frozen=True)
class Asterisk(Request[Text]):
    """A command of the Asterisk console (``pjsip show contacts``)."""

    node: str
    command: str = field(default="pjsip show contacts")


@dataclass(frozen=True)
class Device(Request["DeviceSaid"]):
    """What a vendor's device says of itself; asked once our own commands were found not to be its own."""

    node: str
    getter: Literal["hostname", "vlans", "configurations"]


@dataclass(frozen=True)
class DeviceSaid(Answer):
    """What was asked for; the rest is empty. ``vlans``: (number, name)."""

    hostname: str = ""
    vlans: tuple[tuple[int, str], ...] = ()
    running: str = ""
    startup: str = ""


@dataclass(frozen=True)
class DeadNodes(Request["DeadSeen"]):
    """Which nodes no longer run, asked last: what passes through them proves nothing against a candidate."""


@dataclass(frozen=True)
class DeadSeen(Answer):
    """Names of dead nodes."""

    nodes: tuple[str, ...]


@dataclass(frozen=True)
class Troubles(Request["TroublesSeen"]):
    """What of the lab or of the ways into it does not work, asked last; see :class:`DeadNodes`."""


@dataclass(frozen=True)
class Trouble:
    """``dead``: the node runs nothing; ``full``: it cannot write; ``hung``: its telephony answers no more; ``access``:
    its management address answers no more; ``air``: the radio of this station has ended. ``detail``:
    French, after the node's name and a colon.
    """

    node: str
    kind: Literal["dead", "full", "hung", "access", "air"]
    detail: str


@dataclass(frozen=True)
class TroublesSeen(Answer):
    """All troubles, by node."""

    troubles: tuple[Trouble, ...]
