"""The checks, by subject. Each module holds one registry; :func:`all_checks` puts them together."""

from __future__ import annotations

from trilab.grading.registry import Check, collect


def all_checks() -> dict[str, Check]:
    """Every check by name."""
    from trilab.graders import (
        dhcp,
        routing,
        security,
        switching,
        system,
        vlan,
        voip,
        wifi,
        wifi_accounts,
        wifi_stations,
    )

    modules = (vlan, switching, routing, dhcp, security, system, voip, wifi, wifi_accounts, wifi_stations)
    return collect(module.checks for module in modules)
