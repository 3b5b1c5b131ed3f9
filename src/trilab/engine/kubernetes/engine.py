"""The Kubernetes engine: for centres that outgrow one machine. It speaks to clabernetes through the cluster's API."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address

from trilab import images
from trilab.engine import ready
from trilab.engine.base import LabSpec, Report
from trilab.engine.kept import KeptEngine
from trilab.engine.kubernetes import render
from trilab.engine.kubernetes.client import Cluster, current_context
from trilab.engine.kubernetes.lab import KubernetesLab
from trilab.engine.kubernetes.settings import Settings
from trilab.engine.kubernetes.state import Endpoint, LabFolder, LabState, Place
from trilab.errors import HostError, ObservationError

REMOVAL = 180.0  # seconds for the cluster to let go of a namespace


class KubernetesEngine(KeptEngine[LabFolder, KubernetesLab]):
    """See :class:`trilab.engine.base.Engine`. ``registry``: where the cluster finds the node image."""

    name = "kubernetes"

    def __init__(self, registry: str | None = None) -> None:
        self._registry = registry

    def _folder(self, key: str) -> LabFolder:
        return LabFolder(key)

    def _running(self, folder: LabFolder) -> KubernetesLab | None:
        lab = folder.load()
        return None if lab is None else KubernetesLab(folder, lab)

    def _prepared(self, spec: LabSpec, report: Report) -> Callable[[LabFolder, float], KubernetesLab]:
        render.check(spec)
        settings = Settings.read(self._registry)
        place = Place.of(spec.key, settings.context or current_context())
        cluster = Cluster(place.context)
        cluster.need_clabernetes()
        return lambda folder, started: _build(spec, folder, place, cluster, settings, started, report)

    def _clear(self, folder: LabFolder) -> None:
        place = folder.place()
        if place is not None:
            Cluster(place.context).delete_namespace(place.namespace, REMOVAL)
        folder.remove()


def _build(
    spec: LabSpec,
    folder: LabFolder,
    place: Place,
    cluster: Cluster,
    settings: Settings,
    started: float,
    report: Report,
) -> KubernetesLab:
    folder.write("place.json", place)
    image = images.name_in(settings.registry)
    namespace, *rest = render.objects(spec, place.namespace, settings, image, folder.make_key())
    report(f"Création de l'espace de noms {place.namespace}")
    cluster.create([namespace])
    if settings.pull_secret is not None:
        cluster.copy_secret(settings.pull_secret, place.namespace)
    cluster.create(rest)
    cluster.wait_ready(place.namespace, render.STARTUP, report)
    lab = LabState(
        spec=spec,
        place=place,
        image=image,
        started_at=started,
        nodes=_endpoints(spec, cluster.ssh_addresses(place.namespace)),
    )
    folder.write("lab.json", lab)
    running = KubernetesLab(folder, lab, cluster)
    try:
        ready.wait_for_ssh(running, report)
    except ObservationError as error:
        raise HostError(error.message) from error
    ready.run_exec(running, report)
    return running


def _endpoints(spec: LabSpec, addresses: dict[str, str]) -> tuple[Endpoint, ...]:
    found = []
    for node in spec.nodes:
        try:
            address = IPv4Address(addresses.get(node.name, ""))
        except AddressValueError as error:
            raise HostError(f"{node.name} : clabernetes n'a pas créé de service IPv4 pour son SSH.") from error
        found.append(Endpoint(name=node.name, role=node.role, address=address))
    return tuple(found)
