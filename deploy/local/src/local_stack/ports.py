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
    """The port kept from the last start if it is still free, else another that is.

    It is spoken for while this process lives: nobody else who asks here is given it in the seconds until its server
    listens. Raises CannotStart where none is found.
    """
    if kept is not None and (kept in _spoken_for or _speak_for(kept)) and is_free(kept):
        return kept
    for _ in range(100):
        port = secrets.choice(CHOICE)
        if port not in _spoken_for and is_free(port) and _speak_for(port):
            return port
    raise CannotStart(f"no free port found on {HOST} between {CHOICE.start} and {CHOICE.stop}")


# By port, oldest first. Four runs of tests at once start hundreds of servers, and a JVM listens seconds after its port
# was found free: now and then two had chosen the same.
_spoken_for: dict[int, socket.socket] = {}
SPOKEN_FOR_AT_MOST = 200  # open files; the servers of those before listen by now


def _speak_for(port: int) -> bool:
    """Takes the UDP port of the same number, which no server of ours needs and which ends with this process."""
    sign = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sign.bind((HOST, port))
    except OSError:
        sign.close()
        return False
    _spoken_for[port] = sign
    while len(_spoken_for) > SPOKEN_FOR_AT_MOST:
        _spoken_for.pop(next(iter(_spoken_for))).close()
    return True
