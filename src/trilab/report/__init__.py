"""The report of one grading: the record (JSON), HTML, PDF, the terminal table, and the check that nothing changed."""

from trilab.report.record import canonical, read
from trilab.report.terminal import terminal
from trilab.report.verify import Verification, verify
from trilab.report.write import write

__all__ = ["Verification", "canonical", "read", "terminal", "verify", "write"]
