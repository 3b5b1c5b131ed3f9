"""``make bench-engines``: the same small network on every engine, and on what one would use without trilab."""
