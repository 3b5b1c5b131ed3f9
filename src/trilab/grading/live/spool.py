"""The voicemail spool of the IPBX: looking into it, and leaving it as it was found, whatever happens.

Any call may end in a mailbox: one that nobody answers in time does. What was in the spool before a call is noted beside
the lab's key, on the host: a grading that is killed half-way is tidied up by the next one.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from trilab.errors import ObservationError
from trilab.grading.live.context import Context
from trilab.probe.call import PhoneError

SPOOL = "/var/spool/asterisk/voicemail"
SAVED = 5.0  # seconds until the message is in the box
ENDED = 20.0  # seconds until the voicemail has noticed that the caller is gone; a busy machine takes some
LONGEST = 180.0  # seconds after the note in which a message may still be the probe's: two calls to the voicemail
NOTE = "voicemail.json"


class Note(BaseModel):
    """A call that is being made, by which phone, and what was there already.

    ``started``, ``until`` (Unix seconds): when a message may be the probe's; ``before``: messages, and files of calls
    that the voicemail holds or held when it was stopped; ``channels``: Asterisk's, of calls that go on.
    """

    model_config = ConfigDict(frozen=True)
    ipbx: str
    caller: str
    started: float
    until: float
    before: tuple[str, ...]
    channels: tuple[str, ...]


def listing(context: Context, ipbx: str, folder: str) -> dict[str, int]:
    """File → size, in a folder of the spool and below."""
    done = context.run(ipbx, ["find", folder, "-type", "f", "-printf", "%P %s\\n"], trusted=False)
    pairs = [line.rpartition(" ") for line in done.stdout.splitlines()]
    return {name: int(size) for name, _, size in pairs if size.isdigit()}


def messages(files: Collection[str]) -> set[str]:
    """The messages of every inbox, by the stem of their files."""
    return {name.removesuffix(".txt") for name in files if re.fullmatch(r"(?:.+/)?INBOX/msg\d+\.txt", name)}


def recording(files: dict[str, int]) -> bool:
    """Whether a message is being recorded: Asterisk writes it in ``tmp`` beside the inbox first."""
    return any(files[name] > 0 for name in _unfinished(files))


def _unfinished(files: Collection[str]) -> set[str]:
    """Files of calls that the voicemail holds: during the greeting they are there, empty."""
    return {name for name in files if "tmp" in name.split("/")[:-1]}


def remove(context: Context, ipbx: str, folder: str, found: Collection[str]) -> bool:
    """Remove the probe's own messages; whether none is left."""
    for message in found:
        files = [name for name in listing(context, ipbx, folder) if name.startswith(f"{message}.")]
        context.run(ipbx, ["rm", "-f", *(f"{folder}/{name}" for name in files)], trusted=False)
    return not set(found) & messages(listing(context, ipbx, folder))


@contextmanager
def left_as_found(context: Context, ipbx: str, caller: str) -> Iterator[None]:
    """Remove the messages that came in the block; what cannot be removed now stays noted for the next grading."""
    note = _noted(context, ipbx, caller)
    _path(context).write_text(note.model_dump_json(), encoding="utf-8")
    try:
        yield
    finally:
        try:
            done = tidy(context, note)
        except ObservationError:  # the IPBX went down: the note stays
            done = False
        if done:
            _path(context).unlink(missing_ok=True)


def recover(context: Context) -> None:
    """Tidy up after a grading that was killed or lost the IPBX. Raises ObservationError when the IPBX is down."""
    note = _kept(context)
    if note is None:
        return
    if note.ipbx in context.lab.nodes and note.caller in context.lab.nodes:
        _hang_up(context, note.caller)
        if not tidy(context, note):  # the note stays
            return
    _path(context).unlink()


def tidy(context: Context, note: Note) -> bool:
    """Wait until neither Asterisk nor its voicemail holds the call any more, then remove what came since the note.

    A call to an IPBX that was stopped goes on when the IPBX does: nothing has told it that the caller is gone.

    Returns:
        Whether nothing more can come of that call.

    Raises:
        ObservationError: the IPBX does not answer.
    """

    def free() -> bool:
        held = _unfinished(listing(context, note.ipbx, SPOOL)) - set(note.before)
        return not held and not _channels(context, note.ipbx) - set(note.channels)

    ended = time.time() > note.until or context.until(free, time.monotonic() + ENDED)
    came = messages(listing(context, note.ipbx, SPOOL)) - set(note.before)
    ours = [one for one in sorted(came) if note.started - 1 <= _begun(context, note, one) <= note.until]
    if ours:
        remove(context, note.ipbx, SPOOL, ours)
    return ended


def _noted(context: Context, ipbx: str, caller: str) -> Note:
    """The note of a call that begins; what an earlier call may still leave behind is noted with it."""
    now, files = time.time(), listing(context, ipbx, SPOOL)
    before, channels = messages(files) | _unfinished(files), _channels(context, ipbx)
    note = Note(
        ipbx=ipbx,
        caller=caller,
        started=now,
        until=now + LONGEST,
        before=tuple(sorted(before)),
        channels=tuple(sorted(channels)),
    )
    old = _kept(context)
    if old is None or old.ipbx != ipbx or old.until < now:
        return note
    return old.model_copy(update={"caller": caller, "until": note.until})


def _kept(context: Context) -> Note | None:
    """The note that an earlier call left; one that was killed while writing it had done nothing yet."""
    path = _path(context)
    try:
        return Note.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValidationError:
        path.unlink()
        return None


def _channels(context: Context, ipbx: str) -> set[str]:
    """Asterisk's channels, by name; none where it does not run."""
    done = context.run(ipbx, ["asterisk", "-rx", "core show channels concise"], trusted=False)
    return {line.partition("!")[0] for line in done.stdout.splitlines() if "!" in line}


def _begun(context: Context, note: Note, message: str) -> float:
    """When a message was left (Unix seconds), as its ``origtime`` says; 0 when it does not."""
    done = context.run(note.ipbx, ["cat", f"{SPOOL}/{message}.txt"], trusted=False)
    match = re.search(r"^origtime=(\d+)$", done.stdout, re.MULTILINE)
    return float(match[1]) if match else 0.0


def _hang_up(context: Context, caller: str) -> None:
    try:
        with context.phone(caller) as phone:
            phone.end()
    except PhoneError:  # idle
        return


def _path(context: Context) -> Path:
    return context.lab.key_file.parent / NOTE
