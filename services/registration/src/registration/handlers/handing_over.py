"""An event gets another keeper: a colleague, whoever it was entered for, or who is left when its keeper goes.

What was submitted is told anew, as it was, with the number of the new one: their kit and their mails follow. Of an
event that is over nothing is told any more, and nothing of a draft.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from backbone.kafka.envelope import Untellable, written
from backbone.postgres.database import Tx
from backbone.postgres.outbox import tell_now

from .. import store
from ..desk import Desk
from ..domain.kept import as_submitted
from ..domain.measure import is_over, under
from ..domain.refusals import NoMember
from ..domain.rights import Act
from ..domain.timeline import handed_over
from ..store import StoredEvent
from .events import check_read, event_for
from .mails import Mail, owe_word
from .measures import fact_of


async def hand_over(tx: Tx, desk: Desk, me: UUID, event_id: UUID, to: UUID, *, read: str | None = None) -> None:
    """Gives the event to somebody else of its organisation; once, however often it is asked. `read`: the version that
    was (`check_version`).

    Raises AccountGone, UnknownEvent, NotYours, Changed or NoMember.
    """
    event = await event_for(tx, me, event_id, Act.HAND_OVER)
    await hold_colleague(tx, event, to)  # before the event: an erasure goes the same way
    event = await event_for(tx, me, event_id, Act.HAND_OVER, lock=True)
    check_read(event, me, read)
    if event.account_id == to:
        return
    await pass_on(tx, event, to, event.organisation_id, desk.clock.now())
    if to != me:
        await owe_word(tx, Mail.HANDED_OVER, to, event.id)


async def hold_colleague(tx: Tx, event: StoredEvent, to: UUID) -> None:
    """Keeps the account, which is of the event's organisation, from being erased. Raises NoMember."""
    is_of_it = event.organisation_id and await store.role_in(tx, event.organisation_id, to)
    if not is_of_it and to != event.account_id:
        raise NoMember
    if await store.account_by_id(tx, to, hold=True) is None:
        raise NoMember  # erased at this very moment


async def pass_on(tx: Tx, event: StoredEvent, to: UUID, organisation_id: UUID | None, now: datetime) -> None:
    """Gives the event, whose row the caller has locked, to this account, and tells it where it was submitted."""
    await store.change_keeper(tx, event.id, to, organisation_id)
    await store.note_steps(tx, [(event.id, handed_over(event.revision, event.sequence, now))])
    submitted = await store.submitted_event(tx, event.id)
    if submitted is None or submitted.draft is None:
        return
    bare = as_submitted(submitted.draft, event.id, submitted.revision + 1, submitted.edition, to)
    if bare is None or is_over(bare, now):
        return
    told = under(submitted.measures, bare).model_copy(update={"resembles": tuple(await store.told_apart(tx, event.id))})
    fact = fact_of(submitted, told, now)
    try:
        written(fact)
    except Untellable:  # by the rules of another release; whoever submits it next tells it
        return
    await store.mark_restated(tx, fact, submitted.measures)
    await tell_now(tx, fact)
