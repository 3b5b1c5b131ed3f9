"""Vendors' devices: what can be read of them, and what cannot be asked of them at all."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, astuple
from typing import Any

from trilab.access import vendor
from trilab.engine.base import Lab
from trilab.errors import NotGradedError
from trilab.grading.live.context import Context
from trilab.grading.observe import Request, names
from trilab.grading.requests import Device, DeviceSaid


def device(context: Context, request: Device) -> DeviceSaid:
    """One getter, its result kept as evidence."""
    started, node = time.time(), request.node
    said = DeviceSaid(())
    if request.getter == "hostname":
        said = DeviceSaid((), hostname=vendor.hostname(context.lab, node))
    elif request.getter == "vlans":
        said = DeviceSaid((), vlans=tuple(sorted(vendor.vlans(context.lab, node).items())))
    else:
        running, startup = vendor.configurations(context.lab, node)
        said = DeviceSaid((), running=running, startup=startup)
    text = json.dumps({key: value for key, value in asdict(said).items() if value}, ensure_ascii=False, indent=1)
    kept = context.keeper.text("command", node, f"{request.getter} (NAPALM ou netmiko)", text, started, time.time())
    return DeviceSaid((kept,), said.hostname, said.vlans, said.running, said.startup)


def refuse(lab: Lab, request: Request[Any]) -> None:
    """A vendor's device answers getters only: it has neither our command line nor a network that a probe may enter.

    Raises:
        NotGradedError: the request is about one, or starts from one.
    """
    if isinstance(request, Device):
        return
    for name, node in lab.nodes.items():
        if node.vendor and names(astuple(request), name):
            raise NotGradedError(f"{name} est un équipement {node.vendor} : ce contrôle ne sait pas l'observer.")
