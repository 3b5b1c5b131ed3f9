"""User namespaces: root inside is an ordinary subordinate uid outside (user_namespaces(7), subuid(5)).

``python -m trilab.host.userns [--bind SOURCE TARGET] [--chroot DIR] -- COMMAND …`` runs a command as root of a new one:
images are unpacked that way, with the right owners.
"""

from __future__ import annotations

import argparse
import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from trilab.errors import HostError
from trilab.host import syscalls

SIZE = 65536
# Where root has no line in /etc/subuid: below the top of the range that systemd sets aside for containers.
ROOT_BASE = 1_878_917_120


@dataclass(frozen=True)
class Ranges:
    """First subordinate uid and gid; each range is ``SIZE`` long."""

    uid: int
    gid: int


def _first(path: Path, names: set[str]) -> int | None:
    if not path.exists():
        return None
    for line in path.read_text().splitlines():
        fields = line.strip().split(":")
        if len(fields) == 3 and fields[0] in names and int(fields[2]) >= SIZE:
            return int(fields[1])
    return None


def ranges() -> Ranges:
    """The caller's subordinate ids. Raises HostError where there are none."""
    user = pwd.getpwuid(os.geteuid()).pw_name
    names = {user, str(os.geteuid())}
    uid, gid = _first(Path("/etc/subuid"), names), _first(Path("/etc/subgid"), names)
    if uid is not None and gid is not None:
        return Ranges(uid, gid)
    if os.geteuid() == 0:
        return Ranges(ROOT_BASE, ROOT_BASE)
    raise HostError(
        f"L'utilisateur {user} n'a pas de plage d'identifiants subordonnés (/etc/subuid, /etc/subgid).",
        f"À faire une fois : sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {user}",
    )


def _map(pid: int, ids: Ranges) -> None:
    if os.geteuid() == 0:
        Path(f"/proc/{pid}/uid_map").write_text(f"0 {ids.uid} {SIZE}")
        Path(f"/proc/{pid}/gid_map").write_text(f"0 {ids.gid} {SIZE}")
        return
    for tool, first in (("newuidmap", ids.uid), ("newgidmap", ids.gid)):
        subprocess.run([shutil.which(tool) or tool, str(pid), "0", str(first), str(SIZE)], check=True)


def enter(ids: Ranges) -> None:
    """Move this single-threaded process into a new user namespace with a full map; its uid does not change yet.

    A forked helper, left outside, writes the map.

    Raises:
        HostError: the system refuses user namespaces, or the map.
    """
    owner = os.getpid()
    ready_r, ready_w = os.pipe()
    helper = os.fork()
    if helper == 0:
        _helper(owner, ready_r, ready_w, ids)
    os.close(ready_r)
    try:
        syscalls.unshare(syscalls.CLONE_NEWUSER)
    except OSError as error:
        os.close(ready_w)
        os.waitpid(helper, 0)
        raise HostError(
            f"Ce système refuse les espaces de noms utilisateur ({error.strerror}).",
            "Lancez trilab avec sudo, ou voyez « trilab doctor ».",
        ) from error
    os.write(ready_w, b"x")
    os.close(ready_w)
    _, status = os.waitpid(helper, 0)
    if status != 0:
        raise HostError(
            "La table des identifiants de l'espace de noms a été refusée (newuidmap).",
            "Voyez « trilab doctor ».",
        )


def _helper(owner: int, ready_r: int, ready_w: int, ids: Ranges) -> None:
    """Runs in the forked child: wait until the owner is in its namespace, write its map, end."""
    os.close(ready_w)
    code = 1
    try:
        if os.read(ready_r, 1):
            _map(owner, ids)
            code = 0
    except (OSError, subprocess.SubprocessError) as error:
        os.write(2, f"{error}\n".encode())
    finally:
        os._exit(code)


def become_root() -> None:
    """Take uid and gid 0 of the namespace, and stay reachable for its owner."""
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    syscalls.stay_reachable()


def main(argv: list[str]) -> None:
    """Run a command as root of a new user namespace, in the current folder.

    Paths are relative to the current folder: root inside need not be able to walk the folders above it.
    """
    parser = argparse.ArgumentParser(prog="python -m trilab.host.userns")
    parser.add_argument("--bind", nargs=2, action="append", default=[], metavar=("SOURCE", "TARGET"))
    parser.add_argument("--chroot", default=None)
    parser.add_argument("command", nargs="+")
    args = parser.parse_args(argv)
    enter(ranges())
    if args.bind:
        syscalls.unshare(syscalls.CLONE_NEWNS)
        syscalls.mount("none", "/", flags=syscalls.MS_SLAVE | syscalls.MS_REC)
    become_root()
    for source, target in args.bind:
        syscalls.mount(source, target, flags=syscalls.MS_BIND)
    if args.chroot:
        os.chroot(args.chroot)
        os.chdir("/")
    os.execvp(args.command[0], args.command)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (HostError, OSError) as error:
        sys.exit(f"{error}")
