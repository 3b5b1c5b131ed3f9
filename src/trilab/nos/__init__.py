"""The network OS that runs inside switches and routers: IOS-style CLI on Open vSwitch, nftables, dnsmasq.

Runs in the node, on the node's Python, with the standard library only; imports nothing of trilab outside this package.
"""
