"""The OCI bundle of a node (runtime-spec 1.0): what it may do and what it sees."""

from __future__ import annotations

from typing import Any

from trilab.engine.programs import PATH

# Root in a node needs these inside the bubble's user namespace; none has any power on the host.
BASE_CAPS = (
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_RAW",
    "CAP_NET_ADMIN",
    "CAP_SYS_CHROOT",
    "CAP_SETFCAP",
)
# Switches and routers keep the candidate's SSH accounts in a private mount namespace; Open vSwitch locks its memory.
NOS_CAPS = ("CAP_SYS_ADMIN", "CAP_IPC_LOCK", "CAP_SYS_NICE")
EXTRA_CAPS = {"switch": NOS_CAPS, "router": NOS_CAPS, "ap": NOS_CAPS, "phone": ("CAP_IPC_LOCK", "CAP_SYS_NICE")}

MASKED = (
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
    "/sys/kernel/debug",
)
INIT = ("/usr/bin/tini", "--", "/usr/lib/trilab/init")


def _mounts(tun: str | None, binds: list[tuple[str, str, bool]]) -> list[dict[str, Any]]:
    def entry(destination: str, kind: str, *options: str) -> dict[str, Any]:
        return {"destination": destination, "type": kind, "source": kind, "options": list(options)}

    mounts = [
        entry("/proc", "proc"),
        entry("/dev", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
        entry("/dev/pts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
        entry("/dev/shm", "tmpfs", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
        entry("/dev/mqueue", "mqueue", "nosuid", "noexec", "nodev"),
        entry("/sys", "sysfs", "nosuid", "noexec", "nodev", "ro"),
        entry("/run", "tmpfs", "nosuid", "nodev", "mode=755"),
        entry("/tmp", "tmpfs", "nosuid", "nodev", "mode=1777"),
    ]
    if tun is not None:
        mounts.append({"destination": "/dev/net/tun", "type": "bind", "source": tun, "options": ["bind", "rw"]})
    for source, destination, read_only in binds:
        options = ["rbind", "ro" if read_only else "rw"]
        mounts.append({"destination": destination, "type": "bind", "source": source, "options": options})
    return mounts


def config(
    hostname: str,
    role: str,
    root: str,
    netns: str,
    *,
    tun: str | None,
    env: dict[str, str],
    binds: list[tuple[str, str, bool]],
) -> dict[str, Any]:
    """``config.json`` of one node: ``root`` is its mounted overlay, ``netns`` the path of its network namespace."""
    caps = [*BASE_CAPS, *EXTRA_CAPS.get(role, ())]
    variables = {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", "TRILAB_ROLE": role, **env}
    return {
        "ociVersion": "1.0.2",
        "hostname": hostname,
        "process": {
            "terminal": False,
            "user": {"uid": 0, "gid": 0},
            "cwd": "/",
            "args": list(INIT),
            "env": [f"{name}={value}" for name, value in variables.items()],
            "capabilities": {kind: caps for kind in ("bounding", "effective", "permitted")},
            "noNewPrivileges": False,  # sudo
        },
        "root": {"path": root, "readonly": False},
        "mounts": _mounts(tun, binds),
        "linux": {
            "namespaces": [
                {"type": "pid"},
                {"type": "ipc"},
                {"type": "uts"},
                {"type": "mount"},
                {"type": "network", "path": netns},
            ],
            "maskedPaths": list(MASKED),
            "readonlyPaths": [],
        },
    }
