"""``python -m trilab``: the command line."""

from trilab.cli import main

main()
