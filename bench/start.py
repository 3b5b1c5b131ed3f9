"""Starting ten nodes and twelve links: the native engine against the floor, and against Docker where there is one."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from trilab import images
from trilab.engine.base import LabSpec, LinkSpec, NodeSpec
from trilab.engine.native import NativeEngine
from trilab.engine.ready import WAITING

NODES = 10
ROUNDS = 5


def spec(candidate: str = "bench-1") -> LabSpec:
    """A ring of ten idle nodes with two chords."""
    nodes = tuple(NodeSpec(f"n{i}", "server") for i in range(NODES))
    ring = [LinkSpec((f"n{i}", "eth1"), (f"n{(i + 1) % NODES}", "eth2")) for i in range(NODES)]
    chords = [LinkSpec(("n0", "eth3"), ("n5", "eth3")), LinkSpec(("n1", "eth3"), ("n6", "eth3"))]
    return LabSpec("bench", candidate, nodes, (*ring, *chords))


def native(engine: NativeEngine) -> tuple[float, float, float]:
    """Seconds until every node runs, until every node answers SSH, and to remove all."""
    started: list[float] = []
    begin = time.monotonic()
    engine.up(spec(), lambda line: None if line == WAITING else started.append(time.monotonic()))
    ready = time.monotonic()
    engine.down(spec().key)
    return started[-1] - begin, ready - begin, time.monotonic() - ready


def floor(image: images.NodeImage) -> float:
    """Seconds for the same with unshare and ip -batch, in the same kind of user namespace."""
    script = Path(__file__).with_name("floor.sh").read_text()
    inside = ["unshare", "-m", "-n", "-p", "--fork", "--kill-child", "--mount-proc", "bash", "-c", script]
    argv = [sys.executable, "-m", "trilab.host.userns", "--", *inside]
    done = subprocess.run(argv, cwd=image.rootfs.parent, capture_output=True, text=True, check=True)
    return int(done.stdout) / 1000


def docker(image: images.NodeImage) -> float | None:
    """Seconds for ten ``docker run`` of the same image in parallel; None where no daemon answers."""
    tool = shutil.which("docker")
    if tool is None or subprocess.run([tool, "info"], capture_output=True).returncode != 0:
        return None
    name = "trilab-bench/node:latest"
    if subprocess.run([tool, "image", "inspect", name], capture_output=True).returncode != 0:
        pack = [sys.executable, "-m", "trilab.host.userns", "--", "tar", "-c", "-C", "rootfs", "."]
        with subprocess.Popen(pack, cwd=image.rootfs.parent, stdout=subprocess.PIPE) as tar:
            subprocess.run([tool, "import", "-", name], stdin=tar.stdout, capture_output=True, check=True)
    run = [tool, "run", "-d", "--init", "--cap-add=NET_ADMIN", "--name"]
    names = [f"trilab-bench-{i}" for i in range(NODES)]
    begin = time.monotonic()
    try:
        with ThreadPoolExecutor(NODES) as pool:
            list(
                pool.map(
                    lambda n: subprocess.run([*run, n, name, "sleep", "infinity"], capture_output=True, check=True),
                    names,
                )
            )
        return time.monotonic() - begin
    finally:
        subprocess.run([tool, "rm", "-f", *names], capture_output=True)


def rows() -> list[tuple[str, str, str]]:
    """(what, figure, ratio to the peer of this run)."""
    image, engine = images.ensure(), NativeEngine()
    floors, starts, banners, downs = [], [], [], []
    for _ in range(ROUNDS):
        floors.append(floor(image))
        begun, ready, gone = native(engine)
        starts.append(begun)
        banners.append(ready)
        downs.append(gone)
    base, start = statistics.median(floors), statistics.median(starts)
    peer = docker(image)
    against = f"{peer / start:.1f} × plus rapide que docker run (visé ≥ 4)" if peer else "pas de démon Docker ici"
    return [
        ("unshare + ip -batch, 10 nœuds, 12 liens", f"{base:.2f} s", "référence"),
        ("moteur natif, les mêmes", f"{start:.2f} s", f"{start / base:.2f} × la référence (visé ≤ 1,8)"),
        ("docker run × 10 en parallèle", f"{peer:.2f} s" if peer else "—", against),
        ("… jusqu'à SSH partout", f"{statistics.median(banners):.2f} s", ""),
        ("… arrêt", f"{statistics.median(downs):.3f} s", ""),
    ]
