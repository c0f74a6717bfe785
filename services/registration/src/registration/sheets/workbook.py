"""XLSX: the sheet of events out of a workbook, with what the library does not tell of it."""

from __future__ import annotations

import html
import itertools
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetMetadata, SheetVisibleEnum

from backbone.campaign.typography import counted

from ..domain.sheet_headings import LOOKED_AT, Layout, find_headings, score
from .bounds import (
    BROKEN,
    MOST_CELLS,
    MOST_UNPACKED,
    NO_HEADINGS,
    ONLY_HIDDEN,
    OTHER_OFFICE,
    RIVALS,
    TOO_LARGE,
    TOO_WIDE,
    SheetRefused,
)

_READ = re.compile(
    r"xl/(?:worksheets/[^/]+\.xml|sharedStrings\.xml|styles\.xml|workbook\.xml|_rels/workbook\.xml\.rels)"
)
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_CELL = re.compile(rb"<(?:\w+:)?c\s(?:[^>]*?\s)?r=\"([A-Z]{1,3})(\d{1,7})\"(?:[^>]*[^/>])?>")
_ERROR = re.compile(
    rb"<(?:\w+:)?c\s(?=[^>]*\bt=\"e\")[^>]*?\br=\"([A-Z]{1,3})(\d{1,7})\"[^>]*>(?:<(?:\w+:)?f[^>]*>[^<]*</[^>]*>|<(?:\w+:)?f[^>]*/>)?"
    rb"<(?:\w+:)?v>([^<]{1,20})<"
)
_NEVER_COUNTED = re.compile(
    rb"<(?:\w+:)?c\s[^>]*?\br=\"([A-Z]{1,3})(\d{1,7})\"[^>]*><(?:\w+:)?f[^>]*>[^<]*</(?:\w+:)?f>(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</"
)
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s(?=[^>]*\bhidden=\"(?:1|true)\")[^>]*?\br=\"(\d{1,7})\"")
_CHUNK, _OVERLAP = 1 << 20, 1 << 13
_MOST_NOTED = 20_000


@dataclass
class Scan:
    """What a sheet's own text says: its last cell that holds something, its errors, the rows that are not shown."""

    rows: int = 0
    columns: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    """By row and column, from 0."""
    hidden: set[int] = field(default_factory=set)

    @property
    def is_too_wide(self) -> bool:
        """Whether the library would lay out more than there is room for."""
        return self.rows * self.columns > MOST_CELLS


@dataclass(frozen=True)
class Chosen:
    """The sheet of events, and its headings."""

    name: str
    sheet: CalamineSheet
    scan: Scan
    layout: Layout
    is_hidden: bool
    has_rivals: bool = False
    """Whether another sheet that is shown has headings too."""


def read_workbook(path: Path) -> tuple[str, list[str], Iterator[tuple[int, list[str]]]]:
    """The name of the sheet, what is said of it, and its rows. Raises SheetRefused."""
    scans = _scan(path)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        chosen = _choose(workbook, scans)
    except CalamineError as error:
        raise SheetRefused(BROKEN) from error
    notices = [RIVALS.format(sheet=chosen.name)] if chosen.has_rivals else []
    if count := sum(row > chosen.layout.row for row in chosen.scan.hidden):
        rows, are_read = counted(count, "ligne", "masquée"), "sont lues" if count > 1 else "est lue"
        notices.append(f"{rows} dans le tableur {are_read} aussi.")
    return chosen.name, notices, _rows(chosen)


def _choose(workbook: CalamineWorkbook, scans: dict[str, Scan]) -> Chosen:
    """Among the sheets that are shown, that whose headings are recognised best. Raises SheetRefused."""
    found = [one for about in workbook.sheets_metadata if (one := _look(workbook, about, scans.get(about.name)))]
    if found:
        best = max(found, key=lambda one: (not one.is_hidden, score(one.layout)))
        if best.is_hidden:
            raise SheetRefused(ONLY_HIDDEN.format(sheet=best.name))
        return replace(best, has_rivals=sum(not one.is_hidden for one in found) > 1)
    for name, scan in scans.items():
        if scan.is_too_wide:
            raise SheetRefused(TOO_WIDE.format(sheet=name, row=scan.rows, column=scan.columns))
    raise SheetRefused(NO_HEADINGS)


def _look(workbook: CalamineWorkbook, about: SheetMetadata, scan: Scan | None) -> Chosen | None:
    if scan is None or scan.is_too_wide:
        return None
    sheet = workbook.get_sheet_by_name(about.name)
    layout = find_headings(itertools.islice(_cells(sheet, scan), LOOKED_AT))
    is_hidden = about.visible != SheetVisibleEnum.Visible
    return Chosen(about.name, sheet, scan, layout, is_hidden) if layout else None


def _rows(chosen: Chosen) -> Iterator[tuple[int, list[str]]]:
    """The rows; what was written once for several, one below the other, is in each of them."""
    below = sorted((first, last) for first, last in chosen.sheet.merged_cell_ranges or () if last[0] > first[0])
    written: dict[int, tuple[int, str]] = {}  # by column: until which row, and what
    for number, cells in _cells(chosen.sheet, chosen.scan):
        while below and below[0][0][0] <= number - 1:
            (row, column), (last, _) = below.pop(0)
            if row == number - 1 and row >= chosen.layout.row and column < len(cells):
                written[column] = (last, cells[column])
        for column, (last, text) in written.items():
            if number - 1 <= last and any(cells):
                cells[column] = text
        yield number, cells


def _cells(sheet: CalamineSheet, scan: Scan) -> Iterator[tuple[int, list[str]]]:
    errors: dict[int, list[tuple[int, str]]] = {}
    for (row, column), text in scan.errors.items():
        errors.setdefault(row, []).append((column, text))
    for row, values in enumerate(sheet.iter_rows()):
        cells = [value if isinstance(value, str) else as_text(value) for value in values]
        for column, text in errors.get(row, ()):
            cells += [""] * (column + 1 - len(cells))
            cells[column] = text
        yield row + 1, cells


def as_text(value: Any) -> str:
    """What a cell holds, as a person in France would have written it."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}" if value.year > 1904 else f"{value:%H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60:02}:{minutes % 60:02}"
    return str(value)


# --- what the library does not tell ------------------------------------------------------------


def _scan(path: Path) -> dict[str, Scan]:
    """Of each sheet, by its name. Each part that the library will unpack is unpacked here first, bit by bit."""
    try:
        with zipfile.ZipFile(path) as packed:
            parts = [one for one in packed.infolist() if _READ.fullmatch(one.filename)]
            if "xl/workbook.xml" not in {one.filename for one in parts}:
                raise SheetRefused(OTHER_OFFICE)
            if sum(one.file_size for one in parts) > MOST_UNPACKED or len({one.filename for one in parts}) < len(parts):
                raise SheetRefused(TOO_LARGE)
            names = _names(packed)
            scans = {one.filename: _scan_part(packed, one.filename) for one in parts}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, KeyError) as error:
        raise SheetRefused(BROKEN) from error
    return {name: scans[part] for name, part in names.items() if part in scans}


def _names(packed: zipfile.ZipFile) -> dict[str, str]:
    """Which part of the package is which sheet."""
    targets = {}
    for tag in _RELATION.findall(packed.read("xl/_rels/workbook.xml.rels")):
        target = _attribute(tag, "Target").lstrip("/")
        targets[_attribute(tag, "Id")] = target if target.startswith("xl/") else f"xl/{target}"
    found = _SHEET.findall(packed.read("xl/workbook.xml"))
    return {_attribute(tag, "name"): targets.get(_attribute(tag, r"\w+:id"), "") for tag in found}


def _attribute(tag: bytes, name: str) -> str:
    found = re.search(rf"\s{name}=\"([^\"]*)\"", tag.decode("utf-8", "replace"))
    return html.unescape(found[1]) if found else ""


def _scan_part(packed: zipfile.ZipFile, name: str) -> Scan:
    scan, kept = Scan(), b""
    with packed.open(name) as part:
        while chunk := part.read(_CHUNK):
            if "worksheets" in name:
                _note(scan, kept + chunk)
                kept = chunk[-_OVERLAP:]
    return scan


def _note(scan: Scan, text: bytes) -> None:
    cells = _CELL.findall(text)
    if cells:
        scan.rows = max(scan.rows, max(int(row) for _, row in cells))
        scan.columns = max(scan.columns, max(_column(name) for name in {name for name, _ in cells}) + 1)
    if len(scan.errors) < _MOST_NOTED:
        for name, row, value in _ERROR.findall(text):
            scan.errors[int(row) - 1, _column(name)] = value.decode("utf-8", "replace")
        for name, row in _NEVER_COUNTED.findall(text):
            scan.errors[int(row) - 1, _column(name)] = "#CALC!"
    if len(scan.hidden) < _MOST_NOTED:
        scan.hidden.update(int(row) for row in _HIDDEN_ROW.findall(text))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


__all__: Sequence[str] = ["as_text", "read_workbook"]
