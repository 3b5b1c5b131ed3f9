"""Finding host tools, and saying what to install when one is missing."""

from __future__ import annotations

import shutil

from trilab.errors import HostError

# tool → Debian/Ubuntu package
PACKAGES = {
    "crun": "crun",
    "runc": "runc",
    "mmdebstrap": "mmdebstrap",
    "newuidmap": "uidmap",
    "nsenter": "util-linux",
    "tar": "tar",
    "chroot": "coreutils",
    "ssh": "openssh-client",
    "docker": "docker.io",
}
SBIN = "/usr/local/sbin:/usr/sbin:/sbin"


def find(name: str) -> str | None:
    """The path of a tool, also in the sbin folders that ordinary users lack in their PATH."""
    return shutil.which(name) or shutil.which(name, path=SBIN)


def need(name: str) -> str:
    """The path of a tool. Raises HostError naming its package."""
    path = find(name)
    if path is None:
        package = PACKAGES.get(name, name)
        raise HostError(f"L'outil « {name} » manque sur cette machine.", f"À faire : sudo apt install {package}")
    return path


def oci_runtime() -> str:
    """crun, else runc."""
    return find("crun") or find("runc") or need("crun")
