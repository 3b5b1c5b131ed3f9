"""The Kubernetes engine: labs run on a cluster by clabernetes (c9s); trilab speaks to the cluster's API only."""

from trilab.engine.kubernetes.engine import KubernetesEngine

__all__ = ["KubernetesEngine"]
