"""Builds one bubble and becomes its first process.

A fork of trilab leaves the host's user, mount, network, pid, ipc and uts namespaces, lays the network, starts the nodes
and turns into a bare init. When that init ends, for whatever reason, the kernel removes the whole lab.

Nothing is imported after the change of user: the interpreter's own files may be unreadable for root of the bubble.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import json
import os
import signal
import subprocess
from ipaddress import IPv4Interface
from pathlib import Path
from typing import Any, NoReturn

from pyroute2.netlink.exceptions import NetlinkError

from trilab.engine.native import cgroups, oci, radio
from trilab.engine.native.net import Cable, Network
from trilab.engine.native.wire import NodeOrder, Order
from trilab.errors import HostError
from trilab.host import process, syscalls, userns

BUBBLE = Path("/run/trilab")  # in the bubble's own mount namespace
IMAGE, LAYER, TOOLS, TUN = BUBBLE / "image", BUBBLE / "layer", BUBBLE / "tools", BUBBLE / "tun"
RADIO, KERNEL = BUBBLE / "radio", BUBBLE / "linux"
NAMESPACES = (
    syscalls.CLONE_NEWNS | syscalls.CLONE_NEWNET | syscalls.CLONE_NEWPID | syscalls.CLONE_NEWIPC | syscalls.CLONE_NEWUTS
)


class Events:
    """One JSON line per event, for the engine."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def say(self, **event: Any) -> None:
        """Send one event. A reader that has gone away ends the bubble (SIGPIPE)."""
        os.write(self._fd, json.dumps(event).encode() + b"\n")


def _own_paths(order: Order) -> set[str]:
    """What is bound for the bubble itself, not for a node."""
    return {order.rootfs, order.layer, order.tun, *([order.radio.kernel] if order.radio else [])}


def _open_outside(order: Order) -> dict[str, int]:
    """Handles on the host's paths, taken with the caller's rights, to be bound inside."""
    paths = _own_paths(order)
    paths.update(source for node in order.nodes for source, _, _ in node.binds)
    handles: dict[str, int] = {}
    for path in paths:
        try:
            handles[path] = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError as error:
            raise HostError(f"{path} : {error.strerror}.") from error
    return handles


def _bind(handle: int, target: Path) -> None:
    if target.name == "tun" or not Path(f"/proc/self/fd/{handle}").is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    else:
        target.mkdir(parents=True)
    syscalls.mount(f"/proc/self/fd/{handle}", str(target), flags=syscalls.MS_BIND | syscalls.MS_REC)


def _prepare_mounts(order: Order, handles: dict[str, int]) -> dict[str, str]:
    """Mount the scratch space and bind the host's paths in it; gives where each bound path is now."""
    syscalls.mount("none", "/", flags=syscalls.MS_SLAVE | syscalls.MS_REC)
    syscalls.mount("trilab", "/run", "tmpfs", data=f"size={order.scratch},mode=755")
    _bind(handles[order.rootfs], IMAGE)
    _bind(handles[order.layer], LAYER)
    _bind(handles[order.tun], TUN)
    if order.radio:
        _bind(handles[order.radio.kernel], KERNEL)
    places = {}
    for number, path in enumerate(sorted(set(handles) - _own_paths(order))):
        place = BUBBLE / "binds" / str(number)
        _bind(handles[path], place)
        places[path] = str(place)
    return places


def _overlay(folder: Path) -> Path:
    for part in ("upper", "work", "merged"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    lower = f"{LAYER}:{IMAGE}"
    data = f"userxattr,lowerdir={lower},upperdir={folder}/upper,workdir={folder}/work"
    syscalls.mount("overlay", str(folder / "merged"), "overlay", data=data)
    return folder / "merged"


def _prepare_tools() -> None:
    """The untouched image for the graders' own programs: no node sees it."""
    root = _overlay(TOOLS)
    syscalls.mount("/dev", str(root / "dev"), flags=syscalls.MS_BIND | syscalls.MS_REC)
    syscalls.mount("proc", str(root / "proc"), "proc")
    syscalls.mount("tmpfs", str(root / "tmp"), "tmpfs")


def _radio_bundle(wanted: radio.RadioOrder, network: Network) -> Path:
    """The radio container: image and layer without anything above, so that nothing can be written."""
    folder = BUBBLE / "nodes" / radio.NAME
    root = folder / "merged"
    root.mkdir(parents=True)
    syscalls.mount("overlay", str(root), "overlay", syscalls.MS_RDONLY, data=f"userxattr,lowerdir={LAYER}:{IMAGE}")
    radio.bundle(folder, str(root), network.path(radio.NAME), str(KERNEL), wanted, RADIO)
    return folder


def _bundle(node: NodeOrder, network: Network, places: dict[str, str]) -> Path:
    folder = BUBBLE / "nodes" / node.name
    upper = folder / "upper"
    upper.mkdir(parents=True)
    for path, (content, mode) in node.files.items():
        target = upper / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)
        target.chmod(mode)
    root = _overlay(folder)
    on_air = [(str(RADIO / node.name), radio.SOCKET_FOLDER, True)] if node.role in radio.KINDS else []
    config = oci.config(
        node.name,
        node.role,
        str(root),
        network.path(node.name),
        tun=str(TUN),
        env=node.env,
        binds=[(places[source], target, read_only) for source, target, read_only in node.binds] + on_air,
    )
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def _start(runtime: str, bundle: Path, doors: list[int]) -> subprocess.Popen[bytes]:
    command = [runtime, "--root", str(BUBBLE / "oci")]
    if Path(runtime).name == "crun":
        command.append("--cgroup-manager=disabled")
    command += ["run", "--detach", "--bundle", str(bundle), "--pid-file", str(bundle / "pid"), bundle.name]
    with (bundle / "log").open("wb") as log:
        cgroups.enter(doors)  # inherited; a preexec_fn would copy our memory where a vfork does not
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/")


def _run_nodes(order: Order, network: Network, places: dict[str, str], events: Events) -> dict[str, int]:
    running = []
    if order.radio:  # first: its kernel boots while the nodes start
        bundle = _radio_bundle(order.radio, network)
        running.append((bundle, _start(order.runtime, bundle, order.doors)))
    for node in order.nodes:
        bundle = _bundle(node, network, places)
        running.append((bundle, _start(order.runtime, bundle, node.doors)))
    cgroups.enter(order.doors)
    pids = {}
    for bundle, runtime in running:
        if runtime.wait() != 0:
            what = "La radio" if bundle.name == radio.NAME else f"Le nœud {bundle.name}"
            raise HostError(f"{what} n'a pas démarré : {(bundle / 'log').read_text().strip()[-400:]}")
        pids[bundle.name] = int((bundle / "pid").read_text())
        events.say(step="radio démarrée" if bundle.name == radio.NAME else f"{bundle.name} démarré")
    return pids


def _build(order: Order, handles: dict[str, int], events: Events) -> dict[str, int]:
    """In the first process of the bubble: mounts, network, nodes. Gives each node's pid in the bubble."""
    places = _prepare_mounts(order, handles)
    syscalls.mount("proc", "/proc", "proc")
    syscalls.mount("none", "/sys/fs/cgroup", "tmpfs")  # crun refuses a host with both cgroup versions
    cables = [Cable(a, b, mtu) for a, b, mtu in order.cables]
    network = Network([*(node.name for node in order.nodes), *([radio.NAME] if order.radio else [])])
    network.wire(
        [*cables, *(order.radio.cables() if order.radio else [])],
        IPv4Interface(order.gateway),
        {node.name: IPv4Interface(node.address) for node in order.nodes},
    )
    if order.radio:
        address = IPv4Interface(f"{radio.KEEPER_ADDRESS}/30")
        network.settle_apart(radio.NAME, address, radio.CONTROL[0], order.radio.shining(), order.radio.bridged())
    pids = _run_nodes(order, network, places, events)
    _prepare_tools()
    return pids


def _first_process(order: Order, handles: dict[str, int], events: Events, released: int) -> NoReturn:
    """Build the bubble, outlive the builder, and be a bare init."""
    try:
        pids = _build(order, handles, events)
        syscalls.die_with_parent(0)
        os.write(released, b"x")
        os.chroot(TOOLS / "merged")
        os.chdir("/")
        events.say(ready=pids)
        os.execv("/usr/bin/tini", ["tini", "-s", "--", "/usr/bin/sleep", "infinity"])
    except (HostError, OSError, NetlinkError) as error:
        events.say(error=_sentence(error))
    finally:
        os._exit(1)


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"Plus de place pour ce lab ({error.filename or 'mémoire de travail'})."
    return str(error)


def fork(order: Order, log: int, events: int, pid_file: int) -> int:
    """Fork the process that builds the bubble; gives its pid. Descriptors: its log, the events, the bubble's pid.

    Forking, not starting a new interpreter: everything is loaded already, and nothing may be imported inside.
    """
    builder = os.fork()
    if builder == 0:
        gc.freeze()  # the caller's garbage: its descriptors are closed below, and their numbers serve again
        code = 1
        try:
            os.setsid()
            null = os.open("/dev/null", os.O_RDONLY)
            for descriptor, target in ((null, 0), (log, 1), (log, 2)):
                os.dup2(descriptor, target)
            os.chdir("/")
            _keep_only(
                {0, 1, 2, events, pid_file, *order.doors, *(door for node in order.nodes for door in node.doors)}
            )
            code = _builder(order, Events(events), pid_file)
        finally:
            os._exit(code)
    return builder


def _keep_only(descriptors: set[int]) -> None:
    """Close all others: above all the lock of the lab's folder, which must end with the command that took it."""
    for path in Path("/proc/self/fd").iterdir():
        if int(path.name) not in descriptors:
            with contextlib.suppress(OSError):  # the one that listed the folder is closed already
                os.close(int(path.name))


def _builder(order: Order, events: Events, pid_file: int) -> int:
    """Leave the host's namespaces and fork the first process of the bubble; its pid and birth are noted.

    Until the lab is ready, the death of the caller, or of this process, is the death of the bubble.
    """
    for number in (signal.SIGPIPE, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    syscalls.die_with_parent(signal.SIGKILL)
    try:
        cgroups.enter(order.doors)
        userns.enter(userns.ranges())
        syscalls.unshare(NAMESPACES)
        handles = _open_outside(order)
        userns.become_root()
        syscalls.die_with_parent(signal.SIGKILL)  # the change of user had cleared it
        gate_r, gate_w = os.pipe()
        released_r, released_w = os.pipe()
        child = os.fork()
        if child == 0:
            syscalls.die_with_parent(signal.SIGKILL)
            os.close(gate_w)
            if not os.read(gate_r, 1):
                os._exit(1)
            _first_process(order, handles, events, released_w)
        os.close(released_w)
        os.write(pid_file, f"{child} {process.born(child)}".encode())
        os.write(gate_w, b"x")
        return 0 if os.read(released_r, 1) else 1
    except (HostError, OSError) as error:
        events.say(error=_sentence(error))
        return 1
