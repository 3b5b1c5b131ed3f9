"""The network in Mininet: run by the system's Python, which has Debian's ``mininet``, in namespaces of its own.

Prints one JSON line once pc1 has reached pc4, waits for a line, and stops. Standard library and Mininet only.
"""

import json
import sys
import time
from pathlib import Path

from mininet.net import Mininet
from mininet.nodelib import LinuxBridge


def network(about: dict) -> Mininet:
    net = Mininet(switch=LinuxBridge, controller=None)
    for name, (address, gateway) in about["hosts"].items():
        net.addHost(name, ip=address, defaultRoute=f"via {gateway}")
    for name in about["switches"]:
        net.addSwitch(name)
    router = net.addHost("r1", ip=None)
    for a, b in about["links"]:
        net.addLink(net[a], net[b])
    net.build()
    for interface, address in about["router"].items():
        router.cmd(f"ip address add {address} dev {interface}")
    router.cmd("sysctl -w net.ipv4.ip_forward=1")
    net.start()
    return net


def memory() -> int:
    """PSS of everything in this process namespace, in bytes."""
    total = 0
    for rollup in Path("/proc").glob("[0-9]*/smaps_rollup"):
        try:
            lines = rollup.read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total * 1024


def main() -> None:
    about = json.loads(sys.argv[1])
    imported = time.monotonic()
    net = network(about)
    started = time.monotonic()
    while "1 received" not in net["pc1"].cmd(f"ping -c1 -W1 {about['target']}"):
        if time.monotonic() - started > about["patience"]:
            sys.exit("no answer from end to end")
    marks = {"imported": imported, "started": started, "ping": time.monotonic(), "memory": memory()}
    print(json.dumps(marks), flush=True)
    sys.stdin.readline()
    net.stop()


main()
