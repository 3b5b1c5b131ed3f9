"""The node image (one root filesystem for every role), the layer of our own files above it, and the radio kernel."""

from trilab.images.docker import DockerImage, name_in
from trilab.images.docker import clean as clean_docker
from trilab.images.docker import push as push_to_docker
from trilab.images.image import NodeImage, ensure
from trilab.images.radio_kernel import ensure as ensure_radio
from trilab.images.recipe import recipe_hash

__all__ = [
    "DockerImage",
    "NodeImage",
    "clean_docker",
    "ensure",
    "ensure_radio",
    "name_in",
    "push_to_docker",
    "recipe_hash",
]
