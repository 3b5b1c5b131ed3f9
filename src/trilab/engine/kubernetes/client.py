"""The cluster's API, through the official client library; its errors become sentences here.

The library is an optional extra and takes a second to import: only this module knows it, and only when it is used.
"""

from __future__ import annotations

import errno
import importlib
import json
import os
import re
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trilab.engine.base import Report
from trilab.engine.kubernetes.bridge import bridged
from trilab.engine.kubernetes.render import GROUP, PULL_SECRET, TOPOLOGY, VERSION, Object
from trilab.errors import HostError, StateError, TrilabError
from trilab.french import count
from trilab.polling import until

REQUEST = 20.0  # seconds for one request
ROUND = 5  # seconds after which a watch that says nothing is taken up again, and the pods are looked at
CRD = "topologies.c9s.run"
PULL_FAILED = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull")  # of the kubelet
NODE_LABEL = "app.kubernetes.io/name"  # clabernetes puts a node's name there, on its pods


def _library(name: str) -> Any:
    try:
        return importlib.import_module(f"kubernetes.{name}")
    except ModuleNotFoundError as error:
        text = "Le moteur kubernetes a besoin de la bibliothèque Python « kubernetes », qui manque."
        raise HostError(text, "Installez-la : pip install 'trilab[kubernetes]'") from error


def current_context() -> str | None:
    """The kubeconfig's current context; None inside a pod. Raises HostError where there is neither."""
    config = _library("config")
    try:
        return str(config.list_kube_config_contexts(config_file=_file())[1]["name"])
    except config.ConfigException:
        _inside()
        return None


def _file() -> str:
    """The library itself reads ``KUBECONFIG`` once, when it is imported."""
    return os.environ.get("KUBECONFIG") or str(Path("~/.kube/config").expanduser())


def _inside(configuration: Any = None) -> None:
    config = _library("config")
    try:
        config.load_incluster_config(client_configuration=configuration)
    except config.ConfigException as error:
        text = "Aucun accès à un cluster Kubernetes : pas de kubeconfig utilisable sur cette machine."
        raise HostError(text, "Indiquez-le par KUBECONFIG, ou placez-le dans ~/.kube/config.") from error


class Cluster:
    """One cluster. ``context``: of the kubeconfig; None: the service account of the pod that trilab runs in.

    Every method raises HostError: the cluster does not answer, or refuses.
    """

    def __init__(self, context: str | None) -> None:
        client = _library("client")
        configuration = client.Configuration()
        configuration.retries = False  # an unreachable cluster is told at once, not after three tries
        if context is None:
            _inside(configuration)
        else:
            _from_kubeconfig(context, configuration)
        self._api = client.ApiClient(configuration)
        self._core = client.CoreV1Api(self._api)
        self._custom = client.CustomObjectsApi(self._api)

    def create(self, objects: Sequence[Object]) -> None:
        """Create the objects of :func:`render.objects`, in order. Raises StateError when the namespace exists."""
        for one in objects:
            self._create(one)

    def _create(self, one: Object) -> None:
        kind, about = one["kind"], one["metadata"]
        with _told(f"{kind} {about['name']}"):
            if kind == "Namespace":
                self._core.create_namespace(one, _request_timeout=REQUEST)
            elif kind == "ConfigMap":
                self._core.create_namespaced_config_map(about["namespace"], one, _request_timeout=REQUEST)
            elif kind == "Secret":
                self._core.create_namespaced_secret(about["namespace"], one, _request_timeout=REQUEST)
            else:
                where = (GROUP, VERSION, about["namespace"], "topologies")
                self._custom.create_namespaced_custom_object(*where, one, _request_timeout=REQUEST)

    def need_clabernetes(self) -> None:
        """Raise HostError where the cluster does not know c9s's Topology."""
        with _told(CRD):
            self._custom.list_namespaced_custom_object(
                GROUP, VERSION, "default", "topologies", limit=1, _request_timeout=REQUEST
            )

    def copy_secret(self, source: tuple[str, str], namespace: str) -> None:
        """Copy the Secret of a registry (namespace, name) to where the pods of a lab look for it."""
        with _told(f"Secret {'/'.join(source)}"):
            found = self._core.read_namespaced_secret(source[1], source[0], _request_timeout=REQUEST)
        about = {"name": PULL_SECRET, "namespace": namespace}
        self._create({"apiVersion": "v1", "kind": "Secret", "metadata": about, "type": found.type, "data": found.data})

    def wait_ready(self, namespace: str, seconds: float, report: Report) -> None:
        """Until c9s says that every node is ready. Raises HostError with what c9s or the kubelet says meanwhile."""
        if not until(lambda: self._becomes_ready(namespace, report), bool, seconds, 0):
            raise HostError(f"Le lab n'est pas prêt après {seconds:.0f} s.", f"Voyez : kubectl -n {namespace} get pods")

    def _becomes_ready(self, namespace: str, report: Report) -> bool:
        """Watch for one round."""
        for status in self._statuses(namespace):
            if status.get("topologyReady"):
                return True
            if status.get("topologyState") == "deployfailed" or status.get("error"):
                raise HostError(f"clabernetes refuse le lab : {status.get('error') or 'déploiement échoué'}.")
            ready, total = status.get("readyNodeCount", 0), status.get("nodeCount", 0)
            report(f"{ready} sur {count(total, 'équipement prêt', 'équipements prêts')}")
        self._look_at_pods(namespace)
        return False

    def _statuses(self, namespace: str) -> Iterator[Mapping[str, Any]]:
        """The Topology's status each time it changes, for one round."""
        with _told(f"Topology {TOPOLOGY}"):
            events = (
                _library("watch")
                .Watch()
                .stream(
                    self._custom.list_namespaced_custom_object,
                    *(GROUP, VERSION, namespace, "topologies"),
                    field_selector=f"metadata.name={TOPOLOGY}",
                    timeout_seconds=ROUND,
                    _request_timeout=REQUEST,
                )
            )
            for event in events:
                yield event["object"].get("status") or {}

    def _look_at_pods(self, namespace: str) -> None:
        """Raise HostError when the kubelet cannot have an image: waiting would not help."""
        with _told("Pod"):
            pods = self._core.list_namespaced_pod(namespace, _request_timeout=REQUEST).items
        for pod in pods:
            for container in pod.status.container_statuses or []:
                waiting = container.state.waiting if container.state else None
                if waiting is not None and waiting.reason in PULL_FAILED:
                    said = f" ({waiting.message})" if waiting.message else ""
                    text = f"Le cluster ne peut pas prendre l'image {container.image}{said}."
                    raise HostError(text, "Vérifiez --registry, que l'image y est, et TRILAB_PULL_SECRET.")

    def ssh_addresses(self, namespace: str) -> dict[str, str]:
        """Node → ClusterIP of the service that leads to its SSH."""
        with _told("Service"):
            services = self._core.list_namespaced_service(namespace, _request_timeout=REQUEST).items
        return {
            one.metadata.name: one.spec.cluster_ip
            for one in services
            if one.spec.cluster_ip not in (None, "", "None") and any(port.port == 22 for port in one.spec.ports or [])
        }

    def pod(self, namespace: str, node: str) -> str | None:
        """The running pod of a node, None when there is none."""
        with _told("Pod"):
            pods = self._core.list_namespaced_pod(
                namespace, label_selector=f"{NODE_LABEL}={node}", _request_timeout=REQUEST
            ).items
        living = [one for one in pods if one.status.phase == "Running" and one.metadata.deletion_timestamp is None]
        return str(living[0].metadata.name) if living else None

    def exposed_port(self, namespace: str, node: str, port: int) -> int | None:
        """The pod's port that leads to a TCP port of the node; None where that port is not exposed."""
        with _told(f"Node {node}"):
            found = self._custom.get_namespaced_custom_object(
                GROUP, VERSION, namespace, "nodes", node, _request_timeout=REQUEST
            )
        exposed = found.get("status", {}).get("exposedPorts") or {}
        for one in exposed.get("ports", []):
            if one["destinationPort"] == port and one["protocol"] == "TCP":
                return int(one["exposePort"])
        return None

    def forward(self, namespace: str, pod: str, port: int) -> socket.socket:
        """A socket whose other end is a TCP port of a pod."""
        with _told("port-forward"):
            forwarded = _library("stream").portforward(
                self._core.connect_get_namespaced_pod_portforward, pod, namespace, ports=str(port)
            )
        inner = forwarded.socket(port)  # the library's wrapper of one end of a socketpair
        return bridged(socket.socket(fileno=inner.detach()))

    def connect(self, namespace: str, node: str, port: int) -> socket.socket:
        """A connection to a TCP port of a node. Raises ConnectionRefusedError where that port is not exposed."""
        pod = self.pod(namespace, node)
        if pod is None:
            raise HostError(f"Le nœud {node} ne tourne plus.")
        exposed = self.exposed_port(namespace, node, port)
        if exposed is None:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "not exposed", f"{node}:{port}")
        return self.forward(namespace, pod, exposed)

    def execute(self, namespace: str, pod: str, container: str, argv: Sequence[str], *, tty: bool) -> Any:
        """Start a program in a container: the library's websocket client, with its streams."""
        with _told("exec"):
            return _library("stream").stream(
                self._core.connect_get_namespaced_pod_exec,
                *(pod, namespace),
                container=container,
                command=list(argv),
                stdin=True,
                stdout=True,
                stderr=not tty,
                tty=tty,
                binary=True,
                _preload_content=False,
            )

    def memory(self, namespace: str) -> int | None:
        """Bytes that all pods of a lab hold, launchers included; None where the cluster measures nothing."""
        client = _library("client")
        with _told("metrics"):
            try:
                found = self._custom.list_namespaced_custom_object(
                    "metrics.k8s.io", "v1beta1", namespace, "pods", _request_timeout=REQUEST
                )
            except client.ApiException as error:
                if error.status in (403, 404, 503):  # not installed, not for this account, or not yet measuring
                    return None
                raise
        used = [one["usage"]["memory"] for pod in found["items"] for one in pod["containers"]]
        return sum(int(_library("utils.quantity").parse_quantity(text)) for text in used)

    def delete_namespace(self, namespace: str, seconds: float) -> bool:
        """Remove a lab, and wait until nothing of it is left; False when there was nothing."""
        with _told(f"Namespace {namespace}"):
            if not _exists(self._core.delete_namespace, namespace):
                return False
            if until(lambda: _exists(self._core.read_namespace, namespace), lambda there: not there, seconds):
                raise HostError(f"L'espace de noms {namespace} n'a pas disparu en {seconds:.0f} s.")
        return True


def _exists(request: Callable[..., object], name: str) -> bool:
    """Make a request about one object; False where the cluster has no such object."""
    try:
        request(name, _request_timeout=REQUEST)
    except _library("client").ApiException as error:
        if error.status == 404:
            return False
        raise
    return True


def _from_kubeconfig(context: str, configuration: Any) -> None:
    config = _library("config")
    try:
        config.load_kube_config(config_file=_file(), context=context, client_configuration=configuration)
    except config.ConfigException as error:
        text = f"Le contexte « {context} » n'est pas utilisable dans le kubeconfig."
        raise HostError(text, "Voyez : kubectl config get-contexts") from error


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Errors of the library as one sentence. ``what``: the object in hand."""
    client, http = _library("client"), importlib.import_module("urllib3.exceptions")
    try:
        yield
    except client.ApiException as error:
        raise _refusal(what, error.status, error.reason, error.body) from error
    except (http.HTTPError, OSError) as error:
        text = "Le cluster Kubernetes ne répond pas."
        raise HostError(text, "Vérifiez le réseau, et : kubectl cluster-info") from error


def _refusal(what: str, status: int | None, reason: str | None, body: str | bytes | None) -> TrilabError:
    said = _message(body) or reason or f"code {status}"
    if not status:  # of a websocket, the library keeps the words only
        said = said.partition(" -+-+- ")[0]
        handshake = re.match(r"Handshake status (\d+)", said)
        if handshake is None:
            return HostError(f"Le cluster a coupé {what} : {said}.")
        status = int(handshake[1])
    if status == 401:
        return HostError("Le cluster ne reconnaît pas ce compte.", "Renouvelez l'accès du kubeconfig.")
    if status == 403:
        hint = "Demandez ces droits à qui administre le cluster (docs/dev/kubernetes.md)."
        return HostError(f"Le cluster refuse à ce compte : {what} ({said}).", hint)
    if status == 404 and what in (CRD, f"Topology {TOPOLOGY}"):
        text = "clabernetes n'est pas installé sur ce cluster : la ressource topologies.c9s.run manque."
        return HostError(text, "Il faut clabernetes 0.8 : https://containerlab.dev/manual/clabernetes/")
    if status == 404:
        return HostError(f"{what} n'existe pas sur le cluster.")
    if status == 409:
        return StateError(f"{what} existe déjà sur le cluster.", "Attendez la fin de sa suppression, puis relancez.")
    return HostError(f"Le cluster refuse {what} : {said}.")


def _message(body: str | bytes | None) -> str:
    """What the API says in its Status object."""
    try:
        return str(json.loads(body or "{}").get("message", "")).rstrip(".")
    except (ValueError, AttributeError):
        return ""
