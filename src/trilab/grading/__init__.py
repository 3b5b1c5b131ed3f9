"""Verdicts, observations, the check registry, the binding of ``lab.yml`` to checks, and the runner."""
