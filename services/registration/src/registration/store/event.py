"""The questions asked of events and their timelines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import case, func, literal, literal_column, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from backbone.contracts import EventFact
from backbone.http.paging import Place
from backbone.postgres.database import Tx

from ..domain.draft import EventDraft
from ..domain.timeline import STATE_AFTER, State, Step
from .tables import accounts, events, timeline


class StoredEvent(NamedTuple):
    """An event as it is stored."""

    id: UUID
    account_id: UUID
    draft: dict[str, Any]
    """As it was kept: the rules for drafts may have changed since."""
    revision: int
    state: State
    is_changed: bool
    """Whether the draft differs from what was last submitted."""


_EVENT = select(
    events.c.id,
    events.c.account_id,
    events.c.draft,
    events.c.revision,
    events.c.state,
    events.c.draft.is_distinct_from(events.c.submitted_draft),
)


def _stored(row: Sequence[Any]) -> StoredEvent:
    event_id, account_id, draft, revision, state, is_changed = row
    return StoredEvent(event_id, account_id, draft, revision, State(state), is_changed)


async def save_draft(tx: Tx, event_id: UUID, account_id: UUID, draft: EventDraft) -> bool | None:
    """Writes a new draft (True) or replaces the account's own (False); None if the id is another account's event."""
    written = draft.model_dump(mode="json")
    new = insert(events).values(id=event_id, account_id=account_id, draft=written)
    replaced = new.on_conflict_do_update(
        index_elements=["id"], set_={"draft": written}, where=events.c.account_id == account_id
    )
    is_new: bool | None = await tx.scalar(replaced.returning(literal_column("xmax = 0")))  # nobody updated it before
    return is_new


async def own_event(tx: Tx, event_id: UUID, account_id: UUID, *, lock: bool = False) -> StoredEvent | None:
    """The account's event; locked, no other request can change or submit it until the transaction ends."""
    question = _EVENT.where(events.c.id == event_id, events.c.account_id == account_id)
    row = (await tx.execute(question.with_for_update() if lock else question)).one_or_none()
    return _stored(row) if row else None


async def own_events(tx: Tx, account_id: UUID, *, after: Place | None, limit: int) -> list[tuple[Place, StoredEvent]]:
    """The account's events from a place on, the newest first, each with its own place."""
    columns = (events.c.created_at, events.c.id)
    question = _EVENT.add_columns(events.c.created_at).where(events.c.account_id == account_id)
    if after:
        question = question.where(tuple_(*columns) < tuple_(*after))
    rows = await tx.execute(question.order_by(*(column.desc() for column in columns)).limit(limit))
    return [(Place(at, event[0]), _stored(event)) for *event, at in rows]


async def count_own_events(tx: Tx, account_id: UUID) -> int:
    """How many events the account has, drafts and withdrawn ones included."""
    return await tx.scalar(select(func.count()).where(events.c.account_id == account_id)) or 0


async def mark_submitted(tx: Tx, event_id: UUID, revision: int) -> None:
    await tx.execute(
        update(events)
        .where(events.c.id == event_id)
        .values(revision=revision, submitted_draft=events.c.draft, state=State.SUBMITTED)
    )


async def mark_withdrawn(tx: Tx, event_id: UUID, revision: int) -> None:
    # nothing is submitted any more: the same draft, submitted again, is a new revision
    withdrawn = {"revision": revision, "submitted_draft": None, "state": State.WITHDRAWN}
    await tx.execute(update(events).where(events.c.id == event_id).values(withdrawn))


async def add_step(tx: Tx, fact: EventFact) -> None:
    """Adds the fact to the event's timeline, and moves the event's state if the fact is about its present revision.

    A revision that is not known here was lost when the database was restored from before it: its number is taken over,
    for it is told and would be passed over if it were told again; its text is gone, and the draft counts as changed.
    The timeline of an erased organiser's event is nobody's: it stays empty.
    """
    step = {"event_id": fact.event_id, **Step.of(fact).model_dump()}
    values = [literal(value, timeline.c[name].type) for name, value in step.items()]
    followed = select(*values).where(events.c.id == fact.event_id, events.c.account_id.is_not(None))
    # locked, the event's organiser cannot be erased in the middle
    followed = followed.with_for_update(read=True, key_share=True, of=events)
    await tx.execute(insert(timeline).from_select([*step], followed).on_conflict_do_nothing())
    if type(fact) in STATE_AFTER:
        await tx.execute(
            update(events)
            .where(events.c.id == fact.event_id, events.c.revision <= fact.revision)
            .values(
                state=STATE_AFTER[type(fact)],
                revision=fact.revision,
                submitted_draft=case((events.c.revision == fact.revision, events.c.submitted_draft)),
            )
        )


async def steps(tx: Tx, event_id: UUID) -> list[Step]:
    """The event's timeline, in the order things happened."""
    columns = (timeline.c.kind, timeline.c.revision, timeline.c.at, timeline.c.text)
    rows = await tx.execute(select(*columns).where(timeline.c.event_id == event_id).order_by(timeline.c.at))
    return [Step.model_validate(row) for row in rows.mappings()]


async def counts(tx: Tx) -> dict[str, int]:
    """How many confirmed accounts and submitted events there are, and how many events in each state."""
    people = await tx.scalar(select(func.count()).where(accounts.c.confirmed_at.is_not(None)))
    by_state = await tx.execute(select(events.c.state, func.count()).group_by(events.c.state))
    submitted = await tx.scalar(select(func.count()).where(events.c.revision > 0))
    in_state = {state.value: 0 for state in State} | dict(by_state.all())
    return {"organisers": people or 0, **in_state, "submitted": submitted or 0}
