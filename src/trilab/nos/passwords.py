"""Passwords as IOS stores them: type 5 (MD5-crypt) and type 7 (reversible, for the screen only)."""

from __future__ import annotations

import os
import re

# hashlib would load OpenSSL: 4.6 MB more in a daemon that may use 20.
from _md5 import md5  # type: ignore[import-not-found]

_B64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TYPE5 = re.compile(r"\$1\$[./0-9A-Za-z]{0,8}\$[./0-9A-Za-z]{22}")
# The key of type 7 is published; see "Cisco IOS type 7 passwords" in any recovery tool.
_TYPE7 = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"


def md5_crypt(password: str, salt: str) -> str:
    """MD5-crypt with a salt of at most 8 characters: ``$1$salt$hash``.

    Source: crypt(5) ``md5crypt``, the FreeBSD algorithm of Poul-Henning Kamp (1994).
    """
    key, start = password.encode(), salt[:8].encode()
    inner = md5(key + start + key).digest()
    data = key + b"$1$" + start
    data += (inner * (len(key) // 16 + 1))[: len(key)]
    length = len(key)
    while length:
        data += b"\0" if length & 1 else key[:1]
        length >>= 1
    digest = md5(data).digest()
    for turn in range(1000):
        data = key if turn & 1 else digest
        data += start if turn % 3 else b""
        data += key if turn % 7 else b""
        data += digest if turn & 1 else key
        digest = md5(data).digest()
    return f"$1${salt[:8]}${_encode(digest)}"


def _encode(digest: bytes) -> str:
    groups = [(0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5)]
    text = ""
    for high, middle, low in groups:
        text += _to64(digest[high] << 16 | digest[middle] << 8 | digest[low], 4)
    return text + _to64(digest[11], 2)


def _to64(value: int, count: int) -> str:
    return "".join(_B64[value >> 6 * index & 63] for index in range(count))


def new_secret(password: str) -> str:
    """A type 5 hash with a fresh salt of 4 characters, as IOS makes."""
    return md5_crypt(password, "".join(_B64[byte & 63] for byte in os.urandom(4)))


def is_type5(text: str) -> bool:
    """Whether ``text`` has the form of a type 5 hash."""
    return _TYPE5.fullmatch(text) is not None


def check_secret(secret: str, password: str) -> bool:
    """Whether ``password`` gives the type 5 hash ``secret``."""
    return md5_crypt(password, secret.split("$")[2]) == secret


def encode7(password: str) -> str:
    """Type 7 text. The salt (0–15) is drawn from the password, so that the same configuration is the same text."""
    salt = sum(password.encode()) % 16
    data = password.encode()
    return f"{salt:02d}" + "".join(f"{byte ^ _TYPE7[(salt + i) % len(_TYPE7)]:02X}" for i, byte in enumerate(data))


def decode7(text: str) -> str | None:
    """The clear text of a type 7 password, or None when it is not one."""
    if not re.fullmatch(r"(?:0\d|1[0-5])(?:[0-9A-Fa-f]{2})+", text):
        return None
    salt = int(text[:2])
    data = bytes.fromhex(text[2:])
    clear = bytes(byte ^ _TYPE7[(salt + i) % len(_TYPE7)] for i, byte in enumerate(data))
    try:
        return clear.decode()
    except UnicodeDecodeError:
        return None
