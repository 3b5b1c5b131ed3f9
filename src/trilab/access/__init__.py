"""Sessions on nodes over SSH, and playing an answer as a candidate would type it."""

from trilab.access.account import Account, candidate, graders
from trilab.access.play import play
from trilab.access.sessions import CliSession, Sessions

__all__ = ["Account", "CliSession", "Sessions", "candidate", "graders", "play"]
