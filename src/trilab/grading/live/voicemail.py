"""An unanswered call that leaves a message; the message is looked at, listened to, and removed again."""

from __future__ import annotations

import base64
import io
import re
import time
import wave

import numpy as np

from trilab.capture import tone
from trilab.errors import ObservationError
from trilab.grading.live import voice
from trilab.grading.live.context import Context
from trilab.grading.live.phone import Phone, PhoneError
from trilab.grading.requests import Voicemail, VoicemailSeen

SPOOL = "/var/spool/asterisk/voicemail"
ANSWER = 45.0  # seconds: no subject asks for more ringing
GREETING = 30.0  # seconds until the recording begins
MESSAGE = 1.5  # seconds of message
SAVED = 5.0  # seconds until the message is in the box
_BOX = re.compile(r"([0-9A-Za-z._-]+)(?:@([0-9A-Za-z._-]+))?")


def _inbox(mailbox: str) -> str:
    match = _BOX.fullmatch(mailbox)
    if match is None:
        raise ObservationError(f"Boîte vocale « {mailbox} » illisible.")
    return f"{SPOOL}/{match[2] or 'default'}/{match[1]}"


def _listing(context: Context, ipbx: str, folder: str) -> dict[str, int]:
    """File → size, in a mailbox and below."""
    done = context.run(ipbx, ["find", folder, "-type", "f", "-printf", "%P %s\\n"], trusted=False)
    pairs = [line.rpartition(" ") for line in done.stdout.splitlines()]
    return {name: int(size) for name, _, size in pairs if size.isdigit()}


def _messages(files: dict[str, int]) -> set[str]:
    """The messages of the inbox, by the stem of their files."""
    return {name.removesuffix(".txt") for name in files if re.fullmatch(r"INBOX/msg\d+\.txt", name)}


def _recording(files: dict[str, int]) -> bool:
    """Whether a message is being recorded: Asterisk writes it in ``tmp`` beside the inbox first."""
    return any(name.startswith("tmp/") and size > 0 for name, size in files.items())


def voicemail(context: Context, request: Voicemail) -> VoicemailSeen:
    """See :class:`Voicemail`."""
    started, ipbx, folder = time.time(), voice.ipbx_of(context), _inbox(request.mailbox)
    where = [voice.Spot("ipbx", ipbx, context.peer(ipbx, "eth1"), (ipbx, "eth1"))]
    title = f"messagerie {request.caller} vers {request.number}"
    before = _messages(_listing(context, ipbx, folder))
    with Phone(context.lab, request.caller) as caller, voice.captured(context, where, title) as captures:
        answered, rang, detail = _leave(context, caller, request, ipbx, folder)
        context.until(
            lambda: not answered or len(_messages(_listing(context, ipbx, folder))) > len(before),
            time.monotonic() + SAVED,
        )
    kept, heard = voice.keep(context, captures.files, title, started)
    after = _messages(_listing(context, ipbx, folder))
    new = sorted(after - before)
    seconds, hertz, audio = _listen(context, ipbx, folder, new[-1], started) if new else (0.0, None, ())
    own = context.addresses(request.caller)
    messages = next(iter(heard.values()))
    return VoicemailSeen(
        evidence=(*kept, *audio),
        answered=answered,
        code=voice.final_code(messages, own[0][1].partition("/")[0] if own else ""),
        rang=round(rang, 1),
        messages_before=len(before),
        messages_after=len(after),
        seconds=seconds,
        tone_hz=hertz,
        caller_tone=voice.tone_of(context, request.caller),
        removed=_remove(context, ipbx, folder, new),
        ladder=voice.ladder(messages),
        detail=detail,
    )


def _leave(context: Context, caller: Phone, request: Voicemail, ipbx: str, folder: str) -> tuple[bool, float, str]:
    """Dial, wait for the voicemail, speak, hang up. Whether it answered, seconds of ringing, a French detail."""
    begun = time.monotonic()
    try:
        caller.ask("dial", number=request.number)
        if not caller.answered(ANSWER):
            reason = caller.last_call().get("reason")
            return False, time.monotonic() - begun, f"personne ne décroche ({reason or 'délai dépassé'})"
        rang = time.monotonic() - begun
        deadline = time.monotonic() + GREETING
        if not context.until(lambda: _recording(_listing(context, ipbx, folder)), deadline):
            return True, rang, "l'appel est décroché, mais rien n'est enregistré"
        caller.wait("idle", MESSAGE)  # true only when the IPBX hangs up first
        return True, rang, "la messagerie a décroché et enregistré"
    except PhoneError as error:
        return False, time.monotonic() - begun, str(error)
    finally:
        caller.end(voice.END)


def _listen(
    context: Context, ipbx: str, folder: str, message: str, started: float
) -> tuple[float, float | None, tuple[str, ...]]:
    """Length in seconds and tone of a message, and the ids of its kept audio."""
    path = f"{folder}/{message}"
    files = {name for name in _listing(context, ipbx, folder) if name.startswith(f"{message}.")}
    if f"{message}.wav" not in files:
        other = sorted(name for name in files if not name.endswith(".txt"))
        if not other:
            return 0.0, None, ()
        convert = f"file convert {folder}/{other[0]} {path}.wav"
        context.run(ipbx, ["asterisk", "-rx", convert], trusted=False)
    done = context.run(ipbx, ["base64", "-w", "0", f"{path}.wav"], trusted=False)
    data = base64.b64decode(done.stdout)
    title = f"message vocal {message.rpartition('/')[2]}"
    kept = (context.keeper.data("audio", ipbx, title, data, ".wav", started, time.time()),)
    seconds, hertz = analyse(data)
    return seconds, hertz, kept


def analyse(data: bytes) -> tuple[float, float | None]:
    """Length in seconds and tone of a WAV file of 16-bit samples; (0, None) when it is not one."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            rate, frames = file.getframerate(), file.readframes(file.getnframes())
            if file.getsampwidth() != 2:
                return 0.0, None
    except (wave.Error, EOFError):
        return 0.0, None
    samples = np.frombuffer(frames[: len(frames) // 2 * 2], dtype="<i2").astype(np.int32)
    found = tone.find(samples, rate)
    return round(len(samples) / rate, 1), None if found is None else found.hz


def _remove(context: Context, ipbx: str, folder: str, messages: list[str]) -> bool:
    """Remove the probe's own messages; whether none is left."""
    for message in messages:
        files = [name for name in _listing(context, ipbx, folder) if name.startswith(f"{message}.")]
        context.run(ipbx, ["rm", "-f", *(f"{folder}/{name}" for name in files)], trusted=False)
    return not set(messages) & _messages(_listing(context, ipbx, folder))
