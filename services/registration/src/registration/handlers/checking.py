"""An upload is read and held against the rules of one event, row by row; nothing is done with it yet."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from backbone.http.problems import field_errors
from backbone.runtime.failpoints import failpoint

from .. import store
from ..desk import Desk
from ..domain.privacy import Author
from ..domain.sheet_checks import OF_ANOTHER_EDITION, TWICE, judge_row
from ..domain.sheet_columns import columns_of
from ..domain.sheet_faults import CellFault, shown
from ..domain.sheet_headings import Layout, is_whole
from ..domain.sheet_rows import RowRead, read_row, stable_key
from ..domain.sheet_upload import UploadState, event_of, lacking
from ..sheets.bounds import SheetRefused
from ..sheets.reader import Reading, reading
from ..store import uploads
from ..store.uploads import Upload
from .assessing import assess_rows
from .events import author_of

AT_ONCE = 100
"""Rows that are in memory, and written in one transaction."""
AN_EXAMPLE = "La ligne d’exemple du modèle n’est pas un événement : elle n’est pas lue."

Numbered = tuple[int, list[str]]


@dataclass
class Pass:
    """One going through the rows of a file."""

    upload: Upload
    layout: Layout
    author: Author
    written: int
    """The last row that is written: a worker that died had come so far."""
    seen: dict[str, int] = field(default_factory=dict)
    """In which row each reference stands."""
    alike: Counter[str] = field(default_factory=Counter)
    """How many rows without a reference say the same of themselves."""
    has_example: bool = False


@dataclass
class Read:
    """A row, and which event it is."""

    number: int
    cells: list[str]
    row: RowRead
    event_id: UUID
    is_again: int | None = None
    """The row that has its reference already."""


async def check_upload(desk: Desk, upload_id: UUID) -> None:
    """Reads the file, judges each row, and keeps what there is to say of it."""
    async with desk.engine.connect() as tx:
        upload = await uploads.upload_by_id(tx, upload_id)
        account = await store.account_by_id(tx, upload.account_id) if upload else None
    if upload is None or account is None or upload.state != UploadState.RECEIVED:
        return
    with TemporaryDirectory(prefix="upload-") as folder:
        path = Path(folder) / "file"
        await _unpack(desk, upload_id, path)
        try:
            columns = columns_of(desk.edition.themes)
            async with reading(path, columns, mebibytes=desk.upload_mebibytes) as file:
                notices = await _go_through(desk, upload, author_of(account), file)
        except SheetRefused as refused:
            await _refuse(desk, upload_id, str(refused))
            return
    notices += await assess_rows(desk, upload)
    async with desk.engine.begin() as tx:
        await uploads.change_upload(tx, upload_id, state=UploadState.CHECKED, notices=notices)
        await uploads.forget_parts(tx, upload_id)


async def _unpack(desk: Desk, upload_id: UUID, path: Path) -> None:
    async with desk.engine.connect() as tx:
        with path.open("wb") as file:
            async for part in uploads.parts_of(tx, upload_id):
                await asyncio.to_thread(file.write, part)


async def _refuse(desk: Desk, upload_id: UUID, why: str) -> None:
    async with desk.engine.begin() as tx:
        await uploads.change_upload(tx, upload_id, state=UploadState.UNREADABLE, problem=why)
        await uploads.forget_rows(tx, upload_id)
        await uploads.forget_parts(tx, upload_id)


async def _go_through(desk: Desk, upload: Upload, author: Author, file: Reading) -> list[str]:
    notices = [*file.notices, *file.layout.notices(), *lacking(is_whole(file.layout))]
    about = {"headings": list(file.layout.headings), "heading_row": file.layout.row, "sheet": file.sheet}
    async with desk.engine.begin() as tx:
        await uploads.change_upload(tx, upload.id, **about, notices=notices)
        names = await uploads.names_of_rows(tx, upload.id)
    going = Pass(upload, file.layout, author, names[-1][0] if names else 0)
    async for lot in _lots(file.rows()):
        await _check_lot(desk, going, lot)
        failpoint("in-upload-check")
    return [*notices, AN_EXAMPLE] if going.has_example else notices


async def _lots(rows: AsyncIterator[Numbered]) -> AsyncIterator[list[Numbered]]:
    lot: list[Numbered] = []
    async for row in rows:
        lot.append(row)
        if len(lot) == AT_ONCE:
            yield lot
            lot = []
    if lot:
        yield lot


async def _check_lot(desk: Desk, going: Pass, lot: Sequence[Numbered]) -> None:
    # in a thread: so many texts take their time, and others ask meanwhile
    read = [one for one in await asyncio.to_thread(_read, desk, going, lot) if one.number > going.written]
    references = [one.row.external_id for one in read if one.row.external_id]
    async with desk.engine.begin() as tx:
        upload, ids = going.upload, [one.event_id for one in read]
        known, named = await uploads.known_events(tx, upload.organisation_id, ids, references)
        for one in read:
            one.event_id = named.get(one.row.external_id or "", one.event_id)
            _hold_against_edition(going, one, known.get(one.event_id), desk.edition.name)
        before = {event_id: event.draft for event_id, event in known.items()}
        await uploads.add_rows(tx, upload.id, await asyncio.to_thread(_judged, desk, going, read, before))


def _read(desk: Desk, going: Pass, lot: Sequence[Numbered]) -> list[Read]:
    """The rows of a lot, and which event each is: by its reference, or by what it says of itself."""
    found = []
    for number, cells in lot:
        row = read_row(going.layout, cells, desk.edition.week.first.year)
        if row.is_example:
            going.has_example = True
            continue
        named = {"organisation": going.author.organisation} | row.draft
        content, key = stable_key(named, going.alike)
        again = going.seen.get(row.external_id) if row.external_id else None
        if row.external_id is None:
            going.alike[content] += 1
        elif again is None:
            going.seen[row.external_id] = number
        organisation_id = going.upload.organisation_id
        event_id = event_of(organisation_id, desk.edition.name, row.external_id, key)
        found.append(Read(number, cells, row, event_id, again))
    return found


def _hold_against_edition(going: Pass, one: Read, known: uploads.Known | None, edition: str) -> None:
    if known and known.edition not in ("", edition):
        _find_fault(going, one, OF_ANOTHER_EDITION.format(edition=known.edition))


def _find_fault(going: Pass, one: Read, message: str) -> None:
    """A fault of the row's reference."""
    place = going.layout.of("external_id")
    heading, column = (place.heading, place.index) if place else (None, None)
    read = shown(one.row.external_id or "")
    one.row.faults.append(CellFault(column=column, heading=heading, read=read, message=message))


def _judged(desk: Desk, going: Pass, read: Sequence[Read], before: dict[UUID, Any]) -> list[dict[str, Any]]:
    return [_judge(desk, going, one, before.get(one.event_id)) for one in read]


def _judge(desk: Desk, going: Pass, one: Read, before: dict[str, Any] | None) -> dict[str, Any]:
    if one.is_again is not None:
        _find_fault(going, one, TWICE.format(row=one.is_again))
    found = judge_row(going.layout, one.cells, one.row, before, going.author, desk.edition, field_errors)
    return {
        "number": one.number,
        "cells": one.cells,
        "external_id": one.row.external_id,
        "event_id": one.event_id,
        "draft": found.draft,
        "faults": [fault.model_dump(mode="json") for fault in found.faults],
        "notes": found.notes,
        "outlook": found.outlook.value,
        "change": found.change.value,
    }
