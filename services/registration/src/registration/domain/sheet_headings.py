"""Headings as people rename them: which of a sheet's rows they are, and which column is which."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .sheet_columns import COLUMNS, DAY, MOMENTS, REPORT, SLOTS, Column, Columns
from .sheet_plain import plain

LOOKED_AT = 30
"""Rows at the top of a sheet among which its headings are."""
_ALIKE = 0.87
"""From which on a heading is taken for another with a slip in it; « debut » and « fin » are 0.25."""


@dataclass(frozen=True)
class Placed:
    """A column of the file. `group`: which of several openings it is of, from 1."""

    index: int
    heading: str
    column: Column
    group: int = 1


@dataclass(frozen=True)
class Layout:
    """Which column of a file is which."""

    row: int
    """Of the headings, as the spreadsheet counts: from 1."""
    headings: Sequence[str]
    placed: Sequence[Placed]
    unknown: Sequence[str] = ()
    twice: Sequence[str] = ()
    guessed: Mapping[str, str] = None  # type: ignore[assignment]

    def of(self, fills: str) -> Placed | None:
        """The column that fills this field."""
        return next((one for one in self.placed if one.column.fills == fills), None)

    def notices(self) -> list[str]:
        """What its author should know of how the file was read, in French."""
        said = [f"La colonne « {name} » n’est pas connue : elle n’est pas lue." for name in self.unknown]
        said += [f"La colonne « {name} » est là deux fois : seule la première est lue." for name in self.twice]
        guessed = (self.guessed or {}).items()
        return said + [f"La colonne « {name} » est lue comme « {taken} »." for name, taken in guessed]


def find_headings(rows: Iterable[tuple[int, Sequence[str]]], columns: Columns = COLUMNS) -> Layout | None:
    """The row of these (each with its number) that names the most columns, two at least; None if there is none."""
    best: Layout | None = None
    for number, cells in rows:
        found = _read(number, cells, columns)
        if score(found) > score(best):
            best = found
    return best if score(best) >= 2 else None


def score(layout: Layout | None) -> int:
    """How many columns were recognised."""
    return len(layout.placed) if layout else 0


def _read(number: int, cells: Sequence[str], columns: Columns) -> Layout:
    placed: list[Placed] = []
    unknown, twice, guessed, taken = [], [], {}, set()
    for index, cell in enumerate(cells):
        if not (heading := " ".join(cell.split())):
            continue
        if (found := _recognise(heading, columns)) is None:
            unknown.append(heading[:60])
            continue
        column, group, is_guess = found
        if (column.fills, group) in taken:
            if column.fills not in MOMENTS:
                twice.append(heading)
                continue
            # « Date | Début | Fin | Date | Début | Fin »: the second of each is the next opening
            group = max(one.group for one in placed if one.column.fills == column.fills) + 1
        if is_guess:
            guessed[heading] = column.heading
        taken.add((column.fills, group))
        placed.append(Placed(index, heading, column, group))
    return Layout(number, [" ".join(cell.split()) for cell in cells], placed, unknown, twice, guessed)


def _recognise(heading: str, columns: Columns) -> tuple[Column, int, bool] | None:
    """The column, the opening that it is of, and whether that is a guess."""
    if len(heading) > 80:
        return None
    name, group = plain(heading), 1
    if numbered := re.fullmatch(r"(.*?)\s*(\d{1,2})(?:\s+(.*))?", name):
        base = " ".join(part for part in (numbered[1], numbered[3]) if part)
        if (column := columns.by_name.get(base)) and column.fills in MOMENTS and 1 <= int(numbered[2]) <= 30:
            # a « Créneau 2 » says day and hours by itself
            return column, int(numbered[2]), False
    if column := columns.by_name.get(name):
        return column, group, False
    if len(name) >= 5 and (close := difflib.get_close_matches(name, columns.by_name, n=1, cutoff=_ALIKE)):
        return columns.by_name[close[0]], group, True
    return None


def is_whole(layout: Layout) -> list[str]:
    """The headings that every event needs and that the file lacks."""
    there = {one.column.fills for one in layout.placed}
    lacking = []
    for column in COLUMNS.all:
        if column.is_needed and column.fills not in there:
            if column.fills in MOMENTS and (SLOTS in there or (column.fills != DAY and "hours" in there)):
                continue
            lacking.append(column.heading)
    return lacking


__all__ = ["LOOKED_AT", "REPORT", "Layout", "Placed", "find_headings", "is_whole", "score"]
