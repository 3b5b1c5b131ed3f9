"""Who logs in to the out-of-band SSH of a node."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trilab.engine.base import Lab


@dataclass(frozen=True)
class Account:
    """A user name with a password or a private key file. ``enable``: the enable secret, where one is needed."""

    name: str
    password: str | None = None
    key_file: Path | None = None
    enable: str = ""


def graders(lab: Lab) -> Account:
    """The service account: arrives at privilege 15, by the lab's own key."""
    return Account("trilab", key_file=lab.key_file)


def candidate(enable: str = "") -> Account:
    """The account that every candidate has on every node."""
    return Account("admin", password="admin", enable=enable)
