"""What is written for spreadsheets: the template, and the report of an upload. A text that a spreadsheet would take for
a formula is written so that it stays one."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

import xlsxwriter

from backbone.campaign.dates import in_full, period
from backbone.campaign.edition import Edition

from ..domain.sheet_columns import COLUMNS, EXAMPLE, REPORT, Column, columns_of
from .bounds import MOST_ROWS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
_IN_MEMORY = 1 << 20  # bytes of what is written; what is larger lies on the disk
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "dd/mm/yyyy",
}
_FORMULA = re.compile(r"[=+\-@\t\r]")
_LONGEST = 32_767  # characters in a cell, to Excel
EVENTS, HELP, LISTS, ABSENT = "Événements", "Mode d’emploi", "Listes", "Absents du fichier"


@dataclass(frozen=True)
class ReportRow:
    """A row of a report. `faults`: by column (None: of the whole row), in French; `said`: what its last cell says."""

    number: int
    cells: Sequence[str]
    faults: Sequence[tuple[int | None, str]]
    said: Sequence[str]
    outlook: str


class WorkbookReport:
    """A report as a workbook: a cell with a fault is coloured and has it as a comment; the last column says it all."""

    def __init__(self, headings: Sequence[str]) -> None:
        self._file = _file()
        self._book = xlsxwriter.Workbook(self._file, _OPTIONS)
        self._sheet = self._book.add_worksheet(EVENTS)
        self._last, self._columns = _places(headings)
        self._text = self._book.add_format({"num_format": "@", "valign": "top"})
        self._guarded = self._book.add_format({"num_format": "@", "valign": "top", "quote_prefix": True})
        wrong = {"num_format": "@", "valign": "top", "bg_color": "#FCE4E4", "font_color": "#8A1010", "border": 1}
        self._wrong = self._book.add_format({**wrong, "border_color": "#C9191E"})
        self._wrong_guarded = self._book.add_format({**wrong, "border_color": "#C9191E", "quote_prefix": True})
        self._wrapped = self._book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        head = self._book.add_format({"bold": True, "bg_color": "#E3E3FD", "text_wrap": True, "valign": "top"})
        self._sheet.set_column(0, max(0, self._last - 1), 22)
        self._sheet.set_column(self._last, self._last, 70)
        self._sheet.freeze_panes(1, 0)
        for column in self._columns:
            self._sheet.write_string(0, column, headings[column][:_LONGEST], head)
        self._sheet.write_string(0, self._last, COLUMNS.filling(REPORT).heading, head)
        self._row = 0

    def add(self, rows: Sequence[ReportRow]) -> None:
        """Writes the next rows."""
        for row in rows:
            self._row += 1
            wrong: dict[int, list[str]] = {}
            for column, message in row.faults:
                wrong.setdefault(self._last if column is None else column, []).append(message)
            for column in self._columns:
                text = row.cells[column] if column < len(row.cells) else ""
                if text or column in wrong:
                    self._write(column, text, is_wrong=column in wrong)
                if column in wrong:
                    self._sheet.write_comment(
                        self._row, column, "\n".join(wrong[column]), {"x_scale": 2, "y_scale": 1.2}
                    )
            self._sheet.write_string(self._row, self._last, "\n".join(row.said)[:_LONGEST], self._wrapped)

    def _write(self, column: int, text: str, *, is_wrong: bool) -> None:
        is_formula = bool(_FORMULA.match(text))
        plain, guarded = (self._wrong, self._wrong_guarded) if is_wrong else (self._text, self._guarded)
        style = guarded if is_formula else plain
        if text:
            self._sheet.write_string(self._row, column, text[:_LONGEST], style)
        else:
            self._sheet.write_blank(self._row, column, None, style)

    def finish(self, about: Sequence[str], absent: Sequence[tuple[str, str, str]]) -> IO[bytes]:
        """The whole of it, from its first byte. `absent`: events that the file lacks: reference, title, state."""
        _lines(self._book, HELP, [(line,) for line in about], widths=(110,))
        if absent:
            _lines(self._book, ABSENT, [("Référence", "Titre", "État"), *absent], widths=(20, 60, 12))
        return _ended(self._book, self._file)


class CsvReport:
    """The same as CSV, as Excel opens it: UTF-8 with its mark, semicolons."""

    def __init__(self, headings: Sequence[str]) -> None:
        self._file = _file()
        self._text = io.TextIOWrapper(self._file, encoding="utf-8-sig", newline="", write_through=True)
        self._csv = csv.writer(self._text, delimiter=";", lineterminator="\r\n")
        self._last, self._columns = _places(headings)
        self._write([headings[column] for column in self._columns], COLUMNS.filling(REPORT).heading)

    def add(self, rows: Sequence[ReportRow]) -> None:
        """Writes the next rows."""
        for row in rows:
            cells = [row.cells[column] if column < len(row.cells) else "" for column in self._columns]
            self._write(cells, " ".join(row.said))

    def _write(self, cells: Sequence[str], said: str) -> None:
        written = [*map(guarded, cells)]
        written.insert(self._last, guarded(said))
        self._csv.writerow(written)

    def finish(self, about: Sequence[str], absent: Sequence[tuple[str, str, str]]) -> IO[bytes]:
        """The whole of it, from its first byte."""
        del about, absent  # a CSV is one sheet, which is uploaded again
        self._text.flush()
        self._text.detach()
        self._file.seek(0)
        return self._file


def guarded(text: str) -> str:
    """The text behind an apostrophe if a spreadsheet would take it for a formula: the reading takes it away again."""
    return f"'{text}" if _FORMULA.match(text) else text


def template_as_workbook(edition: Edition) -> IO[bytes]:
    """The template: its headings, an example, lists to choose from, and a sheet that explains."""
    columns = columns_of(edition.themes).offered
    file = _file()
    book = xlsxwriter.Workbook(file, {**_OPTIONS, "constant_memory": False})
    sheet = book.add_worksheet(EVENTS)
    _head(book, sheet, columns)
    _help(book, edition, columns)
    _lists(book, sheet, columns)
    return _ended(book, file)


def template_as_csv(edition: Edition) -> IO[bytes]:
    """The headings and the example, as Excel opens them."""
    columns = columns_of(edition.themes).offered
    text = io.StringIO(newline="")
    written = csv.writer(text, delimiter=";", lineterminator="\r\n")
    written.writerow([column.heading for column in columns])
    written.writerow([column.example for column in columns])
    return io.BytesIO(text.getvalue().encode("utf-8-sig"))


def _head(book: Any, sheet: Any, columns: Sequence[Column]) -> None:
    needed = book.add_format(
        {"bold": True, "bg_color": "#000091", "font_color": "#FFFFFF", "text_wrap": True, "valign": "top"}
    )
    other = book.add_format({"bold": True, "bg_color": "#E3E3FD", "text_wrap": True, "valign": "top"})
    text, grey = (
        book.add_format({"num_format": "@"}),
        book.add_format({"num_format": "@", "font_color": "#777777", "italic": True}),
    )
    for place, column in enumerate(columns):
        # as text: a spreadsheet takes no zero from a postcode then, and makes no date of « 9h »
        sheet.set_column(place, place, column.width, text)
        sheet.write_string(0, place, column.heading, needed if column.is_needed else other)
        sheet.write_comment(0, place, column.about, {"x_scale": 2})
        sheet.write_string(1, place, column.example, grey)
    sheet.freeze_panes(1, 0)


def _lists(book: Any, sheet: Any, columns: Sequence[Column]) -> None:
    lists = book.add_worksheet(LISTS)
    lists.hide()
    for place, column in enumerate(columns):
        if column.choices is None:
            continue
        words = list(column.choices.words.values())
        lists.write_string(0, place, column.heading)
        for row, word in enumerate(words, 1):
            lists.write_string(row, place, word)
        letter = xlsxwriter.utility.xl_col_to_name(place, col_abs=True)
        is_one = column.fills not in ("audiences", "accessibility", "themes")
        said = {
            "validate": "list",
            "source": f"='{LISTS}'!{letter}$2:{letter}${len(words) + 1}",
            "input_title": column.heading[:32],
            "input_message": column.about[:255],
            "error_title": column.heading[:32],
            "error_message": "Choisissez dans la liste.",
            # of several, only the first can be chosen: the others are typed behind it
            "error_type": "stop" if is_one else "information",
            "show_error": is_one,
        }
        sheet.data_validation(1, place, MOST_ROWS, place, said)


def _help(book: Any, edition: Edition, columns: Sequence[Column]) -> None:
    week = period(edition.week.first, edition.week.last)
    lines: list[tuple[str, ...]] = [
        (f"La Semaine de l’industrie {edition.name} : déposer plusieurs événements à la fois",),
        (f"La Semaine a lieu {week}. Les événements se déposent jusqu’au {in_full(edition.registration.last_day)}.",),
        ("Une ligne par événement, dans la feuille « Événements ». Les colonnes en bleu foncé sont nécessaires.",),
        (f"La ligne dont la référence est « {EXAMPLE} » est un exemple : elle n’est pas lue.",),
        ("Les colonnes peuvent changer d’ordre ; celles dont vous n’avez pas besoin peuvent être supprimées.",),
        ("Le fichier est d’abord vérifié : rien n’est enregistré avant que vous ne le demandiez.",),
        ("Vous pouvez envoyer le fichier à nouveau : une même référence est un même événement.",),
        (f"{MOST_ROWS:,} lignes et 50 Mo au plus.".replace(",", "\u202f"),),
        ("",),
        ("Colonne", "Nécessaire", "Ce qu’elle contient", "Valeurs possibles"),
    ]
    for column in columns:
        choices = " ; ".join(column.choices.words.values()) if column.choices else ""
        lines.append((column.heading, "oui" if column.is_needed else "", column.about, choices))
    _lines(book, HELP, lines, widths=(26, 12, 80, 80))


def _lines(book: Any, name: str, lines: Sequence[Sequence[str]], *, widths: Sequence[int]) -> None:
    sheet, text = (
        book.add_worksheet(name),
        book.add_format({"num_format": "@", "valign": "top", "text_wrap": len(widths) > 1}),
    )
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    for row, cells in enumerate(lines):
        for column, cell in enumerate(cells):
            sheet.write_string(row, column, cell[:_LONGEST], text)


def _places(headings: Sequence[str]) -> tuple[int, list[int]]:
    """Where the report stands: in the column of an earlier one, or behind all; and the other columns."""
    report = COLUMNS.filling(REPORT).heading
    last = next((place for place, heading in enumerate(headings) if heading == report), len(headings))
    return last, [place for place in range(len(headings)) if place != last]


def _file() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(_IN_MEMORY)


def _ended(book: Any, file: IO[bytes]) -> IO[bytes]:
    book.close()
    file.seek(0)
    return file
