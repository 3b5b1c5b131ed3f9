"""The network OS of switches, routers, access points: IOS-style CLI on Open vSwitch, FRR, nftables, dnsmasq, hostapd.

Runs in the node, on the node's Python, with the standard library only; imports nothing else of trilab but
:mod:`trilab.radio.client`, by which an access point drives its radio.
"""
