"""The user agent baresip 1.1: its program, its configuration, its account line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trilab.phone.system import RUN, VOICE

CONTROL = ("127.0.0.1", 4444)
HOME = RUN / "baresip"
PROGRAM = RUN / "baresip-stable"
RECORDINGS = RUN / "rec"
REGISTER_EVERY = 60  # seconds
ORIGINAL = Path("/usr/bin/baresip")
CHANGING_CONTACT, STABLE_CONTACT = b"\0%r-%p\0", b"\0%r\0\0\0\0"

CONFIG = """poll_method epoll
sip_listen 0.0.0.0:5060
net_interface {interface}
call_local_timeout 180
call_max_calls 4
audio_player aubridge,nil
audio_source ausine,{tone}
audio_alert aubridge,nil
ausrc_srate 48000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
audio_level no
rtp_tos {tos}
rtp_ports 10000-20000
snd_path {recordings}
ringback_disabled yes
module_path /usr/lib/baresip/modules
module g711.so
module ausine.so
module aubridge.so
module sndfile.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {control}
"""


@dataclass(frozen=True)
class Account:
    """One account on one server, from one address; another value means another telephone."""

    extension: str
    secret: str
    server: str
    local: str  # our address
    dscp: int


def config(tone: int, dscp: int) -> str:
    """Its configuration: a tone in Hz as microphone, received sound recorded, DSCP of RTP."""
    control = ":".join(map(str, CONTROL))
    return CONFIG.format(interface=VOICE, tone=tone, tos=dscp << 2, recordings=RECORDINGS, control=control)


def account_line(account: Account) -> str:
    """The account as baresip writes it. It never answers by itself; G.711 A-law only."""
    options = f"auth_user={account.extension};auth_pass={account.secret};answermode=manual;regint={REGISTER_EVERY}"
    return f"<sip:{account.extension}@{account.server}>;{options};audio_codecs=PCMA/8000/1;mwi=no"


def stable(program: bytes) -> bytes:
    """The program with a contact address that is the same after each start, as a phone's is and as later releases do.

    Release 1.1 puts an address of its memory in the contact (``sip:101-0x55ca@…``). A server that allows one contact
    then refuses the phone after each restart until the former contact expires. Unchanged when not recognised.
    """
    return program.replace(CHANGING_CONTACT, STABLE_CONTACT) if program.count(CHANGING_CONTACT) == 1 else program


def prepare(tone: int, dscp: int) -> None:
    """Write the program and its files."""
    for folder in (HOME, RECORDINGS):
        folder.mkdir(parents=True, exist_ok=True)
    if not PROGRAM.exists():
        PROGRAM.write_bytes(stable(ORIGINAL.read_bytes()))
        PROGRAM.chmod(0o755)
    (HOME / "config").write_text(config(tone, dscp))
    (HOME / "contacts").touch()
