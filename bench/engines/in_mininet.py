"""Mininet (Debian's package, kernel bridges): start only, for its nodes have neither a file system nor SSH."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from bench.engines import measure, network
from bench.engines.measure import Marks

PYTHON = "/usr/bin/python3"  # the one that has the package
SETUP = "scripts/bench-engines.sh installs them"


class InMininet:
    """See :class:`bench.engines.measure.Contender`. Each lab is a Mininet of its own, in namespaces of its own."""

    name = "Mininet"

    def __init__(self) -> None:
        self._running: dict[int, subprocess.Popen[str]] = {}
        self._memory: dict[int, int] = {}

    def missing(self) -> str:
        if os.geteuid() != 0:
            return "Mininet needs root"
        absent = [tool for tool in ("mnexec", "brctl", "ping") if shutil.which(tool) is None]
        return f"{', '.join(absent)}: not installed ({SETUP})" if absent else ""

    def start(self, number: int) -> Marks:
        begin = time.monotonic()
        alone = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
        script = Path(__file__).with_name("inside_mininet.py")
        argv = [*alone, PYTHON, "-I", str(script), json.dumps(_about())]
        pipe = subprocess.PIPE
        process = self._running[number] = subprocess.Popen(
            argv, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise TimeoutError("Mininet did not start")
        seen = json.loads(line)
        self._memory[number] = seen["memory"]
        parts = {
            "Python and Mininet": seen["imported"] - begin,
            "hosts, bridges, cables": seen["started"] - seen["imported"],
            "until the first ping": seen["ping"] - seen["started"],
        }
        return Marks(seen["started"], seen["ping"], None, parts)

    def stop(self, number: int) -> None:
        process = self._running.pop(number, None)
        if process is not None:
            process.communicate("\n", timeout=measure.PATIENCE)

    def memory(self, number: int) -> int:
        return self._memory[number]

    def shared(self) -> int:
        return 0


def _about() -> dict[str, object]:
    hosts = {
        f"pc{number}": (f"10.0.{net}.{number}/24", f"10.0.{net}.254")
        for number, net in ((1, 1), (2, 1), (3, 2), (4, 2))
    }
    return {
        "hosts": hosts,
        "switches": ["sw1", "sw2"],
        "router": {"r1-eth0": "10.0.1.254/24", "r1-eth1": "10.0.2.254/24"},
        "links": [(a[0], b[0]) for a, b in network.LINKS],
        "target": network.TARGET,
        "patience": measure.PATIENCE,
    }
