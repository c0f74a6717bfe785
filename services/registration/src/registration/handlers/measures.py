"""A measure is taken for the events of a region, or lifted: each is told anew, as its organiser submitted it last.

It works beside a running service. Events are read in lots without a lock; those that a measure changes are locked as a
poll locks them, in one order, and looked at once more under the lock. Each lot is a transaction: whoever is stopped
half-way begins again, and an event that bears the measure is not told of it twice.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.campaign.clock import Clock
from backbone.contracts import EventSubmitted, PublicEvent
from backbone.kafka.envelope import Untellable, written
from backbone.postgres.database import Tx
from backbone.postgres.outbox import tell_now
from backbone.runtime.failpoints import failpoint

from .. import store
from ..domain.kept import as_submitted
from ..domain.measure import Measure, is_over, region_of, under
from ..store import SubmittedEvent

AT_ONCE = 100
"""Events that are read, and at most locked, at once."""


@dataclass(frozen=True)
class Order:
    """What is to be done: `measure` is taken, or all measures that hold on the days of `lifts` are lifted."""

    edition: str
    regions: Collection[str]
    measure: Measure
    lifts: bool = False


class Outcome(StrEnum):
    """What becomes of an event that an order is about."""

    TOLD = "told"
    ALREADY = "already"
    LEFT = "left"
    """The measure cannot hold for it as a whole: it also opens on other days, or is online."""
    LOST = "lost"
    """What was submitted is not there any more, or cannot be told again."""


@dataclass(frozen=True)
class Looked:
    """An event that an order is about."""

    stored: SubmittedEvent
    outcome: Outcome
    event: PublicEvent | None = None
    """As it is told, or would be; none if it is lost."""
    measures: Sequence[Measure] = ()


@dataclass(frozen=True)
class Lot:
    """Some events of an edition, looked at."""

    read: int
    found: Sequence[Looked]


async def carry_out(engine: AsyncEngine, clock: Clock, order: Order, *, apply: bool) -> AsyncIterator[Lot]:
    """Goes through all submitted events of the edition, in the order of their ids; with `apply`, what is told has been
    committed when its lot is given."""
    last = UUID(int=0)
    while stored := await _some_events(engine, order.edition, last):
        last = stored[-1].id
        found = [one for one in (_look(each, order, clock.now()) for each in stored) if one]
        if apply and (changed := [one.stored.id for one in found if one.outcome is Outcome.TOLD]):
            told = await _tell(engine, clock, order, changed)
            found = [one for one in found if one.outcome is not Outcome.TOLD] + told
        yield Lot(len(stored), found)


async def _some_events(engine: AsyncEngine, edition: str, after: UUID) -> Sequence[SubmittedEvent]:
    async with engine.connect() as tx:
        return await store.submitted_events(tx, edition, after=after, limit=AT_ONCE)


async def _tell(engine: AsyncEngine, clock: Clock, order: Order, ids: Collection[UUID]) -> list[Looked]:
    now, told = clock.now(), []
    async with engine.begin() as tx:
        for stored in await store.lock_submitted_events(tx, order.edition, ids):
            one = _look(stored, order, now)
            if one and one.outcome is Outcome.TOLD and one.event:
                event = one.event.model_copy(update={"resembles": tuple(await store.told_apart(tx, stored.id))})
                await _restate(tx, fact_of(stored, event, now), one.measures)
                told.append(one)
        failpoint("in-measures")
    return told


async def _restate(tx: Tx, fact: EventSubmitted, measures: Sequence[Measure]) -> None:
    await store.mark_restated(tx, fact, measures)
    await tell_now(tx, fact)


def _look(stored: SubmittedEvent, order: Order, now: datetime) -> Looked | None:
    """What becomes of the event; None if the order is not about it."""
    revision, bare = stored.revision + 1, None
    if stored.draft is not None:
        bare = as_submitted(stored.draft, stored.id, revision, stored.edition, stored.account_id)
    if bare is None:
        return Looked(stored, Outcome.LOST)
    if region_of(bare) not in order.regions or not order.measure.concerns(bare) or is_over(bare, now):
        return None
    measures = _after(stored.measures, order, bare)
    event = under(measures, bare)
    if measures == list(stored.measures):
        return None if order.lifts else Looked(stored, Outcome.ALREADY, event, measures)
    if event == under(stored.measures, bare):
        return Looked(stored, Outcome.LEFT, event, stored.measures)
    try:
        written(fact_of(stored, event, now))
    except Untellable:
        return Looked(stored, Outcome.LOST, event)
    return Looked(stored, Outcome.TOLD, event, measures)


def _after(measures: Sequence[Measure], order: Order, event: PublicEvent) -> list[Measure]:
    if not order.lifts:
        return [*measures] if order.measure in measures else [*measures, order.measure]
    lifted = [slot for slot in event.slots if order.measure.holds_for(slot)]
    return [measure for measure in measures if not any(measure.holds_for(slot) for slot in lifted)]


def fact_of(stored: SubmittedEvent, event: PublicEvent, now: datetime) -> EventSubmitted:
    """What tells of an event anew: its next revision."""
    return EventSubmitted(
        event_id=stored.id,
        revision=event.revision,
        sequence=stored.sequence + 1,
        edition=stored.edition,
        event=event,
        submitted_at=now,
    )
