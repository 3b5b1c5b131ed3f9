"""An unanswered call that leaves a message; the message is looked at, listened to, and removed again."""

from __future__ import annotations

import base64
import io
import re
import time
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trilab.capture import tone
from trilab.errors import ObservationError
from trilab.grading.live import spool, voice
from trilab.grading.live.context import Context
from trilab.grading.requests import Voicemail, VoicemailSeen
from trilab.probe.call import Phone, PhoneError

ANSWER = 45.0  # seconds: no subject asks for more ringing
ALONE = 0.6  # seconds that a recording without greeting may take to begin, before # is pressed
GREETING = 20.0  # seconds until the recording begins
MESSAGE = 1.5  # seconds of message
_BOX = re.compile(r"([0-9A-Za-z._-]+)(?:@([0-9A-Za-z._-]+))?")


def _inbox(mailbox: str) -> str:
    match = _BOX.fullmatch(mailbox)
    if match is None:
        raise ObservationError(f"Boîte vocale « {mailbox} » illisible.")
    return f"{spool.SPOOL}/{match[2] or 'default'}/{match[1]}"


@dataclass(frozen=True)
class _Attempt:
    """One call to the voicemail. ``new``: messages that it left, not yet removed."""

    answered: bool
    rang: float
    detail: str
    before: set[str]
    new: list[str]
    files: dict[str, Path]


def voicemail(context: Context, request: Voicemail) -> VoicemailSeen:
    """See :class:`Voicemail`. The key # skips the greeting; where that spoils the message, the call is made again."""
    ipbx, folder = voice.ipbx_of(context), _inbox(request.mailbox)
    heard: tuple[float, float | None, tuple[str, ...]] = (0.0, None, ())
    removed = True
    with (
        context.exclusive(request),
        context.phone(request.caller) as caller,
        spool.left_as_found(context, ipbx, request.caller),
    ):
        started = time.time()
        for skip in (True, False):
            tried = _attempt(context, caller, request, (ipbx, folder), skip)
            if tried.new:
                heard = _listen(context, ipbx, folder, tried.new[-1], started)
                removed = spool.remove(context, ipbx, folder, tried.new)
            if not tried.answered or heard[1] is not None:
                break
    kept, frames = voice.keep(context, tried.files, _title(request), started)
    own = context.addresses(request.caller)
    messages = next(iter(frames.values()))
    return VoicemailSeen(
        evidence=(*kept, *heard[2]),
        answered=tried.answered,
        code=voice.final_code(messages, own[0][1].partition("/")[0] if own else ""),
        rang=round(tried.rang, 1),
        messages_before=len(tried.before),
        messages_after=len(tried.before) + len(tried.new),
        seconds=heard[0],
        tone_hz=heard[1],
        caller_tone=voice.tone_of(context, request.caller),
        removed=removed,
        ladder=voice.ladder(messages),
        detail=tried.detail,
    )


def _title(request: Voicemail) -> str:
    return f"messagerie {request.caller} vers {request.number}"


def _attempt(context: Context, caller: Phone, request: Voicemail, box: tuple[str, str], skip: bool) -> _Attempt:
    ipbx, folder = box
    where = [voice.Spot("ipbx", ipbx, context.peer(ipbx, "eth1"), (ipbx, "eth1"))]
    before = spool.messages(spool.listing(context, ipbx, folder))
    with voice.captured(context, where, _title(request)) as captures:
        answered, rang, detail = _leave(context, caller, request.number, box, skip)

        def arrived() -> bool:
            return not answered or bool(spool.messages(spool.listing(context, ipbx, folder)) - before)

        context.until(arrived, time.monotonic() + spool.SAVED)
    new = sorted(spool.messages(spool.listing(context, ipbx, folder)) - before)
    return _Attempt(answered, rang, detail, before, new, captures.files)


def _leave(context: Context, caller: Phone, number: str, box: tuple[str, str], skip: bool) -> tuple[bool, float, str]:
    """Dial, wait for the voicemail, speak, hang up. Whether it answered, seconds of ringing, a French detail."""
    begun = time.monotonic()
    try:
        caller.dial(number)
        if not caller.answered(ANSWER):
            reason = caller.last_call().get("reason")
            return False, time.monotonic() - begun, f"personne ne décroche ({reason or 'délai dépassé'})"
        rang = time.monotonic() - begun

        def recording() -> bool:
            return spool.recording(spool.listing(context, *box))

        if skip and not context.until(recording, time.monotonic() + ALONE):
            caller.ask("press", keys="#")
        context.until(lambda: recording() or caller.wait("idle", 0), time.monotonic() + GREETING)
        if not recording():
            return True, rang, "l'appel est décroché, mais rien n'est enregistré"
        caller.wait("idle", MESSAGE)  # true only when the IPBX hangs up first
        return True, rang, "la messagerie a décroché et enregistré"
    except PhoneError as error:
        return False, time.monotonic() - begun, str(error)
    finally:
        caller.end()


def _listen(
    context: Context, ipbx: str, folder: str, message: str, started: float
) -> tuple[float, float | None, tuple[str, ...]]:
    """Length in seconds and tone of a message, and the ids of its kept audio."""
    path = f"{folder}/{message}"
    files = {name for name in spool.listing(context, ipbx, folder) if name.startswith(f"{message}.")}
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
