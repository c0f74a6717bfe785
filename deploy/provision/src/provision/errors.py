"""What stops a deployment from starting, in words for the person in front of it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager


class CannotStart(Exception):
    """Something is missing on this machine. The message is one line: what it is, and what to do about it."""


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
