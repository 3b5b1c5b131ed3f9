"""The proof of the graders: every good answer accepted, every cheat and every mistake caught by the right criterion."""

from trilab.prove.campaign import Campaign, Report, prepare
from trilab.prove.fleet import default_jobs
from trilab.prove.model import Judgement, Outcome, Task

__all__ = ["Campaign", "Judgement", "Outcome", "Report", "Task", "default_jobs", "prepare"]
