"""Limits of memory and processes, where the host delegates control groups (cgroups(7)); elsewhere a lab has none.

One group per lab, one below it per node. With version 2 the group is made beside the caller's own (systemd delegates
the user's slice), or below it; with version 1 below the caller's own in the memory and pids hierarchies.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from trilab.engine.base import LabSpec

ROOT = Path("/sys/fs/cgroup")
LAB_MEMORY = 2 * 1024**3  # bytes: a nine-node lab needs about a tenth of it
NODE_PIDS = 512
LAB_PIDS = 4096


@dataclass(frozen=True)
class Limits:
    """Bytes of memory (None: the lab's) and number of processes."""

    memory: int | None
    pids: int


@dataclass(frozen=True)
class Hierarchy:
    """Where a lab's group can be made, and the files of this version that hold the limits."""

    parent: Path
    memory_file: str | None
    pids_file: str | None
    unified: bool

    def make(self, name: str, limits: Limits, *, inner: bool = False) -> Path:
        """Make a group below the parent, or below another group. ``inner``: it will hold groups, not processes."""
        path = self.parent / name
        path.mkdir(exist_ok=True)
        if inner and self.unified:
            (path / "cgroup.subtree_control").write_text("+memory +pids")
        if self.memory_file and limits.memory is not None:
            (path / self.memory_file).write_text(str(limits.memory))
        if self.pids_file:
            (path / self.pids_file).write_text(str(limits.pids))
        return path


def _own() -> dict[str, str]:
    """Controller list → path of the caller's group ("" is version 2)."""
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    return {fields[1]: fields[2] for fields in (line.split(":", 2) for line in lines)}


def hierarchies() -> list[Hierarchy]:
    """The hierarchies in which this user may make groups with limits; empty where nothing is delegated."""
    own = _own()
    if "" in own and (ROOT / "cgroup.controllers").exists():
        here = ROOT / own[""].lstrip("/")
        for parent in (here.parent, here):
            control = parent / "cgroup.subtree_control"
            writable = control.exists() and os.access(parent / "cgroup.procs", os.W_OK) and os.access(parent, os.W_OK)
            if writable and {"memory", "pids"} <= set(control.read_text().split()):
                return [Hierarchy(parent, "memory.max", "pids.max", unified=True)]
        return []
    found = []
    for controller, memory_file, pids_file in (("memory", "memory.limit_in_bytes", None), ("pids", None, "pids.max")):
        parent = ROOT / controller / own.get(controller, "").lstrip("/")
        if controller in own and os.access(parent, os.W_OK):
            found.append(Hierarchy(parent, memory_file, pids_file, unified=False))
    return found


def _name(key: str) -> str:
    """Unique on the machine: state folders may differ, and each may hold a lab of the same key."""
    return f"trilab.{key}.{os.getpid()}"


SUPERVISOR = ""  # no node has this name


def make(spec: LabSpec, note: Path) -> dict[str, list[int]]:
    """Make the groups of a lab, note their paths in the file ``note``, and open the list of processes of each.

    Returns:
        Node (or ``SUPERVISOR``) → descriptors on which a process writes ``0`` to enter its group (the rights are those
        of the opener). Empty lists where nothing is delegated.
    """
    doors: dict[str, list[int]] = {SUPERVISOR: [], **{node.name: [] for node in spec.nodes}}
    found = hierarchies()
    note.write_text("".join(f"{hierarchy.parent / _name(spec.key)}\n" for hierarchy in found))
    for hierarchy in found:
        try:
            lab = hierarchy.make(_name(spec.key), Limits(LAB_MEMORY, LAB_PIDS), inner=True)
            below = Hierarchy(lab, hierarchy.memory_file, hierarchy.pids_file, hierarchy.unified)
            groups = {node.name: (f"node-{node.name}", Limits(node.memory, NODE_PIDS)) for node in spec.nodes}
            groups[SUPERVISOR] = ("supervisor", Limits(None, NODE_PIDS))
            for owner, (name, limits) in groups.items():
                doors[owner].append(os.open(below.make(name, limits) / "cgroup.procs", os.O_WRONLY))
        except OSError:  # delegated on paper only: the lab runs without limits there
            continue
    return doors


def enter(doors: list[int]) -> None:
    """Move the calling process into the groups behind ``doors``."""
    for door in doors:
        os.write(door, b"0")


def remove(note: Path) -> None:
    """Remove the (empty) groups whose paths are in ``note``."""
    if not note.exists():
        return
    for lab in map(Path, note.read_text().splitlines()):
        if lab.exists():
            for child in [*(path for path in lab.iterdir() if path.is_dir()), lab]:
                with contextlib.suppress(OSError):  # a process is still leaving: an empty group costs nothing
                    child.rmdir()
