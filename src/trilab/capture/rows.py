"""One line of a wire table. It lives here, below the record, because captures make rows and reports only print them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Row(BaseModel):
    """One line of a wire table (SIP ladder, DHCP exchange, tags per link): time in seconds since the first packet."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    time: float
    source: str
    destination: str
    label: str  # "INVITE", "DHCP Offer", "ICMP echo"
    vlan: int | None = None
    dscp: int | None = None
    note: str = ""
