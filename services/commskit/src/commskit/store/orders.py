"""A kit as whoever makes and mails it finds it, and the steps of its mail; each a small transaction."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, case, func, select, update

from backbone.contracts import PublicEvent
from backbone.contracts.event import Slot
from backbone.postgres.database import Tx

from ..domain.mailing import KitState, copies_in
from ..domain.organiser import Organiser
from .tables import events, kits, organisers


class KitOrder(NamedTuple):
    """A kit to be made and sent."""

    id: UUID
    orders: int
    event: PublicEvent
    state: KitState
    labelled_at: datetime
    organiser: Organiser
    earlier: tuple[tuple[Slot, ...], ...] = ()
    """The openings of each earlier revision whose kit may have been received; of the first kit, none."""


async def kit_order(tx: Tx, kit_id: UUID, orders: int) -> KitOrder | None:
    """The kit as it was ordered for the nth time (`orders`); None if it is not owed any more, or was ordered anew
    since, or its organiser is erased."""
    asked = select(kits, organisers.c.name, organisers.c.email, organisers.c.is_erased)
    asked = asked.join_from(kits, events, events.c.event_id == kits.c.event_id)
    asked = asked.outerjoin(organisers, organisers.c.id == kits.c.organiser_id)
    this = (kits.c.id == kit_id) & (kits.c.orders == orders) & kits.c.event.is_not(None)
    row = (await tx.execute(asked.where(this, _IS_OWED))).one_or_none()
    if row is None or row.is_erased or row.state == KitState.SUPERSEDED:
        return None
    organiser = Organiser(row.organiser_id, row.name, row.email)
    event, earlier = PublicEvent.model_validate(row.event), await _earlier_slots(tx, row.event_id, row.revision)
    return KitOrder(row.id, row.orders, event, KitState(row.state), row.labelled_at, organiser, earlier)


async def is_of_erased(tx: Tx, kit_id: UUID) -> bool:
    """Whether the kit was for somebody who is erased."""
    asked = select(organisers.c.is_erased).join_from(kits, organisers, organisers.c.id == kits.c.organiser_id)
    return bool(await tx.scalar(asked.where(kits.c.id == kit_id)))


_IS_OWED = and_(
    events.c.takes_place,
    events.c.labelled_revision > events.c.withdrawn_revision,
    events.c.labelled_revision == kits.c.revision,
)


async def _earlier_slots(tx: Tx, event_id: UUID, revision: int) -> tuple[tuple[Slot, ...], ...]:
    may_be_out = (kits.c.copies > 0) | kits.c.state.in_([state for state in KitState if copies_in(state)])
    before = and_(kits.c.event_id == event_id, kits.c.revision < revision, kits.c.event.is_not(None), may_be_out)
    slots = await tx.scalars(select(kits.c.event["slots"]).where(before).order_by(kits.c.revision))
    return tuple(tuple(map(Slot.model_validate, told)) for told in slots)


async def move_state(tx: Tx, order: KitOrder, before: KitState, after: KitState) -> bool:
    """Changes the state of the kit that is ordered so, if it is still `before`; False if somebody else has changed it,
    or ordered it anew."""
    this = (kits.c.id == order.id) & (kits.c.state == before) & (kits.c.orders == order.orders)
    moved = update(kits).where(this).values(state=after, receipt=None, changed_at=func.now())
    return (await tx.execute(moved)).rowcount == 1


async def try_again(tx: Tx, kit_id: UUID, orders: int) -> None:
    """Lets a kit that failed be sent once more, if it was not ordered anew since."""
    this = and_(kits.c.id == kit_id, kits.c.orders == orders, kits.c.state == KitState.FAILED)
    state = case((kits.c.copies > 0, KitState.UNCERTAIN), else_=KitState.PENDING)
    await tx.execute(update(kits).where(this).values(state=state, receipt=None, changed_at=func.now()))


async def counts(tx: Tx) -> dict[str, int]:
    """How many kits are in each state, and `equipped`: the events with a label whose newest kit was accepted, or that
    are owed none."""
    rows = await tx.execute(select(kits.c.state, func.count()).group_by(kits.c.state))
    newest = and_(kits.c.event_id == events.c.event_id, kits.c.revision == events.c.labelled_revision)
    asked = select(func.count()).select_from(events).outerjoin(kits, newest)
    has_label = events.c.labelled_revision > events.c.withdrawn_revision
    has_its_kit = ~events.c.takes_place | (kits.c.state == KitState.ACCEPTED)
    equipped = await tx.scalar(asked.where(has_label, has_its_kit))
    return {state.value: 0 for state in KitState} | dict(rows.all()) | {"equipped": equipped or 0}
