"""The radio kernel: a User Mode Linux with mac80211_hwsim, built once from the distribution's kernel sources.

The distribution's own ``user-mode-linux`` has no wireless part. The build happens in a throw-away root made by
mmdebstrap, so that this machine needs no compiler; only the binary and its configuration are kept.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from trilab.host import tools
from trilab.host.paths import cache_dir
from trilab.images import recipe, sandbox, store

SUITE = "trixie"  # its kernel is a long-term one, and needs no patch of ours
HERE = Path(__file__).parent / "radio"
TREE = "/usr/src/linux-source-6.12"
SPACE_NEEDED = 3 * 1024**3  # bytes, in the temporary folder, while it is built
SPACE_KEPT = 64 * 1024**2  # bytes, in the cache
Report = Callable[[str], None]


def packages() -> list[str]:
    """The Debian packages of the build root."""
    lines = (HERE / "packages.txt").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def hook() -> str:
    """The shell text that builds the kernel in the root ``$1``: text, for the root of mmdebstrap cannot read ours."""
    script, config = (HERE / "build.sh").read_text(), (HERE / "kernel.config").read_text()
    return f"""set -eu
cat >"$1/build.sh" <<'TRILAB_SCRIPT'
{script}TRILAB_SCRIPT
chroot "$1" bash /build.sh <<'TRILAB_CONFIG'
{config}TRILAB_CONFIG
"""


@cache
def recipe_hash() -> str:
    """Twelve hex digits over everything that decides the kernel (not over the day it is built)."""
    digest = hashlib.sha256()
    for part in (SUITE, *packages(), hook()):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()[:12]


def folder() -> Path:
    """Where the kernel of this recipe is kept, built or not."""
    return cache_dir() / "radio" / recipe_hash()


def built() -> bool:
    """Whether this machine has the kernel of this recipe."""
    return (folder() / "linux").exists()


def build_command(mmdebstrap: str, target: Path) -> list[str]:
    """The mmdebstrap call that leaves ``linux`` and ``.config`` in ``target``."""
    command = [mmdebstrap, f"--mode={'root' if os.geteuid() == 0 else 'unshare'}", "--format=null"]
    command += [option for option in recipe.OPTIONS if not option.startswith("--format")]
    if recipe.KEYRING.exists():
        command.append(f"--keyring={recipe.KEYRING}")
    command += [f"--include={','.join(packages())}", f"--customize-hook={hook()}"]
    command += [f"--customize-hook=copy-out {TREE}/linux {TREE}/.config {target}", SUITE, "-"]
    if mirror := os.environ.get("TRILAB_MIRROR"):
        command.append(mirror)
    return command


def ensure(report: Report = lambda line: None) -> Path:
    """The kernel binary, built now if this machine has not built it yet.

    Raises:
        HostError: a tool is missing, the disk is full, the sources cannot be fetched. Nothing half-built is kept.
    """
    target = folder()
    with store.locked(target.parent / "lock"):
        if not built():
            _build(target, report)
    return target / "linux"


def _build(target: Path, report: Report) -> None:
    mmdebstrap = tools.need("mmdebstrap")
    store.need_space(
        Path(tempfile.gettempdir()), SPACE_NEEDED, "construire le noyau radio",
        "Libérez de la place, ou choisissez un autre dossier temporaire avec TMPDIR.",
    )  # fmt: skip
    store.need_space(
        target.parent, SPACE_KEPT, "le noyau radio", "Libérez de la place, ou choisissez un dossier avec TRILAB_CACHE."
    )
    partial = target.with_suffix(".tmp")
    sandbox.remove(partial)
    partial.mkdir()
    try:
        report("Construction du noyau radio (une seule fois, quatre à dix minutes)")
        sandbox.run_reported(build_command(mmdebstrap, partial), report)
        partial.rename(target)
    except BaseException:  # also an interrupt: nothing half-built stays
        sandbox.remove(partial)
        raise
