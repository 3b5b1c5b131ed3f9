"""The native engine: nodes are OCI containers in one bubble of namespaces per lab."""

from trilab.engine.native.engine import NativeEngine

__all__ = ["NativeEngine"]
