"""The device's daemon: holds the configuration, serves the command line on a Unix socket.

Threads rather than asyncio: the data plane's calls block, and asyncio alone would take the memory budget (20 MB).
"""

from __future__ import annotations

import json
import pwd
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trilab.nos.commands import grammar
from trilab.nos.dataplane.base import Dataplane
from trilab.nos.device import Device, Nvram
from trilab.nos.names import Names
from trilab.nos.server import Server
from trilab.nos.session import SERVICE_ACCOUNT

NODE = Path("/etc/trilab/node.json")
SOCKET = Path("/run/trilab/cli.sock")
STARTUP = Path("/var/lib/trilab/startup-config.txt")
PRIVATE = Path("/var/lib/trilab/private-config.json")


def names_of(node: Mapping[str, Any]) -> Names:
    """Role and number of ports of a node: label ``trilab-ports``, else the highest ``ethN``.

    Raises:
        ValueError: the role is none of ours.
    """
    role = node["role"]
    if role not in ("switch", "router", "ap"):
        raise ValueError(f"no command line for the role {role!r}")
    numbers = [int(name.removeprefix("eth")) for name in node.get("interfaces", ()) if name.startswith("eth")]
    label = node.get("labels", {}).get("trilab-ports")
    return Names(role, int(label) if label is not None else max(numbers, default=1))


def listen(path: Path) -> socket.socket:
    """The listening socket, for every account of the node (a session's rights come from its opening line)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    path.chmod(0o666)
    listener.listen(16)
    return listener


def log(text: str) -> None:
    """Write one line to the daemon's log."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def service_uids() -> frozenset[int]:
    """root, and the graders' account where the node has it."""
    try:
        return frozenset({0, pwd.getpwnam(SERVICE_ACCOUNT).pw_uid})
    except KeyError:
        return frozenset({0})


def run(names: Names, dataplane: Dataplane, nvram: Nvram, path: Path = SOCKET) -> None:
    """Boot the device, then serve for ever."""
    device = Device(grammar(names), dataplane, nvram, log)
    device.boot()
    server = Server(device, service_uids())
    with listen(path) as listener:
        while True:
            connection, _ = listener.accept()
            server.start(connection)


def main() -> None:
    """Entry point in the node."""
    from trilab.nos.dataplane.linux import LinuxDataplane  # only here: tests bring their own

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    node = json.loads(NODE.read_text(encoding="utf-8"))
    names = names_of(node)
    run(names, LinuxDataplane(), Nvram(STARTUP, PRIVATE))


if __name__ == "__main__":
    main()
