"""The events that somebody is shown in a list, the newest first."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, literal, literal_column, or_, select, true, tuple_

from backbone.campaign.geography import ONLINE, postcode_pattern
from backbone.contracts import canary
from backbone.http.paging import Place
from backbone.postgres.database import Tx

from ..domain.reviewing import ADMINISTRATOR, COORDINATOR, REVIEWER
from ..domain.story import State
from .account import Account
from .event import EVENT, StoredEvent, stored
from .tables import events, members, organisations


async def shared_events(
    tx: Tx,
    account_id: UUID,
    *,
    after: Place | None,
    limit: int,
    are_drafts: bool | None = None,
    states: Collection[State] = (),
    words: str = "",
) -> list[tuple[Place, StoredEvent]]:
    """The events of the account and of its organisations from a place on, the newest first, each with its own place.
    `are_drafts`: those alone that were never submitted, or that were; None: both. `states`: those alone that stand so.
    `words`: those alone in which each of them stands."""
    which = _is_shared_with(account_id) & _has_words(words)
    if are_drafts is not None:
        which &= (events.c.revision == 0) == are_drafts
    if states:
        which &= events.c.state.in_([state.value for state in states])
    return await _listed(tx, which, after, limit)


async def helped_events(
    tx: Tx, account: Account, *, after: Place | None, limit: int, words: str = ""
) -> list[tuple[Place, StoredEvent]]:
    """The events of others that the account may read, by its region or its federation; the newest first. `words`:
    those alone in which each of them stands."""
    return await _listed(tx, _is_helped_by(account) & _has_words(words), after, limit)


async def organisation_events(
    tx: Tx, organisation_id: UUID | None, *, after: Place | None, limit: int
) -> list[tuple[Place, StoredEvent]]:
    """The events of one organisation; the newest first."""
    return await _listed(tx, events.c.organisation_id == organisation_id, after, limit)


async def count_organisation_events(tx: Tx, organisation_id: UUID | None) -> int:
    return await _count(tx, events.c.organisation_id == organisation_id)


async def _listed(
    tx: Tx, which: ColumnElement[bool], after: Place | None, limit: int
) -> list[tuple[Place, StoredEvent]]:
    columns = (events.c.created_at, events.c.id)
    question = EVENT.add_columns(events.c.created_at).where(which)
    if after:
        question = question.where(tuple_(*columns) < tuple_(*after))
    rows = await tx.execute(question.order_by(*(column.desc() for column in columns)).limit(limit))
    return [(Place(at, event[0]), stored(event)) for *event, at in rows]


async def count_shared_events(tx: Tx, account_id: UUID, *, are_drafts: bool | None = None) -> int:
    """How many events the account and its organisations have, drafts and withdrawn ones included. `are_drafts`: those
    alone that were never submitted, or that were; None: both."""
    which = _is_shared_with(account_id)
    return await _count(tx, which if are_drafts is None else which & ((events.c.revision == 0) == are_drafts))


async def count_helped_events(tx: Tx, account: Account) -> int:
    """How many events of others the account may read."""
    return await _count(tx, _is_helped_by(account))


async def _count(tx: Tx, which: ColumnElement[bool]) -> int:
    return await tx.scalar(select(func.count()).where(which, events.c.account_id.is_not(None))) or 0


def _is_helped_by(account: Account) -> ColumnElement[bool]:
    """The same as `domain.rights` says of one event, as a question to all of them."""
    mine = select(members.c.organisation_id).where(members.c.account_id == account.id)
    helped = select(organisations.c.id).where(organisations.c.federation_id.in_(mine))
    others = ~func.coalesce(_is_shared_with(account.id), false()) & (events.c.id != canary.EVENT)
    return others & or_(events.c.organisation_id.in_(helped), _by_role(account))


def _by_role(account: Account) -> ColumnElement[bool]:
    if account.role == ADMINISTRATOR:
        return true()
    if account.role not in (COORDINATOR, REVIEWER):
        return false()
    postcode = events.c.draft["venue"]["postcode"].astext
    is_there: ColumnElement[bool] = postcode.regexp_match(postcode_pattern(account.regions))
    if ONLINE in account.regions:
        is_there |= events.c.draft["venue"]["city"].astext.is_(None) & events.c.draft["online_url"].astext.is_not(None)
    return is_there if account.role == COORDINATOR else is_there & (events.c.revision > 0)


def _has_words(words: str) -> ColumnElement[bool]:
    """Whether each of the words stands in what people know an event by, whatever its accents and capitals."""
    kept = events.c.draft
    known = func.concat_ws(
        " ", kept["title"].astext, kept["organisation"].astext, kept["venue"]["city"].astext, kept["external_id"].astext
    )
    return and_(true(), *(func.strpos(_plain(known), _plain(literal(word))) > 0 for word in words.split()))


def _plain(text: ColumnElement[Any]) -> ColumnElement[str]:
    bare = func.regexp_replace(func.normalize(func.lower(text), literal_column("NFKD")), "[\u0300-\u036f]", "", "g")
    return func.replace(bare, "’", "'")


def _is_shared_with(account_id: UUID) -> ColumnElement[bool]:
    own = select(members.c.organisation_id).where(members.c.account_id == account_id)
    return or_(events.c.account_id == account_id, events.c.organisation_id.in_(own))
