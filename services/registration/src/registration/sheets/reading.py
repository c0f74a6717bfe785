"""A file, whatever it is, as rows of text under headings that were recognised."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..domain.sheet_headings import LOOKED_AT, Layout, find_headings
from .bounds import (
    EMPTY,
    MOST_COLUMNS,
    MOST_KEPT,
    MOST_ROWS,
    NO_HEADINGS,
    NO_ROWS,
    OLD_EXCEL,
    TOO_MANY_ROWS,
    SheetRefused,
)
from .text import read_text
from .workbook import read_workbook

_OLE, _ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"


@dataclass(frozen=True)
class Sheet:
    """What a file holds. `rows`: those below the headings that have something in them, with their numbers, once."""

    layout: Layout
    rows: Iterator[tuple[int, list[str]]]
    name: str | None = None
    """Of the sheet; a CSV has none."""
    notices: list[str] = field(default_factory=list)
    """What its author should know of how it was read, in French."""


def read_sheet(path: Path) -> Sheet:
    """The sheet of events in a file, by what it holds, whatever its name ends in. Raises SheetRefused, also while its
    rows are gone through."""
    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        raise SheetRefused(EMPTY)
    if head == _OLE:
        raise SheetRefused(OLD_EXCEL)
    if head == _ZIP:
        name, notices, rows = read_workbook(path)
    else:
        name, notices, rows = None, [], read_text(path)
    top = list(itertools.islice(rows, LOOKED_AT))
    layout = find_headings((number, cells[:MOST_COLUMNS]) for number, cells in top)
    if layout is None:
        raise SheetRefused(NO_HEADINGS)
    below = (row for row in itertools.chain(top, rows) if row[0] > layout.row)
    return Sheet(layout, _filled(below), name, notices)


def _filled(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    count = 0
    for number, cells in rows:
        if any(cell and not cell.isspace() for cell in cells):
            count += 1
            if count > MOST_ROWS:
                raise SheetRefused(TOO_MANY_ROWS)
            yield number, [cell[:MOST_KEPT] for cell in cells[:MOST_COLUMNS]]
    if not count:
        raise SheetRefused(NO_ROWS)
