"""Writing labs: a first one to start from, what can be graded, and what is wrong in a lab, told without running it."""

from trilab.authoring.checking import check_lab
from trilab.authoring.inventory import Described, describe
from trilab.authoring.model import Level, Problem
from trilab.authoring.scaffold import new_lab

__all__ = ["Described", "Level", "Problem", "check_lab", "describe", "new_lab"]
