"""``make bench [BENCH=start|lab|class|repeat|wifi|nos]``: every figure of this machine, today."""

from __future__ import annotations

import os
import platform
import sys

from rich.console import Console
from rich.table import Table

from bench import labs, nos, repeat, start, wifi

SECTIONS = {
    "start": start.rows,
    "lab": labs.one,
    "class": labs.class_of,
    "repeat": repeat.rows,
    "wifi": wifi.rows,
    "nos": nos.rows,
}


def main(wanted: list[str]) -> None:
    """Run the sections and print one table."""
    console = Console()
    console.print(f"{os.cpu_count()} cœurs, Linux {platform.release()}, Python {platform.python_version()}")
    table = Table("Mesure", "Valeur", "Rapport ou cible")
    for name in wanted or SECTIONS:
        with console.status(name):
            for row in SECTIONS[name]():
                table.add_row(*row)
    console.print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
