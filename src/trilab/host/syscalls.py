"""The few Linux system calls that Python 3.11 does not offer, by ctypes (see namespaces(7), mount(2), prctl(2))."""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY, MS_BIND, MS_REC, MS_SLAVE = 1, 4096, 16384, 1 << 19

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4

SIOCETHTOOL = 0x8946
ETHTOOL_STXCSUM = 0x17


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def unshare(flags: int) -> None:
    """Leave the namespaces in ``flags`` for new ones. Raises OSError."""
    _check(_libc().unshare(flags), "unshare")


def setns(fd: int, kind: int = 0) -> None:
    """Join the namespace behind ``fd``. Raises OSError."""
    _check(_libc().setns(fd, kind), "setns")


def mount(source: str, target: str, fstype: str = "", flags: int = 0, data: str = "") -> None:
    """Mount ``source`` on ``target``. Raises OSError."""
    result = _libc().mount(source.encode(), target.encode(), fstype.encode(), ctypes.c_ulong(flags), data.encode())
    _check(result, target)


def die_with_parent(signal_number: int) -> None:
    """Receive ``signal_number`` when the parent ends (0: no longer)."""
    _check(_libc().prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0), "prctl")


def stay_reachable() -> None:
    """Let the owner of the user namespace enter this process although it changed its user (PR_SET_DUMPABLE)."""
    _check(_libc().prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl")


def checksum_offload_off(interface: str) -> None:
    """Make a veth fill in its checksums: Open vSwitch in user space forwards what it reads. Raises OSError."""
    value = ctypes.create_string_buffer(struct.pack("II", ETHTOOL_STXCSUM, 0))
    request = struct.pack("16sP", interface.encode(), ctypes.addressof(value)) + bytes(16)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, SIOCETHTOOL, request)
