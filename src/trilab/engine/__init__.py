"""Engines: they start labs and reach into them; ``base`` is the contract."""
