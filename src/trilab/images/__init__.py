"""The node image: one root filesystem for every role, and the layer of our own node-side files above it."""

from trilab.images.image import NodeImage, ensure
from trilab.images.recipe import recipe_hash

__all__ = ["NodeImage", "ensure", "recipe_hash"]
