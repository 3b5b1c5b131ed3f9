"""NAT (RFC 3022) by nftables and conntrack.

``model`` what is configured, ``area`` its commands and its lines, ``rules`` the same for nftables, ``table`` what
conntrack holds, ``show`` how it is shown.
"""
