"""All that a reviewer sees of one event: itself, what changed, what was decided of others like it, who says what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB

from backbone.contracts import Finding, PublicEvent, Verdict
from backbone.http.access import Caller
from backbone.postgres.database import Tx

from ..domain.changes import Change, changes
from ..domain.precedents import Precedent, doubts_of, nearest
from ..store import decisions, words_of_appeal
from . import claims, holds, talk
from .access import to_read
from .claims import Claim
from .colleagues import Colleague, colleagues_for
from .holds import Held
from .likeness import Lookalike, lookalikes
from .talk import Note, Opinion
from .waiting import Waiting

LOOKED_AT = 400  # decisions by persons, the newest


@dataclass(frozen=True)
class Dossier:
    """What a reviewer reads before they decide."""

    waiting: Waiting
    before: PublicEvent | None
    """The revision before this one."""
    changed: Sequence[Change]
    precedents: Sequence[Precedent]
    lookalikes: Sequence[Lookalike]
    notes: Sequence[Note]
    opinions: Sequence[Opinion]
    colleagues: Sequence[Colleague]
    claim: Claim | None
    held: Held | None
    is_not_theirs: bool
    """Whether somebody else must decide."""
    words: str
    """Of an appeal, what the organiser writes with it."""
    now: datetime
    """By the clock that notes and opinions are dated by: the real one, whatever day the campaign has."""


async def open_dossier(tx: Tx, event_id: UUID, caller: Caller, *, read: int | None = None) -> Dossier:
    """The dossier of an event; what changed since the revision `read`, or since the one before this.

    Raises ReviewMissing, NotAllowed.
    """
    waiting = await to_read(tx, event_id, caller)
    event = waiting.event
    before = await revision_before(tx, event_id, event.revision, read)
    return Dossier(
        waiting=waiting,
        before=before,
        changed=changes(before, event) if before else (),
        precedents=nearest(event, waiting.verdicts, await _by_persons(tx)),
        lookalikes=await lookalikes(tx, event, caller),
        notes=await talk.notes_on(tx, event_id),
        opinions=await talk.opinions_on(tx, event_id),
        colleagues=await colleagues_for(tx, waiting.region, caller),
        claim=await claims.current(tx, event_id),
        held=await holds.on_event(tx, event_id),
        is_not_theirs=waiting.is_not_for(caller),
        now=(await tx.execute(select(func.now()))).scalar_one(),
        words=await words_of_appeal(tx, event_id) if waiting.is_appeal else "",
    )


async def revision_before(tx: Tx, event_id: UUID, revision: int, read: int | None = None) -> PublicEvent | None:
    """The newest revision before this one, or the one that was `read`, as the log has it."""
    fact = cast(decisions.c.fact, JSONB)
    number = fact["revision"].as_integer()
    older = select(fact["event"]).where(decisions.c.event_id == event_id, number < revision)
    if read is not None:
        older = older.where(number == read)
    event = await tx.scalar(older.order_by(decisions.c.sequence.desc()).limit(1))
    return PublicEvent.model_validate(event) if event else None


async def _by_persons(tx: Tx) -> list[Precedent]:
    """The newest decisions by persons, each with the doubt that it settled."""
    asked = decisions.alias("asked")
    newest = (
        select(decisions.c.event_id, decisions.c.sequence, decisions.c.fact)
        .where(decisions.c.reviewer.is_not(None))
        .order_by(decisions.c.entered_at.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    said, doubted = cast(newest.c.fact, JSONB), cast(asked.c.fact, JSONB)
    parts = {
        "title": said["event"]["title"].astext,
        "organisation": said["event"]["organisation"].astext,
        "description": said["event"]["description"].astext,
        "verdicts": said["verdicts"],
        "doubted": doubted["verdicts"],
        "label": said["label"].astext,
        "decided_at": cast(said["decided_at"].astext, Text),
    }
    before = (asked.c.event_id == newest.c.event_id) & (asked.c.sequence == newest.c.sequence - 1)
    columns = [newest.c.event_id, *(column.label(name) for name, column in parts.items())]
    rows = await tx.execute(select(*columns).select_from(newest.join(asked, before)))
    return [_precedent(row) for row in rows if row.label in ("granted", "refused")]


def _precedent(row: Any) -> Precedent:
    doubted = [Verdict.model_validate(verdict) for verdict in row.doubted]
    said = [Verdict.model_validate(verdict) for verdict in row.verdicts]
    return Precedent(
        event_id=row.event_id,
        title=row.title,
        organisation=row.organisation,
        description=row.description,
        doubts=doubts_of(doubted),
        is_labelled=row.label == "granted",
        sentences=tuple(verdict.message for verdict in said if verdict.finding == Finding.NOT_MET),
        decided_at=datetime.fromisoformat(row.decided_at),
    )
