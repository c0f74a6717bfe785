"""An event that is repeated, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Response

from backbone.http.openapi import refusals
from backbone.http.problems import field_errors

from ...domain.rights import Act
from ...handlers.copying import copy_event
from ..asking import AtDesk, Me
from ..once import ToDoOnce
from ..routes import routes_behind_bearer
from ..rules import rule
from .events import SAVED, EventView, Fault, for_this_edition, made

routes = routes_behind_bearer("/v1/events/{event_id}/copies", "Événements", first=[for_this_edition])


class Copy(EventView):
    """The new draft, and what of the event was not taken over."""

    faults: list[Fault]


@routes.post(
    "",
    status_code=201,
    summary="Reprendre un événement : un brouillon aux mêmes jours de la semaine de cette édition",
    response_model=Copy,
    responses={201: SAVED, **refusals(403, 404, 422)},
)
@rule(Act.EDIT)
async def repeat_event(event_id: UUID, me: Me, desk: AtDesk, once: ToDoOnce, response: Response) -> Any:
    async with desk.engine.begin() as tx:
        if answer := await once.answered(tx, me.account_id):
            return answer
        new, faults = await copy_event(tx, desk, me.account_id, event_id)
        told = [Fault(**fault) for fault in field_errors(faults)]
        return await made(tx, me, new, once, response, lambda view: Copy.model_construct(**view.__dict__, faults=told))
