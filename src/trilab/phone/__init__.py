"""The IP phone: runs inside phone nodes, on the node's own Python, with the standard library only.

``lldp`` learns the voice VLAN, ``voice`` gives the phone a network interface in it, ``dhcp`` an address, ``sip`` the
telephone itself; ``daemon`` ties them together and ``client`` is the ``phone`` command.
"""

SOCKET = "/run/trilab/phone.sock"  # where the daemon answers
