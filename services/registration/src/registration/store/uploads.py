"""The questions asked of uploads: files of events, their rows, and which events came of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    delete,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from backbone.http.paging import Place
from backbone.postgres.database import Tx
from backbone.postgres.purge import Purge, older

from ..domain.sheet_upload import KEPT_DAYS, Assessed, Outlook, UploadState
from ..domain.story import State
from .tables import events, members, upload_parts, upload_rows, uploaded_events, uploads

UNDER_WAY = (UploadState.RECEIVED.value, UploadState.APPLYING.value)


class Upload(NamedTuple):
    """An upload as it is stored."""

    id: UUID
    account_id: UUID
    organisation_id: UUID
    filename: str
    series: str
    size: int
    state: str
    problem: str | None
    sheet: str | None
    headings: Sequence[str]
    heading_row: int
    notices: Sequence[str]
    application: dict[str, Any] | None
    created_at: datetime


class UploadRow(NamedTuple):
    """A row of an upload as it is stored."""

    number: int
    cells: Sequence[str]
    external_id: str | None
    event_id: UUID
    draft: dict[str, Any] | None
    faults: Sequence[dict[str, Any]]
    notes: Sequence[str]
    outlook: str
    change: str
    assessment: str | None
    outcome: str | None
    said: str | None


class Absent(NamedTuple):
    """An event of an earlier file of the series that a file has no row for."""

    event_id: UUID
    external_id: str | None
    title: str
    is_submitted: bool


_UPLOAD = select(*(uploads.c[name] for name in Upload._fields))
_ROW = select(*(upload_rows.c[name] for name in UploadRow._fields))


async def add_upload(tx: Tx, upload: dict[str, Any]) -> None:
    """Writes a new upload, whose bytes come."""
    await tx.execute(insert(uploads).values(upload))


async def add_part(tx: Tx, upload_id: UUID, number: int, content: bytes) -> None:
    """Keeps the next of its bytes."""
    await tx.execute(insert(upload_parts).values(upload_id=upload_id, number=number, content=content))


async def parts_of(tx: Tx, upload_id: UUID) -> AsyncIterator[bytes]:
    """Its bytes, in their order, some at a time."""
    question = select(upload_parts.c.content).where(upload_parts.c.upload_id == upload_id).order_by("number")
    async for (content,) in await tx.stream(question.execution_options(yield_per=4)):
        yield content


async def forget_parts(tx: Tx, upload_id: UUID) -> None:
    """Its bytes are not needed any more: its rows are kept."""
    await tx.execute(delete(upload_parts).where(upload_parts.c.upload_id == upload_id))


async def count_under_way(tx: Tx, account_id: UUID) -> int:
    """How many uploads of the account wait or are worked on."""
    is_one = (uploads.c.account_id == account_id) & uploads.c.state.in_(UNDER_WAY)
    return await tx.scalar(select(func.count()).select_from(uploads).where(is_one)) or 0


async def upload_by_id(tx: Tx, upload_id: UUID, *, lock: bool = False) -> Upload | None:
    """The upload, whosever it is."""
    question = _UPLOAD.where(uploads.c.id == upload_id)
    row = (await tx.execute(question.with_for_update() if lock else question)).one_or_none()
    return Upload._make(row) if row else None


async def uploads_of(tx: Tx, account_id: UUID, *, after: Place | None, limit: int) -> list[tuple[Place, Upload]]:
    """The account's and its organisations', the newest first, each with its place."""
    columns = (uploads.c.created_at, uploads.c.id)
    question = _UPLOAD.where(_is_shared_with(account_id))
    if after:
        question = question.where(tuple_(*columns) < tuple_(*after))
    rows = await tx.execute(question.order_by(*(column.desc() for column in columns)).limit(limit))
    found = [Upload._make(row) for row in rows]
    return [(Place(one.created_at, one.id), one) for one in found]


async def count_uploads(tx: Tx, account_id: UUID) -> int:
    """How many uploads of the account and its organisations are kept."""
    return await tx.scalar(select(func.count()).select_from(uploads).where(_is_shared_with(account_id))) or 0


def _is_shared_with(account_id: UUID) -> ColumnElement[bool]:
    own = select(members.c.organisation_id).where(members.c.account_id == account_id)
    return or_(uploads.c.account_id == account_id, uploads.c.organisation_id.in_(own))


async def change_upload(tx: Tx, upload_id: UUID, **values: Any) -> None:
    """Writes how it stands."""
    await tx.execute(update(uploads).where(uploads.c.id == upload_id).values(values))


async def forget_upload(tx: Tx, upload_id: UUID) -> None:
    """Deletes it with its rows; the events that came of it stay."""
    await tx.execute(delete(uploads).where(uploads.c.id == upload_id))


def forget_old_uploads() -> Purge:
    """Uploads are kept for a month."""
    return older(uploads, uploads.c.created_at, timedelta(days=KEPT_DAYS))


# --- rows --------------------------------------------------------------------------------------


async def add_rows(tx: Tx, upload_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
    """Writes rows, once each: a worker that died had written some of them perhaps."""
    if rows:
        values = [row | {"upload_id": upload_id} for row in rows]
        await tx.execute(upsert(upload_rows).on_conflict_do_nothing(), values)


async def forget_rows(tx: Tx, upload_id: UUID) -> None:
    """The file cannot be read to its end: none of its rows is one."""
    await tx.execute(delete(upload_rows).where(upload_rows.c.upload_id == upload_id))


async def names_of_rows(tx: Tx, upload_id: UUID) -> list[tuple[int, str | None, UUID]]:
    """Of the rows that are written: number, reference and event, in their order."""
    columns = (upload_rows.c.number, upload_rows.c.external_id, upload_rows.c.event_id)
    rows = await tx.execute(select(*columns).where(upload_rows.c.upload_id == upload_id).order_by(upload_rows.c.number))
    return [(number, external_id, event_id) for number, external_id, event_id in rows]


async def rows_of_upload(
    tx: Tx, upload_id: UUID, *, after: int, limit: int, outlook: str | None = None
) -> list[UploadRow]:
    """Rows behind this one, in the order of the file."""
    question = _ROW.where(upload_rows.c.upload_id == upload_id, upload_rows.c.number > after)
    if outlook:
        question = question.where(upload_rows.c.outlook == outlook)
    return [UploadRow._make(row) for row in await tx.execute(question.order_by(upload_rows.c.number).limit(limit))]


async def lock_rows_to_apply(tx: Tx, upload_id: UUID, *, limit: int) -> list[UploadRow]:
    """The next rows of which nothing has become yet, locked; those of an event that others change, in one order."""
    question = _ROW.where(upload_rows.c.upload_id == upload_id, upload_rows.c.outcome.is_(None))
    rows = await tx.execute(question.order_by(upload_rows.c.number).limit(limit).with_for_update())
    return sorted((UploadRow._make(row) for row in rows), key=lambda row: row.event_id)


async def note_outcome(tx: Tx, upload_id: UUID, number: int, outcome: str, said: str | None) -> None:
    """Writes what became of a row."""
    this = (upload_rows.c.upload_id == upload_id) & (upload_rows.c.number == number)
    await tx.execute(update(upload_rows).where(this).values(outcome=outcome, said=said))


async def rows_to_assess(tx: Tx, upload_id: UUID, *, after: int, limit: int) -> list[UploadRow]:
    """Rows behind this one that could be submitted, and of which the rules have not spoken."""
    is_one = (upload_rows.c.upload_id == upload_id) & (upload_rows.c.number > after)
    could_be = upload_rows.c.outlook.in_((Outlook.READY, Outlook.TO_CONFIRM)) & upload_rows.c.assessment.is_(None)
    rows = await tx.execute(_ROW.where(is_one, could_be).order_by(upload_rows.c.number).limit(limit))
    return [UploadRow._make(row) for row in rows]


async def note_assessments(tx: Tx, upload_id: UUID, found: Iterable[tuple[UploadRow, Assessed]]) -> None:
    """Writes what the rules of the label would say of rows."""
    for row, said in found:
        this = (upload_rows.c.upload_id == upload_id) & (upload_rows.c.number == row.number)
        notes = [*row.notes, *(f"Règles du label : {words}" for words in said.words)]
        await tx.execute(update(upload_rows).where(this).values(assessment=said.label, notes=notes))


async def count_rows(tx: Tx, upload_id: UUID) -> dict[str, dict[str, int]]:
    """How many rows there are, by their outlook, change, assessment and outcome."""
    columns = (upload_rows.c.outlook, upload_rows.c.change, upload_rows.c.assessment, upload_rows.c.outcome)
    question = select(*columns, func.count()).where(upload_rows.c.upload_id == upload_id).group_by(*columns)
    counts: dict[str, dict[str, int]] = {"outlook": {}, "change": {}, "assessment": {}, "outcome": {}}
    for *values, number in await tx.execute(question):
        for name, value in zip(counts, values, strict=True):
            if value is not None and not (name == "change" and values[0] == "faulty"):
                counts[name][value] = counts[name].get(value, 0) + number
    return counts


# --- events ------------------------------------------------------------------------------------


class Known(NamedTuple):
    """What there is of an event already."""

    id: UUID
    draft: dict[str, Any] | None
    edition: str
    """For which it was last submitted; empty: for none."""
    is_submitted: bool
    """As it is written now."""


async def known_events(
    tx: Tx, organisation_id: UUID, ids: Collection[UUID], external_ids: Collection[str]
) -> tuple[dict[UUID, Known], dict[str, UUID]]:
    """Those of these events that are there, and which event of the organisation bears each of these references."""
    is_current = and_(
        events.c.revision > 0,
        events.c.state != State.WITHDRAWN,
        ~events.c.draft.is_distinct_from(events.c.submitted_draft),
    )
    name = events.c.draft["external_id"].astext
    # as the index has it
    is_named = (func.coalesce(events.c.organisation_id, events.c.account_id) == organisation_id) & name.in_(
        external_ids
    )
    question = select(events.c.id, events.c.draft, events.c.edition, is_current, case((is_named, name)))
    rows = (await tx.execute(question.where(or_(events.c.id.in_(ids), is_named)))).all()
    known = {row[0]: Known(*row[:4]) for row in rows}
    return known, {row[4]: row[0] for row in rows if row[4] is not None}


async def note_uploaded(tx: Tx, organisation_id: UUID, series: str, row: UploadRow) -> None:
    """The event is in the newest file of its series."""
    values = {"organisation_id": organisation_id, "series": series, "external_id": row.external_id}
    new = upsert(uploaded_events).values(event_id=row.event_id, **values)
    await tx.execute(new.on_conflict_do_update(index_elements=["event_id"], set_=values))


async def forget_uploaded(tx: Tx, event_id: UUID) -> None:
    """The event is no file's any more."""
    await tx.execute(delete(uploaded_events).where(uploaded_events.c.event_id == event_id))


async def absent_from(
    tx: Tx, upload: Upload, edition: str, *, limit: int | None = None, after: UUID | None = None
) -> list[Absent]:
    """The events of earlier files of the series that this one has no row for, and that are not withdrawn; those of
    earlier editions stay out of it."""
    title = func.coalesce(events.c.draft["title"].astext, "")
    is_submitted = (events.c.revision > 0) & (events.c.state != State.WITHDRAWN)
    columns = (events.c.id, uploaded_events.c.external_id, title, is_submitted)
    question = select(*columns).join(uploaded_events, uploaded_events.c.event_id == events.c.id)
    question = question.where(_is_absent(upload, edition)).order_by(events.c.id).limit(limit)
    if after:
        question = question.where(events.c.id > after)
    return [Absent._make(row) for row in await tx.execute(question)]


async def count_absent(tx: Tx, upload: Upload, edition: str) -> int:
    """How many those are."""
    joined = uploaded_events.join(events, uploaded_events.c.event_id == events.c.id)
    return await tx.scalar(select(func.count()).select_from(joined).where(_is_absent(upload, edition))) or 0


def _is_absent(upload: Upload, edition: str) -> ColumnElement[bool]:
    in_file: Select[Any] = select(literal_column("1")).where(
        upload_rows.c.upload_id == upload.id, upload_rows.c.event_id == uploaded_events.c.event_id
    )
    return and_(
        uploaded_events.c.organisation_id == upload.organisation_id,
        uploaded_events.c.series == upload.series,
        events.c.edition.in_(("", edition)),
        events.c.state != State.WITHDRAWN,
        events.c.draft.is_not(null()),
        ~in_file.exists(),
    )
