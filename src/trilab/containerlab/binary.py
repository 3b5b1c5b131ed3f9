"""Running the ``containerlab`` program: one method per command, results typed, errors in containerlab's own words."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from trilab.containerlab.model import Container, Executed, Executions, Impaired, Impairments, Labs, Version
from trilab.errors import HostError
from trilab.host import tools

OLDEST = (0, 79)  # the first release whose commands and JSON are known to us
TIMEOUT = 120.0  # seconds for any command but deploy
DEPLOY_TIMEOUT = 600.0  # seconds: vendor images start slowly
_BLOCK = re.compile(r"^ *ERROR *$(.*)\Z", re.MULTILINE | re.DOTALL)  # how it ends when it fails
_LOGGED = re.compile(r"^\S+ (?:ERRO|FATA) (.*)$", re.MULTILINE)
T = TypeVar("T")
INSTALL = "Installez containerlab 0.79 ou plus récent : https://containerlab.dev/install/"


class ContainerlabError(HostError):
    """A command of containerlab's failed. ``said``: its standard error, as it is."""

    def __init__(self, command: str, said: str) -> None:
        self.said = said.strip()
        super().__init__(f"containerlab {command} : {reason(self.said)}")


def reason(said: str) -> str:
    """What containerlab gives as its reason, on one line."""
    block = _BLOCK.search(said)
    lines = block[1].splitlines() if block else _LOGGED.findall(said) or said.splitlines()[-3:]
    return " ".join(" ".join(lines).split()) or "sans message"


class Containerlab:
    """The program at ``path``. It needs root, or to be installed set-uid root as its packages do."""

    def __init__(self, path: str) -> None:
        self.path = path

    @classmethod
    def find(cls) -> Containerlab:
        """The installed one, recent enough. Raises HostError saying how to install it."""
        path = tools.find("containerlab")
        if path is None:
            raise HostError("Le programme « containerlab » manque sur cette machine.", INSTALL)
        found = cls(path)
        found.check()
        return found

    def version(self) -> Version:
        """Raises ContainerlabError."""
        return _parsed("version", TypeAdapter(Version), self._run("version", "--json"))

    def check(self) -> None:
        """Raises HostError where the release is older than 0.79. A build from source has no number and passes."""
        number = self.version().number
        if number is not None and number[:2] < OLDEST:
            text = f"containerlab {'.'.join(map(str, number))} est trop ancien ({self.path})."
            raise HostError(text, INSTALL)

    def validate(self, topology: Path) -> None:
        """Check a topology file without deploying it. Raises ContainerlabError."""
        self._run("validate", "--topo", str(topology))

    def deploy(self, topology: Path) -> tuple[Container, ...]:
        """Start every node and lay every cable; gives the nodes. It dies with the caller.

        Raises:
            ContainerlabError: some of it failed; what was started stays until :meth:`destroy`.
        """
        words = ("deploy", "--topo", str(topology), "--format", "json")
        before = [tools.need("setpriv"), "--pdeathsig", "KILL", "--"]
        labs = _parsed("deploy", Labs, self._run(*words, before=before, timeout=DEPLOY_TIMEOUT))
        return tuple(container for containers in labs.values() for container in containers)

    def inspect(self, topology: Path | None = None) -> Mapping[str, tuple[Container, ...]]:
        """Lab → its containers, for one topology file or for all labs of the machine. Raises ContainerlabError."""
        which = ("--all",) if topology is None else ("--topo", str(topology))
        return _parsed("inspect", Labs, self._run("inspect", *which, "--format", "json"))

    def exec(
        self, topology: Path, commands: Sequence[str], node: str | None = None
    ) -> Mapping[str, tuple[Executed, ...]]:
        """Run command lines in every node, or in one; gives container → results. Raises ContainerlabError."""
        words = [word for command in commands for word in ("--cmd", command)]
        if node is not None:
            words += ["--label", f"clab-node-name={node}"]
        return _parsed("exec", Executions, self._run("exec", "--topo", str(topology), "--format", "json", *words))

    def destroy(self, topology: Path) -> None:
        """Remove a lab and the files that containerlab made beside the topology file; nothing there is no error.

        Raises:
            ContainerlabError: something could not be removed.
        """
        self._run("destroy", "--topo", str(topology), "--cleanup")

    def netem_set(
        self, container: str, interface: str, delay: float = 0.0, jitter: float = 0.0, loss: float = 0.0, rate: int = 0
    ) -> None:
        """Degrade what leaves a container by an interface; replaces what was set. Milliseconds, percent, kbit/s.

        Raises:
            ContainerlabError: no such interface; a kernel without sch_netem; jitter without delay.
        """
        values = {"--delay": f"{delay:g}ms", "--jitter": f"{jitter:g}ms", "--loss": f"{loss:g}", "--rate": str(rate)}
        words = [word for option, value in values.items() for word in (option, value)]
        self._run("tools", "netem", "set", "--node", container, "--interface", interface, *words)

    def netem_show(self, container: str) -> tuple[Impaired, ...]:
        """The interfaces of a container that are degraded. Raises ContainerlabError."""
        text = self._run("tools", "netem", "show", "--node", container, "--format", "json")
        return _parsed("tools", Impairments, text).get(container) or ()

    def netem_reset(self, container: str, interface: str) -> None:
        """Take back what :meth:`netem_set` did. Raises ContainerlabError, also where nothing was set."""
        self._run("tools", "netem", "reset", "--node", container, "--interface", interface)

    def _run(self, *words: str, before: Sequence[str] = (), timeout: float = TIMEOUT) -> str:
        environment = {**os.environ, "CLAB_VERSION_CHECK": "disable"}  # it would ask a server of its own
        try:
            done = subprocess.run(
                [*before, self.path, *words],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout,
                env=environment,
            )
        except subprocess.TimeoutExpired as error:
            raise ContainerlabError(words[0], f"pas fini en {timeout:.0f} s") from error
        except OSError as error:
            raise ContainerlabError(words[0], str(error)) from error
        if done.returncode != 0:
            raise ContainerlabError(words[0], done.stderr or done.stdout)
        return done.stdout


def _parsed(command: str, model: TypeAdapter[T], text: str) -> T:
    try:
        return model.validate_json(text.strip() or "{}")
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ContainerlabError(command, f"réponse JSON inattendue ({place} : {first['msg']})") from error
