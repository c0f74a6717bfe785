"""What stops the stack from starting, in words for the person in front of it."""

from __future__ import annotations

import shutil
from pathlib import Path

from provision.errors import CannotStart


class StackEnded(Exception):
    """The stack did not stay up while somebody used it. The message is what it said last."""


def need_disk(folder: Path, megabytes: int, what: str) -> None:
    """Raises CannotStart where the disk that holds `folder` is almost full."""
    free = shutil.disk_usage(folder).free // 2**20
    if free < megabytes:
        raise CannotStart(
            f"{what} needs {megabytes} MB of disk and {folder} has {free} MB left: make room there, or move the clone"
        )


def explain(what: str, log: Path, otherwise: str = "it said nothing") -> CannotStart:
    """Why a server was not ready, read from the end of its log; `otherwise`: what is known where that is empty."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    text = "\n".join(lines)
    if "No space left on device" in text:
        return CannotStart(f"{what}: the disk under {log.parent} is full: make room there and start again")
    if "Address already in use" in text:
        return CannotStart(f"{what}: another program took its port a moment ago: start again, and it takes another")
    telling = [line for line in lines if any(word in line for word in ("FATAL", "ERROR", "Exception"))]
    last = (telling or lines or [otherwise])[-1]
    return CannotStart(f"{what} did not start: {last} (the whole log: {log})")
