"""The command line. ``main`` is the entry point of the ``trilab`` script."""

from __future__ import annotations

import gettext
import os
from pathlib import Path


def main() -> None:
    """Run the command line and end the process with its exit code."""
    os.environ["LANGUAGE"] = "fr"  # the words of the command-line library itself (see locale/)
    gettext.bindtextdomain("messages", str(Path(__file__).with_name("locale")))
    from trilab.cli.app import run  # heavy, and reads its words when imported

    raise SystemExit(run())
