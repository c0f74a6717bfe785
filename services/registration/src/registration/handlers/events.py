"""What an organiser does with an event: writes it, submits it, takes it back. Each within the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID, uuid4

from backbone.campaign.edition import Edition
from backbone.contracts import EventSubmitted, EventWithdrawn, canary
from backbone.postgres.database import Tx
from backbone.postgres.outbox import tell_now

from .. import store
from ..desk import Desk
from ..domain.checking import Checked, check
from ..domain.deadline import check_day, day_in_paris
from ..domain.draft import EventDraft
from ..domain.kept import Kept, carried_on
from ..domain.measure import under
from ..domain.privacy import Author
from ..domain.refusals import (
    AccountGone,
    Changed,
    ExternalIdTaken,
    NeverSubmitted,
    NotOpen,
    NotYours,
    OfAnotherEdition,
    UnknownEvent,
    VersionNeeded,
)
from ..domain.rights import Act, Relation, Standing, may, region_of_draft, relations
from ..domain.slots import named
from ..domain.version import is_among, version_of
from ..store import Account, StoredEvent
from .helping import note_help
from .late import let_in
from .likeness import check_alike
from .organisations import organisation_for
from .pictures import own_picture
from .quotas import count_draft, count_revision


async def hold_account(tx: Tx, account_id: UUID) -> Account:
    """The account, which is not erased before the transaction ends. Raises AccountGone."""
    return _there(await store.account_by_id(tx, account_id, hold=True))


async def check_account(tx: Tx, account_id: UUID) -> Account:
    """The account. Raises AccountGone."""
    return _there(await store.account_by_id(tx, account_id))


async def event_for(tx: Tx, me: UUID, event_id: UUID, act: Act, *, lock: bool = False) -> StoredEvent:
    """The event with which this account may do that, by what it is to it (`domain.rights`). Locked, nobody else changes
    it, and the account is not erased, before the transaction ends. Raises AccountGone, UnknownEvent or NotYours."""
    event, _ = await event_and_relations(tx, me, event_id, act, lock=lock)
    return event


async def event_and_relations(
    tx: Tx, me: UUID, event_id: UUID, act: Act, *, lock: bool = False
) -> tuple[StoredEvent, frozenset[Relation]]:
    """The same, and what the account is to the event."""
    account = _there(await store.account_by_id(tx, me, hold=lock))
    found = await store.event_and_ties(tx, event_id, me, lock=lock)
    if found is None:
        raise UnknownEvent
    event, ties = found
    # what a reviewer decides on, and no draft that was never shown to anybody
    region = region_of_draft(event.draft)
    who = relations(Standing(me, account.acting, account.regions), event.account_id, ties, region)
    if event.revision == 0:
        who -= {Relation.REVIEWER}
    if not may(who, Act.READ):
        raise UnknownEvent
    if not may(who, act):
        raise NotYours
    return event, who


async def check_version(tx: Tx, me: UUID, event_id: UUID, read: str | None, *, is_replaced: bool = False) -> None:
    """Locks the event, if there is one, which is to be at the version that was read (an `If-Match`; None: any). Who
    replaces what somebody else keeps has to say one: they would undo what they never saw.

    Raises Changed, VersionNeeded, AccountGone or UnknownEvent.
    """
    if read is None and not (is_replaced and await store.event_by_id(tx, event_id)):
        return
    check_read(await event_for(tx, me, event_id, Act.READ, lock=True), me, read, is_replaced=is_replaced)


def check_read(event: StoredEvent, me: UUID, read: str | None, *, is_replaced: bool = False) -> None:
    """The same of an event that the caller has locked. Raises Changed or VersionNeeded."""
    version = version_of(event.draft, event.revision)
    if read is None and is_replaced and event.account_id != me:
        raise VersionNeeded(version)
    if read is not None and not is_among(version, read):
        raise Changed(version)


async def save_draft(
    tx: Tx,
    me: UUID,
    event_id: UUID,
    draft: EventDraft,
    *,
    organisation_id: UUID | None = None,
    now: datetime | None = None,
) -> bool:
    """Writes a new draft (True), or puts it in the place of the one there was. A new one is of this organisation, which
    the account is of; of the one it belonged to first, if none is named. `now`: by the campaign's clock.

    Raises AccountGone, UnknownOrganisation, UnknownEvent, NotYours, Unacceptable (of its picture) or TooMany.
    """
    if event_id == canary.EVENT:
        if me != canary.ORGANISER:
            raise UnknownEvent  # whether the canary flies here or not
        home = None
    else:
        home = await organisation_for(tx, await hold_account(tx, me), organisation_id)
    if draft.external_id and home:
        await _check_external_id(tx, home, event_id, draft.external_id)
    if await store.add_draft(tx, event_id, me, home, draft):
        await own_picture(tx, me, event_id, draft.picture)
        await count_draft(tx, home)
        return True
    before, who = await event_and_relations(tx, me, event_id, Act.EDIT, lock=True)
    if draft.external_id and before.organisation_id not in (None, home):
        await _check_external_id(tx, before.organisation_id, event_id, draft.external_id)
    written = carried_on(draft, before.draft)
    await store.replace_draft(tx, event_id, written)
    await own_picture(tx, me, event_id, written.picture)
    try:
        after = await event_for(tx, me, event_id, Act.EDIT)
        if after.draft != before.draft:
            await note_help(tx, before, who, Act.EDIT, now or datetime.now(UTC))
    except UnknownEvent:  # a coordinator moves no event into another's region
        raise NotYours from None
    return False


async def save_by_external_id(
    tx: Tx,
    me: UUID,
    external_id: str,
    draft: EventDraft,
    *,
    organisation_id: UUID | None = None,
    read: str | None = None,
) -> tuple[UUID, bool]:
    """Writes the event that bears this name in its organisation's own system: its id, and whether it is new.

    Raises as `check_version` and `save_draft` do.
    """
    home = await organisation_for(tx, await hold_account(tx, me), organisation_id)
    await store.lock_external_ids(tx, home, [external_id])
    event_id = await store.event_by_external_id(tx, home, external_id) or uuid4()
    await check_version(tx, me, event_id, read, is_replaced=True)
    named_so = draft.model_copy(update={"external_id": external_id})
    return event_id, await save_draft(tx, me, event_id, named_so, organisation_id=home)


async def _check_external_id(tx: Tx, organisation_id: UUID, event_id: UUID, external_id: str) -> None:
    await store.lock_external_ids(tx, organisation_id, [external_id])
    other = await store.event_by_external_id(tx, organisation_id, external_id)
    if other not in (None, event_id):
        raise ExternalIdTaken(other)


async def submit(
    tx: Tx,
    desk: Desk,
    me: UUID,
    event_id: UUID,
    *,
    confirmed: Collection[str] = (),
    not_the_same: Collection[str] = (),
    late_code: str | None = None,
) -> None:
    """Submits the event as it is written now; once, however often it is asked. `confirmed`: the fields whose telephone
    numbers and addresses may become public. `not_the_same`: the events, by token or id, that look like it and are
    others. `late_code`: what a reviewer has given, to submit it late.

    Raises NotOpen, AccountGone, UnknownEvent, NotYours, OfAnotherEdition, Incomplete, NamesItsAuthor, AsksFirst,
    Resembles or TooMany.
    """
    now = desk.clock.now()
    event, who = await event_and_relations(tx, me, event_id, Act.SUBMIT, lock=True)
    was_labelled = not is_open(desk.edition, now) and await store.was_labelled(tx, event_id)  # asked where it matters
    try:
        check_day(desk.edition, now, event.state, was_labelled=was_labelled)
    except NotOpen as closed:
        if not late_code or closed.today <= closed.period.last_day:
            raise
        await let_in(tx, desk, event, late_code, now)
    if not event.is_changed:
        return
    if event.revision and event.edition not in ("", desk.edition.name):
        raise OfAnotherEdition(event.edition, desk.edition.name)
    draft = await _accepted(tx, desk, me, event, confirmed)
    others = await check_alike(tx, desk, me, event, draft, not_the_same)
    written = draft.as_event(event.id, event.revision + 1, desk.edition.name, event.account_id)
    public = under(event.measures, written).model_copy(update={"resembles": others})
    fact = EventSubmitted(
        event_id=event.id,
        revision=public.revision,
        sequence=event.sequence + 1,
        edition=public.edition,
        event=public,
        submitted_at=now,
    )
    if event.id != canary.EVENT:
        await count_revision(tx, event.id, event.organisation_id)
    await store.mark_submitted(tx, fact, draft)
    await tell_now(tx, fact)
    await note_help(tx, event._replace(revision=fact.revision, sequence=fact.sequence), who, Act.SUBMIT, now)


async def _accepted(tx: Tx, desk: Desk, me: UUID, event: StoredEvent, confirmed: Collection[str]) -> EventDraft:
    """The draft, which names neither whoever submits it nor whoever keeps it."""
    for author in await authors_of(tx, me, event):
        draft = check(event.draft, author, desk.edition).accepted(confirmed)
    return draft.model_copy(update={"slots": named(draft.slots or ())})


async def authors_of(tx: Tx, me: UUID, event: StoredEvent) -> list[Author]:
    """Whom what is told of an event may not name: whoever tells it, and whoever keeps it. Raises AccountGone."""
    return [author_of(_there(await store.account_by_id(tx, one))) for one in {me, event.account_id}]


async def withdraw(tx: Tx, desk: Desk, me: UUID, event_id: UUID) -> None:
    """Takes the event back; once, however often it is asked.

    Raises AccountGone, UnknownEvent, NotYours or NeverSubmitted.
    """
    event = await event_for(tx, me, event_id, Act.WITHDRAW, lock=True)
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


def is_open(edition: Edition, now: datetime) -> bool:
    """Whether events of this edition are submitted now."""
    return edition.registration.opens <= day_in_paris(now) <= edition.registration.last_day


async def check_draft(tx: Tx, desk: Desk, account_id: UUID, given: Kept) -> Checked:
    """The dry run of a submission: nothing is kept of it. Raises AccountGone."""
    account = _there(await store.account_by_id(tx, account_id))
    return check(given, author_of(account), desk.edition)


def author_of(account: Account) -> Author:
    """Whom the account's drafts may not name."""
    return Author(account.name, account.email, account.organisation)


def _there(account: Account | None) -> Account:
    if account is None or not account.is_confirmed:
        raise AccountGone
    return account
