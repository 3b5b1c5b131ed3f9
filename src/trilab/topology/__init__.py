"""The containerlab topology model: load, validate, plan for an engine, draw."""

from trilab.topology.load import Topology, load
from trilab.topology.native import native_refusals
from trilab.topology.plan import NOS_ROLES, ROLES, plan
from trilab.topology.spec import LabSpec, LinkSpec, NodeSpec, Role

__all__ = [
    "NOS_ROLES",
    "ROLES",
    "LabSpec",
    "LinkSpec",
    "NodeSpec",
    "Role",
    "Topology",
    "load",
    "native_refusals",
    "plan",
]
