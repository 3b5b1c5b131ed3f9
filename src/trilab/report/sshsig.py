"""Ed25519 signatures in OpenSSH's format (PROTOCOL.sshsig), so that ``ssh-keygen -Y`` checks a report without trilab.

Signed octets: ``SSHSIG`` + namespace + reserved + hash name + SHA-512 of the message, the last four as SSH strings
(RFC 4251, 5). The namespace keeps a signature of a report from passing for one of anything else.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

NAMESPACE = "trilab-report"
_MAGIC, _VERSION, _HASH, _ALGORITHM = b"SSHSIG", 1, b"sha512", b"ssh-ed25519"
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_WIDTH = 70  # characters of a line, as ssh-keygen writes them


@dataclass(frozen=True)
class Signature:
    """A signature as read from its file; not yet checked against anything."""

    key: Ed25519PublicKey
    octets: bytes


def sign(key: Ed25519PrivateKey, message: bytes) -> bytes:
    """The armoured signature of ``message``."""
    signed = _string(_ALGORITHM) + _string(key.sign(_to_sign(message)))
    blob = _MAGIC + struct.pack(">I", _VERSION)
    for part in (public_blob(key.public_key()), NAMESPACE.encode(), b"", _HASH, signed):
        blob += _string(part)
    text = base64.b64encode(blob).decode()
    lines = [text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]
    return ("\n".join([_BEGIN, *lines, _END]) + "\n").encode()


def parse(armoured: bytes) -> Signature:
    """Read a signature.

    Raises:
        ValueError: it is none, or not one of ours (namespace, algorithm).
    """
    lines = armoured.decode("ascii").split()
    text = "".join(lines)
    begin, end = "".join(_BEGIN.split()), "".join(_END.split())
    if not (text.startswith(begin) and text.endswith(end)):
        raise ValueError("no SSH signature")
    try:
        blob = base64.b64decode(text[len(begin) : -len(end)], validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if blob[:10] != _MAGIC + struct.pack(">I", _VERSION):
        raise ValueError("no SSH signature of version 1")
    key, namespace, _, hash_name, signed = _strings(blob[10:], 5)
    algorithm, octets = _strings(signed, 2)
    key_type, point = _strings(key, 2)
    if (namespace, hash_name, algorithm, key_type) != (NAMESPACE.encode(), _HASH, _ALGORITHM, _ALGORITHM):
        raise ValueError("another namespace or algorithm")
    return Signature(Ed25519PublicKey.from_public_bytes(point), octets)


def matches(signature: Signature, message: bytes) -> bool:
    """Whether the key of the signature signed this message."""
    try:
        signature.key.verify(signature.octets, _to_sign(message))
    except InvalidSignature:
        return False
    return True


def public_blob(key: Ed25519PublicKey) -> bytes:
    """A public key as SSH writes it on the wire (RFC 8709, 4)."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return _string(_ALGORITHM) + _string(raw)


def fingerprint(key: Ed25519PublicKey) -> str:
    """``SHA256:…``, as ``ssh-keygen -l`` shows it."""
    digest = hashlib.sha256(public_blob(key)).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def _to_sign(message: bytes) -> bytes:
    parts = (NAMESPACE.encode(), b"", _HASH, hashlib.sha512(message).digest())
    return _MAGIC + b"".join(map(_string, parts))


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _strings(data: bytes, count: int) -> list[bytes]:
    """Exactly ``count`` SSH strings. Raises ValueError."""
    found = []
    for _ in range(count):
        if len(data) < 4:
            raise ValueError("too short")
        end = 4 + int.from_bytes(data[:4], "big")
        if end > len(data):
            raise ValueError("too short")
        found.append(data[4:end])
        data = data[end:]
    if data:
        raise ValueError("too long")
    return found
