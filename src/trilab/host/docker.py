"""The ``docker`` command: what the containerlab engine and its image need of it. Docker's own words stay in errors."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import IO, Any

from trilab.errors import HostError
from trilab.host import tools

MESSAGE = 400  # characters of what Docker said that are shown: the end, of all its lines
TIMEOUT = 60.0  # seconds for one command; imports of images have none


class DockerError(HostError):
    """A command of Docker's failed. ``said``: its standard error."""

    def __init__(self, what: str, said: str) -> None:
        self.said = said.strip()
        reason = " ".join(self.said.split())[-MESSAGE:] or "sans message"
        super().__init__(f"docker {what} : {reason}", _hint(said))


def _hint(said: str) -> str:
    if "Cannot connect to the Docker daemon" in said or "permission denied" in said:
        return "Le service Docker tourne-t-il ? (sudo systemctl start docker)"
    if "iptables failed" in said and "No chain/target/match" in said:  # a firewall was loaded anew while Docker ran
        return "Un autre programme a effacé les règles de Docker du pare-feu : sudo systemctl restart docker"
    return ""


def command(*words: str) -> list[str]:
    """The command line. Raises HostError where docker is not installed."""
    return [tools.need("docker"), *words]


def run(*words: str, stdin: IO[Any] | None = None, timeout: float | None = TIMEOUT) -> str:
    """What a command wrote, without the last newline.

    Raises:
        DockerError: it failed, or did not end in ``timeout`` seconds.
    """
    try:
        done = subprocess.run(
            command(*words),
            stdin=stdin or subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
        )
    except subprocess.TimeoutExpired as error:
        raise DockerError(words[0], f"pas de réponse en {timeout:.0f} s") from error
    if done.returncode != 0:
        raise DockerError(words[0], done.stderr)
    return done.stdout.rstrip("\n")


def exists(kind: str, name: str) -> bool:
    """Whether Docker has that ``image``, ``network`` or ``container``. Raises DockerError when it does not answer."""
    try:
        run(kind, "inspect", "--format", "{{.Id}}", name)
    except DockerError as error:
        if "no such" in error.said.lower() or "not found" in error.said.lower():
            return False
        raise
    return True


def listed(kind: str, *options: str) -> list[str]:
    """The ids of containers, networks … that the options name. Raises DockerError."""
    return run(kind, "ls", "--quiet", *options).split()


def remove(kind: str, names: Sequence[str]) -> None:
    """Remove containers or networks; one that is gone already is none's concern. Raises DockerError."""
    for name in names:
        try:
            run(kind, "rm", *(["--force"] if kind == "container" else []), name)
        except DockerError as error:
            if "no such" not in error.said.lower() and "not found" not in error.said.lower():
                raise


def remove_unused_image(name: str) -> bool:
    """Remove an image; False when a container or another image needs it. Raises DockerError."""
    try:
        run("image", "rm", name)
    except DockerError as error:
        if "conflict" in error.said.lower():
            return False
        raise
    return True
