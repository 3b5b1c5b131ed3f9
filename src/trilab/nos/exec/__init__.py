"""Commands of the exec modes that act: sessions, files, clear, ping. Their handlers get the session."""
