"""The Kubernetes engine: for centres that outgrow one machine. It speaks to clabernetes through the cluster's API."""

from __future__ import annotations

import time
from ipaddress import AddressValueError, IPv4Address

from trilab import images
from trilab.engine import ready
from trilab.engine.base import LabSpec, Report
from trilab.engine.folder import already, pick
from trilab.engine.kubernetes import render, state
from trilab.engine.kubernetes.client import Cluster, current_context
from trilab.engine.kubernetes.lab import KubernetesLab
from trilab.engine.kubernetes.settings import Settings
from trilab.engine.kubernetes.state import Endpoint, LabFolder, LabState, Place
from trilab.errors import HostError, ObservationError

REMOVAL = 180.0  # seconds for the cluster to let go of a namespace


class KubernetesEngine:
    """See :class:`trilab.engine.base.Engine`. ``registry``: where the cluster finds the node image."""

    name = "kubernetes"

    def __init__(self, registry: str | None = None) -> None:
        self._registry = registry

    def up(self, spec: LabSpec, report: Report = lambda line: None) -> KubernetesLab:
        render.check(spec)
        settings = Settings.read(self._registry)
        folder = LabFolder(spec.key)
        with folder.locked():
            if folder.load() is not None:
                raise already(spec.key)
            _clear(folder)
            place = Place.of(spec.key, settings.context or current_context())
            cluster = Cluster(place.context)
            cluster.need_clabernetes()
            folder.path.mkdir(parents=True)
            folder.write("place.json", place)
            try:
                return _build(spec, folder, place, cluster, settings, report)
            except BaseException:  # also an interrupt: nothing stays half-started
                _clear(folder)
                raise

    def labs(self) -> list[KubernetesLab]:
        found = ((folder, folder.load()) for folder in state.folders())
        return [KubernetesLab(folder, lab) for folder, lab in found if lab is not None]

    def get(self, lab: str, candidate: str | None = None) -> KubernetesLab:
        return pick(self.labs(), lab, candidate)

    def leftovers(self) -> list[str]:
        return [folder.key for folder in state.folders()]

    def down(self, key: str) -> bool:
        folder = LabFolder(key)
        if not folder.exists:
            return False
        with folder.locked():
            _clear(folder)
        return True


def _build(
    spec: LabSpec, folder: LabFolder, place: Place, cluster: Cluster, settings: Settings, report: Report
) -> KubernetesLab:
    started = time.time()
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


def _clear(folder: LabFolder) -> None:
    """Remove the namespace and the files of a lab, whatever state its start left them in."""
    place = folder.place()
    if place is not None:
        Cluster(place.context).delete_namespace(place.namespace, REMOVAL)
    folder.remove()
