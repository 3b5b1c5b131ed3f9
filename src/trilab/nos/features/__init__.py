"""One module per area: its commands (``commands()``) and its part of the running configuration (``render…``)."""
