"""The report of one grading: the record (JSON), HTML, PDF, the terminal table, and the seal that shows any change."""

from trilab.report.keyring import Keyring, PublicKey, Signer, read_public
from trilab.report.record import canonical, read
from trilab.report.tables import terminal
from trilab.report.verification import Seal, Verification, verify
from trilab.report.writing import write

__all__ = [
    "Keyring",
    "PublicKey",
    "Seal",
    "Signer",
    "Verification",
    "canonical",
    "read",
    "read_public",
    "terminal",
    "verify",
    "write",
]
