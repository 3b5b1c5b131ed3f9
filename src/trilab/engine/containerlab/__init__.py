"""The containerlab engine: nodes are Docker containers that the containerlab program starts and cables."""

from trilab.engine.containerlab.engine import ContainerlabEngine

__all__ = ["ContainerlabEngine"]
