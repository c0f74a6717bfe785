"""The one loop: what Kafka hands over is sorted, gathered, and written; only then it is kept that it was taken."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Any, BinaryIO

import pyarrow as pa

from backbone.contracts.schema import address_of

from ..kafka import Record
from .formats import CannotAdd, Format, description_of, write
from .kept import Asked, Kept, Open
from .places import Place
from .shapes import KINDS, UNREADABLE
from .sorting import sort

GATHERED_BYTES = 128 * 1024 * 1024
"""So much is held, of rows, before it is written."""
FULL_ROWS, FULL_BYTES = 50_000, 48 * 1024 * 1024
"""A file that holds so much gets no more rows: the next ones begin another."""
WRITERS = 2


@dataclass(frozen=True)
class Pace:
    """How long rows may wait, and how many, before they are written; by themselves, until there is too much of them."""

    seconds: float = inf
    rows: float = inf


class Gathering:
    """The rows that are not written yet, and what is kept of those that are."""

    def __init__(self, place: Place, kept: Kept, pace: Pace) -> None:
        self._place, self.kept, self._pace = place, kept, pace
        self._form = Format(kept.asked.format)
        self._types = _full_names(kept.asked)
        self._sheets: defaultdict[str, list[pa.Table]] = defaultdict(list)
        self._taken: dict[str, int] = {}
        self._bytes = self.waiting_rows = 0
        self._written_at = time.monotonic()

    @property
    def is_due(self) -> bool:
        """Whether what is gathered is to be written now."""
        if not self.waiting_rows:
            return False
        is_late = time.monotonic() - self._written_at >= self._pace.seconds
        return is_late or self._bytes >= GATHERED_BYTES or self.waiting_rows >= self._pace.rows

    def take(self, records: Iterable[Record], positions: Mapping[str, int]) -> None:
        """Records, and from which offset on each partition is read next."""
        for sheet, rows in sort(records, self._types, raw=self._form.is_raw).items():
            self._sheets[sheet].append(rows)
            self._bytes += rows.nbytes
            self.waiting_rows += rows.num_rows
        self._taken.update(positions)

    def write(self) -> None:
        """Writes all that is gathered, and keeps how far was read. Whatever happens in between, it is done or not."""
        counted: Counter[str] = Counter()
        files: list[tuple[str, str, pa.Table]] = []
        for sheet, tables in self._sheets.items():
            counted[sheet] = sum(table.num_rows for table in tables)
            files += [(sheet, *file) for file in self._files_of(sheet, pa.concat_tables(tables))]
        with ThreadPoolExecutor(WRITERS) as writers:
            staged = [writers.submit(self._stage, *file) for file in files]
            self.kept.pending = dict(one.result() for one in staged)
        self.kept.pending |= dict(self._descriptions())
        for name, offset in self._taken.items():
            self.kept.parts[name].next = offset
        self.kept.rows = dict(counted + Counter(self.kept.rows))
        self.kept.writes += 1
        self._place.keep(self.kept)
        self._sheets.clear()
        self._taken.clear()
        self._bytes = self.waiting_rows = 0
        self._written_at = time.monotonic()

    def _files_of(self, sheet: str, rows: pa.Table) -> Iterator[tuple[str, pa.Table]]:
        """The rows of each file, and its name: by day and topic, each partition's in order."""
        rows = rows.append_column("day", rows["_timestamp"].cast(pa.date32()))
        rows = rows.sort_by([(name, "ascending") for name in ("day", "_topic", "_partition", "_offset")])
        days = rows.group_by(["day", "_topic"], use_threads=False).aggregate([([], "count_all")]).to_pylist()
        begin, rows = 0, rows.drop_columns("day")
        for one in days:
            part = rows.slice(begin, one["count_all"])
            begin += one["count_all"]
            yield self._name(sheet, one["day"], one["_topic"], part), part

    def _name(self, sheet: str, day: Any, topic: str, rows: pa.Table) -> str:
        """The file that these rows belong to: the newest of its day, unless that is full, or no row may be added."""
        series = f"{sheet}/day={day}/{topic}"
        if not self._place.adds:
            return f"{series}-{self.kept.writes + 1:06}.{self._form}"
        newest = self.kept.open.setdefault(series, Open(1, 0, 0))
        if newest.rows >= FULL_ROWS or newest.bytes >= FULL_BYTES:
            newest = self.kept.open[series] = Open(newest.number + 1, 0, 0)
        newest.rows += rows.num_rows
        newest.bytes += rows.nbytes
        return f"{series}-{newest.number:04}.{self._form}"

    def _stage(self, sheet: str, name: str, rows: pa.Table) -> tuple[str, str]:
        about = {"sdi.message": sheet, "sdi.topic": rows["_topic"][0].as_py(), "sdi.asked": _as_json(self.kept.asked)}
        if sheet in KINDS:
            kind = KINDS[sheet]
            about |= {"sdi.contract": address_of(kind), "sdi.version": str(kind.version)}
        write_it = partial(write, self._form, rows, about=about)
        try:
            return self._place.stage(name, write_it), name
        except CannotAdd:
            series = name.rpartition("-")[0]
            newest = self.kept.open[series] = Open(self.kept.open[series].number + 1, rows.num_rows, rows.nbytes)
            name = f"{series}-{newest.number:04}.{self._form}"
            return self._place.stage(name, write_it), name

    def _descriptions(self) -> Iterator[tuple[str, str]]:
        """A `schema.json` for each folder that has none yet, where files cannot say it themselves."""
        for sheet in self._sheets.keys() - self.kept.rows.keys():
            if self._form is not Format.PARQUET:
                name, write_it = (
                    f"{sheet}/schema.json",
                    partial(_write_text, description_of(sheet, self._form).encode()),
                )
                yield self._place.stage(name, write_it), name


def _write_text(text: bytes, old: BinaryIO | None, new: BinaryIO) -> None:
    new.write(text)


def _as_json(asked: Asked) -> str:
    return json.dumps({"from": asked.since, "to": asked.until, "topics": asked.topics, "types": asked.types})


def _full_names(asked: Asked) -> frozenset[str] | None:
    return None if asked.types is None else frozenset(KINDS[name].ce_type for name in asked.types)


Chunk = tuple[list[Record], dict[str, int]]


async def gather(chunks: AsyncIterator[Chunk], gathering: Gathering) -> AsyncGenerator[Chunk, None]:
    """Takes each chunk, beside the reading of the next; gives it back when it was taken, and writes when full."""
    with ThreadPoolExecutor(1) as worker:
        loop, taken = asyncio.get_running_loop(), None

        def take(chunk: Chunk) -> Chunk:
            gathering.take(*chunk)
            if gathering.is_due:
                gathering.write()
            return chunk

        async for chunk in chunks:
            if taken is not None:
                yield await taken
            taken = loop.run_in_executor(worker, take, chunk)
        if taken is not None:
            yield await taken


def unreadable(kept: Kept) -> int:
    """How many records nobody could read."""
    return kept.rows.get(UNREADABLE, 0)
