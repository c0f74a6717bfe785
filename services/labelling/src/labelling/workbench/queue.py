"""What waits for a person, by what a reviewer looks for, the most urgent first; and what is being corrected."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB

from backbone.contracts import Finding, canary
from backbone.http.access import Caller
from backbone.http.paging import Place
from backbone.postgres.database import Tx

from ..domain.case import Asks
from ..store import WAITS, cases
from .colleagues import regions_of
from .tables import UNANSWERED, claims, held, opinions
from .waiting import COLUMNS, Waiting, read_waiting


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
    corrected: bool = False
    """Those whose organiser was asked for a correction, in place of those that wait for a person: the oldest first."""

    def without(self, name: str) -> Wanted:
        """The same, whatever this one is."""
        plain = Wanted()
        return replace(self, **{name: getattr(plain, name)})

    @property
    def names(self) -> list[str]:
        """What is looked for."""
        return [field.name for field in fields(self) if getattr(self, field.name)]

    @property
    def order(self) -> tuple[ColumnElement[Any], ColumnElement[UUID]]:
        """By what they are ordered: a correction has no time limit."""
        return (cases.c.changed_at if self.corrected else cases.c.due_at), cases.c.event_id


_IS_EVENT = cases.c.event_id != canary.EVENT  # nobody is asked about the canary, whatever the rules make of it
_IS_OPEN, _CORRECTED = cases.c.asks.is_not(None) & _IS_EVENT, cases.c.asks == Asks.CORRECTION.value
_HELD = exists().where(held.c.event_id == cases.c.event_id, held.c.failed.is_(None))
_CLAIM = and_(claims.c.event_id == cases.c.event_id, claims.c.until > func.now())


async def waiting(
    tx: Tx, wanted: Wanted, caller: Caller, now: datetime, *, after: Place | None = None, limit: int
) -> list[Waiting]:
    """What a reviewer looks for, from a place on."""
    question = _where(select(*COLUMNS), wanted, caller, now)
    if after:
        question = question.where(tuple_(*wanted.order) > tuple_(*after))
    return [read_waiting(row) for row in await tx.execute(question.order_by(*wanted.order).limit(limit))]


async def count(tx: Tx, wanted: Wanted, caller: Caller, now: datetime) -> int:
    """How many that are."""
    return await tx.scalar(_where(select(func.count()), wanted, caller, now)) or 0


async def neighbours(
    tx: Tx, wanted: Wanted, caller: Caller, now: datetime, place: Place
) -> tuple[UUID | None, UUID | None]:
    """The events before and after a place, of what the reviewer looks for."""
    order = wanted.order
    question = _where(select(cases.c.event_id), wanted, caller, now)
    before = question.where(tuple_(*order) < tuple_(*place)).order_by(*(column.desc() for column in order)).limit(1)
    after = question.where(tuple_(*order) > tuple_(*place)).order_by(*order).limit(1)
    return await tx.scalar(before), await tx.scalar(after)


async def totals(tx: Tx, wanted: Wanted, caller: Caller, now: datetime) -> Mapping[str, int]:
    """How many wait in all, by region; or how many are being corrected."""
    asked: Select[Any] = select(cases.c.region, func.count())
    all_of_them = Wanted(corrected=wanted.corrected)
    rows = await tx.execute(_where(asked, all_of_them, caller, now).group_by(cases.c.region))
    return {region: number for region, number in rows}  # noqa: C416 (rows are no pairs for mypy)


async def urgencies(tx: Tx, wanted: Wanted, caller: Caller, now: datetime) -> Mapping[str, int]:
    """How many of them are overdue, and how many will be within a day."""
    late, soon = cases.c.due_at < now, cases.c.due_at < now + timedelta(days=1)
    question = select(func.count().filter(late), func.count().filter(soon & ~late))
    row = (await tx.execute(_where(question, wanted, caller, now))).one()
    return {Urgency.OVERDUE: row[0], Urgency.SOON: row[1]}


async def one(tx: Tx, event_id: UUID, *, hold: bool = False) -> Waiting | None:
    """The event, if something is open on it; held (locked) until the transaction ends."""
    return (await some(tx, [event_id], hold=hold)).get(event_id)


async def some(tx: Tx, event_ids: Collection[UUID], *, hold: bool = False) -> dict[UUID, Waiting]:
    """Those of the events on which something is open; held (locked, in one order) until the transaction ends."""
    joined = select(*COLUMNS).select_from(cases.outerjoin(claims, _CLAIM))
    question = joined.where(cases.c.event_id.in_(event_ids), _IS_OPEN).order_by(cases.c.event_id)
    rows = await tx.execute(question.with_for_update(of=cases) if hold else question)
    found = [read_waiting(row) for row in rows]
    return {each.event.event_id: each for each in found}


def _where(question: Any, wanted: Wanted, caller: Caller, now: datetime) -> Any:
    regions = regions_of(caller)
    conditions = [_CORRECTED if wanted.corrected else WAITS, _IS_EVENT, ~_HELD]
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
