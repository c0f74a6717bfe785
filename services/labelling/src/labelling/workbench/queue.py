"""What waits for a person, by what a reviewer looks for, the most urgent first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB

from backbone.contracts import AppealReceived, Finding, PublicEvent, ReviewRequested, Verdict
from backbone.http.access import Caller
from backbone.http.paging import Place
from backbone.postgres.database import Tx

from ..domain.case import Asks
from ..domain.decision import Waiting as Asked
from ..domain.independence import is_own_cause
from ..store import WAITS, cases
from .colleagues import ADMINISTRATOR, regions_of
from .tables import UNANSWERED, claims, held, opinions


class Urgency(StrEnum):
    """By when a person must have decided."""

    OVERDUE = "retard"
    SOON = "bientot"
    """Within a day."""


@dataclass(frozen=True)
class Wanted:
    """What a reviewer looks for. `mine`: what they have claimed, or are asked for their opinion on."""

    region: str | None = None
    doubt: str | None = None
    kind: str | None = None
    urgency: Urgency | None = None
    mine: bool = False

    def without(self, name: str) -> Wanted:
        """The same, whatever this one is."""
        plain = Wanted()
        return replace(self, **{name: getattr(plain, name)})

    @property
    def names(self) -> list[str]:
        """What is looked for."""
        return [field.name for field in fields(self) if getattr(self, field.name)]


@dataclass(frozen=True)
class Waiting:
    """An event that waits for a person."""

    asked: Asked
    region: str
    due_at: datetime
    sequence: int
    label: str
    overdue_in: str | None = None
    """The region that let it wait, and may still decide."""
    refused_by: UUID | None = None
    """Of an appeal, who refused: another person judges it."""
    claimed_by: UUID | None = None
    claimed_name: str = ""

    @property
    def event(self) -> PublicEvent:
        return self.asked.event

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        return self.asked.verdicts

    @property
    def is_appeal(self) -> bool:
        """Whether the organiser asks that a person judge again."""
        return isinstance(self.asked, AppealReceived)

    @property
    def in_doubt(self) -> tuple[Verdict, ...]:
        """What is to be judged: what is in doubt; of a refusal that is appealed against, what was not met."""
        doubts = tuple(verdict for verdict in self.verdicts if verdict.finding == Finding.DOUBTFUL)
        return doubts or tuple(verdict for verdict in self.verdicts if verdict.finding != Finding.MET)

    def is_not_for(self, caller: Caller) -> bool:
        """Whether somebody else must decide: it is their own organisation's, or contests their own refusal."""
        is_own = is_own_cause(self.event, caller.account_id, caller.organisation)
        return is_own or (self.is_appeal and self.refused_by == caller.account_id)

    def is_kept_from(self, caller: Caller) -> bool:
        """Whether a colleague is at it. An administrator may step in."""
        return self.claimed_by not in (None, caller.account_id) and caller.role != ADMINISTRATOR

    @property
    def place(self) -> Place:
        return Place(self.due_at, self.event.event_id)


_HELD = exists().where(held.c.event_id == cases.c.event_id, held.c.failed.is_(None))
_CLAIM = and_(claims.c.event_id == cases.c.event_id, claims.c.until > func.now())
_COLUMNS = (
    *(cases.c.asks, cases.c.fact, cases.c.region, cases.c.due_at, cases.c.sequence, cases.c.label),
    *(cases.c.overdue_in, cases.c.reviewer),
    *(claims.c.account_id, claims.c.name),
)


async def waiting(
    tx: Tx, wanted: Wanted, caller: Caller, now: datetime, *, after: Place | None = None, limit: int
) -> list[Waiting]:
    """What a reviewer looks for, from a place on."""
    question = _where(select(*_COLUMNS), wanted, caller, now)
    place = (cases.c.due_at, cases.c.event_id)
    if after:
        question = question.where(tuple_(*place) > tuple_(*after))
    return [_read(row) for row in await tx.execute(question.order_by(*place).limit(limit))]


async def count(tx: Tx, wanted: Wanted, caller: Caller, now: datetime) -> int:
    """How many that are."""
    return await tx.scalar(_where(select(func.count()), wanted, caller, now)) or 0


async def neighbours(
    tx: Tx, wanted: Wanted, caller: Caller, now: datetime, place: Place
) -> tuple[UUID | None, UUID | None]:
    """The events before and after a place, of what the reviewer looks for."""
    order = (cases.c.due_at, cases.c.event_id)
    question = _where(select(cases.c.event_id), wanted, caller, now)
    before = question.where(tuple_(*order) < tuple_(*place)).order_by(*(column.desc() for column in order)).limit(1)
    after = question.where(tuple_(*order) > tuple_(*place)).order_by(*order).limit(1)
    return await tx.scalar(before), await tx.scalar(after)


async def totals(tx: Tx, caller: Caller, now: datetime) -> Mapping[str, int]:
    """How many wait, by region."""
    asked: Select[Any] = select(cases.c.region, func.count())
    rows = await tx.execute(_where(asked, Wanted(), caller, now).group_by(cases.c.region))
    return {region: number for region, number in rows}  # noqa: C416 (rows are no pairs for mypy)


async def urgencies(tx: Tx, wanted: Wanted, caller: Caller, now: datetime) -> Mapping[str, int]:
    """How many of them are overdue, and how many will be within a day."""
    late, soon = cases.c.due_at < now, cases.c.due_at < now + timedelta(days=1)
    question = select(func.count().filter(late), func.count().filter(soon & ~late))
    row = (await tx.execute(_where(question, wanted, caller, now))).one()
    return {Urgency.OVERDUE: row[0], Urgency.SOON: row[1]}


async def one(tx: Tx, event_id: UUID, *, hold: bool = False) -> Waiting | None:
    """The event, if it waits for a person, held by somebody or not; held (locked) until the transaction ends."""
    joined = select(*_COLUMNS).select_from(cases.outerjoin(claims, _CLAIM))
    question = joined.where(cases.c.event_id == event_id, WAITS)
    row = (await tx.execute(question.with_for_update(of=cases) if hold else question)).one_or_none()
    return _read(row) if row else None


async def some(tx: Tx, event_ids: Collection[UUID]) -> dict[UUID, Waiting]:
    """Those of the events that wait for a person."""
    joined = select(*_COLUMNS).select_from(cases.outerjoin(claims, _CLAIM))
    question = joined.where(cases.c.event_id.in_(event_ids), WAITS)
    found = [_read(row) for row in await tx.execute(question)]
    return {each.event.event_id: each for each in found}


def _where(question: Any, wanted: Wanted, caller: Caller, now: datetime) -> Any:
    regions = regions_of(caller)
    conditions = [WAITS, ~_HELD]
    if regions is not None:
        conditions.append(or_(cases.c.region.in_(regions), cases.c.overdue_in.in_(regions)))
    return question.select_from(cases.outerjoin(claims, _CLAIM)).where(*conditions, *_filters(wanted, caller, now))


def _filters(wanted: Wanted, caller: Caller, now: datetime) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.region:
        conditions.append(or_(cases.c.region == wanted.region, cases.c.overdue_in == wanted.region))
    if wanted.doubt:
        doubted = [{"condition": wanted.doubt, "finding": Finding.DOUBTFUL.value}]
        conditions.append(cases.c.fact["verdicts"].contains(literal(doubted, JSONB)))
    if wanted.kind:
        conditions.append(cases.c.fact["event"]["kind"].astext == wanted.kind)
    if wanted.urgency == Urgency.OVERDUE:
        conditions.append(cases.c.due_at < now)
    elif wanted.urgency == Urgency.SOON:
        conditions.append(cases.c.due_at < now + timedelta(days=1))
    if wanted.mine:
        asked = exists().where(
            opinions.c.event_id == cases.c.event_id, opinions.c.asked_of == caller.account_id, UNANSWERED
        )
        conditions.append((claims.c.account_id == caller.account_id) | asked)
    return conditions


def _read(row: Any) -> Waiting:
    asks, fact, region, due_at, sequence, label, overdue_in, reviewer, claimed_by, claimed_name = row
    kind = AppealReceived if asks == Asks.APPEAL else ReviewRequested
    return Waiting(
        asked=kind.model_validate(fact),
        region=region,
        due_at=due_at,
        sequence=sequence,
        label=label,
        overdue_in=overdue_in,
        refused_by=reviewer,
        claimed_by=claimed_by,
        claimed_name=claimed_name or "",
    )
