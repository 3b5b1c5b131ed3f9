"""What the node image is made of, and the hash that names it."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

SUITE = "forky"  # the first Debian release with Asterisk 22; bookworm and trixie have none
HERE = Path(__file__).parent
NODE = HERE / "node"

OPTIONS = (
    "--variant=minbase",
    "--format=tar",
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=APT::Install-Recommends "false"',
    '--aptopt=Acquire::Check-Valid-Until "false"',
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    "--dpkgopt=path-include=/usr/share/locale/fr/*",
    "--dpkgopt=force-unsafe-io",
)
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def packages() -> list[str]:
    """The Debian packages of the image."""
    lines = (NODE / "packages.txt").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def customize() -> str:
    """The shell text of the last step; ``$1`` is the new root."""
    return (NODE / "customize.sh").read_text()


@cache
def recipe_hash() -> str:
    """Twelve hex digits over everything that decides the image's content (not over the day it is built)."""
    digest = hashlib.sha256()
    for part in (SUITE, *OPTIONS, *packages(), customize()):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()[:12]


def build_command(mmdebstrap: str, target: Path) -> list[str]:
    """The mmdebstrap call. ``TRILAB_MIRROR`` names another mirror than mmdebstrap's own default."""
    command = [mmdebstrap, f"--mode={'root' if os.geteuid() == 0 else 'unshare'}", *OPTIONS]
    if KEYRING.exists():
        command.append(f"--keyring={KEYRING}")
    # the hook goes as text, not as a path: root of mmdebstrap's namespace may be unable to walk to our files
    command += [f"--include={','.join(packages())}", f"--customize-hook={customize()}", SUITE, str(target)]
    if mirror := os.environ.get("TRILAB_MIRROR"):
        command.append(mirror)
    return command
