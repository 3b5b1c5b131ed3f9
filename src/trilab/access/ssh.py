"""Opening SSH: an unmodified netmiko ``cisco_ios`` session on a switch, router or access point, paramiko elsewhere."""

from __future__ import annotations

import logging

import paramiko
from netmiko import ConnectHandler
from netmiko.base_connection import BaseConnection
from netmiko.exceptions import NetmikoAuthenticationException, NetmikoTimeoutException, ReadException

from trilab.access.account import Account
from trilab.engine.base import Lab
from trilab.errors import ObservationError, UnknownNameError, reason

PORT = 22
TIMEOUT = 15.0  # seconds to connect and log in: a loaded machine starts 12 labs at once
NOS_ROLES = frozenset({"switch", "router", "ap"})
# What netmiko and paramiko raise when a session cannot be opened or breaks.
FAILURES = (NetmikoTimeoutException, NetmikoAuthenticationException, ReadException, paramiko.SSHException, OSError)


def address(lab: Lab, node: str) -> str:
    """The management address of a living node.

    Raises:
        UnknownNameError: no such node.
        ObservationError: the node is dead.
    """
    if node not in lab.nodes:
        raise UnknownNameError("Nœud", node, lab.nodes, where=lab.spec.key)
    if not lab.alive(node):
        raise ObservationError(f"Le nœud {node} ne tourne plus.")
    return str(lab.nodes[node].mgmt_ip)


def is_nos(lab: Lab, node: str) -> bool:
    """Whether a node has our IOS-style command line."""
    return node in lab.nodes and lab.nodes[node].role in NOS_ROLES and not lab.nodes[node].vendor


def open_cli(lab: Lab, node: str, account: Account) -> BaseConnection:
    """A netmiko session on a switch or router, paging off for this session only.

    Raises:
        UnknownNameError: no such node.
        ObservationError: the node is dead, or does not let us in.
    """
    host = address(lab, node)
    silence()
    try:
        return ConnectHandler(
            device_type="cisco_ios",
            host=host,
            username=account.name,
            password=account.password or "",
            secret=account.enable,
            use_keys=account.key_file is not None,
            key_file=None if account.key_file is None else str(account.key_file),
            sock=lab.connect(host, PORT, timeout=TIMEOUT),
            auth_timeout=TIMEOUT,
            banner_timeout=TIMEOUT,
            fast_cli=True,
        )
    except FAILURES as error:
        raise ObservationError(f"{node} : session SSH hors bande impossible ({why(error)}).") from error


def open_shell(lab: Lab, node: str, account: Account) -> paramiko.SSHClient:
    """A paramiko client on a Linux node. Raises as :func:`open_cli`."""
    host = address(lab, node)
    silence()
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())  # each node makes its own key at first start
    try:
        client.connect(
            host,
            PORT,
            username=account.name,
            password=account.password,
            key_filename=None if account.key_file is None else str(account.key_file),
            sock=lab.connect(host, PORT, timeout=TIMEOUT),
            auth_timeout=TIMEOUT,
            banner_timeout=TIMEOUT,
            allow_agent=False,
            look_for_keys=False,
        )
    except FAILURES as error:
        client.close()
        raise ObservationError(f"{node} : session SSH hors bande impossible ({why(error)}).") from error
    return client


def silence() -> None:
    """Keep paramiko's tracebacks off the user's terminal: every failure becomes an error of ours."""
    logger = logging.getLogger("paramiko")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def close(connection: BaseConnection) -> None:
    """End a netmiko session at once, without its farewells."""
    if connection.remote_conn_pre is not None:
        connection.remote_conn_pre.close()


def why(error: Exception) -> str:
    """The reason of one of :data:`FAILURES` in French, as far as it has one."""
    if isinstance(error, paramiko.AuthenticationException | NetmikoAuthenticationException):
        return "authentification refusée"
    if isinstance(error, TimeoutError | NetmikoTimeoutException | ReadException) or "banner" in str(error):
        return "aucune réponse dans le délai"
    if isinstance(error, OSError):
        return reason(error)
    if isinstance(error, EOFError):
        return "connexion fermée"
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
