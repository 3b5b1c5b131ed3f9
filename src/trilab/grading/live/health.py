"""Whether the lab and the ways into it still work: what does not is trilab's trouble, never the candidate's failure."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from trilab.errors import ObservationError
from trilab.grading.live.context import Context
from trilab.grading.requests import Trouble, Troubles, TroublesSeen
from trilab.probe.call import PhoneError

AIR = "la radio du lab est arrêtée (pour la relancer : trilab down, puis trilab up)"
ANSWER = 10.0  # seconds: an idle machine answers in a tenth of one
FULL = 64 * 1024  # bytes that a node can still write, below which a lease, a message or a session is lost


def troubles(context: Context, request: Troubles) -> TroublesSeen:
    """Every node at once: does it run, can it write, does it answer where the graders come in?"""
    names = list(context.lab.nodes)
    with ThreadPoolExecutor(max(1, len(names)), thread_name_prefix="health") as pool:
        found = [one for some in pool.map(lambda name: _of(context, name), names) for one in some]
    if context.lab.radio is not None and not context.lab.radio.alive:
        stations = (name for name, node in context.lab.nodes.items() if node.role == "wifi-client")
        found += [Trouble(name, "air", AIR) for name in stations]
    return TroublesSeen((), tuple(found))


def _of(context: Context, name: str) -> list[Trouble]:
    if not context.lab.alive(name):
        return [Trouble(name, "dead", "nœud arrêté")]
    role = context.lab.nodes[name].role
    found = [_access(context, name)]
    if not context.lab.nodes[name].vendor:
        found.append(_disk(context, name))
    if role == "ipbx":
        found.append(_asterisk(context, name))
    if role == "phone":
        found.append(_phone(context, name))
    return [one for one in found if one is not None]


def _disk(context: Context, name: str) -> Trouble | None:
    try:
        done = context.run(name, ["stat", "-f", "-c", "%a %S", "/"], trusted=False, timeout=ANSWER)
        free, size = map(int, done.stdout.split())
    except ObservationError:
        return Trouble(name, "dead", f"nœud qui n'exécute plus rien (plus de {ANSWER:.0f} s)")
    except ValueError:  # a node whose stat was replaced: nothing is known about its disk
        return None
    return Trouble(name, "full", "disque plein, plus rien ne s'y écrit") if free * size < FULL else None


def _access(context: Context, name: str) -> Trouble | None:
    try:
        with context.lab.connect(str(context.lab.nodes[name].mgmt_ip), 22, timeout=ANSWER) as sock:
            if sock.recv(4) == b"SSH-":
                return None
    except (OSError, ObservationError):
        pass
    return Trouble(name, "access", "accès d'administration (SSH hors bande) sans réponse")


def _asterisk(context: Context, name: str) -> Trouble | None:
    """A hung Asterisk; one that was stopped refuses at once, and that is the candidate's business."""
    try:
        context.run(name, ["asterisk", "-rx", "core show uptime"], trusted=False, timeout=ANSWER)
    except ObservationError:
        return Trouble(name, "hung", f"Asterisk ne répond plus (plus de {ANSWER:.0f} s)")
    return None


def _phone(context: Context, name: str) -> Trouble | None:
    try:
        with context.phone(name) as phone:
            phone.ask("show")
    except (ObservationError, PhoneError):
        return Trouble(name, "hung", "le téléphone ne répond plus aux commandes")
    return None
