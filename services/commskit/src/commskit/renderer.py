"""What runs in the process that makes kits: orders come in through a pipe, kits and refusals go out.

The renderer itself (`.kit`, and WeasyPrint behind it) is imported by the functions below, and never at the top:
the service, which imports this module for its names, stays small.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from shutil import rmtree
from traceback import extract_tb
from typing import NamedTuple

from backbone.contracts.event import PublicEvent, Slot
from backbone.runtime.failpoints import failpoint

from .domain import Look

_MEMORY_LIMIT = 1024**3  # of a render's address space; a kit needs a third of it
SETTING_UP_SECONDS = 120.0  # of processor time; it takes one or two
_REASON_LENGTH = 200


class Order(NamedTuple):
    """All that a kit is made of: `make_kit`’s arguments."""

    event: PublicEvent
    page_url: str
    look: Look
    stamp: datetime
    earlier: Sequence[Sequence[Slot]] = ()


def serve(pipe: Connection, folder: str) -> None:
    """Makes kit after kit, until nobody is at the other end of the pipe.

    Hears (Order, seconds); says one message in JSON, and a kit's content after its own. What is said cannot do
    harm where it is read, whatever an event may have made of this process.
    """
    try:
        _set_up(folder)
    except Exception as error:
        _say(pipe, broken=_in_words(error))
        return
    _say(pipe, ready=True)
    with suppress(EOFError, OSError):  # the service ended
        while True:
            order, seconds = pipe.recv()
            _make(pipe, order, seconds)


def _make(pipe: Connection, order: Order, seconds: float) -> None:
    from .kit import make_kit, prepare  # here only: see the top

    try:
        _allow(SETTING_UP_SECONDS)
        prepare(order.look)
        _allow(seconds)
        failpoint("rendering")
        kit = make_kit(*order)
    except Exception as error:
        _say(pipe, refused=_in_words(error))
        return
    finally:
        _allow(0)
    _say(pipe, filename=kit.filename, pieces=[piece.model_dump() for piece in kit.pieces])
    pipe.send_bytes(kit.content)


def _allow(seconds: float) -> None:
    """The processor time that this process may use from now on, before the kernel ends it; 0 for no bound.

    Time in which a busy machine keeps it waiting does not count; a loop in a library's C code is ended too.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)


def _set_up(folder: str) -> None:
    """Once per process: bounds, a place for the font files that WeasyPrint leaves behind, the studio."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service: it stops us when it is ready
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    _allow(SETTING_UP_SECONDS)
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    limit = _MEMORY_LIMIT if most == resource.RLIM_INFINITY else min(_MEMORY_LIMIT, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, most))
    tempfile.tempdir = folder
    threading.Thread(target=_leave_with_parent, args=(folder,), daemon=True).start()
    from .kit import studio  # here only: see the top

    studio()
    _allow(0)


def _leave_with_parent(folder: str) -> None:
    """Were the service killed outright, its renderers would go on."""
    parent = parent_process()
    if parent:
        parent.join()
        rmtree(folder, ignore_errors=True)
        os._exit(1)


def _say(pipe: Connection, **words: object) -> None:
    pipe.send_bytes(json.dumps(words).encode())


def _in_words(error: Exception) -> str:
    """What went wrong and where: to unpickle an error of WeasyPrint's, the service would have to import it."""
    told = " ".join(str(error).split())[:_REASON_LENGTH]
    return f"{type(error).__name__}: {told} ({_where(error)})"


def _where(error: Exception) -> str:
    """The innermost line of ours that it came from, e.g. « fit.py:88 in lines »."""
    ours = [frame for frame in extract_tb(error.__traceback__) if Path(frame.filename).parent == Path(__file__).parent]
    frame = ours[-1]  # there is one: we called
    return f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}"
