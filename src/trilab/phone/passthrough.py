"""The PC port: untagged frames pass between the two ports of the phone, in the kernel (nftables, netdev family).

Tagged frames stop here, so a PC cannot reach the voice VLAN through the phone; LLDP is between neighbours only
(IEEE 802.1AB). The phone reads its tagged frames by a packet socket, which sees a frame before these rules do.
"""

from __future__ import annotations

from trilab.phone import system
from trilab.phone.system import PC_PORT, SWITCH_PORT

CHAIN = """ chain from_{port} {{
  type filter hook ingress device {port} priority 0; policy drop;
  ether type {{ vlan, 8021ad }} drop
  ether type 0x88cc accept
  {forward}
 }}
"""


def rules(pc_port: bool) -> str:
    """The nftables ruleset. Without a PC port, the kernel of the phone still answers nothing on the switch port."""
    ways = [(SWITCH_PORT, PC_PORT), (PC_PORT, SWITCH_PORT)] if pc_port else [(SWITCH_PORT, "")]
    chains = "".join(CHAIN.format(port=port, forward=f"fwd to {other}" if other else "") for port, other in ways)
    return f"table netdev phone\ndelete table netdev phone\ntable netdev phone {{\n{chains}}}\n"


def connect(pc_port: bool) -> str:
    """Join the two ports; gives an error text, empty when done."""
    for port in (SWITCH_PORT, PC_PORT) if pc_port else (SWITCH_PORT,):
        system.silence(port)
    return system.run("nft", "-f", "-", text=rules(pc_port))
