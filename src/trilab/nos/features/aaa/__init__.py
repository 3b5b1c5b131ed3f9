"""AAA: RADIUS servers (RFC 2865), and the lists that say who authenticates whom, and who says what they may do."""
