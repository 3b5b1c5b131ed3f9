"""What this machine can do: one small check per need, each with its remedy (``trilab doctor``)."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from trilab.errors import HostError
from trilab.host import tools, userns
from trilab.host.paths import cache_dir

APPARMOR_SWITCH = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
MEMORY_PER_LAB = 300 * 1024**2  # bytes: measured for nine nodes, with room


@dataclass(frozen=True)
class Check:
    """One need. ``level``: what its absence means."""

    name: str
    level: Literal["ok", "warning", "error"]
    detail: str
    remedy: str = ""


def run_all() -> list[Check]:
    """Every check, in the order in which a user would mend them."""
    checks: list[Callable[[], Check]] = [
        _python,
        lambda: _tool("crun", "runc", why="lance les nœuds"),
        lambda: _tool("mmdebstrap", why="construit l'image des nœuds"),
        lambda: _tool("nsenter", why="entre dans les nœuds"),
        lambda: _tool("newuidmap", why="identifiants subordonnés"),
        lambda: _tool("ssh", why="sessions de « trilab ssh »"),
        _subordinate_ids,
        _user_namespaces,
        _tun,
        _overlay,
        _pdf,
        _memory,
        _disk,
        _radio,
        _containerlab,
    ]
    return [check() for check in checks]


def _python() -> Check:
    return Check("Python", "ok", f"{platform.python_version()} ({sys.executable})")


def _tool(*names: str, why: str) -> Check:
    for name in names:
        if path := tools.find(name):
            return Check(name, "ok", path)
    return Check(names[0], "error", f"absent ({why})", f"sudo apt install {tools.PACKAGES.get(names[0], names[0])}")


def _subordinate_ids() -> Check:
    try:
        ids = userns.ranges()
    except HostError as error:
        return Check("Identifiants subordonnés", "error", error.message, error.hint)
    return Check("Identifiants subordonnés", "ok", f"{userns.SIZE} à partir de {ids.uid}")


def _user_namespaces() -> Check:
    name = "Espaces de noms utilisateur"
    done = subprocess.run(
        [sys.executable, "-m", "trilab.host.userns", "--", "true"], capture_output=True, text=True, timeout=30
    )
    if done.returncode == 0:
        return Check(name, "ok", "autorisés" + (" (root)" if os.geteuid() == 0 else " sans privilège"))
    restricted = APPARMOR_SWITCH.exists() and APPARMOR_SWITCH.read_text().strip() == "1"
    if restricted:
        return Check(
            name,
            "error",
            "réservés par AppArmor (Ubuntu 24.04)",
            "lancer trilab avec sudo, ou : sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        )
    reason = done.stderr.strip().splitlines()[-1:] or ["refusés"]
    return Check(name, "error", reason[0], "lancer trilab avec sudo")


def _tun() -> Check:
    tun = Path("/dev/net/tun")
    if not tun.exists():
        return Check("/dev/net/tun", "error", "absent", "sudo modprobe tun")
    if os.geteuid() != 0 and stat.S_IMODE(tun.stat().st_mode) & 0o006 != 0o006:
        return Check("/dev/net/tun", "error", "réservé à root", "sudo chmod 666 /dev/net/tun")
    return Check("/dev/net/tun", "ok", "utilisable")


def _overlay() -> Check:
    known = "overlay" in Path("/proc/filesystems").read_text()
    if known or Path("/lib/modules", platform.release(), "kernel/fs/overlayfs").exists():
        return Check("overlayfs", "ok", "disponible")
    return Check("overlayfs", "error", "absent du noyau", "sudo modprobe overlay")


def _pdf() -> Check:
    from ctypes.util import find_library

    if find_library("pango-1.0") and find_library("pangoft2-1.0"):
        return Check("Rapport PDF", "ok", "Pango présent")
    remedy = "sudo apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
    return Check("Rapport PDF", "warning", "Pango absent : pas de PDF", remedy)


def _memory() -> Check:
    lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    free = int(lines["MemAvailable"].split()[0]) * 1024
    labs = free // MEMORY_PER_LAB
    level: Literal["ok", "error"] = "ok" if labs else "error"
    return Check("Mémoire", level, f"{free // 1024**2} Mio libres, soit environ {labs} labs de neuf nœuds")


def _disk() -> Check:
    folder = cache_dir()
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    built = any((folder / "images").glob("*/rootfs"))
    if built or free > 2 * 1024**3:
        image = "image des nœuds construite" if built else "image des nœuds à construire"
        return Check("Disque", "ok", f"{free // 1024**3} Gio libres dans {folder} ; {image}")
    return Check("Disque", "error", f"{free // 1024**2} Mio libres dans {folder}", "libérer 2 Gio, ou TRILAB_CACHE")


def _radio() -> Check:
    """What can be the air of a Wi-Fi lab here; today the radio kernel is what runs it."""
    name = "Radio (labs Wi-Fi)"
    if platform.machine() != "x86_64":
        return Check(name, "warning", f"pas de noyau radio pour {platform.machine()} : labs Wi-Fi impossibles ici")
    also = []
    if Path("/sys/module/mac80211_hwsim").exists():
        also.append("mac80211_hwsim chargé")
    if tools.find("qemu-system-x86_64"):
        also.append("QEMU installé")
    seen = f" ; vu aussi, sans usage pour l'instant : {', '.join(also)}" if also else ""
    if any((cache_dir() / "radio").glob("*/linux")):
        return Check(name, "ok", f"noyau radio (UML) construit{seen}")
    needs = "quatre à dix minutes, 3 Gio de place temporaire, une fois"
    return Check(
        name,
        "ok",
        f"noyau radio (UML) à construire : {needs}{seen}",
        "au premier lab Wi-Fi, ou : trilab images build radio",
    )


def _containerlab() -> Check:
    """What ``--engine containerlab`` needs; trilab's own engine needs none of it."""
    name = "Moteur containerlab"
    absent = [tool for tool in ("containerlab", "docker") if tools.find(tool) is None]
    if absent:
        return Check(name, "ok", f"facultatif, absent ici ({', '.join(absent)})")
    return Check(name, "ok", f"{tools.find('containerlab')}, {tools.find('docker')} ; il demande les droits de root")
