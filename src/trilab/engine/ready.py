"""When a lab is ready: every node answers SSH, the commands of the topology have run. The same for every engine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from trilab.engine.base import Lab, NodeSpec, Report
from trilab.errors import HostError
from trilab.polling import until

WAITING, TYPING = "Attente des accès SSH", "Commandes de la topologie"  # steps that are reported
READY = 30.0  # seconds for every node to answer SSH; an idle machine needs one or two
PAUSE = 0.05  # seconds between two rounds


def wait_for_ssh(lab: Lab, report: Report, seconds: float = READY) -> None:
    """Until every node shows its SSH banner on its management address.

    Raises:
        HostError: one of them ended, or did not answer in ``seconds``.
    """
    report(WAITING)
    waiting = set(lab.nodes)

    def silent() -> set[str]:
        waiting.difference_update([node for node in waiting if _has_banner(lab, node)])
        if ended := sorted(node for node in waiting if not lab.alive(node)):
            raise HostError(f"Arrêt pendant le démarrage : {', '.join(ended)}.", "Voyez « trilab doctor ».")
        return waiting

    if until(silent, lambda left: not left, seconds, PAUSE):
        raise HostError(f"Pas de réponse SSH de {', '.join(sorted(waiting))} après {seconds:.0f} s.")


def _has_banner(lab: Lab, node: str) -> bool:
    try:
        with lab.connect(str(lab.nodes[node].mgmt_ip), 22, timeout=0.5) as sock:
            return sock.recv(4) == b"SSH-"
    except OSError:
        return False


def run_exec(lab: Lab, report: Report) -> None:
    """Run the ``exec`` lines of the topology: those of a node in order, all nodes at once.

    Raises:
        HostError: with what a failed one said.
    """
    nodes = [node for node in lab.spec.nodes if node.exec]
    if not nodes:
        return
    report(TYPING)
    with ThreadPoolExecutor(len(nodes)) as pool:
        list(pool.map(lambda node: _run_exec(lab, node), nodes))


def _run_exec(lab: Lab, node: NodeSpec) -> None:
    for command in node.exec:
        done = lab.run(node.name, ["/bin/sh", "-c", command])
        if done.returncode != 0:
            raise HostError(f"{node.name} : « {command} » a échoué : {done.stderr.strip()[-300:]}")
