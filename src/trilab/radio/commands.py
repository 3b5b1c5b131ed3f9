"""On a station: ``iw``, ``wpa_cli`` and ``wpa_supplicant``, acting on the station's radio in the guest.

Files stay the node's: ``wpa_supplicant`` takes along its configuration and the certificates that it names; ``wpa_cli``
takes it along again before ``reconfigure`` and brings it back after ``save_config``.
"""

from __future__ import annotations

import base64
import getopt
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trilab.radio import client, policy

NOTE = Path("/run/trilab/wpa.json")  # what runs: its configuration file and its pid file


class Usage(Exception):
    """Wrong arguments, or a file that cannot be read (French)."""


def _say(text: str) -> None:
    sys.stderr.write(text.rstrip("\n") + "\n")


def _taken(path: Path) -> dict[str, Any]:
    """A configuration and the files that it names, as a request carries them. Raises Usage."""
    try:
        config = path.read_text(errors="replace")
    except OSError as error:
        raise Usage(f"Failed to open config file '{path}', error: {error.strerror}") from error
    contents = {name: Path(name) for name in policy.files(config) if Path(name).is_file()}
    files = {name: base64.b64encode(file.read_bytes()).decode() for name, file in contents.items()}
    return {"config": config, "files": files}


def _ended(end: dict[str, Any]) -> int:
    if error := end.get("error"):
        _say(error)
    return int(end["code"])


def iw(arguments: list[str]) -> int:
    """``iw ARGUMENTS``."""
    return _ended(client.attach({"do": "run", "argv": ["iw", *arguments]}))


def wpa_supplicant(arguments: list[str]) -> int:
    """``wpa_supplicant -i wlan0 -c FILE [-B] [-P FILE] [-d]``; what else it takes is fixed here (driver, control)."""
    try:
        options, words = getopt.getopt(arguments, "b:Bc:C:dD:e:f:g:G:hi:I:KLm:No:O:p:P:qsTtuvW")
    except getopt.GetoptError as error:
        raise Usage(f"wpa_supplicant: {error}") from error
    given = dict(options)
    if "-v" in given or "-h" in given:
        return _real("wpa_supplicant", arguments)
    if words or "-c" not in given or given.get("-i") != "wlan0":
        raise Usage("Usage : wpa_supplicant -i wlan0 -c FICHIER [-B] [-P FICHIER_PID] [-d]")
    path = Path(given["-c"]).absolute()
    extra = [name for name, _ in options if name in ("-d", "-K", "-q")]
    request = {"do": "supplicant", **_taken(path), "options": extra}
    background = "-B" in given
    NOTE.write_text(json.dumps({"config": str(path)}))
    if not background:
        return _ended(client.attach({**request, "follow": True}))
    end, said = client.ask(request)
    sys.stdout.write(said.decode(errors="replace"))
    return _ended(end)


def wpa_cli(arguments: list[str]) -> int:
    """``wpa_cli [COMMAND]``; without a command, one line after the other."""
    words = list(arguments)
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option in ("-v", "-h"):
            return _real("wpa_cli", [option])
        if option[:2] in ("-i", "-p", "-s", "-g") and len(option) == 2 and words:
            words.pop(0)
    if words:
        return _cli(words)
    return _dialogue()


def _dialogue() -> int:
    code = 0
    shown = "> " if sys.stdin.isatty() else ""
    while True:
        try:
            line = input(shown).split()
        except (EOFError, KeyboardInterrupt):
            return code
        if line and line[0] in ("quit", "exit", "q"):
            return code
        if line:
            code = _cli(line)


def _cli(words: list[str]) -> int:
    note = json.loads(NOTE.read_text()) if NOTE.exists() else {}
    path = Path(note["config"]) if "config" in note else None
    if words[0] == "reconfigure" and path is not None:
        end, _ = client.ask({"do": "config", **_taken(path)})
        if end["code"]:
            return _ended(end)
    end, said = client.ask({"do": "run", "argv": ["wpa_cli", *words]})
    sys.stdout.write(said.decode(errors="replace"))
    sys.stdout.flush()
    if words[0] == "save_config" and path is not None and b"OK" in said:
        saved, _ = client.ask({"do": "saved"})
        path.write_text(saved["config"])
    if words[0] == "terminate" and b"OK" in said:
        client.ask({"do": "stop", "name": "wpa_supplicant"})
    return _ended(end)


def _real(program: str, arguments: list[str]) -> int:
    """The program's own words about itself (the guest runs the same one)."""
    end, said = client.ask({"do": "about", "program": program, "argument": arguments[0]})
    sys.stdout.write(said.decode(errors="replace"))
    return _ended(end)


COMMANDS: dict[str, Callable[[list[str]], int]] = {"iw": iw, "wpa_cli": wpa_cli, "wpa_supplicant": wpa_supplicant}


def main(argv: list[str]) -> int:
    """``argv[0]``: the command's name."""
    try:
        return COMMANDS[Path(argv[0]).name](argv[1:])
    except Usage as error:
        _say(str(error))
    except client.NoRadio:
        _say("La radio de la maquette ne répond pas.")
    except PermissionError as error:
        _say(f"{error.filename} : opération réservée à root (sudo)")
    except KeyboardInterrupt:
        return 130
    return 255


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
