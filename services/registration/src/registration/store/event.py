"""The questions asked of events and their timelines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Uuid,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.exc import IntegrityError

from backbone.contracts import EventFact, EventLabelled, EventSubmitted, EventWithdrawn, canary
from backbone.postgres.database import Tx

from ..domain.draft import EventDraft
from ..domain.kept import Kept, kept_of
from ..domain.measure import Measure
from ..domain.pin import Pin
from ..domain.rights import Ties
from ..domain.story import State, state_of
from ..domain.timeline import Step
from ..domain.word import Word
from .organisation import ties_to
from .story import note_steps
from .tables import accounts, events, timeline


class StoredEvent(NamedTuple):
    """An event as it is stored."""

    id: UUID
    account_id: UUID
    """Its keeper's."""
    draft: Kept
    revision: int
    sequence: int
    """Of the last fact that was told of it."""
    edition: str
    """For which it was last submitted."""
    state: State
    is_changed: bool
    """Whether the draft differs from what was last submitted."""
    measures: Sequence[Measure] = ()
    """That hold for it, the oldest first."""
    organisation_id: UUID | None = None
    """Whose members share it; none: it is its keeper's alone."""

    @property
    def is_submitted(self) -> bool:
        """Whether it was submitted, and not taken back since."""
        return self.revision > 0 and self.state is not State.WITHDRAWN


EVENT = select(
    events.c.id,
    events.c.account_id,
    events.c.draft,
    events.c.revision,
    events.c.sequence,
    events.c.edition,
    events.c.state,
    # what is not there is written as null, or left out: by which release, or by a submission that was recalled
    func.jsonb_strip_nulls(events.c.draft).is_distinct_from(func.jsonb_strip_nulls(events.c.submitted_draft)),
    events.c.measures,
    events.c.organisation_id,
).where(events.c.account_id.is_not(None))


class SubmittedEvent(NamedTuple):
    """An event as it was last submitted."""

    id: UUID
    account_id: UUID
    draft: Kept | None
    """None: lost with the database's last hours."""
    revision: int
    sequence: int
    edition: str
    state: str
    measures: Sequence[Measure]


_SUBMITTED = select(
    events.c.id,
    events.c.account_id,
    events.c.submitted_draft,
    events.c.revision,
    events.c.sequence,
    events.c.edition,
    events.c.state,
    events.c.measures,
).where(events.c.revision > 0, events.c.state != State.WITHDRAWN.value, events.c.account_id.is_not(None))
_MEASURES = TypeAdapter(list[Measure])


def stored(row: Sequence[Any]) -> StoredEvent:
    event = StoredEvent._make(row)
    return event._replace(state=state_of(event.state), measures=_MEASURES.validate_python(event.measures))


async def add_draft(tx: Tx, event_id: UUID, account_id: UUID, organisation_id: UUID | None, draft: EventDraft) -> bool:
    """Writes a new draft; False if there is an event of this id, whosever it is."""
    row = {"id": event_id, "account_id": account_id, "organisation_id": organisation_id}
    new = insert(events).values(row | {"draft": kept_of(draft)})
    return bool((await tx.execute(new.on_conflict_do_nothing(index_elements=["id"]))).rowcount)


async def replace_draft(tx: Tx, event_id: UUID, draft: EventDraft) -> None:
    """Puts a draft in the place of the one there was."""
    await tx.execute(update(events).where(events.c.id == event_id).values(draft=kept_of(draft)))


async def event_by_id(tx: Tx, event_id: UUID) -> StoredEvent | None:
    """The event, whosever it is."""
    row = (await tx.execute(EVENT.where(events.c.id == event_id))).one_or_none()
    return stored(row) if row else None


_HOLD = text(
    "SELECT pg_advisory_xact_lock(key) FROM (SELECT DISTINCT hashtextextended(name, 0) AS key"
    " FROM unnest(CAST(:names AS text[])) AS name ORDER BY key) AS keys"
)


async def lock_external_ids(tx: Tx, organisation_id: UUID, external_ids: Iterable[str]) -> None:
    """Nobody else looks for these names in this organisation to write under them, until the transaction ends."""
    await tx.execute(_HOLD, {"names": [f"{organisation_id}/{name}" for name in external_ids]})


async def event_by_external_id(tx: Tx, organisation_id: UUID, external_id: str) -> UUID | None:
    """The event of this organisation that bears the name in its own system."""
    whose = func.coalesce(events.c.organisation_id, events.c.account_id)
    its_name = events.c.draft["external_id"].astext
    found: UUID | None = await tx.scalar(select(events.c.id).where(whose == organisation_id, its_name == external_id))
    return found


async def lock_event(tx: Tx, event_id: UUID) -> StoredEvent | None:
    """The event, whosever it is, locked: no other request changes or submits it until the transaction ends."""
    row = (await tx.execute(EVENT.where(events.c.id == event_id).with_for_update())).one_or_none()
    return stored(row) if row else None


async def event_and_ties(
    tx: Tx, event_id: UUID, account_id: UUID, *, lock: bool = False
) -> tuple[StoredEvent, Ties] | None:
    """The event, and what ties the account to its organisation; locked, no other request can change or submit it until
    the transaction ends."""
    question = _LOCKED_WITH_TIES if lock else _WITH_TIES
    row = (await tx.execute(question, {"event": event_id, "account": account_id})).one_or_none()
    if row is None:
        return None
    *event, role, is_of_federation = row
    return stored(event), Ties(role, is_of_federation)


# asked four times for each submission: to put it together takes longer than to ask it
_WITH_TIES = EVENT.add_columns(*ties_to(events.c.organisation_id, bindparam("account", type_=Uuid))).where(
    events.c.id == bindparam("event")
)
_LOCKED_WITH_TIES = _WITH_TIES.with_for_update(of=events)


async def word_on(tx: Tx, event: StoredEvent | SubmittedEvent) -> Word | None:
    """The newest decision on the revision of this event that was submitted last."""
    return (await words_on(tx, [event])).get(event.id)


async def words_on(tx: Tx, of: Collection[StoredEvent | SubmittedEvent]) -> dict[UUID, Word]:
    """The newest decisions on the revisions of these events that were submitted last."""
    return await _on_last_revision(tx, of, events.c.word, Word)


async def pins_of(tx: Tx, of: Collection[StoredEvent]) -> dict[UUID, Pin]:
    """Where these events were placed, if that is of the revision that was submitted last."""
    return await _on_last_revision(tx, of, events.c.pin, Pin)


Told = TypeVar("Told", Word, Pin)


async def _on_last_revision(
    tx: Tx, of: Collection[StoredEvent | SubmittedEvent], column: ColumnElement[Any], kind: type[Told]
) -> dict[UUID, Told]:
    revisions = {event.id: event.revision for event in of}
    question = select(events.c.id, column).where(events.c.id.in_(revisions), column.is_not(None))
    told = {event_id: kind.model_validate(kept) for event_id, kept in await tx.execute(question)}
    return {event_id: one for event_id, one in told.items() if one.revision == revisions[event_id]}


async def lock_events(tx: Tx, ids: Collection[UUID]) -> None:
    """Locks these events, in the order in which a poll locks those that it is about (`story`)."""
    await tx.execute(select(events.c.id).where(events.c.id.in_(ids)).order_by(events.c.id).with_for_update())


async def lock_events_of(tx: Tx, account_id: UUID) -> list[StoredEvent]:
    """All the account's events, locked in the order in which a poll locks those that it is about (`story`)."""
    question = EVENT.where(events.c.account_id == account_id).order_by(events.c.id)
    return [stored(row) for row in await tx.execute(question.with_for_update())]


async def mark_submitted(tx: Tx, fact: EventSubmitted, draft: EventDraft) -> None:
    """The draft is what was submitted, and what there is."""
    kept = kept_of(draft)
    submitted = {"draft": kept, "submitted_draft": kept, "state": State.SUBMITTED, "edition": fact.edition}
    await _mark_told(tx, fact, submitted)


async def was_labelled(tx: Tx, event_id: UUID) -> bool:
    """Whether a revision of the event has ever had the label."""
    labelled = (timeline.c.event_id == event_id) & (timeline.c.kind == EventLabelled.__name__)
    return bool(await tx.scalar(select(exists().where(labelled))))


async def submitted_draft(tx: Tx, event_id: UUID) -> Kept | None:
    """The draft as it was submitted last."""
    kept: Kept | None = await tx.scalar(select(events.c.submitted_draft).where(events.c.id == event_id))
    return kept


async def mark_announced(tx: Tx, fact: EventSubmitted, submitted: Kept, draft: Kept, *, is_back: bool) -> None:
    """This is what was submitted, and that what is being written. `is_back`: it takes place after all."""
    kept = {"submitted_draft": submitted, "draft": draft, "state": State.SUBMITTED}
    await _mark_told(tx, fact, kept, Step.reinstated(fact) if is_back else None)


async def submitted_events(tx: Tx, edition: str, *, after: UUID, limit: int) -> list[SubmittedEvent]:
    """The submitted events of an edition behind this one, in the order of their ids."""
    question = _SUBMITTED.where(events.c.edition == edition, events.c.id > after).order_by(events.c.id).limit(limit)
    return [_submitted(row) for row in await tx.execute(question)]


async def lock_submitted_events(tx: Tx, edition: str, ids: Collection[UUID]) -> list[SubmittedEvent]:
    """Those of these that are submitted still, locked in the order in which a poll locks those that it is about."""
    question = _SUBMITTED.where(events.c.edition == edition, events.c.id.in_(ids)).order_by(events.c.id)
    return [_submitted(row) for row in await tx.execute(question.with_for_update())]


async def submitted_event(tx: Tx, event_id: UUID, *, lock: bool = False) -> SubmittedEvent | None:
    """The event as it was last submitted; None if it is not, or was taken back, or is nobody's."""
    question = _SUBMITTED.where(events.c.id == event_id)
    row = (await tx.execute(question.with_for_update(of=events) if lock else question)).one_or_none()
    return _submitted(row) if row else None


async def submitted_among(tx: Tx, ids: Collection[UUID]) -> list[SubmittedEvent]:
    """Those of these events that are submitted, as they were last."""
    return [_submitted(row) for row in await tx.execute(_SUBMITTED.where(events.c.id.in_(ids)))]


async def change_keeper(tx: Tx, event_id: UUID, account_id: UUID, organisation_id: UUID | None) -> None:
    """Gives the event, whose row the caller has locked, to another account. Where another event of the organisation
    bears its `external_id`, it gives that up: it was of the system of whoever wrote it."""
    kept = {"account_id": account_id, "organisation_id": organisation_id}
    given = update(events).where(events.c.id == event_id)
    try:
        async with tx.begin_nested():
            await tx.execute(given.values(kept))
    except IntegrityError:
        nameless = {name: events.c[name].op("-")("external_id") for name in ("draft", "submitted_draft")}
        await tx.execute(given.values(kept | nameless))


async def reset_draft(tx: Tx, event_id: UUID) -> None:
    """What was submitted is the draft again; what was written since is gone."""
    await tx.execute(update(events).where(events.c.id == event_id).values(draft=events.c.submitted_draft))


async def has_events(tx: Tx, organisation_id: UUID) -> bool:
    """Whether somebody keeps an event of this organisation, a draft perhaps."""
    is_its = (events.c.organisation_id == organisation_id) & events.c.account_id.is_not(None)
    return bool(await tx.scalar(select(func.count()).where(is_its)))


async def count_submitted(tx: Tx, edition: str) -> int:
    """How many submitted events an edition has."""
    return (
        await tx.scalar(select(func.count()).select_from(_SUBMITTED.where(events.c.edition == edition).subquery())) or 0
    )


def _submitted(row: Sequence[Any]) -> SubmittedEvent:
    event = SubmittedEvent._make(row)
    return event._replace(measures=_MEASURES.validate_python(event.measures))


async def mark_restated(tx: Tx, fact: EventSubmitted, measures: Sequence[Measure]) -> None:
    """What was submitted is told anew, under these measures; the draft stays as its organiser left it."""
    kept = [measure.model_dump(mode="json") for measure in measures]
    await _mark_told(tx, fact, {"state": State.SUBMITTED, "measures": kept})


async def mark_withdrawn(tx: Tx, fact: EventWithdrawn) -> None:
    """Nothing is submitted any more: the same draft, submitted again, is a new revision."""
    await _mark_told(tx, fact, {"submitted_draft": None, "state": State.WITHDRAWN})


async def _mark_told(tx: Tx, fact: EventFact, values: dict[str, Any], step: Step | None = None) -> None:
    of_fact = {"revision": fact.revision, "sequence": fact.sequence}
    await tx.execute(update(events).where(events.c.id == fact.event_id).values(of_fact | values))
    await note_steps(tx, [(fact.event_id, step or Step.of(fact))])


async def recall_told(tx: Tx, fact: EventSubmitted | EventWithdrawn, draft: Kept | None) -> None:
    """Brings an event to what was told of it in hours that the database has lost; what it knows already stays. The
    draft: as it was submitted, None if it was taken back. An event whose account is gone has its bare numbers."""
    organiser = fact.event.organiser_id if isinstance(fact, EventSubmitted) else None
    account = select(accounts.c.id).where(accounts.c.id == organiser).scalar_subquery()
    row = {"id": fact.event_id, "account_id": account, "draft": case((account.is_not(None), _json(draft)))}
    await tx.execute(insert(events).values(row).on_conflict_do_nothing())
    this = events.c.id == fact.event_id
    text = {"draft": _json(draft), "submitted_draft": _json(draft)} if draft else {"submitted_draft": null()}
    is_whose = events.c.account_id.is_not(None)
    # others have spoken of the revision already, and its text was still to come
    is_without_text = (events.c.revision == fact.revision) & events.c.submitted_draft.is_(None)
    if draft:
        await tx.execute(update(events).where(this, is_whose, is_without_text).values(submitted_draft=_json(draft)))
    is_news = tuple_(events.c.revision, events.c.sequence) < tuple_(fact.revision, fact.sequence)
    state = State.SUBMITTED if draft else State.WITHDRAWN
    told = {"revision": fact.revision, "sequence": fact.sequence, "edition": fact.edition, "state": state}
    was_news = (await tx.execute(update(events).where(this, is_news).values(told))).rowcount
    if was_news:
        await tx.execute(update(events).where(this, is_whose).values(text))
    if await tx.scalar(select(events.c.account_id.is_not(None)).where(this)):
        await note_steps(tx, [(fact.event_id, Step.of(fact))])


def _json(draft: Kept | None) -> ColumnElement[Any]:
    return literal(draft, JSONB(none_as_null=True))


async def steps(tx: Tx, event_id: UUID) -> list[Step]:
    """The event's timeline, in the order things happened."""
    return (await all_steps(tx, [event_id]))[event_id]


async def all_steps(tx: Tx, ids: Collection[UUID]) -> dict[UUID, list[Step]]:
    """The timelines of these events, each in the order things happened."""
    kept = [timeline.c[name] for name in Step.model_fields]
    question = select(timeline.c.event_id, *kept).where(timeline.c.event_id.in_(ids))
    told: dict[UUID, list[Step]] = {event_id: [] for event_id in ids}
    for row in (await tx.execute(question.order_by(timeline.c.at, timeline.c.noted))).mappings():
        told[row["event_id"]].append(Step.model_validate({name: row[name] for name in Step.model_fields}))
    return told


async def counts(tx: Tx) -> dict[str, int]:
    """How many confirmed accounts and submitted events there are, and how many events in each state."""
    is_somebody, is_event = accounts.c.id != canary.ORGANISER, events.c.id != canary.EVENT
    people = await tx.scalar(select(func.count()).where(accounts.c.confirmed_at.is_not(None), is_somebody))
    by_state = await tx.execute(select(events.c.state, func.count()).where(is_event).group_by(events.c.state))
    submitted = await tx.scalar(select(func.count()).where(events.c.revision > 0, is_event))
    in_state = {state.value: 0 for state in State} | dict(by_state.all())
    return {"organisers": people or 0, **in_state, "submitted": submitted or 0}


async def count_waiting(tx: Tx, region: str, due_at: datetime) -> int:
    """How many events wait for a person of this region until then."""
    is_asked = events.c.word["region"].astext == region
    is_due = cast(events.c.word["due_at"].astext, DateTime(timezone=True)) == due_at
    is_here = (events.c.state != State.WITHDRAWN) & events.c.account_id.is_not(None) & (events.c.id != canary.EVENT)
    return await tx.scalar(select(func.count()).select_from(events).where(is_asked, is_due, is_here)) or 0
