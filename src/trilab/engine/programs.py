"""Programs that run in a node, from the outside: starting, waiting, giving up."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from trilab.engine.base import Completed
from trilab.errors import ObservationError

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # in a node
CLEAN_ENV = {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb"}


def on_terminal() -> dict[str, str]:
    """The environment of a program on the caller's terminal."""
    return {**CLEAN_ENV, "TERM": os.environ.get("TERM", "xterm")}


def ssh_options(key_file: Path) -> list[str]:
    """Options of ssh(1) for nodes that make their host keys anew at each start."""
    return [
        *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"),
        *("-o", "IdentitiesOnly=yes", "-i", str(key_file)),
    ]


def started(command: Sequence[str], environment: Mapping[str, str] = CLEAN_ENV) -> subprocess.Popen[bytes]:
    """A program of the host that enters a node; stdin, stdout and stderr are pipes."""
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd="/",
        start_new_session=True,
    )


def finished(
    program: subprocess.Popen[bytes], node: str, argv: Sequence[str], input: str | None, timeout: float
) -> Completed:
    """Wait for a program. Raises ObservationError when it has not ended in ``timeout`` seconds; it is then killed."""
    try:
        stdout, stderr = program.communicate(None if input is None else input.encode(), timeout=timeout)
    except subprocess.TimeoutExpired as error:
        os.killpg(program.pid, signal.SIGKILL)
        for pipe in (program.stdin, program.stdout, program.stderr):
            if pipe is not None:  # not read to its end: what the node left in the background may hold it open
                pipe.close()
        program.wait()
        raise ObservationError(f"{node} : « {' '.join(argv)} » n'a pas fini en {timeout:.0f} s.") from error
    return Completed(tuple(argv), program.returncode, stdout.decode(errors="replace"), stderr.decode(errors="replace"))
