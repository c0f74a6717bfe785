"""What reviewers write to each other about an event; no organiser reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select, update

from backbone.http.access import Caller
from backbone.postgres.database import Tx

from ..desk import Desk
from ..domain.independence import is_own_cause
from ..reviews import OwnCause
from .access import to_read
from .colleagues import Colleague, colleagues_for
from .tables import UNANSWERED, notes, opinions

Advice = Literal["label", "refuse", "unsure"]


class NoSuchColleague(Exception):
    """Nobody who could be asked about this event is called by this number."""


class NotAsked(Exception):
    """This reviewer was not asked for this opinion, or has given it."""


@dataclass(frozen=True)
class Note:
    """What a reviewer wrote down for the others."""

    id: UUID
    name: str
    text: str
    written_at: datetime


@dataclass(frozen=True)
class Opinion:
    """What a reviewer asked of a colleague, and what they answered."""

    id: UUID
    asked_by: UUID
    asked_by_name: str
    asked_of: UUID
    asked_of_name: str
    question: str
    asked_at: datetime
    advice: str | None
    answer: str | None
    answered_at: datetime | None


async def write_note(desk: Desk, event_id: UUID, text: str, caller: Caller) -> Note:
    """Writes down what the other reviewers of the event are to know. Raises ReviewMissing, NotAllowed."""
    async with desk.engine.begin() as tx:
        await to_read(tx, event_id, caller)
        kept = notes.insert().values(
            event_id=event_id, account_id=caller.account_id, name=caller.name or "Sans nom", text=text
        )
        row = (await tx.execute(kept.returning(notes.c.id, notes.c.name, notes.c.text, notes.c.written_at))).one()
    return Note(*row)


async def ask_opinion(desk: Desk, event_id: UUID, of: UUID, question: str, caller: Caller) -> Opinion:
    """Asks a colleague what they think. Raises ReviewMissing, NotAllowed, NoSuchColleague, OwnCause: nobody is asked
    about the event of their own organisation."""
    async with desk.engine.begin() as tx:
        waiting = await to_read(tx, event_id, caller)
        known: Mapping[UUID, Colleague] = {
            one.account_id: one for one in await colleagues_for(tx, waiting.region, caller)
        }
        if of not in known:
            raise NoSuchColleague
        if is_own_cause(waiting.event, of, known[of].organisation):
            raise OwnCause
        row = (
            await tx.execute(
                opinions.insert()
                .values(
                    event_id=event_id,
                    asked_by=caller.account_id,
                    asked_by_name=caller.name or "Sans nom",
                    asked_of=of,
                    asked_of_name=known[of].name,
                    question=question,
                )
                .returning(*_OPINION)
            )
        ).one()
    return Opinion(**row._mapping)


async def give_opinion(
    desk: Desk, event_id: UUID, opinion_id: UUID, advice: Advice, answer: str, caller: Caller
) -> Opinion:
    """Answers a colleague, once. Raises ReviewMissing, NotAllowed, NotAsked."""
    async with desk.engine.begin() as tx:
        await to_read(tx, event_id, caller)
        asked = (opinions.c.id == opinion_id) & (opinions.c.event_id == event_id) & UNANSWERED
        given = {"advice": advice, "answer": answer, "answered_at": func.now()}
        mine = update(opinions).where(asked, opinions.c.asked_of == caller.account_id)
        row = (await tx.execute(mine.values(given).returning(*_OPINION))).one_or_none()
    if row is None:
        raise NotAsked
    return Opinion(**row._mapping)


async def notes_on(tx: Tx, event_id: UUID) -> list[Note]:
    """All notes, the oldest first."""
    asked = select(notes.c.id, notes.c.name, notes.c.text, notes.c.written_at).where(notes.c.event_id == event_id)
    return [Note(*row) for row in await tx.execute(asked.order_by(notes.c.written_at, notes.c.id))]


async def opinions_on(tx: Tx, event_id: UUID) -> list[Opinion]:
    """All that was asked, the oldest first."""
    asked = select(*_OPINION).where(opinions.c.event_id == event_id)
    return [Opinion(**row._mapping) for row in await tx.execute(asked.order_by(opinions.c.asked_at, opinions.c.id))]


_OPINION = (
    *(opinions.c.id, opinions.c.asked_by, opinions.c.asked_by_name, opinions.c.asked_of, opinions.c.asked_of_name),
    *(opinions.c.question, opinions.c.asked_at, opinions.c.advice, opinions.c.answer, opinions.c.answered_at),
)
