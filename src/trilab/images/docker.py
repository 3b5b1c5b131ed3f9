"""The node image in Docker: the same root filesystem and layer, imported once per recipe and per layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from trilab.host import docker
from trilab.host.paths import cache_dir
from trilab.images import image, node_layer, recipe, sandbox, store

NAME = "trilab/node"
INIT = ("/usr/bin/tini", "--", "/usr/lib/trilab/container-init")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
Report = Callable[[str], None]


@dataclass(frozen=True)
class DockerImage:
    """``name``: in Docker; ``id``: as :class:`trilab.images.NodeImage` has it."""

    name: str
    id: str


def push(report: Report = lambda line: None) -> DockerImage:
    """Import the node image into Docker unless it is there, and name it ``latest`` too.

    Raises:
        HostError: Docker does not answer or has no room; or as :func:`trilab.images.ensure`.
    """
    built = image.ensure(report)
    name = _name(built.id)
    with store.locked(cache_dir() / "images" / "docker.lock"):
        if not docker.exists("image", name):
            _import(built, name, report)
        docker.run("image", "tag", name, f"{NAME}:latest")
    return DockerImage(name, built.id)


def _import(built: image.NodeImage, name: str, report: Report) -> None:
    base = _base()
    if not docker.exists("image", base):
        report("Import de l'image des nœuds dans Docker (une seule fois, une minute environ)")
        _pipe(built.rootfs, docker.command("import", "-", base))
    report("Ajout des fichiers de trilab à l'image de Docker")
    container = docker.run("container", "create", base, "/bin/true")
    try:
        _pipe(built.layer / "files", docker.command("cp", "-", f"{container}:/"))
        entry = ", ".join(f'"{word}"' for word in INIT)
        changes = (f"ENTRYPOINT [{entry}]", "CMD []", f"ENV PATH={PATH} HOME=/root LANG=C.UTF-8")
        options = [word for change in changes for word in ("--change", change)]
        docker.run("container", "commit", *options, container, name)
    finally:
        docker.remove("container", [container])


def _pipe(folder: Path, reader: list[str]) -> None:
    """A folder of the user namespace as a tar with the owners seen inside."""
    sandbox.piped(["tar", "-c", "--numeric-owner", "-f", "-", "."], folder, reader)


def name_in(registry: str) -> str:
    """What today's node image is called in a registry: the cluster pulls that name, whoever pushed it there."""
    return f"{registry}/{_today()}"


def clean() -> int:
    """Remove from Docker the images of ours that are neither today's nor in use; gives how many.

    Raises:
        HostError: Docker does not answer.
    """
    mine = docker.run("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", NAME).split()
    kept = {_today(), _base(), f"{NAME}:latest"}
    return sum(docker.remove_unused_image(name) for name in mine if name not in kept)


def _today() -> str:
    return _name(f"{recipe.recipe_hash()}+{node_layer.layer_hash()}")


def _name(identity: str) -> str:
    return f"{NAME}:{identity.replace('+', '-')}"


def _base() -> str:
    return f"{NAME}:base-{recipe.recipe_hash()}"
