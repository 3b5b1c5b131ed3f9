"""From a lab's specification to the objects that a cluster with clabernetes runs.

One namespace per lab and candidate holds everything. The topology file inside the ``Topology`` says what c9s's compiler
keeps: brief links, each node complete in itself (no groups), no labels (labels of ours travel as the variables that
containerlab would make of them).
"""

from __future__ import annotations

import json
import re
from typing import Any

from trilab.engine.base import LabSpec, NodeSpec
from trilab.engine.containerlab import render as container
from trilab.engine.figures import LAUNCHER, ROLES
from trilab.engine.kubernetes.settings import Settings
from trilab.engine.native.radio import KINDS
from trilab.errors import InputError

GROUP, VERSION = "c9s.run", "v1alpha1"
TOPOLOGY = "lab"  # the one Topology of a namespace
KEYS = "trilab-keys"  # the ConfigMap of the graders' public key
PULL_SECRET = "trilab-pull"
OWNER = {"app.kubernetes.io/managed-by": "trilab"}
SSH = 22
STARTUP = 600  # seconds for a node to answer SSH, its image's download included
_KEY_FILE = "trilab/authorized_keys"  # in the launcher, under /clabernetes
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")  # RFC 1123, as every Kubernetes object

Object = dict[str, Any]


def check(spec: LabSpec) -> None:
    """Refuse by name what a cluster cannot honour. Raises InputError."""
    on_air = [node.name for node in spec.nodes if node.role in KINDS]
    if on_air:
        text = f"{', '.join(on_air)} : le Wi-Fi n'existe pas sur le moteur kubernetes."
        raise InputError(text, "Lancez ce lab sur le moteur natif : --engine native")
    bound = [node.name for node in spec.nodes if node.binds]
    if bound:
        text = f"{', '.join(bound)} : « binds » demande des fichiers de cette machine, que le cluster n'a pas."
        raise InputError(text, "Lancez ce lab sur un autre moteur, ou retirez « binds » de la topologie.")
    for node in spec.nodes:
        if len(node.name) > 50 or not _NAME.fullmatch(node.name):
            text = f"{node.name} : ce nom de nœud n'est pas permis sur Kubernetes."
            raise InputError(text, "Il faut des minuscules, des chiffres et des tirets, 50 caractères au plus.")


def objects(spec: LabSpec, namespace: str, settings: Settings, image: str, public_key: str) -> list[Object]:
    """Everything to create, in order. ``image``: with its registry; ``public_key``: the graders', OpenSSH form.

    Raises:
        InputError: as :func:`check`.
    """
    check(spec)
    home = {"namespace": namespace, "labels": OWNER}
    return [
        _namespace(spec, namespace),
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": KEYS, **home},
            "data": {"authorized_keys": f"{public_key}\n"},
        },
        {
            "apiVersion": f"{GROUP}/{VERSION}",
            "kind": "Topology",
            "metadata": {"name": TOPOLOGY, **home},
            "spec": _spec(spec, settings, image),
        },
    ]


def _namespace(spec: LabSpec, name: str) -> Object:
    labels = {
        **OWNER,
        "pod-security.kubernetes.io/enforce": "privileged",  # a launcher runs Docker
        "pod-security.kubernetes.io/warn": "privileged",
    }
    about = {"trilab/lab": spec.lab, "trilab/candidate": spec.candidate}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels, "annotations": about}}


def _spec(spec: LabSpec, settings: Settings, image: str) -> Object:
    key = {"configMapName": KEYS, "configMapPath": "authorized_keys", "filePath": _KEY_FILE, "mode": "read"}
    pull = {"imagePull": {"pullSecrets": [PULL_SECRET]}} if settings.pull_secret else {}
    return {
        **pull,
        "definition": {"containerlab": definition(spec, image)},
        "naming": "non-prefixed",  # one Topology per namespace: a node's objects bear its name
        "expose": {"exposeType": "ClusterIP", "disableAutoExpose": True},
        "deployment": {
            "privilegedLauncher": True,
            "filesFromConfigMap": {node.name: [key] for node in spec.nodes},
            "resources": {node.name: _resources(node) for node in spec.nodes},
        },
        "statusProbes": {
            "enabled": True,
            "probeConfiguration": {"startupSeconds": STARTUP, "tcpProbeConfiguration": {"port": SSH}},
        },
    }


def _resources(node: NodeSpec) -> Object:
    """Requests without limits: a launcher that is killed for memory takes its node, and the cables, with it."""
    need = ROLES[node.role]
    memory = need.memory if node.memory is None else -(-node.memory // 1024**2)
    return {"requests": {"memory": f"{memory + LAUNCHER.memory}Mi", "cpu": f"{need.cpu + LAUNCHER.cpu}m"}}


def definition(spec: LabSpec, image: str) -> str:
    """The containerlab topology inside the Topology (JSON, which is YAML)."""
    content = {
        "name": TOPOLOGY,
        "topology": {
            "nodes": {node.name: _node(node, image) for node in spec.nodes},
            "links": [
                {"endpoints": [f"{node}:{port}" for node, port in (link.a, link.b)], "mtu": link.mtu}
                for link in spec.links
            ],
        },
    }
    return container.literal(json.dumps(content, indent=1)) + "\n"


def _node(node: NodeSpec, image: str) -> Object:
    labels = {**node.labels, "trilab-role": node.role}
    return {
        "kind": "linux",
        "image": image,
        "privileged": False,
        "env": {**node.env, **{container.variable(name): value for name, value in labels.items()}},
        "binds": [f"/clabernetes/{_KEY_FILE}:/etc/trilab/authorized_keys:ro"],
        "ports": [str(SSH)],
        "devices": container.DEVICES,
        "cap-add": container.capabilities(node.role),
        "security-opts": container.security(node.role),
        "sysctls": container.SYSCTLS,
        "dns": {"servers": ["127.0.0.1"]},
    }
