"""Where trilab keeps things on the host: XDG folders; TRILAB_CACHE, TRILAB_STATE and TRILAB_CONFIG override them."""

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


def config_dir() -> Path:
    """What must outlive a machine's labs: the key that signs reports, and the keys that are trusted."""
    return Path(os.environ.get("TRILAB_CONFIG") or platformdirs.user_config_path("trilab"))
