"""A folder in which each file is there whole or not at all.

What is kept (`Kept`) is the point at which a write has happened: before it, the new files are written and on the disk,
under names that nobody reads; after it, they are put in their places, and whoever goes on puts those there that a dead
process left behind. A file to which rows are added is replaced by one that begins as it did: whoever reads finds the
one or the other under its name, so that no row is seen twice, or not at all.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import BinaryIO, Protocol

from backbone.runtime.failpoints import failpoint

from ..errors import Refusal
from .kept import Kept

OURS = ".sdi"
"""The folder in the folder: what is kept, and files on their way."""
STATE = "state.json"
SYNCED_AT_ONCE = 16
"""So many files are made sure of together: a disk does that for all of them in the time that one takes."""

Write = Callable[[BinaryIO | None, BinaryIO], None]
"""Writes a file: from the old one of that name, where there is one, to the new one."""


class Place(Protocol):
    """Where files go: this folder, or a bucket."""

    adds: bool
    """Whether rows may be added to a file that is there."""

    def open(self) -> Kept | None:
        """Takes the place for us, finishes or undoes what another began, and says what is kept. Raises Refusal."""
        ...

    def stage(self, name: str, write: Write) -> str:
        """Writes a file that will be `name`; what is given back stands for it among what is pending."""
        ...

    def keep(self, kept: Kept) -> None:
        """From here on it is so: what is kept, and the files that are pending in it."""
        ...

    def close(self) -> None: ...


class Folder:
    """A folder of this machine. One process at a time writes to it; anybody may read, at any time."""

    adds = True

    def __init__(self, path: Path) -> None:
        self._path, self._ours = path, path / OURS
        self._staging = self._ours / "staging"
        self._lock: int | None = None
        self._numbers = count(1)

    def __str__(self) -> str:
        return str(self._path)

    def open(self) -> Kept | None:
        """Finishes what another began. Raises Refusal."""
        if not self._ours.exists() and self._path.exists() and not self._is_empty():
            raise Refusal(f"{self._path} holds other things than an export of ours: name a new or an empty folder")
        self._take()
        kept = self._read()
        if kept is not None and kept.pending:
            with _told(self._path):
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
        staged, there = self._staging / str(next(self._numbers)), self._path / name
        with _told(self._path), staged.open("xb") as new:
            if there.exists():
                with there.open("rb") as old:
                    write(old, new)
            else:
                write(None, new)
        return str(staged.relative_to(self._path))

    def keep(self, kept: Kept) -> None:
        with _told(self._path):
            _sync([*(self._path / staged for staged in kept.pending), self._staging])
            failpoint("export-written")
            self._keep(kept)
            failpoint("export-kept")
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
        _sync([self._ours])

    def _put_in_place(self, kept: Kept) -> None:
        folders = set()
        for staged, name in kept.pending.items():
            there = self._path / name
            failpoint("export-placing")
            there.parent.mkdir(parents=True, exist_ok=True)
            if (self._path / staged).exists():  # else it was put there before somebody died
                (self._path / staged).replace(there)
            folders |= {there.parent, *there.parent.parents} - set(self._path.parents)
        _sync(folders)
        kept.pending = {}


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What the disk refuses, said with what to do."""
    try:
        yield
    except OSError as error:
        raise Refusal(
            f"{path} takes no more ({error.strerror}): what was written before is whole. Make room, or mend it, and "
            "say the same command again: it goes on"
        ) from None


def _sync(places: Iterable[Path]) -> None:
    with ThreadPoolExecutor(SYNCED_AT_ONCE) as pool:
        for _ in pool.map(_sync_one, places):
            pass


def _sync_one(place: Path) -> None:
    there = os.open(place, os.O_RDONLY)
    try:
        os.fsync(there)
    finally:
        os.close(there)
