"""The node around the phone: what it is, its ports, and the few programs that it runs."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

NODE = Path("/etc/trilab/node.json")
NET = Path("/sys/class/net")
RUN = Path("/run/trilab/phone")
SWITCH_PORT, PC_PORT, VOICE = "eth1", "eth2", "voice"
DEFAULT_TONE = 440  # Hz


@dataclass(frozen=True)
class Node:
    """Who this phone is. ``tone`` in Hz: what it says in a call."""

    name: str
    tone: int
    pc_port: bool


def node(path: Path = NODE) -> Node:
    """Read the engine's description of this node. Raises OSError or ValueError when it is not there or not JSON."""
    about = json.loads(path.read_text())
    tone = str(about.get("labels", {}).get("trilab-tone", ""))
    return Node(
        name=about["name"],
        tone=int(tone) if tone.isdigit() else DEFAULT_TONE,
        pc_port=PC_PORT in about.get("interfaces", []),
    )


def mac(interface: str) -> bytes:
    """Hardware address of an interface."""
    return bytes.fromhex((NET / interface / "address").read_text().strip().replace(":", ""))


def carrier(interface: str) -> bool:
    """Whether the cable is live at both ends."""
    try:
        return (NET / interface / "carrier").read_text().strip() == "1"
    except OSError:  # absent, or administratively down
        return False


def run(*argv: str, text: str = "") -> str:
    """Run a short program; gives its error output, empty when it succeeded."""
    done = subprocess.run(argv, input=text, capture_output=True, text=True, timeout=10, check=False)
    return "" if done.returncode == 0 else done.stderr.strip() or f"{argv[0]} : code {done.returncode}"


def ip(*lines: str, force: bool = False) -> str:
    """Run several ``ip`` commands at once; with ``force``, an error does not stop the next."""
    return run("ip", *(["-force"] if force else []), "-batch", "-", text="\n".join(lines) + "\n")


def silence(interface: str) -> None:
    """An interface that carries frames for others must not speak IPv6 by itself."""
    path = Path(f"/proc/sys/net/ipv6/conf/{interface}/disable_ipv6")
    if not path.exists():
        return
    try:
        path.write_text("1")
    except OSError:  # read-only in a container of Docker: without an address of its own, it has nothing to say
        run("ip", "link", "set", "dev", interface, "addrgenmode", "none")
        run("ip", "-6", "address", "flush", "dev", interface)
