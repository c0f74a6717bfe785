"""Places where a fault test makes a process die, stand still or run in circles; inert unless `SDI_FAILPOINT` is set.

`SDI_FAILPOINT=after-commit-before-ack:2` ends the process at its second passage there, as `kill -9` would;
`before-publish:1:pause` stops it as SIGSTOP does, until somebody sends SIGCONT;
`rendering:2:spin` keeps it busy there for ever.
"""

from __future__ import annotations

import os
import signal
from functools import cache
from itertools import count

_passages = count(1)


def failpoint(place: str) -> None:
    """Dies, stands still or spins here, if that was asked for."""
    name, passage, action = _chosen()
    if name == place and next(_passages) == passage:
        if action == "pause":
            os.kill(os.getpid(), signal.SIGSTOP)
        elif action == "spin":
            while True:
                pass
        else:
            os._exit(137)


@cache
def _chosen() -> tuple[str, int, str]:
    name, passage, action = (*os.environ.get("SDI_FAILPOINT", "").split(":"), "", "")[:3]
    return name, int(passage or 1), action
