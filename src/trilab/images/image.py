"""Building the node image once, and keeping it by the hash of its recipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from trilab.host import tools
from trilab.host.paths import cache_dir
from trilab.images import node_layer, recipe, sandbox, store

SPACE_NEEDED = 2 * 1024**3  # bytes: archive, unpacked copy, and room for the packages' downloads
Report = Callable[[str], None]


@dataclass(frozen=True)
class NodeImage:
    """A root filesystem and the layer above it, unpacked with the owners that a bubble sees."""

    rootfs: Path
    layer: Path
    id: str  # recipe hash + layer hash


def ensure(report: Report = lambda line: None) -> NodeImage:
    """The node image, built now if this machine has not built it yet.

    Raises:
        HostError: a tool is missing, the disk is full, the packages cannot be fetched. Nothing half-built is kept.
    """
    images = cache_dir() / "images"
    root = images / recipe.recipe_hash()
    with store.locked(images / "lock"):
        if not root.exists():
            _build(root, report)
        layer_path = node_layer.ensure(root / "rootfs", report)
    return NodeImage(root / "rootfs", layer_path, f"{recipe.recipe_hash()}+{layer_path.name}")


def _build(root: Path, report: Report) -> None:
    mmdebstrap = tools.need("mmdebstrap")
    remedy = "Libérez de la place, ou choisissez un autre dossier avec TRILAB_CACHE."
    store.need_space(root.parent, SPACE_NEEDED, "l'image", remedy)
    partial = root.with_suffix(".tmp")
    sandbox.remove(partial)
    partial.mkdir()
    try:
        archive = partial / "node.tar"
        report("Construction de l'image des nœuds (une seule fois, une à cinq minutes)")
        sandbox.run_reported(recipe.build_command(mmdebstrap, archive), report)
        report("Décompression de l'image")
        sandbox.unpack(archive, partial)
        archive.unlink()
        partial.rename(root)
    except BaseException:  # also an interrupt: nothing half-built stays
        sandbox.remove(partial)
        raise
