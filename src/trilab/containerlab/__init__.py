"""The containerlab program (https://containerlab.dev), typed: its output is checked, its words are carried over."""

from trilab.containerlab.binary import Containerlab, ContainerlabError
from trilab.containerlab.model import Container, Executed, Impaired, Version

__all__ = ["Container", "Containerlab", "ContainerlabError", "Executed", "Impaired", "Version"]
