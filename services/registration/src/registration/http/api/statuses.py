"""What has become of an announced event, told to visitors over HTTP."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Path

from backbone.http.access import Caller
from backbone.http.bearer import bearer
from backbone.http.openapi import refusals

from ...desk import Desk
from ...domain.announcing import (
    Announcement,
    Change,
    Postponement,
    Relocation,
    StatusOfSlot,
    cancelled,
    moved_online,
    postponed,
    reinstated,
    slot_is,
)
from ...domain.rights import Act
from ...handlers.announcing import announce
from ..asking import AtDesk, Me
from ..manual import SLOT_STATUSES
from ..rules import rule
from .events import EventView, for_this_edition, seen

routes = APIRouter(
    prefix="/v1/events/{event_id}", tags=["Annonces"], dependencies=[Depends(bearer), Depends(for_this_edition)]
)
AStatus = Annotated[StatusOfSlot, Body(openapi_examples=SLOT_STATUSES)]
REFUSALS = refusals(403, 404, 409, 422)


@routes.post("/cancellation", summary="Annoncer que l’événement est annulé", responses=REFUSALS)
@rule(Act.SUBMIT)
async def cancel_event(event_id: UUID, me: Me, desk: AtDesk, said: Announcement | None = None) -> EventView:
    told = said or Announcement()
    return await _announce(event_id, cancelled(told.status_note), me, desk, told.status_note, told.confirmed)


@routes.post("/postponement", summary="Annoncer qu’il est reporté, avec ou sans nouvelle date", responses=REFUSALS)
@rule(Act.SUBMIT)
async def postpone_event(event_id: UUID, me: Me, desk: AtDesk, said: Postponement | None = None) -> EventView:
    told = said or Postponement()
    change = postponed(told.status_note, told.slots)
    return await _announce(event_id, change, me, desk, told.status_note, told.confirmed)


@routes.post("/relocation", summary="Annoncer qu’il a lieu en ligne", responses=REFUSALS)
@rule(Act.SUBMIT)
async def move_event_online(event_id: UUID, me: Me, desk: AtDesk, said: Relocation | None = None) -> EventView:
    told = said or Relocation()
    change = moved_online(told.status_note, told.status_url)
    return await _announce(event_id, change, me, desk, told.status_note, told.confirmed)


@routes.post("/reinstatement", summary="Annoncer qu’il a lieu, après tout", responses=REFUSALS)
@rule(Act.SUBMIT)
async def reinstate_event(event_id: UUID, me: Me, desk: AtDesk) -> EventView:
    return await _announce(event_id, reinstated, me, desk, is_back=True)


@routes.put("/slots/{slot_id}/status", summary="Annoncer qu’un créneau est complet ou annulé", responses=REFUSALS)
@rule(Act.SUBMIT)
async def set_status_of_slot(
    event_id: UUID, slot_id: Annotated[str, Path(max_length=40)], said: AStatus, me: Me, desk: AtDesk
) -> EventView:
    return await _announce(event_id, slot_is(slot_id, said.status), me, desk)


async def _announce(
    event_id: UUID,
    change: Change,
    me: Caller,
    desk: Desk,
    note: str | None = None,
    confirmed: Collection[str] = (),
    *,
    is_back: bool = False,
) -> EventView:
    async with desk.engine.begin() as tx:
        mine = (tx, desk, me.account_id, event_id, change)
        await announce(*mine, note=note, confirmed=confirmed, is_back=is_back)
        return await seen(tx, me, event_id)
