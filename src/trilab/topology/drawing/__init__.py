"""A network diagram of a topology as an accessible SVG."""

from trilab.topology.drawing.icons import ROLE_NAMES
from trilab.topology.drawing.render import svg

__all__ = ["ROLE_NAMES", "svg"]
