"""The command line. ``main`` is the entry point of the ``trilab`` script."""

from __future__ import annotations


def main() -> None:
    """Run the command line and end the process with its exit code."""
    from trilab.cli.app import run  # heavy imports wait until the program really starts

    raise SystemExit(run())
