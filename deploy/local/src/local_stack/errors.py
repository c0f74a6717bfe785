"""What stops the stack from starting, in words for the person in front of it."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class CannotStart(Exception):
    """Something is missing on this machine. The message is one line: what it is, and what to do about it."""


class StackEnded(Exception):
    """The stack did not stay up while somebody used it. The message is what it said last."""


def need_disk(folder: Path, megabytes: int, what: str) -> None:
    """Raises CannotStart where the disk that holds `folder` is almost full."""
    free = shutil.disk_usage(folder).free // 2**20
    if free < megabytes:
        raise CannotStart(
            f"{what} needs {megabytes} MB of disk and {folder} has {free} MB left: make room there, or move the clone"
        )


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Turns what the system refuses into CannotStart."""
    try:
        yield
    except PermissionError as error:
        raise CannotStart(f"{error.filename} belongs to somebody else: start as that user, or remove it") from error
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise CannotStart(f"the disk is full ({error.filename}): make room there and start again") from error


def explain(what: str, log: Path) -> CannotStart:
    """Why a server ended before it was ready, read from the end of its log."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    text = "\n".join(lines)
    if "No space left on device" in text:
        return CannotStart(f"{what}: the disk under {log.parent} is full: make room there and start again")
    if "Address already in use" in text:
        return CannotStart(f"{what}: another program took its port a moment ago: start again, and it takes another")
    telling = [line for line in lines if any(word in line for word in ("FATAL", "ERROR", "Exception"))]
    last = (telling or lines or ["it said nothing"])[-1]
    return CannotStart(f"{what} did not start: {last} (the whole log: {log})")
