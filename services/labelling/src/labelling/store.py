"""Labelling's tables: the case of each event, the log of all decisions, and the questions that reviewers ask."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    Uuid,
    cast,
    delete,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from backbone.contracts import (
    AppealReceived,
    CorrectionRequested,
    DecidedBy,
    EventLabelled,
    EventRejected,
    JudgedFact,
    Label,
    PublicEvent,
    ReviewRequested,
    canary,
)
from backbone.postgres.database import NAMING, Tx
from backbone.postgres.kept import KeptRows

from .domain.case import Asks, Case, Decision, Taken
from .domain.decision import Open

metadata = MetaData(naming_convention=NAMING)
ZERO, NOTHING = text("0"), text("''")

cases = Table(
    "cases",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("heard_revision", Integer, nullable=False, server_default=ZERO),
    Column("heard_sequence", Integer, nullable=False, server_default=ZERO),
    Column("sequence", Integer, nullable=False, server_default=ZERO, comment="of the last fact told of the event"),
    Column("revision", Integer, nullable=False, server_default=ZERO),
    Column(
        "label", Text, comment="granted · refused · under_review · suspended · withdrawn; null: nothing decided yet"
    ),
    Column("granted", Integer, nullable=False, server_default=ZERO, comment="the revision that has the label; 0: none"),
    Column("decision_id", Uuid),
    Column("hash", Text, nullable=False, server_default=NOTHING, comment="of the last decision in the log"),
    Column("asks", Text, comment="review · appeal · correction; null: nothing is open"),
    Column("region", Text, comment="whose people are asked"),
    Column("overdue_in", Text, comment="the region that let it wait until the national desk was asked as well"),
    Column("due_at", DateTime(timezone=True), comment="when a person must have decided"),
    Column("fact", JSONB, comment="the decision as it was told"),
    Column("reviewer", Uuid, comment="the account of the person whose word it is, or rests on; null: the rules"),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
WAITS = cases.c.asks.in_([Asks.REVIEW.value, Asks.APPEAL.value])
"""For a person's word."""
Index("ix_cases_queue", cases.c.region, cases.c.due_at, postgresql_where=WAITS)
Index("ix_cases_overdue", cases.c.overdue_in, cases.c.due_at, postgresql_where=WAITS)

decisions = Table(
    "decisions",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("decision_id", Uuid, nullable=False, unique=True),
    Column("fact", Text, nullable=False, comment="as it was told: text, since the hash is over it"),
    Column("reviewer", Uuid),
    Column("previous", Text, nullable=False, comment="the hash of the decision before it on this event"),
    Column("hash", Text, nullable=False),
    Column("entered_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""Append-only: a trigger refuses every change, but that decisions on the canary go."""
Index("ix_decisions_by_persons", decisions.c.entered_at, postgresql_where=decisions.c.reviewer.is_not(None))

tallies = Table(
    "tallies",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("edition", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("automated", Boolean, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), comment="of a question to a person: by when"),
    Column("is_open", Boolean, nullable=False, comment="whether it decides nothing yet"),
)
"""What is counted of each decision in the log: a projection, which can be made anew from it."""

appeals = Table(
    "appeals",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("sequence", Integer, primary_key=True, comment="of the fact that tells that it was received"),
    Column("words", Text, nullable=False, comment="the organiser's, for whoever judges again; never told"),
    Column("noted_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""What organisers write with an appeal. Private: it may speak of people."""


@dataclass(frozen=True)
class OpenCase:
    """A case that is being worked on, and the decisions taken on it that are not in the log yet."""

    now: Case
    taken: tuple[Taken, ...] = ()

    def after(self, now: Case, *taken: Taken) -> OpenCase:
        return OpenCase(now, (*self.taken, *taken))


_ENTRY = [field.name for field in fields(Decision)]
_COUNTED = ("edition", "label", "decided_by", "automated", "decided_at", "due_at")
_ENTER = text(
    "WITH told AS MATERIALIZED (SELECT * FROM unnest(CAST(:event_id AS uuid[]), CAST(:sequence AS integer[]),"
    " CAST(:decision_id AS uuid[]), CAST(:fact AS text[]), CAST(:reviewer AS uuid[]), CAST(:previous AS text[]),"
    " CAST(:hash AS text[]), CAST(:edition AS text[]), CAST(:label AS text[]), CAST(:decided_by AS text[]),"
    " CAST(:automated AS boolean[]), CAST(:decided_at AS timestamptz[]), CAST(:due_at AS timestamptz[]),"
    " CAST(:is_open AS boolean[])) AS told (event_id, sequence, decision_id, fact, reviewer, previous, hash, edition,"
    " label, decided_by, automated, decided_at, due_at, is_open)),"
    " entered AS (INSERT INTO decisions (event_id, sequence, decision_id, fact, reviewer, previous, hash)"
    " SELECT event_id, sequence, decision_id, fact, reviewer, previous, hash FROM told)"
    " INSERT INTO tallies (event_id, sequence, edition, label, decided_by, automated, decided_at, due_at, is_open)"
    " SELECT event_id, sequence, edition, label, decided_by, automated, decided_at, due_at, is_open FROM told"
)


class Cases:
    """Keeps the case of each event, and enters what is decided on it in the log."""

    name = "cases"
    _rows = KeptRows(cases, Case, also={"changed_at": "now()"})

    async def load(self, tx: Tx, keys: Collection[str]) -> Mapping[str, OpenCase]:
        return {key: OpenCase(case) for key, case in (await self._rows.load(tx, keys)).items()}

    async def save(self, tx: Tx, states: Mapping[str, OpenCase]) -> None:
        await self._rows.save(tx, {key: case.now for key, case in states.items()})
        taken = [decision for case in states.values() for decision in case.taken]
        if taken:
            entries = {name: [getattr(one.entry, name) for one in taken] for name in _ENTRY}
            counted = {name: [getattr(one.decision, name, None) for one in taken] for name in _COUNTED}
            asks = [isinstance(one.decision, ReviewRequested | AppealReceived | CorrectionRequested) for one in taken]
            await tx.execute(_ENTER, {**entries, **counted, "is_open": asks})


CASES = Cases()

_DECIDED: Mapping[str, type[JudgedFact]] = {Label.GRANTED: EventLabelled, Label.REFUSED: EventRejected}
OPEN: Mapping[str, type[Open]] = {
    Asks.REVIEW: ReviewRequested,
    Asks.APPEAL: AppealReceived,
    Asks.CORRECTION: CorrectionRequested,
}
"""What is told while something is open, by whom the case asks."""


def judged(case: Case) -> JudgedFact | None:
    """The decision that the case stands at, as it was told; None if there is none, the event was withdrawn, or only a
    later release knows its label."""
    kind = OPEN.get(case.asks) if case.asks else _DECIDED.get(case.label or "")
    return kind.model_validate_json(case.fact) if kind and case.fact else None


_FIELDS = [field.name for field in fields(Case)]
_CASE = [cast(cases.c[name], Text).label(name) if name == "fact" else cases.c[name] for name in _FIELDS]


async def case_of(tx: Tx, event_id: UUID) -> Case | None:
    """The case of an event as it stands, not locked; None if nothing was heard of it."""
    row = (await tx.execute(select(*_CASE).where(cases.c.event_id == event_id))).one_or_none()
    return Case(*row) if row else None


async def newest_text(tx: Tx, event_id: UUID) -> PublicEvent | None:
    """The newest revision that was decided on, or waits for it; None if there is none, or it was withdrawn."""
    event = await tx.scalar(select(cases.c.fact["event"]).where(cases.c.event_id == event_id))
    return PublicEvent.model_validate(event) if event else None


async def note_appeal(tx: Tx, received: AppealReceived, words: str) -> None:
    """Keeps what an organiser wrote with their appeal."""
    await tx.execute(appeals.insert().values(event_id=received.event_id, sequence=received.sequence, words=words))


async def words_of_appeal(tx: Tx, event_id: UUID) -> str:
    """What the organiser wrote with their newest appeal; empty if nothing."""
    question = select(appeals.c.words).where(appeals.c.event_id == event_id)
    return await tx.scalar(question.order_by(appeals.c.sequence.desc()).limit(1)) or ""


async def refused_on_appeal(tx: Tx, event_id: UUID) -> list[PublicEvent]:
    """The texts of this event that a person has refused on appeal."""
    by_appeal = (tallies.c.decided_by == DecidedBy.APPEAL.value) & (tallies.c.label == Label.REFUSED.value)
    asked = select(decisions.c.fact).join(
        tallies, (tallies.c.event_id == decisions.c.event_id) & (tallies.c.sequence == decisions.c.sequence)
    )
    facts = await tx.scalars(asked.where(tallies.c.event_id == event_id, by_appeal))
    return [EventRejected.model_validate_json(fact).event for fact in facts]


_IS_EVENT = cases.c.event_id != canary.EVENT
"""And not the canary, of which nothing is counted."""

AT_ONCE = 500
"""Rows of the log that are in memory at once, and as many cases."""


async def decided_cases(tx: Tx, edition: str, *, after: UUID, limit: int) -> list[Case]:
    """The cases of an edition that stand at a decision, behind an event, in the order of their ids."""
    decided = cases.c.fact["edition"].astext == edition
    question = select(*_CASE).where(decided, cases.c.event_id > after).order_by(cases.c.event_id).limit(limit)
    return [Case(*row) for row in await tx.execute(question)]


async def count_decided(tx: Tx, edition: str) -> int:
    """How many those are."""
    return await tx.scalar(select(func.count()).where(cases.c.fact["edition"].astext == edition)) or 0


async def logged(tx: Tx) -> AsyncIterator[tuple[UUID, Case | None, list[Decision]]]:
    """Every event of which there is a case or a decision, in the order of their ids: its case, if there is one, and all
    decisions that the log has on it, in their order. Two questions, however many events; they are read as one merges
    two lists, so that little is in memory."""
    told = _told_of_each(tx)
    next_id, entries = await anext(told)
    async for rows in _in_lots(tx, select(*_CASE).where(_IS_EVENT).order_by(cases.c.event_id)):
        for case in (Case(*row) for row in rows):
            while next_id < case.event_id:
                yield next_id, None, entries
                next_id, entries = await anext(told)
            if next_id > case.event_id:
                yield case.event_id, case, []
                continue
            yield case.event_id, case, entries
            next_id, entries = await anext(told)
    while entries:
        yield next_id, None, entries
        next_id, entries = await anext(told)


_BEHIND_ALL = UUID(int=2**128 - 1)


async def _told_of_each(tx: Tx) -> AsyncIterator[tuple[UUID, list[Decision]]]:
    """The decisions of each event, in the order of the events' ids; then, for ever, none of one that comes
    behind all."""
    columns, order = (
        [decisions.c[field.name] for field in fields(Decision)],
        (decisions.c.event_id, decisions.c.sequence),
    )
    entries: list[Decision] = []
    async for rows in _in_lots(tx, select(*columns).where(decisions.c.event_id != canary.EVENT).order_by(*order)):
        for decision in (Decision(*row) for row in rows):
            if entries and entries[0].event_id != decision.event_id:
                yield entries[0].event_id, entries
                entries = []
            entries.append(decision)
    if entries:
        yield entries[0].event_id, entries
    while True:
        yield _BEHIND_ALL, []


async def _in_lots(tx: Tx, question: Select[Any]) -> AsyncIterator[Sequence[Sequence[Any]]]:
    async with tx.stream(question, execution_options={"yield_per": AT_ONCE}) as rows:
        async for lot in rows.partitions():
            yield lot


async def count_decisions(tx: Tx) -> dict[tuple[str, str], int]:
    """How many decisions the log has, by label and by whom they were taken."""
    about = (tallies.c.label, tallies.c.decided_by)
    asked = select(*about, func.count()).where(tallies.c.event_id != canary.EVENT).group_by(*about)
    return {(label, by): number for label, by, number in await tx.execute(asked)}


async def count_waiting(tx: Tx, now: datetime) -> tuple[dict[str, int], dict[str, int]]:
    """How many questions wait for a person, by the region that is asked; and how many of them for longer than they
    may, by the region that let the time pass."""
    whose = func.coalesce(cases.c.overdue_in, cases.c.region)
    all_, late = (
        select(of, func.count()).where(WAITS, _IS_EVENT, *only).group_by(of)
        for of, only in ((cases.c.region, ()), (whose, (cases.c.due_at < now,)))
    )
    return dict((await tx.execute(all_)).all()), dict((await tx.execute(late)).all())


STATES: Mapping[str, str] = {
    Label.GRANTED: "labelled",
    Label.REFUSED: "rejected",
    Label.UNDER_REVIEW: "in_review",
    Label.SUSPENDED: "suspended",
    Label.WITHDRAWN: "withdrawn",
}


async def counts(tx: Tx) -> dict[str, int]:
    """How many events are in each state."""
    rows = await tx.execute(
        select(cases.c.label, func.count()).where(cases.c.label.is_not(None), _IS_EVENT).group_by(cases.c.label)
    )
    return dict.fromkeys(STATES.values(), 0) | {STATES.get(label, label): number for label, number in rows}


async def forget_past_of_canary(tx: Tx) -> bool:
    """A purge: all decisions on the canary but the newest, which would be half a million a year. The log has nothing to
    say of them, and is not verified there."""
    newest = select(cases.c.sequence).where(cases.c.event_id == canary.EVENT).scalar_subquery()
    for table in (decisions, tallies):
        await tx.execute(delete(table).where(table.c.event_id == canary.EVENT, table.c.sequence < newest))
    return False
