"""The folder in which a stack keeps everything, and which one stack at a time may use."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from provision.errors import CannotStart


@contextmanager
def held(state_dir: Path) -> Iterator[Path]:
    """Holds the folder, made where it is missing. The hold ends with this process, however it ends.

    Without it a second start would take the first one's servers for what a killed run left behind, and end them.
    """
    state_dir = state_dir.resolve()
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        lock = (state_dir / "lock").open("a+")
    except OSError as error:
        raise CannotStart(f"{state_dir} cannot be written to: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotStart(f"a stack is running in {state_dir} (process {lock.read()}): stop it first") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield state_dir


def private(folder: Path) -> Path:
    """The folder, made where it is missing, closed to everybody but its owner; an older start may have left it open."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder
