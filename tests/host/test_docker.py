"""What Docker says when it refuses, and what is told of it."""

from __future__ import annotations

import pytest

from trilab.host.docker import DockerError

CHAINS_GONE = """\
Error response from daemon: Failed to Setup IP tables: Unable to enable DROP INCOMING rule:  (iptables failed: \
iptables --wait -I DOCKER-ISOLATION-STAGE-1 -i tl0 ! -d 172.20.200.0/24 -j DROP: \
iptables: No chain/target/match by that name.
 (exit status 1))
"""


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        (CHAINS_GONE, "restart docker"),
        ("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?", "start"),
        ("Error response from daemon: network tt not found", ""),
    ],
)
def test_a_refusal_is_shown_whole_and_says_what_to_do(said: str, hint: str) -> None:
    told = DockerError("network", said)
    assert told.message == f"docker network : {' '.join(said.split())}"
    assert hint in told.hint if hint else told.hint == ""
