"""IEEE 802.1X on switch ports: nothing passes before a RADIUS server has let the user in (IOS: Auth Manager).

Works with ``aaa new-model`` and ``aaa authentication dot1x default group …``; a VLAN that the server assigns counts
with ``aaa authorization network default group …``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from trilab.nos.area import Area
from trilab.nos.context import CommandError, Context
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config, Interface
from trilab.nos.names import short
from trilab.nos.show.text import dotted

if TYPE_CHECKING:
    from trilab.nos.session import Session

AUTO, OPEN, CLOSED = "auto", "force-authorized", "force-unauthorized"
TX, QUIET, RETRIES, REAUTH = 30, 60, 2, 3600  # seconds but RETRIES; IOS security command reference, "dot1x timeout"
HELP = {
    "dot1x": "Interface Config Commands for IEEE 802.1X",
    "system-auth-control": "Enable or Disable SysAuthControl",
    "pae": "Set 802.1x interface pae type",
    "authenticator": "Set pae type as Authenticator",
    "port-control": "Set the port-control value",
    AUTO: "Automatically authenticate port",
    OPEN: "PortState set to Authorized",
    CLOSED: "PortState set to UnAuthorized",
    "authentication": "Auth Manager Interface Configuration Commands",
    "host-mode": "Set the Host mode for authentication on this interface",
    "single-host": "Single-Host Mode",
    "multi-host": "Multi-Host Mode",
    "event": "Set action for authentication events",
    "fail": "Configure failed authentication actions/params",
    "retry": "Configure number of retry attempts",
    "<retries>": "Number of failed authentications to retry",
    "no-response": "Configure non-responsive host actions",
    "action": "Configure action for the event",
    "authorize": "Authorize the port",
    "vlan": "Configure Authorization VLAN",
    "<vid>": "Enter a VlanId",
    "periodic": "Enable or Disable Reauthentication for this port",
    "timer": "Set authentication timer values",
    "reauthenticate": "Time after which an automatic re-authentication should be initiated",
    "<seconds>": "Time in seconds",
    "timeout": "Various Timeouts",
    "tx-period": "Timeout for supplicant retries",
    "quiet-period": "QuietPeriod in Seconds",
    "max-reauth-req": "Max No. of Reauthentication Attempts",
    "<times>": "Number of attempts",
    "show": "Show running system information",
    "clear": "Reset functions",
    "all": "Show 802.1x information for all interfaces",
    "interface": "Interface name",
    "details": "Detailed information",
    "sessions": "Auth Manager sessions",
}


@dataclass(frozen=True)
class Dot1x:
    """``dot1x system-auth-control``."""

    enabled: bool = False


@dataclass(frozen=True)
class Dot1xPort:
    """One port's settings; times are seconds."""

    control: str = OPEN
    pae: bool = False
    multi: bool = False  # host-mode multi-host
    fail_vlan: int | None = None
    fail_retry: int = RETRIES
    guest_vlan: int | None = None
    periodic: bool = False
    reauthenticate: int = REAUTH
    tx_period: int = TX
    quiet_period: int = QUIET
    max_requests: int = RETRIES  # max-reauth-req


@dataclass(frozen=True)
class Gate:
    """What 802.1X makes of a port now (the data plane puts it): closed, or open to one sender or to all."""

    closed: bool = False
    only: str | None = None


@dataclass(frozen=True)
class PortSession:
    """Who is behind a port. ``vlan``: assigned; ``seconds``: since it began."""

    status: Literal["Running", "Authz Success", "Authz Failed"]
    mac: str | None = None
    user: str = ""
    by: str = ""
    vlan: int | None = None
    seconds: int = 0
    number: int = 0


@dataclass(frozen=True)
class PortSessions:
    """Interface → its session (an observation)."""

    ports: Mapping[str, PortSession] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class ClearSessions:
    """Ask the data plane to close the sessions of a port, or all."""

    port: str | None = None


def controlled(config: Config, interface: Interface) -> bool:
    """Whether 802.1X decides about a port."""
    usable = config.role == "switch" and not interface.routed and interface.channel is None
    closable = interface.parts[Dot1xPort].control != OPEN
    return config.parts[Dot1x].enabled and usable and closable and interface.mode == "access"


def commands() -> list[Command]:
    """``dot1x`` and ``authentication``."""
    p = ("if-port",)
    control = f"({AUTO}=control | {OPEN}=control | {CLOSED}=control)"
    event, vlan = "authentication event", "action authorize vlan <vid:int(1,4094)>"
    timer = "<seconds:int(1,65535)>"
    made = [
        Command(("config",), "dot1x system-auth-control", _enable, HELP, undo=_disable),
        Command(p, "dot1x pae authenticator", _pae, HELP, undo=_no_pae),
        Command(p, f"authentication port-control {control}", _control, HELP,
                no="authentication port-control [<rest:line>]", undo=_no_control),
        Command(p, f"dot1x port-control {control}", _control, HELP, no="dot1x port-control [<rest:line>]",
                undo=_no_control),
        Command(p, "authentication host-mode (single-host=mode | multi-host=mode)", _mode, HELP,
                no="authentication host-mode [<rest:line>]", undo=_no_mode),
        Command(p, f"{event} fail [retry <retries:int(1,5)>] {vlan}", _fail, HELP, no=f"{event} fail [<rest:line>]",
                undo=_no_fail),
        Command(p, f"{event} no-response {vlan}", _guest, HELP, no=f"{event} no-response [<rest:line>]",
                undo=_no_guest),
        Command(p, "authentication periodic", _periodic, HELP, undo=_no_periodic),
        Command(p, f"authentication timer reauthenticate {timer}", _reauthenticate, HELP,
                no="authentication timer reauthenticate [<rest:line>]", undo=_no_reauthenticate),
        Command(p, f"dot1x timeout tx-period {timer}", _tx, HELP, no="dot1x timeout tx-period [<rest:line>]",
                undo=_no_tx),
        Command(p, f"dot1x timeout quiet-period {timer}", _quiet, HELP, no="dot1x timeout quiet-period [<rest:line>]",
                undo=_no_quiet),
        Command(p, "dot1x max-reauth-req <times:int(1,10)>", _requests, HELP, no="dot1x max-reauth-req [<rest:line>]",
                undo=_no_requests),
        Command(EXEC_MODES, "show dot1x [all | interface <port:ifname(port)>] [details]", _show_dot1x,
                {**HELP, "dot1x": "Dot1x information"}),
        Command(EXEC_MODES, "show authentication sessions [interface <port:ifname(port)>] [details]", _show_sessions,
                HELP),
        Command(("privileged",), "clear authentication sessions [interface <port:ifname(port)>]", _clear, HELP),
    ]  # fmt: skip
    return [replace(command, roles=("switch",)) for command in made]


def _set(c: Context, **values: object) -> None:
    for interface in c.interfaces():
        interface.parts.put(replace(interface.parts[Dot1xPort], **values))  # type: ignore[arg-type]


def _enable(c: Context, m: Match) -> None:
    c.config.parts.put(Dot1x(True))


def _disable(c: Context, m: Match) -> None:
    c.config.parts.put(Dot1x())


def _check(c: Context) -> None:
    for interface in c.interfaces():
        if interface.mode != "access" or interface.channel is not None or interface.routed:
            raise CommandError(f"Command rejected: Dot1x is supported only on static access ports: {interface.name}")


def _pae(c: Context, m: Match) -> None:
    _check(c)
    _set(c, pae=True)


def _no_pae(c: Context, m: Match) -> None:
    _set(c, pae=False)


def _control(c: Context, m: Match) -> None:
    if m["control"] != OPEN:
        _check(c)
    _set(c, control=m["control"])


def _no_control(c: Context, m: Match) -> None:
    _set(c, control=OPEN)


def _mode(c: Context, m: Match) -> None:
    _set(c, multi=m["mode"] == "multi-host")


def _no_mode(c: Context, m: Match) -> None:
    _set(c, multi=False)


def _fail(c: Context, m: Match) -> None:
    _set(c, fail_vlan=m["vid"], fail_retry=m.get("retries", RETRIES))


def _no_fail(c: Context, m: Match) -> None:
    _set(c, fail_vlan=None, fail_retry=RETRIES)


def _guest(c: Context, m: Match) -> None:
    _set(c, guest_vlan=m["vid"])


def _no_guest(c: Context, m: Match) -> None:
    _set(c, guest_vlan=None)


def _periodic(c: Context, m: Match) -> None:
    _set(c, periodic=True)


def _no_periodic(c: Context, m: Match) -> None:
    _set(c, periodic=False)


def _reauthenticate(c: Context, m: Match) -> None:
    _set(c, reauthenticate=m["seconds"])


def _no_reauthenticate(c: Context, m: Match) -> None:
    _set(c, reauthenticate=REAUTH)


def _tx(c: Context, m: Match) -> None:
    _set(c, tx_period=m["seconds"])


def _no_tx(c: Context, m: Match) -> None:
    _set(c, tx_period=TX)


def _quiet(c: Context, m: Match) -> None:
    _set(c, quiet_period=m["seconds"])


def _no_quiet(c: Context, m: Match) -> None:
    _set(c, quiet_period=QUIET)


def _requests(c: Context, m: Match) -> None:
    _set(c, max_requests=m["times"])


def _no_requests(c: Context, m: Match) -> None:
    _set(c, max_requests=RETRIES)


def render(config: Config) -> list[str]:
    """The global line."""
    return ["dot1x system-auth-control", "!"] if config.parts[Dot1x].enabled else []


def render_interface(config: Config, interface: Interface) -> list[str]:
    """The lines of a port that are not defaults."""
    port, none = interface.parts[Dot1xPort], Dot1xPort()
    retry = "" if port.fail_retry == RETRIES else f" retry {port.fail_retry}"
    lines = [
        (port.fail_vlan is not None, f"authentication event fail{retry} action authorize vlan {port.fail_vlan}"),
        (port.guest_vlan is not None, f"authentication event no-response action authorize vlan {port.guest_vlan}"),
        (port.multi, "authentication host-mode multi-host"),
        (port.control != OPEN, f"authentication port-control {port.control}"),
        (port.periodic, "authentication periodic"),
        (port.reauthenticate != none.reauthenticate, f"authentication timer reauthenticate {port.reauthenticate}"),
        (port.pae, "dot1x pae authenticator"),
        (port.quiet_period != none.quiet_period, f"dot1x timeout quiet-period {port.quiet_period}"),
        (port.tx_period != none.tx_period, f"dot1x timeout tx-period {port.tx_period}"),
        (port.max_requests != none.max_requests, f"dot1x max-reauth-req {port.max_requests}"),
    ]
    return [f" {line}" for there, line in lines if there]


def _chosen(s: Session, m: Match) -> list[Interface]:
    ports = s.device.config.interfaces.values()
    wanted = m.get("port")
    return [i for i in ports if i.parts[Dot1xPort].pae and wanted in (None, i.name)]


def _show_dot1x(s: Session, m: Match) -> None:
    if not m.has("interface"):
        state = "Enabled" if s.device.config.parts[Dot1x].enabled else "Disabled"
        s.out(f"Sysauthcontrol              {state}\nDot1x Protocol Version            2")
        s.out("Critical Recovery Delay        100\nCritical EAPOL            Disabled\n")
    if not m.words & {"all", "interface"}:
        return
    sessions = s.device.dataplane.observe(PortSessions).ports
    for interface in _chosen(s, m):
        port, rule = interface.parts[Dot1xPort], "-" * 35
        values = {
            "PAE": "AUTHENTICATOR", "PortControl": port.control.upper().replace("-", "_"), "ControlDirection": "Both",
            "HostMode": "MULTI_HOST" if port.multi else "SINGLE_HOST", "QuietPeriod": port.quiet_period,
            "ServerTimeout": 0, "SuppTimeout": 30, "ReAuthMax": port.max_requests, "MaxReq": 2,
            "TxPeriod": port.tx_period,
        }  # fmt: skip
        s.out(f"Dot1x Info for {interface.name}\n{rule}")
        s.out("\n".join(f"{name:<25} = {value}" for name, value in values.items()))
        session = sessions.get(interface.name)
        if m.has("details") and session is not None and session.mac is not None:
            s.out(f"\nDot1x Authenticator Client List\n{'-' * 31}\nSupplicant                = {dotted(session.mac)}")
            state = "AUTHENTICATED" if session.status == "Authz Success" and session.user else "CONNECTING"
            s.out(f"    Auth SM State         = {state}")
        s.out("")


def identity(session: PortSession) -> str:
    """A session's number as IOS writes it."""
    return f"{session.number:024X}"


def _show_sessions(s: Session, m: Match) -> None:
    found = s.device.dataplane.observe(PortSessions).ports
    chosen = {name: one for name, one in found.items() if m.get("port") in (None, name)}
    if not chosen:
        s.out("No Auth Manager contexts currently exist")
        return
    if m.has("interface") or m.has("details"):
        for name, session in chosen.items():
            _show_one(s, name, session)
        return
    s.out("\nInterface  MAC Address     Method   Domain   Status         Session ID\n" + "-" * 72)
    for name, session in chosen.items():
        mac = "(unknown)" if session.mac is None else dotted(session.mac)
        s.out(f"{short(name):<10} {mac:<15} dot1x    DATA     {session.status:<14} {identity(session)}")
    s.out("")


def _show_one(s: Session, name: str, session: PortSession) -> None:
    port = s.device.config.interfaces[name].parts[Dot1xPort]
    values = {
        "Interface": name,
        "MAC Address": "Unknown" if session.mac is None else dotted(session.mac),
        "User-Name": session.user or "UNRESPONSIVE",
        "Status": session.status,
        "Domain": "DATA",
        "Oper host mode": "multi-host" if port.multi else "single-host",
        "Oper control dir": "both",
        "Authorized By": session.by or "N/A",
        "Vlan Policy": session.vlan or "N/A",
        "Session timeout": f"{port.reauthenticate}s (local)" if port.periodic else "N/A",
        "Common Session ID": identity(session),
    }
    s.out("\n".join(f"{title:>21}:  {value}" for title, value in values.items()))
    state = {"Authz Success": "Authc Success" if session.user else "Failed over", "Authz Failed": "Authc Failed"}
    s.out(f"\nRunnable methods list:\n       Method   State\n       dot1x    {state.get(session.status, 'Running')}\n")


def _clear(s: Session, m: Match) -> None:
    s.device.dataplane.perform(ClearSessions(m.get("port")))


AREA = Area(commands, render, render_interface)
