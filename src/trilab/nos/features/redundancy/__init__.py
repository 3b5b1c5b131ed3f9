"""One gateway address that several routers serve: VRRP and HSRP."""
