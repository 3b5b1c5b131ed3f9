"""The ``phone`` command: French for people, ``--json`` for programs (the replies of :mod:`trilab.phone.control`)."""

from __future__ import annotations

import json
import os
import select
import socket
import sys
from typing import Any, TextIO

from trilab.phone import SOCKET, text

Request = dict[str, Any]
USAGE, REFUSED, TIME_OVER, NO_DAEMON = 2, 1, 1, 3  # exit codes
OPTIONS = {"--secret": "secret", "--server": "server", "--timeout": "timeout"}
WORDS = {
    **{"show": 0, "log": 0, "answer": 0, "hangup": 0},
    **{"vlan": 1, "dscp": 1, "dial": 1, "press": 1, "account": 1, "wait": 1},
}
PARAMETER = {"vlan": "value", "dscp": "value", "dial": "number", "press": "keys", "account": "extension", "wait": "for"}
ALLOWED = {"account": {"secret", "server"}, "wait": {"timeout"}}


class UsageError(Exception):
    """Wrong words on the command line; the text is French."""


def parse(arguments: list[str]) -> Request:
    """The request of a command line without ``--json``. Raises UsageError."""
    words, options = _split(arguments)
    if not words:
        return {"op": "show"}
    operation, *rest = words
    if operation not in WORDS:
        raise UsageError(f"Commande « {operation} » inconnue.")
    if len(rest) != WORDS[operation]:
        raise UsageError(f"« phone {operation} » attend {WORDS[operation] or 'aucun'} mot après lui.")
    wrong = options.keys() - ALLOWED.get(operation, set())
    if wrong:
        raise UsageError(f"« phone {operation} » n’a pas d’option --{sorted(wrong)[0]}.")
    request: Request = {"op": operation, **options}
    if rest:
        request[PARAMETER[operation]] = rest[0]
    return _complete(request)


def _split(arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    words: list[str] = []
    options: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        word, equals, value = rest.pop(0).partition("=")
        if word not in OPTIONS:
            if word.startswith("--"):
                raise UsageError(f"Option « {word} » inconnue.")
            words.append(word + equals + value)
            continue
        if not equals:
            if not rest:
                raise UsageError(f"L’option {word} attend une valeur.")
            value = rest.pop(0)
        options[OPTIONS[word]] = value
    return words, options


def _complete(request: Request) -> Request:
    if request["op"] == "account":
        if request["extension"] in ("none", "aucun"):
            return {"op": "account", "extension": ""}
        if "secret" not in request:
            raise UsageError("« phone account POSTE » attend --secret SECRET.")
    if "timeout" in request:
        try:
            request["timeout"] = float(request["timeout"])
        except ValueError:
            raise UsageError("--timeout attend un nombre de secondes.") from None
    return request


def connect() -> socket.socket:
    """A connection to the daemon. Raises OSError when there is none."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(SOCKET)
    return sock


def ask(request: Request) -> Request:
    """One request, one reply. Raises OSError, ValueError."""
    with connect() as sock, sock.makefile("rw", encoding="utf-8") as stream:
        stream.write(json.dumps(request) + "\n")
        stream.flush()
        reply: Request = json.loads(stream.readline())
        return reply


def pipe() -> int:
    """Carry JSON lines between the standard streams and the daemon, until either end closes."""
    with connect() as sock:
        while True:
            ready, _, _ = select.select([0, sock.fileno()], [], [])
            data = os.read(0, 65536) if 0 in ready else None
            if data == b"":
                return 0
            if data:
                sock.sendall(data)
            if sock.fileno() in ready:
                data = sock.recv(65536)
                if not data:
                    return NO_DAEMON
                os.write(1, data)


def run(arguments: list[str], out: TextIO, errors: TextIO) -> int:
    """The whole command; gives its exit code."""
    as_json = "--json" in arguments
    words = [word for word in arguments if word != "--json"]
    if words and words[0] in ("help", "-h", "--help"):
        out.write(text.HELP)
        return 0
    try:
        if words == ["pipe"]:
            return pipe()
        request = parse(words)
        reply = ask(request)
    except UsageError as error:
        errors.write(f"{error}\nAide : phone help\n")
        return USAGE
    except (OSError, ValueError):
        errors.write("Le téléphone ne répond pas (ou ce nœud n’est pas un téléphone).\n")
        return NO_DAEMON
    if as_json:
        out.write(json.dumps(reply, ensure_ascii=False, indent=1) + "\n")
    elif not reply["ok"]:
        errors.write(reply["error"] + "\n")
    else:
        out.write(text.reply(request, reply))
    if not reply["ok"]:
        return REFUSED
    return 0 if reply.get("done", True) else TIME_OVER


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], sys.stdout, sys.stderr))
