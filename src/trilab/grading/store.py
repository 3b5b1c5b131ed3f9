"""Observations in a file, request by request, so that every verdict can be computed again without the lab."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast, get_args

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from trilab.errors import FileError, NotGradedError, ObservationError
from trilab.grading import observe, requests, wifi_requests
from trilab.grading.observe import Answer, Request

FILE = "observations.json"
VERSION = 1
A = TypeVar("A", bound=Answer)

_CLASSES = (
    observe.Cli,
    observe.Shell,
    requests.Addresses,
    requests.Window,
    requests.TaggedPing,
    requests.SshLogin,
    requests.Enable,
    requests.TcpOpen,
    requests.Lease,
    requests.PhoneTraffic,
    requests.Call,
    requests.Dial,
    requests.Voicemail,
    requests.Asterisk,
    requests.SipRegister,
    requests.Device,
    requests.DeadNodes,
    requests.Troubles,
    wifi_requests.Beacons,
    wifi_requests.Session,
    wifi_requests.Station,
)


class NotGraded(str):
    """The reason why there is no answer, and never can be on that device."""


def answer_class(request_class: type[Request[Any]]) -> type[Answer]:
    """The answer that a request promises, from its base ``Request[Answer]``."""
    (promised,) = get_args(request_class.__orig_bases__[0])  # type: ignore[attr-defined]
    if isinstance(promised, type):
        return promised
    name = getattr(promised, "__forward_arg__", promised)
    return cast(type[Answer], getattr(requests, name))


@cache
def _made(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Kept: making one costs more than all that it is used for."""
    return _made(kind)


def key(request: Request[Any]) -> str:
    """A text that is equal for equal requests."""
    value = to_jsonable_python(request)
    return f"{type(request).__name__} {json.dumps(value, sort_keys=True, ensure_ascii=False)}"


def dump(observed: Iterable[tuple[Request[Any], Answer | str]]) -> str:
    """The file's text. An answer given as text is the reason why there is none."""
    entries: list[dict[str, Any]] = []
    for request, answer in observed:
        entry: dict[str, Any] = {"ask": type(request).__name__, "request": to_jsonable_python(request)}
        if isinstance(answer, str):
            entry["not_graded" if isinstance(answer, NotGraded) else "impossible"] = answer
        else:
            entry["answer"] = to_jsonable_python(answer)
        entries.append(entry)
    entries.sort(key=lambda entry: json.dumps(entry, sort_keys=True))
    return json.dumps({"version": VERSION, "observations": entries}, ensure_ascii=False, indent=1) + "\n"


def load(path: Path) -> dict[str, Answer | str]:
    """Request key → answer, or the reason why there is none.

    Raises:
        FileError: the file is missing or is not such a file.
    """
    classes: Mapping[str, type[Request[Any]]] = {one.__name__: one for one in _CLASSES}
    found: dict[str, Answer | str] = {}
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["version"] != VERSION:
            raise ValueError(f"version {data['version']} du format, au lieu de {VERSION}")
        for entry in data["observations"]:
            kind = classes[entry["ask"]]
            request = _adapter(kind).validate_python(entry["request"])
            if "answer" in entry:
                found[key(request)] = _adapter(answer_class(kind)).validate_python(entry["answer"])
            elif "not_graded" in entry:
                found[key(request)] = NotGraded(entry["not_graded"])
            else:
                found[key(request)] = str(entry["impossible"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FileError(path, f"observations illisibles ({error}).") from error
    return found


class ReplayObserver:
    """Answers from recorded observations: what was not observed then cannot be observed now."""

    def __init__(self, path: Path) -> None:
        """``path``: ``observations.json``, or the directory that holds it."""
        self._found = load(path / FILE if path.is_dir() else path)

    def ask(self, request: Request[A]) -> A:
        """The recorded answer.

        Raises:
            NotGradedError: it could not be made on that device.
            ObservationError: there is none, or the observation had failed (with its reason).
        """
        answer = self._found.get(key(request))
        if answer is None:
            raise ObservationError("Cette observation n'a pas été enregistrée.")
        if isinstance(answer, NotGraded):
            raise NotGradedError(answer)
        if isinstance(answer, str):
            raise ObservationError(answer)
        return cast(A, answer)
