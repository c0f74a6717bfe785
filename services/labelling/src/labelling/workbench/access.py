"""Who may do what with an event that waits.

Claimed       a colleague is at it, until their time is over
AlreadyHeld   a decision on it is held already, and is told within the minute
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from backbone.http.access import Caller, NotAllowed
from backbone.postgres.database import Tx

from .. import store
from ..desk import Desk
from ..domain.independence import is_own_cause
from ..reviews import OwnCause, OwnRefusal, ReviewMissing, TextChanged
from . import queue
from .colleagues import regions_of
from .queue import Waiting
from .tables import held


class Claimed(Exception):
    """A colleague is at the event."""

    def __init__(self, name: str) -> None:
        super().__init__("claimed")
        self.name = name


class AlreadyHeld(Exception):
    """A decision on the event is held already."""


async def to_read(tx: Tx, event_id: UUID, caller: Caller) -> Waiting:
    """The event, for who may read it. Raises ReviewMissing, NotAllowed."""
    waiting = await queue.one(tx, event_id)
    if waiting is None:
        raise ReviewMissing
    _check_region(waiting, caller)
    return waiting


async def to_decide(tx: Tx, event_id: UUID, revision: int, caller: Caller, *, hands_over: bool = False) -> Waiting:
    """The event, locked, for who may decide on it, or only `hands_over`, and has read this revision.

    Raises ReviewMissing, NotAllowed, OwnCause, OwnRefusal, TextChanged, Claimed, AlreadyHeld.
    """
    waiting = await queue.one(tx, event_id, hold=True)
    if waiting is None:
        await _say_what_became_of_it(tx, event_id, revision)
        raise ReviewMissing
    check(waiting, revision, caller, hands_over=hands_over)
    if await tx.scalar(select(held.c.id).where(held.c.event_id == event_id, held.c.failed.is_(None))):
        raise AlreadyHeld
    return waiting


async def check_claim(desk: Desk, event_id: UUID, caller: Caller) -> None:
    """Raises Claimed if a colleague is at the event."""
    async with desk.engine.connect() as tx:
        waiting = await queue.one(tx, event_id)
    if waiting and waiting.is_kept_from(caller):
        raise Claimed(waiting.claimed_name)


def check(waiting: Waiting, revision: int, caller: Caller, *, hands_over: bool = False) -> None:
    """Whether this reviewer, having read this revision, may decide; who may not may still hand over.

    Raises NotAllowed, OwnCause, OwnRefusal, TextChanged, Claimed.
    """
    _check_region(waiting, caller)
    if waiting.is_not_for(caller) and not hands_over:
        raise OwnCause if is_own_cause(waiting.event, caller.account_id, caller.organisation) else OwnRefusal
    if waiting.event.revision != revision:
        raise TextChanged(waiting.event, None)
    if waiting.is_kept_from(caller):
        raise Claimed(waiting.claimed_name)


async def _say_what_became_of_it(tx: Tx, event_id: UUID, revision: int) -> None:
    event = await store.newest_text(tx, event_id)
    if event and event.revision != revision:
        raise TextChanged(event, None)


def _check_region(waiting: Waiting, caller: Caller) -> None:
    regions = regions_of(caller)
    if regions is not None and not {waiting.region, waiting.overdue_in} & set(regions):
        raise NotAllowed("another region")
