"""An organiser tells visitors what has become of an announced event: a revision of its own, of what was submitted last.
What is being written meanwhile stays as it is, and is not submitted with it."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from pydantic import ValidationError

from backbone.campaign.edition import Edition
from backbone.contracts import EventSubmitted
from backbone.postgres.database import Tx
from backbone.postgres.outbox import tell_now

from .. import store
from ..desk import Desk
from ..domain.announcing import Change
from ..domain.checking import check
from ..domain.draft import EventDraft
from ..domain.kept import Kept, as_submitted
from ..domain.measure import is_over, under
from ..domain.refusals import AsksFirst, EventOver, NamesItsAuthor, NotAnnounced, OfAnotherEdition, Unacceptable
from ..domain.rights import Act
from ..domain.slots import written_for
from ..store import StoredEvent
from .events import authors_of, event_for


async def announce(
    tx: Tx,
    desk: Desk,
    me: UUID,
    event_id: UUID,
    change: Change,
    *,
    note: str | None = None,
    confirmed: Collection[str] = (),
    is_back: bool = False,
) -> None:
    """Tells the change; once, however often it is asked. What visitors must know has no last day, until the event is
    over. `is_back`: it takes place after all.

    Raises AccountGone, UnknownEvent, NotYours, NotAnnounced, OfAnotherEdition, EventOver, Unacceptable, UnknownSlot,
    NamesItsAuthor or AsksFirst.
    """
    now = desk.clock.now()
    event = await event_for(tx, me, event_id, Act.ANNOUNCE, lock=True)
    before = await store.submitted_draft(tx, event_id) if event.is_submitted else None
    if before is None:
        raise NotAnnounced
    if event.edition not in ("", desk.edition.name):
        raise OfAnotherEdition(event.edition, desk.edition.name)
    told = as_submitted(before, event.id, event.revision, event.edition, event.account_id)
    if told is not None and is_over(told, now):
        raise EventOver
    after = change(before)
    if after == before:
        return
    await _may_be_told(tx, desk, me, event, note, confirmed)
    _check_hours(after, before, desk.edition)
    public = as_submitted(after, event.id, event.revision + 1, event.edition, event.account_id)
    if public is None:
        raise NotAnnounced
    others = tuple(await store.told_apart(tx, event.id))
    public = under(event.measures, public).model_copy(update={"resembles": others})
    known = {"event_id": event.id, "revision": public.revision, "edition": public.edition, "event": public}
    fact = EventSubmitted(**known, sequence=event.sequence + 1, submitted_at=now)
    await store.mark_announced(tx, fact, after, change(event.draft) if event.is_changed else after, is_back=is_back)
    await tell_now(tx, fact)


async def _may_be_told(
    tx: Tx, desk: Desk, me: UUID, event: StoredEvent, note: str | None, confirmed: Collection[str]
) -> None:
    for author in await authors_of(tx, me, event):
        found = check({"status_note": note}, author, desk.edition)
        if found.disclosures:
            raise NamesItsAuthor(found.disclosures)
        if asked := [question for question in found.questions if question.field not in confirmed]:
            raise AsksFirst(asked)


def _check_hours(after: Kept, before: Kept, edition: Edition) -> None:
    """New hours exist on the clocks of the place. Raises Unacceptable."""
    if after["slots"] == before["slots"]:
        return
    place = {name: after[name] for name in ("venue", "online_url", "is_online") if name in after}
    try:
        with written_for(edition):
            EventDraft.model_validate(place | {"slots": after["slots"]})
    except ValidationError as refused:
        raise Unacceptable.because(refused) from None
