"""What is kept of who came, and the few questions asked of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Text, cast, exists, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from backbone.postgres.database import Tx, jobs

from ..domain.attendance import Report, Shown, Total
from ..domain.story import State
from .event import SubmittedEvent, lock_submitted_events
from .tables import attendance, events


class Kept(NamedTuple):
    """What was asked and reported of an event."""

    event_id: UUID
    edition: str
    asked: int
    number: str | None
    visitors: Mapping[str, int] | None
    word: str | None
    shown: Mapping[str, Any] | None
    filed_at: datetime | None
    changed_at: datetime | None


_KEPT = select(*(attendance.c[name] for name in Kept._fields))


async def attendance_of(tx: Tx, event_id: UUID) -> Kept | None:
    row = (await tx.execute(_KEPT.where(attendance.c.event_id == event_id))).one_or_none()
    return Kept._make(row) if row else None


async def attendance_among(tx: Tx, event_ids: Collection[UUID]) -> dict[UUID, Kept]:
    """The same of many events."""
    rows = await tx.execute(_KEPT.where(attendance.c.event_id.in_(event_ids)))
    return {row.event_id: Kept._make(row) for row in rows}


async def attested(tx: Tx, number: str) -> Kept | None:
    """What the attestation of this number was given for."""
    row = (await tx.execute(_KEPT.where(attendance.c.number == number))).one_or_none()
    return Kept._make(row) if row else None


async def unasked(tx: Tx, edition: str, *, kind: str, most: int) -> list[SubmittedEvent]:
    """Events of an edition that have the label, and of which no question (a job of this `kind`) is queued or was put:
    they were labelled before there was one, or the database has lost it."""
    asked_about = jobs.c.payload["event_id"].astext == cast(events.c.id, Text)
    is_queued = exists().where(jobs.c.kind == kind, asked_about)
    is_put = exists().where(attendance.c.event_id == events.c.id)
    labelled = (events.c.edition == edition) & (events.c.state == State.LABELLED)
    ids = select(events.c.id).where(labelled, ~is_queued, ~is_put).order_by(events.c.id).limit(most)
    return await lock_submitted_events(tx, edition, list(await tx.scalars(ids)))


async def note_asked(tx: Tx, event: SubmittedEvent, region: str | None, time: int) -> bool:
    """Notes that it is asked for the nth time (from 0); False if it was before, or is reported already."""
    new = insert(attendance).values(event_id=event.id, edition=event.edition, region=region, asked=time + 1)
    is_due = (attendance.c.asked == time) & attendance.c.filed_at.is_(None)
    noted = new.on_conflict_do_update(index_elements=["event_id"], set_={"asked": time + 1}, where=is_due)
    return (await tx.execute(noted)).rowcount > 0


async def save_report(
    tx: Tx, event: SubmittedEvent, region: str | None, report: Report, shown: Shown, number: str, now: datetime
) -> None:
    """Writes what was reported, or what is reported in its place; the number of the attestation stays."""
    said = {
        "visitors": {audience.value: count for audience, count in report.visitors.items()},
        "word": report.word,
        "shown": shown.model_dump(mode="json"),
        "changed_at": now,
    }
    of_event = {"event_id": event.id, "edition": event.edition, "region": region}
    new = insert(attendance).values(**of_event, **said, number=number, filed_at=now)
    first = {
        "number": func.coalesce(attendance.c.number, number),
        "filed_at": func.coalesce(attendance.c.filed_at, now),
    }
    await tx.execute(new.on_conflict_do_update(index_elements=["event_id"], set_=said | first))


async def attendance_by_region(tx: Tx, edition: str, regions: Collection[str] | None = None) -> dict[str | None, Total]:
    """What was asked and reported of an edition, by region; None: of all regions."""
    asked = {"edition": edition, "regions": None if regions is None else sorted(regions)}
    rows = (await tx.execute(_BY_REGION, asked)).all()
    came: dict[str | None, dict[str, int]] = {}
    for region, audience, count in await tx.execute(_BY_AUDIENCE, asked):
        came.setdefault(region, {})[audience] = count
    return {
        region: Total(asked, reported, sum(came.get(region, {}).values()), came.get(region, {}))
        for region, asked, reported in rows
    }


_BY_REGION = text(
    "SELECT region, count(*), count(filed_at) FROM attendance"
    " WHERE edition = :edition AND (CAST(:regions AS text[]) IS NULL OR region = ANY(CAST(:regions AS text[])))"
    " GROUP BY region ORDER BY region"
)
_BY_AUDIENCE = text(
    "SELECT region, audience, CAST(sum(CAST(number_of AS bigint)) AS bigint)"
    " FROM attendance, jsonb_each_text(visitors) AS said (audience, number_of)"
    " WHERE edition = :edition AND (CAST(:regions AS text[]) IS NULL OR region = ANY(CAST(:regions AS text[])))"
    " GROUP BY region, audience"
)


async def forget_words(tx: Tx, event_ids: Any) -> None:
    """Of an erased person's events: what they wrote, and what their attestations said. The numbers stay."""
    gone = {"word": None, "shown": None}
    await tx.execute(update(attendance).where(attendance.c.event_id.in_(event_ids)).values(gone))
