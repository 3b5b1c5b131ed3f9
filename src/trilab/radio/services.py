"""In the guest: the daemons that a node runs on its radios (hostapd per radio, one wpa_supplicant per station)."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from trilab.radio import policy, spaces
from trilab.radio.spaces import Space

START = 30.0  # seconds for a daemon to say that it works; an idle machine needs a tenth of one
_SLOT = re.compile(r"^\s*(?:vlan_)?bridge=(\S+)\s*$", re.MULTILINE)
_FILE = re.compile(r"^(\w+_file=)(\w+)$", re.MULTILINE)
_BSS = re.compile(r"^\s*(?:interface|bss)=\S+", re.MULTILINE)


class Failed(Exception):
    """A daemon refused its configuration; the message holds its own words."""


@dataclass
class Daemon:
    """One running program and where it writes."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def said(self) -> str:
        """Its log until now."""
        return self.log.read_text(errors="replace")

    def stop(self) -> None:
        """End it and wait for it."""
        if self.running:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@dataclass
class Station:
    """What a station's node gave last: its configuration and the names of its files, there and here."""

    config: str = ""
    names: dict[str, str] = field(default_factory=dict)


def _start(space: Space, name: str, command: list[str]) -> Daemon:
    """In the calling thread's namespace."""
    log = space.folder / f"{name}.log"
    with log.open("ab") as stream:
        program = subprocess.Popen(
            space.confined(command), stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT
        )
    return Daemon(program, log)


def _put(space: Space, name: str, content: bytes) -> Path:
    """Write a file of the node's: readable by its own user only."""
    path = space.folder / name
    path.parent.mkdir(exist_ok=True)
    partial = path.with_name(f"{path.name}.new")
    partial.write_bytes(content)
    for made in (path.parent, partial):
        os.chown(made, space.uid, space.uid)
    partial.chmod(0o600)
    partial.replace(path)
    return path


def _wait(daemon: Daemon, since: int, done: re.Pattern[str], failed: re.Pattern[str]) -> str:
    """Its words since ``since`` once they match ``done``. Raises Failed."""
    deadline = time.monotonic() + START
    while True:
        ended = not daemon.running
        words = daemon.said()[since:]
        if done.search(words):
            return words
        if ended or failed.search(words):
            daemon.stop()
            raise Failed(words.strip() or f"exit code {daemon.process.returncode}")
        if time.monotonic() > deadline:
            daemon.stop()
            raise Failed(words.strip() + "\n(no answer in time)")
        time.sleep(0.01)


def hostapd(space: Space, radio: int, config: str, contents: Mapping[str, str] | None = None) -> str:
    """Run hostapd with a configuration on a radio, in place of the one that ran; gives what it said while starting.

    ``bridge=airN`` in the configuration leads an SSID to the slot of that name; ``…_file=NAME`` means the file NAME of
    ``contents``. Raises Failed: its own words.
    """
    with space.lock:
        name = f"hostapd{radio}"
        stop(space, name)
        space.enter()
        # also the slots of VLANs that a RADIUS server assigns: "VLAN interface bridge" lines
        assigned = [line.split()[2] for text in (contents or {}).values() for line in text.splitlines() if " " in line]
        for slot in dict.fromkeys([*_SLOT.findall(config), *assigned]):
            if slot not in space.ports or not slot.startswith("air"):
                raise Failed(f"no slot named {slot}")
            spaces.bridge(space, slot)
        files = {one: str(_put(space, f"conf/{name}.{one}", text.encode())) for one, text in (contents or {}).items()}
        text = _controlled(_named(config, files), f"{space.folder}/hostapd")
        path = _put(space, f"conf/{name}.conf", text.encode())
        daemon = _start(space, name, ["/usr/sbin/hostapd", "-t", str(path)])
        space.services[name] = daemon
        wanted = len(_BSS.findall(config))
        done = re.compile(r"AP-ENABLED(?:.|\n)*" if wanted else r"$^")
        try:
            return _wait(daemon, 0, done, re.compile(r"AP-DISABLED|INTERFACE-DISABLED"))
        except Failed:
            del space.services[name]
            raise


def _named(config: str, files: Mapping[str, str]) -> str:
    """A configuration with the paths of its files."""
    return _FILE.sub(lambda found: found[1] + files.get(found[2], found[2]), config)


def _controlled(config: str, folder: str) -> str:
    """A ``hostapd.conf`` whose every BSS has its control socket in ``folder``."""
    control, lines = f"ctrl_interface={folder}", []
    for line in config.splitlines():
        if not line.startswith("ctrl_interface"):
            lines += [line, control] if line.startswith("bss=") else [line]
    return "\n".join([control, *lines, ""])


def quiet(space: Space, radio: int) -> None:
    """Stop hostapd and leave the radio up, ready to listen; the calling thread is then in the namespace."""
    with space.lock:
        stop(space, f"hostapd{radio}")
        space.enter()
        spaces.run([spaces.IP, "link", "set", f"wlan{radio}", "up"])


def stop(space: Space, name: str) -> bool:
    """End a daemon; False when it did not run. Its log starts afresh with the next one."""
    with space.lock:
        daemon: Daemon | None = space.services.pop(name, None)
        (space.folder / f"{name}.log").unlink(missing_ok=True)
        if daemon is None:
            return False
        was = daemon.running
        daemon.stop()
        return was


def put_config(space: Space, config: str, contents: Mapping[str, str]) -> Path:
    """Take a station's ``wpa_supplicant.conf`` and the files that it names (base64)."""
    names = {}
    for number, (path, content) in enumerate(sorted(contents.items())):
        names[path] = str(_put(space, f"files/{number}", base64.b64decode(content)))
    space.services["station"] = Station(config, names)
    return _put(space, "conf/wpa_supplicant.conf", policy.inward(config, names, f"{space.folder}/wpa").encode())


def get_config(space: Space) -> str:
    """The station's configuration as wpa_supplicant has it now (after ``save_config``)."""
    station: Station = space.services.get("station", Station())
    now = (space.folder / "conf" / "wpa_supplicant.conf").read_text(errors="replace")
    if now == policy.inward(station.config, station.names, f"{space.folder}/wpa"):
        return station.config
    return policy.outward(now, station.config, station.names)


def supplicant(space: Space, config: str, contents: Mapping[str, str], options: list[str]) -> Daemon:
    """Run wpa_supplicant on the station's radio, in place of the one that ran. Raises Failed: its own words."""
    with space.lock:
        stop(space, "wpa_supplicant")
        space.enter()
        path = put_config(space, config, contents)
        fixed = ["-i", "wlan0", "-D", "nl80211", "-c", str(path)]
        daemon = _start(space, "wpa_supplicant", ["/usr/sbin/wpa_supplicant", *fixed, "-t", *options])
        # its control socket is there once the interface is taken
        deadline = time.monotonic() + START
        while not (space.folder / "wpa" / "wlan0").is_socket():
            if not daemon.running or time.monotonic() > deadline:
                daemon.stop()
                raise Failed(daemon.said().strip())
            time.sleep(0.01)
        space.services["wpa_supplicant"] = daemon
        return daemon
