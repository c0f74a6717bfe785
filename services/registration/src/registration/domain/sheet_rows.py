"""A row's cells as a draft, and what is wrong with them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import partial
from typing import Any, TypeVar

from backbone.campaign.geography import department_of

from .sheet_columns import COLUMNS, DAY, ENDS, EXAMPLE, HOURS, LAST_DAY, MOMENTS, REPORT, SLOTS, STARTS
from .sheet_faults import CellFault, Unreadable, shown
from .sheet_headings import Layout, Placed
from .sheet_moments import (
    A_DAY,
    A_PAIR,
    Opening,
    days_between,
    opening,
    openings,
    read_days,
    read_hours,
    read_moments,
    read_spans,
)
from .sheet_plain import plain
from .sheet_words import digits

BROKEN = "Cette cellule contient une erreur du tableur : corrigez-la, ou videz-la."
TOO_LONG = "Cette cellule contient plus de {most} caractères."
MOST_IN_A_CELL = 5000
BOTH = "Indiquez soit un lieu, soit un lien de connexion."
T = TypeVar("T")
_ERROR = re.compile(r"#(?:N/?A|REF|NAME|NOM|VALUE|VALEUR|DIV/0|NULL|NUL|NUM|NOMBRE|N/D|SPILL|CALC|GETTING_DATA)[!?]?")
_GUARD = re.compile(r"'(?=[=+\-@\t\r])")


@dataclass
class RowRead:
    """A row as it was read: a draft, as the API takes it, of what is readable; and what is not."""

    external_id: str | None = None
    draft: dict[str, Any] = field(default_factory=dict)
    faults: list[CellFault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What was mended on the way, in French."""

    @property
    def is_example(self) -> bool:
        """Whether it is the template's example, which nobody means to organise."""
        return self.external_id == EXAMPLE


def read_row(layout: Layout, cells: Sequence[str], year: int) -> RowRead:
    """The row by the headings of its file; `year` is that of a day without one."""
    row = RowRead()
    told = {one.index: (one, text) for one in layout.placed if (text := unguarded(_cell(cells, one.index)))}
    for one, text in told.values():
        if one.column.fills == REPORT:
            continue
        if fault := _unfit(text):
            row.faults.append(_fault(one, text, fault))
        elif one.column.fills not in MOMENTS:
            _fill(row, one, text)
    unfit = {fault.column for fault in row.faults}
    when = [(one, text) for one, text in told.values() if one.column.fills in MOMENTS and one.index not in unfit]
    found = list(_openings(row, when, year))
    if found and not any(fault.column in {one.index for one, _ in when} for fault in row.faults):
        row.draft["slots"] = [one.as_slot() for one in sorted(dict.fromkeys(found), key=lambda one: one.starts)]
    row.external_id = row.draft.get("external_id")
    return row


def stable_key(draft: Mapping[str, Any], before: Mapping[str, int]) -> tuple[str, str]:
    """What an event without a reference is known by when its file is uploaded again: its organisation, title, postcode
    and first day, and how many rows above say the same of themselves (`before`, by the first of what is returned).
    A word of the description, an hour or a street may change; a row may move among others."""
    venue, slots = draft.get("venue") or {}, draft.get("slots") or [{}]
    first_day = min(str(slot.get("starts_at", ""))[:10] for slot in slots)
    parts = [draft.get("organisation") or "", draft.get("title") or "", venue.get("postcode") or "", first_day]
    content = hashlib.sha256("\x1f".join(plain(str(part)) for part in parts).encode()).hexdigest()[:32]
    return content, f"{content}-{before.get(content, 0)}"


def unguarded(text: str) -> str:
    """The text without the apostrophe that a report puts before what a spreadsheet would take for a formula."""
    return _GUARD.sub("", text.strip(), count=1) if text[:1] == "'" else text.strip()


def place_of(layout: Layout, path: str) -> Placed | None:
    """The column of the file that a field of a draft was read from: « slots.0.ends_at » from that of the end."""
    first, *rest = path.split(".")
    if first != "slots":
        exact = layout.of(path) or layout.of(first)
        return exact or next((one for one in layout.placed if one.column.fills.startswith(f"{first}.")), None)
    when = [one for one in layout.placed if one.column.fills in MOMENTS]
    wanted = {"starts_at": (STARTS, DAY), "ends_at": (ENDS, DAY)}.get(rest[-1] if rest else "", ())
    return next((one for fills in wanted for one in when if one.column.fills == fills), when[0] if when else None)


def in_words_of_a_sheet(message: str) -> str:
    """A sentence of the API, which names fields, with the headings in their places."""

    def heading(found: re.Match[str]) -> str:
        names = [_HEADINGS.get(name) for name in (found[1] or found[2]).split(", ")]
        if None in names:
            return found[0]
        said = ", ".join(f"« {name} »" for name in names)
        return f"(colonne{'s' if len(names) > 1 else ''} {said})" if found[1] else said

    return re.sub(r"\((\w+(?:, \w+)*)\)|« (\w+) »", heading, message)


_HEADINGS: Mapping[str, str] = {
    **{column.fills.split(".")[-1]: column.heading for column in COLUMNS.all},
    "venue": "Commune",
}


def _cell(cells: Sequence[str], index: int) -> str:
    return cells[index] if index < len(cells) else ""


def _unfit(text: str) -> str | None:
    if _ERROR.fullmatch(text):
        return BROKEN
    return TOO_LONG.format(most=MOST_IN_A_CELL) if len(text) > MOST_IN_A_CELL else None


def _fill(row: RowRead, one: Placed, text: str) -> None:
    try:
        value = one.column.reads(text)
    except Unreadable as wanted:
        row.faults.append(_fault(one, text, str(wanted)))
        return
    if one.column.fills == "venue.postcode":
        value = _whole_postcode(row, value)
    *outer, last = one.column.fills.split(".")
    inside = row.draft
    for name in outer:
        inside = inside.setdefault(name, {})
    inside[last] = value


def _whole_postcode(row: RowRead, text: str) -> str:
    """« 1000 », from which a spreadsheet has cut the zero, is 01000."""
    plain_text = digits(re.sub(r"[\s\u00a0\u202f]", "", text))
    if re.fullmatch(r"\d{4}", plain_text) and department_of(f"0{plain_text}"):
        row.notes.append(f"Code postal lu 0{plain_text} : le tableur avait retiré le zéro.")
        return f"0{plain_text}"
    return plain_text if plain_text.isdigit() else text


def _openings(row: RowRead, when: Sequence[tuple[Placed, str]], year: int) -> Iterator[Opening]:
    last_days: list[date] = []
    for group in sorted({one.group for one, _ in when}):
        cells = {
            one.column.fills: (one, text) for one, text in when if one.group == group and one.column.fills != SLOTS
        }
        if cells:
            found, days = _of_group(row, cells, year, last_days)
            last_days = days or last_days
            yield from found
        for one, text in when:
            if one.group == group and one.column.fills == SLOTS:
                yield from _try(row, one, text, partial(_of_slots, text, year, last_days)) or []


def _of_slots(text: str, year: int, days: Sequence[date]) -> list[Opening]:
    """« 18/11 9h-12h et 14h-17h ; 19/11 9h-12h »; hours without a day are of the day before them."""
    found: list[Opening] = []
    for one in read_moments(text, year):
        days = one.days or days
        if not days:
            raise Unreadable(A_DAY)
        if not one.hours:
            raise Unreadable(A_PAIR)
        found += openings(days, one.pairs())
    if not found:
        raise Unreadable(A_PAIR)
    return found


def _of_group(
    row: RowRead, cells: Mapping[str, tuple[Placed, str]], year: int, before: Sequence[date]
) -> tuple[list[Opening], list[date]]:
    """The openings of one set of columns, and its days; a set without a day is of the days of the set before it."""
    first_at, last_at = (_instant(cells, fills, year) for fills in (STARTS, ENDS))
    if first_at and last_at:  # « 17/11/2026 09:00 » and « 17/11/2026 12:00 », each with its day
        return [opening(*first_at, *last_at)], [first_at[0]]
    days = _days(row, cells, year, first_at)
    if days is None:
        return [], []
    if isinstance(days, tuple):  # the day's cell says the hours too
        return list(days), [one.starts.date() for one in days]
    days = days or list(before)
    pairs = _pairs(row, cells, first_at, last_at)
    if not days and pairs:
        row.faults.append(_fault(*next(iter(cells.values())), A_DAY))
        return [], []
    if days and pairs is not None and not pairs:
        row.faults.append(_fault(*(cells.get(DAY) or next(iter(cells.values()))), A_PAIR))
    return openings(days, pairs or []), days


def _instant(cells: Mapping[str, tuple[Placed, str]], fills: str, year: int) -> tuple[date, time] | None:
    """A cell that says one day and one hour."""
    if fills not in cells:
        return None
    try:
        found = read_moments(cells[fills][1], year)
    except Unreadable:
        return None
    if len(found) == 1 and len(found[0].days) == 1 and len(found[0].hours) == 1:
        return found[0].days[0], found[0].hours[0]
    return None


def _days(
    row: RowRead, cells: Mapping[str, tuple[Placed, str]], year: int, first_at: tuple[date, time] | None
) -> list[date] | tuple[Opening, ...] | None:
    """The days; or, where the day's cell has hours too, the openings; None where they are not readable."""
    if DAY not in cells:
        return [first_at[0]] if first_at else []
    one, text = cells[DAY]
    if not {STARTS, ENDS, HOURS} & cells.keys():
        found = _try(row, one, text, lambda: _with_hours(text, year))
        return found if found is None or isinstance(found, tuple) else list(found)
    days: list[date] | None = _try(row, one, text, lambda: _days_alone(text, year))
    if days and LAST_DAY in cells:
        last, last_text = cells[LAST_DAY]
        until = _try(row, last, last_text, lambda: _days_alone(last_text, year))
        return _try(row, last, last_text, lambda: days_between(days[0], until[-1])) if until else None
    return days


def _with_hours(text: str, year: int) -> list[date] | tuple[Opening, ...]:
    found = read_moments(text, year)
    return tuple(_of_slots(text, year, ())) if any(one.hours for one in found) else read_days(text, year)


def _days_alone(text: str, year: int) -> list[date]:
    """A spreadsheet's day may come with its midnight: « 17/11/2026 00:00 »."""
    return read_days(re.sub(r"[ T]00:00(?::00)?$", "", text.strip()), year)


def _pairs(
    row: RowRead,
    cells: Mapping[str, tuple[Placed, str]],
    first_at: tuple[date, time] | None,
    last_at: tuple[date, time] | None,
) -> list[tuple[time, time]] | None:
    """The hours, two by two; None where they are not readable, and that is told."""
    if HOURS in cells:
        return _try(row, *cells[HOURS], lambda: read_spans(cells[HOURS][1]))
    if STARTS in cells and ENDS not in cells:
        one, text = cells[STARTS]
        return _try(row, one, text, lambda: read_spans(text))  # « 9h-12h » under « Heure »
    starts = [first_at[1]] if first_at else _hours(row, cells, STARTS)
    ends = [last_at[1]] if last_at else _hours(row, cells, ENDS)
    if starts is None or ends is None:
        return None
    if len(starts) != len(ends):
        row.faults.append(_fault(*cells.get(ENDS, next(iter(cells.values()))), A_PAIR))
        return None
    return list(zip(starts, ends, strict=True))


def _hours(row: RowRead, cells: Mapping[str, tuple[Placed, str]], fills: str) -> list[time] | None:
    if fills not in cells:
        return []
    one, text = cells[fills]
    found: list[time] | None = _try(row, one, text, lambda: read_hours(text))
    return found


def _try(row: RowRead, one: Placed, text: str, read: Callable[[], T]) -> T | None:
    try:
        return read()
    except Unreadable as wanted:
        row.faults.append(_fault(one, text, str(wanted)))
        return None


def _fault(one: Placed, text: str, message: str) -> CellFault:
    return CellFault(column=one.index, heading=one.heading, read=shown(text), message=message)
