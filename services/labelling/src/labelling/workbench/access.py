"""Who may do what with an event that waits.

Claimed           a colleague is at it, until their time is over
AlreadyHeld       a decision on it is held already, and is told within the minute
BeingCorrected    its organiser was asked for a correction: only a decision comes before that
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from backbone.http.access import Caller, NotAllowed
from backbone.postgres.database import Tx

from .. import store
from ..desk import Desk
from ..reviews import InAppeal, OwnCause, OwnRefusal, ReviewMissing, TextChanged
from . import queue
from .colleagues import regions_of
from .tables import held
from .waiting import Waiting
from .words import ToCorrect, ToHandOver, Word


class Claimed(Exception):
    """A colleague is at the event."""

    def __init__(self, name: str) -> None:
        super().__init__("claimed")
        self.name = name


class AlreadyHeld(Exception):
    """A decision on the event is held already."""


class BeingCorrected(Exception):
    """The organiser was asked for a correction."""


REASONS: Mapping[type[Exception], str] = {
    ReviewMissing: "gone",
    NotAllowed: "another-region",
    OwnCause: "own-cause",
    OwnRefusal: "own-refusal",
    InAppeal: "in-appeal",
    BeingCorrected: "in-correction",
    TextChanged: "changed",
    Claimed: "claimed",
    AlreadyHeld: "held",
}
"""What keeps a word from being said of an event, in a code."""


async def to_read(tx: Tx, event_id: UUID, caller: Caller) -> Waiting:
    """The event, for who may read it. Raises ReviewMissing, NotAllowed."""
    waiting = await queue.one(tx, event_id)
    if waiting is None:
        raise ReviewMissing
    _check_region(waiting, caller)
    return waiting


async def to_decide(tx: Tx, event_id: UUID, revision: int, word: Word, caller: Caller) -> Waiting:
    """The event, locked, for who may say this word of it and has read this revision.

    Raises ReviewMissing, NotAllowed, OwnCause, OwnRefusal, TextChanged, Claimed, AlreadyHeld, InAppeal, BeingCorrected.
    """
    waiting = await queue.one(tx, event_id, hold=True)
    if waiting is None:
        await _say_what_became_of_it(tx, event_id, revision)
        raise ReviewMissing
    check(waiting, revision, word, caller)
    if await _is_held(tx, event_id):
        raise AlreadyHeld
    return waiting


async def check_free(desk: Desk, event_id: UUID, caller: Caller) -> None:
    """Raises Claimed if a colleague is at the event, AlreadyHeld if a decision on it is about to be told."""
    async with desk.engine.connect() as tx:
        waiting, is_held = await queue.one(tx, event_id), await _is_held(tx, event_id)
    if waiting and waiting.is_kept_from(caller):
        raise Claimed(waiting.claimed_name)
    if is_held:
        raise AlreadyHeld


def check(waiting: Waiting, revision: int, word: Word, caller: Caller) -> None:
    """Whether this reviewer, having read this revision, may say this word of it; who may not decide may hand over.

    Raises NotAllowed, OwnCause, OwnRefusal, TextChanged, Claimed, InAppeal, BeingCorrected.
    """
    _check_region(waiting, caller)
    if not isinstance(word, ToHandOver):
        check_independence(waiting, caller)
    if waiting.event.revision != revision:
        raise TextChanged(waiting.event, None)
    if waiting.is_kept_from(caller):
        raise Claimed(waiting.claimed_name)
    if waiting.is_appeal and isinstance(word, ToCorrect):
        raise InAppeal
    if waiting.correction and isinstance(word, ToCorrect | ToHandOver):
        raise BeingCorrected


def check_independence(waiting: Waiting, caller: Caller) -> None:
    """Raises OwnCause or OwnRefusal where somebody else must decide."""
    if waiting.is_own_cause_of(caller):
        raise OwnCause
    if waiting.is_not_for(caller):
        raise OwnRefusal


async def _is_held(tx: Tx, event_id: UUID) -> bool:
    return bool(await tx.scalar(select(held.c.id).where(held.c.event_id == event_id, held.c.failed.is_(None))))


async def _say_what_became_of_it(tx: Tx, event_id: UUID, revision: int) -> None:
    event = await store.newest_text(tx, event_id)
    if event and event.revision != revision:
        raise TextChanged(event, None)


def _check_region(waiting: Waiting, caller: Caller) -> None:
    regions = regions_of(caller)
    if regions is not None and not {waiting.region, waiting.overdue_in} & set(regions):
        raise NotAllowed("another region")
