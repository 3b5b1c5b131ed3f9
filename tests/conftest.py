"""Shared fixtures. Live tests start real labs: they skip with a reason where the machine cannot, and fail on CI."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from trilab import images
from trilab.engine.native import NativeEngine
from trilab.errors import TrilabError
from trilab.host import checks
from trilab.images import radio_kernel as radio

# no time limit on a generated example: how fast this machine is today is not what a test is about
settings.register_profile("trilab", deadline=None)
settings.load_profile("trilab")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All live tests go to one xdist worker: they share the machine's cores and the running labs."""
    for item in items:
        if item.get_closest_marker("live"):
            item.add_marker(pytest.mark.xdist_group("live"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tests of one file may depend on their order: better none than half of them on another worker."""
    config = session.config
    if hasattr(config, "workerinput") and config.getvalue("loadgroup"):
        loose = [item.nodeid for item in session.items if item.get_closest_marker("live") and "@" not in item.nodeid]
        if loose:
            raise pytest.UsageError(f"pytest-xdist does not group the live tests, e.g. {loose[0]}")


@pytest.fixture(scope="session", autouse=True)
def own_keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test signs with the user's key, or trusts what the user trusts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRILAB_CONFIG", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture(scope="session")
def node_image() -> images.NodeImage:
    """The node image, built now if this machine never built it."""
    failed = [f"{check.name} : {check.detail}" for check in checks.run_all() if check.level == "error"]
    if failed:
        _cannot("; ".join(failed))
    try:
        return images.ensure()
    except TrilabError as error:
        _cannot(str(error))
        raise


@pytest.fixture(scope="session")
def radio_kernel(node_image: images.NodeImage) -> None:
    """The radio kernel, which takes minutes to build: never as a side effect of the tests."""
    if not radio.built():
        _cannot("the radio kernel is not built (trilab images build radio)")


def _cannot(reason: str) -> None:
    if os.environ.get("TRILAB_REQUIRE_LIVE"):
        pytest.fail(f"live tests are required here: {reason}")
    pytest.skip(f"no live lab on this machine: {reason}")


@pytest.fixture(scope="session")
def engine(node_image: images.NodeImage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NativeEngine]:
    """An engine whose labs are apart from the user's own; whatever a test leaves is removed."""
    before = os.environ.get("TRILAB_STATE")
    os.environ["TRILAB_STATE"] = str(tmp_path_factory.mktemp("state"))
    made = NativeEngine()
    try:
        yield made
    finally:
        for key in made.leftovers():
            made.down(key)
        os.environ.pop("TRILAB_STATE")
        if before is not None:
            os.environ["TRILAB_STATE"] = before


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).parent.parent
