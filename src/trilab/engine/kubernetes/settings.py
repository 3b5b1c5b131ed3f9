"""What a user says about the cluster: options, else the environment."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from trilab.errors import InputError

REGISTRY, PULL_SECRET, CONTEXT = "TRILAB_REGISTRY", "TRILAB_PULL_SECRET", "TRILAB_KUBE_CONTEXT"
_HOST = re.compile(r"[a-z0-9]([-.a-z0-9]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]([-._a-z0-9]*[a-z0-9])?)*")


@dataclass(frozen=True)
class Settings:
    """``registry``: where the cluster finds the node image (host, port, path). ``pull_secret``: ``namespace/name`` of
    the Secret that opens it, or None. ``context``: of the kubeconfig; None means its current one."""

    registry: str
    pull_secret: tuple[str, str] | None = None
    context: str | None = None

    @classmethod
    def read(cls, registry: str | None = None) -> Settings:
        """Raises InputError: no registry, or a value that cannot be one."""
        host = registry or os.environ.get(REGISTRY, "")
        if not host:
            text = "Le moteur kubernetes doit savoir dans quel registre le cluster trouve l'image des nœuds."
            raise InputError(text, f"Donnez --registry HÔTE[:PORT][/CHEMIN], ou {REGISTRY}.")
        if not _HOST.fullmatch(host):
            text = f"« {host} » n'est pas un registre d'images."
            raise InputError(text, "Exemple : registre.exemple.fr:5000/trilab")
        return cls(host, _secret(os.environ.get(PULL_SECRET, "")), os.environ.get(CONTEXT) or None)


def _secret(written: str) -> tuple[str, str] | None:
    if not written:
        return None
    namespace, _, name = written.partition("/")
    if not namespace or not name or "/" in name:
        raise InputError(
            f"{PULL_SECRET} : « {written} » n'est pas de la forme espace/nom.", "Exemple : default/registre"
        )
    return namespace, name
