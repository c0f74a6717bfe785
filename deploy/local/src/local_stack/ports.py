"""Free ports on the loopback."""

from __future__ import annotations

import secrets
import socket

from provision.errors import CannotStart

HOST = "127.0.0.1"
# below the range from which the system takes ports for outgoing connections: a port kept from the last
# start is then not found taken by somebody's passing connection
CHOICE = range(20000, 32000)


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback now."""
    with socket.socket() as probe:
        # as the servers do: connections of the last run that are still closing do not count
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port(kept: int | None = None) -> int:
    """The port kept from the last start if it is still free, else another that is."""
    if kept is not None and is_free(kept):
        return kept
    for _ in range(100):
        port = secrets.choice(CHOICE)
        if is_free(port):
            return port
    raise CannotStart(f"no free port found on {HOST} between {CHOICE.start} and {CHOICE.stop}")
