"""The report of one grading: the record (JSON), HTML, PDF, the terminal table, and the check that nothing changed."""

from trilab.report.record import canonical, read
from trilab.report.tables import terminal
from trilab.report.verification import Verification, verify
from trilab.report.writing import write

__all__ = ["Verification", "canonical", "read", "terminal", "verify", "write"]
