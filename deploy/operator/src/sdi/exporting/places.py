"""Where files go, so that each is there whole or not at all.

What is kept (`Kept`) is the point at which a write has happened: before it, the new files are written and on the disk,
under names that nobody reads; after it, they are put in their places, and whoever goes on puts those there that a dead
process left behind.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from ..errors import Refusal
from .kept import Kept

OURS = ".sdi"
"""The folder in the folder: what is kept, and files on their way."""
STATE = "state.json"

Write = Callable[[BinaryIO | None, BinaryIO], None]
"""Writes a file: from the old one of that name, where there is one, to the new one."""


class Folder:
    """A folder of this machine. One process at a time writes to it; anybody may read, at any time."""

    def __init__(self, path: Path) -> None:
        self._path, self._ours = path, path / OURS
        self._staging = self._ours / "staging"
        self._lock: int | None = None
        self._names = 0

    def __str__(self) -> str:
        return str(self._path)

    def open(self) -> Kept | None:
        """Takes the folder for us, finishes what another began, and says what is kept there. Raises Refusal."""
        if not self._ours.exists() and self._path.exists() and not self._is_empty():
            raise Refusal(f"{self._path} holds other things than an export of ours: name a new or an empty folder")
        self._take()
        kept = self._read()
        if kept is not None and kept.pending:
            self._put_in_place(kept)
            self._keep(kept)
        shutil.rmtree(self._staging, ignore_errors=True)
        self._staging.mkdir()
        return kept

    def close(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def stage(self, name: str, write: Write) -> str:
        """Writes a file that will be `name`; what is given back tells `keep` so."""
        self._names += 1
        staged, there = self._staging / str(self._names), self._path / name
        with staged.open("xb") as new:
            if there.exists():
                with there.open("rb") as old:
                    write(old, new)
            else:
                write(None, new)
            new.flush()
            os.fsync(new.fileno())
        return str(staged.relative_to(self._path))

    def keep(self, kept: Kept) -> None:
        """From here on it is so: what is kept, and the files that are pending."""
        _sync(self._staging)
        self._keep(kept)
        if kept.pending:
            self._put_in_place(kept)

    def _is_empty(self) -> bool:
        return self._path.is_dir() and not any(self._path.iterdir())

    def _take(self) -> None:
        try:
            self._ours.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self._ours / "lock", os.O_CREAT | os.O_RDWR, 0o644)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal(f"another sdi writes to {self._path}: wait for its end, or stop it") from None
        except OSError as error:
            raise Refusal(f"{self._path} cannot be written to ({error.strerror}): name another folder") from None

    def _read(self) -> Kept | None:
        file = self._ours / STATE
        try:
            return Kept.from_json(file.read_bytes()) if file.exists() else None
        except (ValueError, KeyError, TypeError):
            raise Refusal(f"{file} is not what this sdi wrote: name another folder") from None

    def _keep(self, kept: Kept) -> None:
        new = self._ours / f"{STATE}.new"
        with new.open("wb") as file:
            file.write(kept.as_json())
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._ours / STATE)
        _sync(self._ours)

    def _put_in_place(self, kept: Kept) -> None:
        folders = set()
        for staged, name in kept.pending.items():
            there = self._path / name
            there.parent.mkdir(parents=True, exist_ok=True)
            if (self._path / staged).exists():  # else it was put there before somebody died
                (self._path / staged).replace(there)
            folders |= {there.parent, *there.parent.parents} - set(self._path.parents)
        for folder in folders:
            _sync(folder)
        kept.pending = {}


def _sync(folder: Path) -> None:
    there = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(there)
    finally:
        os.close(there)
