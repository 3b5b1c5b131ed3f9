"""OSPFv2 (RFC 2328), run by FRR.

``model`` what is configured, ``area`` its commands and its lines, ``wire`` the same for FRR, ``show`` what is true now.
"""
