"""The OpenFlow tables of a switch's bridge. Pure. Spanning tree and LACP frames never come here (Open vSwitch).

===== =====================================================================
table what it decides
===== =====================================================================
0     ports that 802.1X closes, senders of secure ports
1     DHCP snooping
2     switching (``NORMAL``), broadcasts and multicasts within a meter
===== =====================================================================
"""

from __future__ import annotations

from collections.abc import Iterable

GROUP = "dl_dst=01:00:00:00:00:00/01:00:00:00:00:00"
ON_TO_SNOOPING, ON_TO_SWITCHING = "goto_table:1", "goto_table:2"


def table(secure: Iterable[str] = (), snooping: Iterable[str] = ()) -> str:
    """All flows, for ``replace-flows``: those of the areas, without their table, before what happens by default."""
    return "\n".join([
        *(f"table=0,{flow}" for flow in secure),
        f"table=0,priority=0,actions={ON_TO_SNOOPING}",
        *(f"table=1,{flow}" for flow in snooping),
        f"table=1,priority=0,actions={ON_TO_SWITCHING}",
        f"table=2,priority=10,{GROUP},actions=meter:1,normal",
        "table=2,priority=0,actions=normal",
        "",
    ])  # fmt: skip
