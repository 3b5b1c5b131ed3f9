"""The candidate's SSH server: a second sshd on the in-band addresses, with accounts of its own.

It runs in a private mount namespace whose ``/etc/passwd``, ``shadow`` and ``group`` hold the ``username`` lines only:
a candidate's ``username admin`` does not touch the out-of-band account of that name, nor does any system account open.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from trilab.nos import passwords
from trilab.nos.dataplane import names, system
from trilab.nos.dataplane.base import FailedLogin
from trilab.nos.dataplane.nameservice import Account, NameService
from trilab.nos.dataplane.nft import vty_line
from trilab.nos.dataplane.system import RUN, STATE, Service
from trilab.nos.features.aaa.model import Aaa
from trilab.nos.model import Config, User

FOLDER = RUN / "ssh"
HOST_KEY = STATE / "ssh_rsa_key"
SETTINGS = FOLDER / "sshd_config"
LOG = RUN / "sshd-inband.log"
_FAILED = re.compile(r"Failed password for (?:invalid user )?(\S*) from (\S+) port \d+")
FIRST_UID = 20000  # of the candidate's accounts
ANYBODY = FIRST_UID - 1  # whoever a RADIUS server knows
NAMES = RUN / "names"  # holds the socket of the name service
CACHE = Path("/run/nscd")  # where the C library looks for it (glibc, nscd/nscd-client.h)
SHORTEST = 768  # bits; IOS refuses SSH version 2 under it ("ip ssh version", Secure Shell command reference)
SMALLEST = 1024  # bits; what ssh-keygen makes at least
_SYSTEM = (
    ("root", 0, 0, "/root", "/usr/sbin/nologin"),
    ("sshd", 991, 65534, "/run/sshd", "/usr/sbin/nologin"),
    ("nobody", 65534, 65534, "/nonexistent", "/usr/sbin/nologin"),
)


PAM = """\
auth required pam_exec.so expose_authtok quiet /usr/lib/trilab/authenticate
account required pam_permit.so
session required pam_permit.so
"""


@dataclass(frozen=True)
class Accounts:
    """The three files of the private namespace."""

    passwd: str
    shadow: str
    group: str


def enabled(config: Config) -> bool:
    """IOS: a host name, a domain name, an RSA key, and a terminal line that takes SSH."""
    return bool(
        config.hostname
        and config.domain_name
        and (config.rsa_bits or 0) >= SHORTEST
        and config.ssh_version in (None, 2)
        and vty_line(config, "ssh") is not None
    )


def by_lists(config: Config) -> bool:
    """Whether somebody without a ``username`` line may come in, by the method list of the terminal line."""
    aaa, line = config.parts[Aaa], vty_line(config, "ssh")
    return aaa.new_model and line is not None and aaa.login_methods(line.authentication) != ("local",)


def addresses(config: Config) -> list[IPv4Address]:
    """In-band addresses of the device, sorted."""
    found = [config.interfaces[name].address for name in names.layer3(config)]
    return sorted(address.ip for address in found if address is not None)


def settings(config: Config) -> str:
    """The text of sshd_config."""
    lines = [f"ListenAddress {address}" for address in addresses(config)]
    lines += [
        "Port 22",
        f"HostKey {HOST_KEY}",
        "PidFile none",
        f"UsePAM {'yes' if by_lists(config) else 'no'}",
        "UseDNS no",
        "PrintMotd no",
        "PrintLastLog no",
        "LogLevel INFO",
        "PubkeyAuthentication no",
        "KbdInteractiveAuthentication no",
        "PasswordAuthentication yes",
        f"MaxAuthTries {max(1, config.ssh_retries)}",
        f"LoginGraceTime {config.ssh_timeout}",
        "PerSourcePenalties no",
        "MaxStartups 64",
        "DisableForwarding yes",
        "PermitUserRC no",
        "ForceCommand /usr/lib/trilab/cli vty",
    ]
    return "\n".join([*lines, ""])


def accounts(users: Iterable[User], local: bool) -> Accounts:
    """Accounts for ``username`` lines.

    ``local`` is «login local»: without it no password opens an SSH session, as on IOS.
    """
    users = list(users)
    mine = {user.name for user in users}
    passwd = [f"{n}:x:{uid}:{gid}::{home}:{shell}" for n, uid, gid, home, shell in _SYSTEM if n not in mine]
    shadow = [f"{n}:*:20000::::::" for n, *_ in _SYSTEM if n not in mine]
    for number, user in enumerate(users):
        passwd.append(f"{user.name}:x:{FIRST_UID + number}:{FIRST_UID}::/:/bin/sh")
        shadow.append(f"{user.name}:{_hash(user) if local else '*'}:20000::::::")
    groups = ["root:x:0:", "tty:x:5:", "nogroup:x:65534:", f"trilab-vty:x:{FIRST_UID}:"]
    return Accounts(*("\n".join([*lines, ""]) for lines in (passwd, shadow, groups)))


def _hash(user: User) -> str:
    if user.secret is not None:
        return user.secret
    if user.password is not None:
        return passwords.md5_crypt(user.password, "trilab")
    return "*"


class InbandSsh:
    """The running second sshd. Open sessions survive a restart of the listener."""

    def __init__(self, failed: Callable[[FailedLogin], None] = lambda failed: None) -> None:
        """``failed`` is told of every wrong password, by a thread that reads what the server says."""
        self._failed = failed
        self._service = Service("sshd-inband")
        known = {name: Account(uid, gid, home, shell) for name, uid, gid, home, shell in _SYSTEM}
        self._names = NameService(NAMES / "socket", known, Account(ANYBODY, FIRST_UID))

    def apply(self, config: Config) -> None:
        """Make key, accounts and listener match. Raises DataplaneError."""
        self._host_key(config.rsa_bits)
        if not enabled(config) or not addresses(config):
            self._service.stop()
            return
        self._accounts(config)
        if by_lists(config):
            self._names.start()
        if system.write(SETTINGS, settings(config), 0o600) or not self._service.running:
            self._start(by_lists(config))

    def _accounts(self, config: Config) -> None:
        line = vty_line(config, "ssh")
        local = config.parts[Aaa].new_model or (line is not None and line.login == "local")
        files = accounts(config.users.values(), local=local)
        system.write(FOLDER / "passwd", files.passwd)
        system.write(FOLDER / "shadow", files.shadow, 0o600)
        system.write(FOLDER / "group", files.group)
        system.write(FOLDER / "pam", PAM)

    def _start(self, lists: bool) -> None:
        places = {FOLDER / name: f"/etc/{name}" for name in ("passwd", "shadow", "group")}
        if lists:
            CACHE.mkdir(exist_ok=True)
            places |= {FOLDER / "pam": "/etc/pam.d/sshd", NAMES: str(CACHE)}
        mounts = " && ".join(f"mount --bind {ours} {place}" for ours, place in places.items())
        command = f"{mounts} && exec /usr/sbin/sshd -D -e -f {SETTINGS}"
        reader, writer = os.pipe()
        try:
            self._service.start(["unshare", "--mount", "--propagation", "private", "sh", "-c", command], errors=writer)
        finally:
            os.close(writer)
        threading.Thread(target=self._listen, args=(reader,), daemon=True).start()

    def _listen(self, reader: int) -> None:
        """Read until the last session of this server ends."""
        with open(reader, encoding="utf-8", errors="replace") as said, LOG.open("a", encoding="utf-8") as log:
            for line in said:
                log.write(line)
                log.flush()
                found = _FAILED.search(line)
                if found is not None:
                    self._failed(FailedLogin("SSH", 6, "FAILED", line.strip(), user=found[1], source=found[2]))

    def _host_key(self, bits: int | None) -> None:
        """Make the key once (a 2048-bit key takes a fraction of a second); forget it when it is zeroized."""
        size_file = HOST_KEY.with_suffix(".bits")
        known = int(size_file.read_text()) if size_file.exists() and HOST_KEY.exists() else None
        if bits == known:
            return
        for path in (HOST_KEY, HOST_KEY.with_suffix(".pub"), size_file):
            path.unlink(missing_ok=True)
        if bits is None:
            return
        size = str(max(bits, SMALLEST))
        system.run(["ssh-keygen", "-q", "-t", "rsa", "-b", size, "-N", "", "-C", "", "-f", str(HOST_KEY)], timeout=120)
        size_file.write_text(f"{bits}\n")
        self._service.stop()  # the listener holds the old key
