"""What has become of an announced event, told to visitors over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Body, Depends, Path, Response

from backbone.http.openapi import refusals

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
from ...handlers.events import check_version
from ..asking import AtDesk, IfMatch, Me
from ..manual.examples import SLOT_STATUSES
from ..routes import routes_behind_bearer
from ..rules import rule
from .events import VERSIONED, EventView, for_this_edition, seen, tagged

routes = routes_behind_bearer("/v1/events/{event_id}", "Annonces", first=[for_this_edition])
AStatus = Annotated[StatusOfSlot, Body(openapi_examples=SLOT_STATUSES)]
RESPONSES: dict[int | str, dict[str, Any]] = {200: VERSIONED, **refusals(403, 404, 409, 412, 422)}


class _Asked:
    """Who asks what of which event."""

    def __init__(self, event_id: UUID, me: Me, desk: AtDesk, response: Response, read: IfMatch = None) -> None:
        self._event_id, self._me, self._desk, self._response, self._read = event_id, me, desk, response, read

    async def tell(self, change: Change, said: Announcement | None = None, *, is_back: bool = False) -> EventView:
        """Tells the change; the event as it is then."""
        told = said or Announcement()
        async with self._desk.engine.begin() as tx:
            mine = (self._me.account_id, self._event_id)
            await check_version(tx, *mine, self._read)
            await announce(
                tx, self._desk, *mine, change, note=told.status_note, confirmed=told.confirmed, is_back=is_back
            )
            return tagged(self._response, await seen(tx, self._me, self._event_id))


Asked = Annotated[_Asked, Depends(_Asked)]


@routes.post("/cancellation", summary="Annoncer que l’événement est annulé", responses=RESPONSES)
@rule(Act.ANNOUNCE)
async def cancel_event(asked: Asked, said: Announcement | None = None) -> EventView:
    return await asked.tell(cancelled(said.status_note if said else None), said)


@routes.post("/postponement", summary="Annoncer qu’il est reporté, avec ou sans nouvelle date", responses=RESPONSES)
@rule(Act.ANNOUNCE)
async def postpone_event(asked: Asked, said: Postponement | None = None) -> EventView:
    told = said or Postponement()
    return await asked.tell(postponed(told.status_note, told.slots), said)


@routes.post("/relocation", summary="Annoncer qu’il a lieu en ligne", responses=RESPONSES)
@rule(Act.ANNOUNCE)
async def move_event_online(asked: Asked, said: Relocation | None = None) -> EventView:
    told = said or Relocation()
    return await asked.tell(moved_online(told.status_note, told.status_url), said)


@routes.post("/reinstatement", summary="Annoncer qu’il a lieu, après tout", responses=RESPONSES)
@rule(Act.ANNOUNCE)
async def reinstate_event(asked: Asked) -> EventView:
    return await asked.tell(reinstated, is_back=True)


@routes.put("/slots/{slot_id}/status", summary="Annoncer qu’un créneau est complet ou annulé", responses=RESPONSES)
@rule(Act.ANNOUNCE)
async def set_status_of_slot(asked: Asked, slot_id: Annotated[str, Path(max_length=40)], said: AStatus) -> EventView:
    return await asked.tell(slot_is(slot_id, said.status))
