"""A small command grammar with the behaviour of the IOS parser: abbreviations, ``?``, Tab, carets.

``pattern`` reads the notation in which commands are written, ``arguments`` holds the typed arguments, ``graph`` joins
commands into one automaton per mode, ``parser`` walks it.
"""
