"""How a command that goes on for long is told to stop."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def until_told_to_stop() -> Iterator[asyncio.Event]:
    """An event that SIGTERM and Ctrl-C set."""
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    # in another thread nobody hears signals: who runs us there stops us
    is_heard = threading.current_thread() is threading.main_thread()
    signals = [signal.SIGTERM, signal.SIGINT] if is_heard else []
    for one in signals:
        loop.add_signal_handler(one, stopping.set)
    try:
        yield stopping
    finally:
        for one in signals:
            loop.remove_signal_handler(one)
