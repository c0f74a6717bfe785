"""A kit or a notice as whoever mails it finds it, and the steps of its mail; each a small transaction."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import Table, and_, case, delete, func, select, update

from backbone.contracts import PublicEvent, canary
from backbone.contracts.event import Slot
from backbone.postgres.database import Tx

from ..domain.mailing import MailState, copies_in
from ..domain.notices import Word
from ..domain.organiser import Organiser
from ..domain.printed import NOT_SENT_AGAIN, only_moves_its_pin
from .tables import events, kits, notices, organisers


class Order(Protocol):
    """A mail to be sent."""

    @property
    def id(self) -> UUID: ...
    @property
    def orders(self) -> int: ...
    @property
    def state(self) -> MailState: ...
    @property
    def organiser(self) -> Organiser: ...
    @property
    def table(self) -> Table:
        """Where its state is kept."""
        ...


class KitOrder(NamedTuple):
    """A kit to be made and sent."""

    id: UUID
    orders: int
    event: PublicEvent
    state: MailState
    labelled_at: datetime
    organiser: Organiser
    earlier: tuple[tuple[Slot, ...], ...] = ()
    """The openings of each earlier revision whose kit may have been received; of the first kit, none."""
    same_since: datetime | None = None
    """When the mail left that brought the same kit, for the revision before: only a pin has moved."""

    @property
    def table(self) -> Table:
        return kits


class KitOnShow(NamedTuple):
    """The kit that an event is owed, wherever its mail stands."""

    event: PublicEvent
    labelled_at: datetime
    earlier: tuple[tuple[Slot, ...], ...]
    receipt: str | None
    """Of one that failed, why."""


class NoticeOrder(NamedTuple):
    """A notice to be sent."""

    id: UUID
    orders: int
    event_id: UUID
    edition: str
    name: str
    word: Word
    state: MailState
    organiser: Organiser

    @property
    def table(self) -> Table:
        return notices


async def kit_order(tx: Tx, kit_id: UUID, orders: int) -> KitOrder | None:
    """The kit as it was ordered for the nth time (`orders`); None if it is not owed any more, or was ordered anew
    since, or its organiser is erased."""
    asked = select(kits, organisers.c.name, organisers.c.email, organisers.c.is_erased)
    asked = asked.join_from(kits, events, events.c.event_id == kits.c.event_id)
    asked = asked.outerjoin(organisers, organisers.c.id == kits.c.organiser_id)
    this = (kits.c.id == kit_id) & (kits.c.orders == orders) & kits.c.event.is_not(None)
    row = (await tx.execute(asked.where(this, _IS_OWED))).one_or_none()
    if row is None or row.is_erased or row.state in _HAS_NOTHING_TO_SEND:
        return None
    organiser = Organiser(row.organiser_id, row.name, row.email)
    event, earlier = PublicEvent.model_validate(row.event), await _earlier_slots(tx, row.event_id, row.revision)
    state, same_since = MailState(row.state), await _same_since(tx, event)
    return KitOrder(row.id, row.orders, event, state, row.labelled_at, organiser, earlier, same_since)


async def kit_on_show(tx: Tx, event_id: UUID) -> KitOnShow | None:
    """The kit that this event is owed now; None: it is owed none, or its organiser is erased."""
    asked = select(kits).join_from(kits, events, events.c.event_id == kits.c.event_id)
    of_it = (kits.c.event_id == event_id) & kits.c.event.is_not(None)
    row = (await tx.execute(asked.where(of_it, _IS_OWED))).one_or_none()
    if row is None:
        return None
    earlier = await _earlier_slots(tx, event_id, row.revision)
    why = row.receipt if row.state == MailState.FAILED else None
    return KitOnShow(PublicEvent.model_validate(row.event), row.labelled_at, earlier, why)


async def notice_order(tx: Tx, notice_id: UUID, orders: int) -> NoticeOrder | None:
    """The notice as it was ordered for the nth time; None if what it says is overtaken, or it was ordered anew since,
    or its organiser is erased."""
    asked = select(notices, events.c.edition, organisers.c.name.label("to_name"), organisers.c.email)
    asked = asked.add_columns(organisers.c.is_erased)
    asked = asked.join_from(notices, events, events.c.event_id == notices.c.event_id)
    asked = asked.outerjoin(organisers, organisers.c.id == notices.c.organiser_id)
    this = (notices.c.id == notice_id) & (notices.c.orders == orders) & notices.c.word.is_not(None)
    row = (await tx.execute(asked.where(this, _IS_NEWEST))).one_or_none()
    if row is None or row.is_erased or row.state in _HAS_NOTHING_TO_SEND:
        return None
    organiser, word = Organiser(row.organiser_id, row.to_name, row.email), Word.model_validate(row.word)
    about = (row.event_id, row.edition, row.name, word)
    return NoticeOrder(row.id, row.orders, *about, MailState(row.state), organiser)


async def is_of_erased(tx: Tx, table: Table, mail_id: UUID) -> bool:
    """Whether the kit or notice was for somebody who is erased."""
    asked = select(organisers.c.is_erased).join_from(table, organisers, organisers.c.id == table.c.organiser_id)
    return bool(await tx.scalar(asked.where(table.c.id == mail_id)))


_HAS_NOTHING_TO_SEND = (MailState.ACCEPTED, MailState.SUPERSEDED)
"""Accepted before its job was done: what was told of it was taken back (`recall_kit`)."""

_IS_OWED = and_(
    events.c.takes_place,
    events.c.labelled_revision > events.c.withdrawn_revision,
    events.c.labelled_revision == kits.c.revision,
)

_IS_NEWEST = and_(
    notices.c.revision == events.c.decided_revision,
    notices.c.sequence == events.c.decided_sequence,
    notices.c.revision > events.c.withdrawn_revision,
)


async def _earlier_slots(tx: Tx, event_id: UUID, revision: int) -> tuple[tuple[Slot, ...], ...]:
    may_be_out = (kits.c.copies > 0) | kits.c.state.in_([state for state in MailState if copies_in(state)])
    before = and_(kits.c.event_id == event_id, kits.c.revision < revision, kits.c.event.is_not(None), may_be_out)
    slots = await tx.scalars(select(kits.c.event["slots"]).where(before).order_by(kits.c.revision))
    return tuple(tuple(map(Slot.model_validate, told)) for told in slots)


async def _same_since(tx: Tx, event: PublicEvent) -> datetime | None:
    before = and_(kits.c.event_id == event.event_id, kits.c.revision < event.revision)
    has_left = kits.c.receipt.is_distinct_from(NOT_SENT_AGAIN)
    asked = select(kits.c.event, kits.c.state, kits.c.changed_at).where(before, has_left)
    row = (await tx.execute(asked.order_by(kits.c.revision.desc()).limit(1))).one_or_none()
    if row is None or row.event is None or row.state != MailState.ACCEPTED:
        return None
    return row.changed_at if only_moves_its_pin(PublicEvent.model_validate(row.event), event) else None


async def move_state(tx: Tx, order: Order, before: MailState, after: MailState) -> bool:
    """Changes the state of what is ordered so, if it is still `before`; False if somebody else has changed it, or
    ordered it anew."""
    mails = order.table
    this = (mails.c.id == order.id) & (mails.c.state == before) & (mails.c.orders == order.orders)
    moved = update(mails).where(this).values(state=after, receipt=None, changed_at=func.now())
    return (await tx.execute(moved)).rowcount == 1


async def try_again(tx: Tx, mails: Table, mail_id: UUID, orders: int) -> None:
    """Lets a kit or a notice that failed be sent once more, if it was not ordered anew since."""
    this = and_(mails.c.id == mail_id, mails.c.orders == orders, mails.c.state == MailState.FAILED)
    state = case((mails.c.copies > 0, MailState.UNCERTAIN), else_=MailState.PENDING)
    await tx.execute(update(mails).where(this).values(state=state, receipt=None, changed_at=func.now()))


async def counts(tx: Tx) -> dict[str, int]:
    """How many kits are in each state, and notices; and `equipped`: the events with a label whose newest kit was
    accepted, or that are owed none."""
    of_events = [table.c.event_id != canary.EVENT for table in (kits, events, notices)]
    rows = await tx.execute(select(kits.c.state, func.count()).where(of_events[0]).group_by(kits.c.state))
    newest = and_(kits.c.event_id == events.c.event_id, kits.c.revision == events.c.labelled_revision)
    asked = select(func.count()).select_from(events).outerjoin(kits, newest)
    has_label = events.c.labelled_revision > events.c.withdrawn_revision
    has_its_kit = ~events.c.takes_place | (kits.c.state == MailState.ACCEPTED)
    equipped = await tx.scalar(asked.where(has_label, has_its_kit, of_events[1]))
    told = await tx.execute(select(notices.c.state, func.count()).where(of_events[2]).group_by(notices.c.state))
    of_notices = {f"notices_{state}": 0 for state in MailState} | {f"notices_{state}": n for state, n in told}
    of_kits = {state.value: 0 for state in MailState} | dict(rows.all())
    return of_kits | of_notices | {"equipped": equipped or 0}


async def forget_past_of_canary(tx: Tx) -> bool:
    """A purge: what was mailed of the canary to nobody, but for its newest revision. There is one a minute."""
    newest = select(events.c.decided_revision).where(events.c.event_id == canary.EVENT).scalar_subquery()
    for mails in (kits, notices):
        await tx.execute(delete(mails).where(mails.c.event_id == canary.EVENT, mails.c.revision < newest))
    return False
