"""What an organiser does with an event: writes it, submits it, takes it back. Each within the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from backbone.campaign.edition import Edition
from backbone.contracts import EventSubmitted, EventWithdrawn, canary
from backbone.postgres.database import Tx
from backbone.postgres.outbox import tell_now

from .. import store
from ..desk import Desk
from ..domain.checking import Checked, check
from ..domain.draft import PARIS, EventDraft, Kept
from ..domain.measure import under
from ..domain.privacy import Author
from ..domain.refusals import (
    AccountGone,
    NeverSubmitted,
    NotOpen,
    OfAnotherEdition,
    UnknownEvent,
)
from ..store import Account, StoredEvent


async def hold_account(tx: Tx, account_id: UUID) -> Account:
    """The account, which is not erased before the transaction ends. Raises AccountGone."""
    return _there(await store.account_by_id(tx, account_id, hold=True))


async def check_account(tx: Tx, account_id: UUID) -> None:
    """Raises AccountGone."""
    _there(await store.account_by_id(tx, account_id))


async def save_draft(tx: Tx, account_id: UUID, event_id: UUID, draft: EventDraft) -> bool:
    """Writes a new draft (True), or puts it in the place of the one there was. Raises AccountGone or UnknownEvent."""
    if event_id == canary.EVENT and account_id != canary.ORGANISER:
        raise UnknownEvent  # whether the canary flies here or not
    await hold_account(tx, account_id)
    is_new = await store.save_draft(tx, event_id, account_id, draft)
    if is_new is None:
        raise UnknownEvent
    return is_new


async def submit(tx: Tx, desk: Desk, account_id: UUID, event_id: UUID, *, confirmed: Collection[str] = ()) -> None:
    """Submits the event as it is written now; once, however often it is asked. `confirmed`: the fields whose telephone
    numbers and addresses may become public.

    Raises NotOpen, AccountGone, UnknownEvent, OfAnotherEdition, Incomplete, NamesItsAuthor or AsksFirst.
    """
    now = desk.clock.now()
    check_open(desk.edition, now)
    account = await hold_account(tx, account_id)
    event = await own_event(tx, account_id, event_id, lock=True)
    if not event.is_changed:
        return
    if event.revision and event.edition not in ("", desk.edition.name):
        raise OfAnotherEdition(event.edition, desk.edition.name)
    draft = check(event.draft, author_of(account), desk.edition).accepted(confirmed)
    public = under(event.measures, draft.as_event(event.id, event.revision + 1, desk.edition.name, account_id))
    fact = EventSubmitted(
        event_id=event.id,
        revision=public.revision,
        sequence=event.sequence + 1,
        edition=public.edition,
        event=public,
        submitted_at=now,
    )
    await store.mark_submitted(tx, fact)
    await tell_now(tx, fact)


async def withdraw(tx: Tx, desk: Desk, account_id: UUID, event_id: UUID) -> None:
    """Takes the event back; once, however often it is asked. Raises AccountGone, UnknownEvent or NeverSubmitted."""
    await hold_account(tx, account_id)
    event = await own_event(tx, account_id, event_id, lock=True)
    if event.revision == 0:
        raise NeverSubmitted
    if event.is_submitted:
        await take_back(tx, event, desk.clock.now())


async def take_back(tx: Tx, event: StoredEvent, now: datetime) -> None:
    """Takes a submitted event back, whose row the caller has locked: with a revision of its own."""
    fact = EventWithdrawn(
        event_id=event.id,
        revision=event.revision + 1,
        sequence=event.sequence + 1,
        edition=event.edition,
        withdrawn_at=now,
    )
    await store.mark_withdrawn(tx, fact)
    await tell_now(tx, fact)


async def own_event(tx: Tx, account_id: UUID, event_id: UUID, *, lock: bool = False) -> StoredEvent:
    """The account's event. Raises UnknownEvent."""
    event = await store.own_event(tx, event_id, account_id, lock=lock)
    if event is None:
        raise UnknownEvent
    return event


def check_open(edition: Edition, now: datetime) -> None:
    """Raises NotOpen on a day (in Paris) on which events of this edition are not submitted."""
    if not is_open(edition, now):
        raise NotOpen(day_in_paris(now), edition.registration)


def is_open(edition: Edition, now: datetime) -> bool:
    """Whether events of this edition are submitted now."""
    return edition.registration.opens <= day_in_paris(now) <= edition.registration.last_day


def day_in_paris(now: datetime) -> date:
    return now.astimezone(ZoneInfo(PARIS)).date()


async def check_draft(tx: Tx, desk: Desk, account_id: UUID, given: Kept) -> Checked:
    """The dry run of a submission: nothing is kept of it. Raises AccountGone."""
    account = _there(await store.account_by_id(tx, account_id))
    return check(given, author_of(account), desk.edition)


def author_of(account: Account) -> Author:
    """Whom the account's drafts may not name."""
    return Author(account.name, account.email, account.organisation)


def _there(account: Account | None) -> Account:
    if account is None:
        raise AccountGone
    return account
