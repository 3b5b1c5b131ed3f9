"""The layer: our own node-side files (start-up scripts, network OS, phone), laid over the image by overlayfs."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

from trilab.host.paths import cache_dir
from trilab.images import sandbox

PACKAGE = Path(__file__).parent.parent
FILES = Path(__file__).parent / "layer"
PYTHON = "usr/lib/trilab/python/trilab"


def entries() -> Iterator[tuple[str, Path]]:
    """(path in the node, path on the host) of every file of the layer, sorted."""
    found = [(str(path.relative_to(FILES)), path) for path in FILES.rglob("*") if path.is_file()]
    found.append((f"{PYTHON}/__init__.py", PACKAGE / "__init__.py"))
    for part in ("container", "nos", "phone", "radio"):
        for path in (PACKAGE / part).rglob("*.py"):
            found.append((f"{PYTHON}/{path.relative_to(PACKAGE)}", path))
    yield from sorted(entry for entry in found if "__pycache__" not in entry[0])


def layer_hash() -> str:
    """Twelve hex digits over the names, modes and contents."""
    digest = hashlib.sha256()
    for name, path in entries():
        digest.update(f"{name}\0{path.stat().st_mode & 0o111:o}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def archive() -> bytes:
    """The layer as a tar: everything owned by root, 755 for what is executable or a folder, else 644."""
    buffer = io.BytesIO()
    folders: set[str] = set()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, path in entries():
            for parent in reversed(Path(name).parents):
                if str(parent) != "." and str(parent) not in folders:
                    folders.add(str(parent))
                    tar.addfile(_header(str(parent), 0o755, tarfile.DIRTYPE))
            content = path.read_bytes()
            header = _header(name, 0o755 if path.stat().st_mode & 0o100 else 0o644, tarfile.REGTYPE)
            header.size = len(content)
            tar.addfile(header, io.BytesIO(content))
    return buffer.getvalue()


def _header(name: str, mode: int, kind: bytes) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.mode, header.type = mode, kind
    return header


def ensure(rootfs: Path, report: Callable[[str], None]) -> Path:
    """The unpacked layer for the current sources, byte-compiled by the image's Python; made now if needed."""
    layers = cache_dir() / "layers"
    target = layers / layer_hash()
    if (target / "files").exists():
        return target
    report("Préparation des fichiers des nœuds")
    partial = target.with_suffix(".tmp")
    sandbox.remove(partial)
    partial.mkdir(parents=True)
    (partial / "layer.tar").write_bytes(archive())
    sandbox.make_root_owned(partial, "files")
    with (partial / "layer.tar").open("rb") as stream:
        sandbox.in_namespace(["tar", "-x", "-f", "-"], partial / "files", stdin=stream.fileno())
    (partial / "layer.tar").unlink()
    _compile(rootfs, partial)
    partial.rename(target)
    return target


def _compile(rootfs: Path, partial: Path) -> None:
    cache = cache_dir()
    root = str(rootfs.relative_to(cache))
    files = f"{partial.relative_to(cache)}/files"
    command = ["/usr/bin/python3", "-m", "compileall", "-q", "-s", "/mnt", "/mnt/usr/lib/trilab/python"]
    sandbox.in_namespace(command, cache, options=["--bind", files, f"{root}/mnt", "--chroot", root])
