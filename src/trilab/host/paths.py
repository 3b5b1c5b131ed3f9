"""Where trilab keeps things on the host (XDG folders; `TRILAB_CACHE` and `TRILAB_STATE` override them)."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_dir() -> Path:
    """Images and layers: can be deleted, is built again."""
    return Path(os.environ.get("TRILAB_CACHE") or platformdirs.user_cache_path("trilab"))


def state_dir() -> Path:
    """Running labs: one folder per lab and candidate."""
    return Path(os.environ.get("TRILAB_STATE") or platformdirs.user_state_path("trilab"))


def labs_dir() -> Path:
    """The folders of running labs."""
    return state_dir() / "labs"
