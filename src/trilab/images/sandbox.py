"""Commands that build images: long ones with progress, and root of a user namespace for what must belong to it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from trilab.errors import HostError

Report = Callable[[str], None]
_ERROR = re.compile(r"^[EW]: |\berror: |No space left|can't open|\*\*\* ")


def run_reported(command: list[str], report: Report) -> None:
    """Run a long command, reporting its ``I:`` lines. Raises HostError with its last lines."""
    lines: list[str] = []
    errors: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as run:
        assert run.stdout is not None
        for line in run.stdout:
            lines = [*lines[-5:], line.rstrip()]
            if _ERROR.search(line):
                errors = [*errors[:8], line.strip()]
            if line.startswith("I: "):
                report(line[3:].strip())
    if run.returncode != 0:
        raise HostError(f"La construction a échoué : {' | '.join(errors or lines)}", "Réseau et place disque ?")


def unpack(archive: Path, target: Path) -> None:
    """Unpack a root filesystem as ``target/rootfs``, owned by root of the user namespace. Raises HostError."""
    make_root_owned(target, "rootfs")
    tar = ["tar", "-x", "--exclude=./dev/*", "-f", "-"]
    with archive.open("rb") as stream:
        in_namespace(tar, target / "rootfs", stdin=stream.fileno())


def make_root_owned(parent: Path, name: str) -> None:
    """Make a folder owned by root of the user namespace, which may not write in ``parent`` itself."""
    parent.chmod(0o777)
    try:
        in_namespace(["mkdir", "-m", "755", name], parent)
    finally:
        parent.chmod(0o755)


def in_namespace(command: list[str], cwd: Path, *, options: list[str] | None = None, stdin: int | None = None) -> None:
    """Run a command as root of the user namespace. Raises HostError."""
    argv = [sys.executable, "-m", "trilab.host.userns", *(options or []), "--", *command]
    done = subprocess.run(
        argv, cwd=cwd, stdin=stdin or subprocess.DEVNULL, capture_output=True, text=True, errors="replace"
    )
    if done.returncode != 0:
        raise HostError(f"« {' '.join(command[:3])} » a échoué : {done.stderr.strip()[-400:]}")


def piped(command: list[str], cwd: Path, reader: list[str]) -> None:
    """Run a command as root of the user namespace, its output read by a program of the host. Raises HostError."""
    argv = [sys.executable, "-m", "trilab.host.userns", "--", *command]
    with subprocess.Popen(argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as writer:
        done = subprocess.run(reader, stdin=writer.stdout, capture_output=True, text=True, errors="replace")
    if done.returncode != 0 or writer.returncode != 0:
        raise HostError(f"« {' '.join(reader[:3])} » a échoué : {done.stderr.strip()[-400:]}")


def remove(path: Path) -> None:
    """Remove a folder that may hold files of the user namespace."""
    if path.exists():
        for child in path.iterdir():
            if child.is_dir() and child.stat().st_uid != os.geteuid():
                in_namespace(["find", ".", "-mindepth", "1", "-delete"], child)
        shutil.rmtree(path)
