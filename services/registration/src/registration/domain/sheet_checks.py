"""A row held against the rules of one event: what is wrong with it, in its cells. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backbone.campaign.edition import Edition

from .checking import Checked, check
from .kept import Kept, carried_on, kept_of
from .missing import Missing
from .privacy import Author, Disclosure
from .sheet_columns import MOMENTS
from .sheet_faults import CellFault, shown
from .sheet_headings import Layout
from .sheet_rows import RowRead, in_words_of_a_sheet, place_of, unguarded
from .sheet_upload import Change, Outlook, merged

OF_ANOTHER_EDITION = (
    "Cette référence est celle d’un événement de l’édition {edition}, qui est close : donnez-en une autre à celui-ci."
)
TWICE = "Cette référence est déjà à la ligne {row} : donnez à chaque événement la sienne."


@dataclass
class Judged:
    """A row, its draft as it would be kept, and all that is wrong with it."""

    draft: dict[str, Any] | None
    outlook: Outlook
    change: Change
    faults: list[CellFault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


Say = Callable[[Sequence[Mapping[str, Any]]], list[dict[str, str]]]
"""Pydantic's errors as fields and sentences in French."""


def judge_row(
    layout: Layout, cells: Sequence[str], row: RowRead, before: Kept | None, author: Author, edition: Edition, say: Say
) -> Judged:
    """The row by the same checks as one event; `before`: the draft that there is of it already."""
    given = merged(row.draft, before, {_root(one.column.fills) for one in layout.placed})
    given["organisation"] = given.get("organisation") or author.organisation
    checked = check(given, author, edition)
    wrong = [*row.faults, *(_at(layout, cells, one["field"], one["message"]) for one in say(checked.faults))]
    faults = [*wrong, *_lacks(layout, cells, checked, wrong)]
    faults += [_at(layout, cells, one.field, one.message) for one in checked.questions]
    if wrong:
        return Judged(None, Outlook.FAULTY, Change.NEW, faults, row.notes)
    draft = carried_on(checked.draft, before) if before else checked.draft
    kept = kept_of(draft)
    change = Change.NEW if before is None else Change.UNCHANGED if kept == before else Change.CHANGED
    return Judged(kept, _outlook(checked), change, faults, row.notes)


def _root(fills: str) -> str:
    return "slots" if fills in MOMENTS else fills


def _outlook(checked: Checked) -> Outlook:
    if not checked.is_whole:
        return Outlook.INCOMPLETE
    return Outlook.TO_CONFIRM if checked.questions else Outlook.READY


def _lacks(layout: Layout, cells: Sequence[str], checked: Checked, wrong: Sequence[CellFault]) -> list[CellFault]:
    """What is missing or disclosed; nothing of a cell that is told of already."""
    told = {fault.column for fault in wrong if fault.column is not None}
    said: list[Missing | Disclosure] = [*checked.missing, *checked.disclosures]
    found = [_at(layout, cells, one.field, one.message) for one in said]
    return [fault for fault in found if fault.column is None or fault.column not in told]


def _at(layout: Layout, cells: Sequence[str], path: str, message: str) -> CellFault:
    one = place_of(layout, path)
    if one is None:
        return CellFault(message=in_words_of_a_sheet(message))
    read = unguarded(cells[one.index]) if one.index < len(cells) else ""
    return CellFault(column=one.index, heading=one.heading, read=shown(read), message=in_words_of_a_sheet(message))
