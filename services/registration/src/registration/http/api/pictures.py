"""The picture of an event over HTTP: given, taken away, and shown to whoever has its address."""

from __future__ import annotations

import re
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from backbone.http.access import Caller
from backbone.http.openapi import refusals
from backbone.http.problems import problem
from backbone.postgres.database import Tx

from ... import store
from ...domain.picture import SMALL, AlternativeText, Credit
from ...domain.rights import Act, Door
from ...handlers import pictures
from ...handlers.events import check_read, event_for
from ...pictures import MEDIA_TYPES
from ...store import StoredEvent
from ..asking import AtDesk, IfMatch, Me
from ..routes import routes_behind_bearer
from ..rules import rule
from .events import VERSIONED, EventView, for_this_edition, seen, tagged

routes = routes_behind_bearer("/v1/events/{event_id}/picture", "Événements", first=[for_this_edition])
shown = APIRouter(include_in_schema=False)
_A_FILE: Any = {"schema": {"type": "string", "format": "binary"}}
_BODY = {"requestBody": {"content": dict.fromkeys(MEDIA_TYPES, _A_FILE), "required": True}}
_NAME = re.compile(rf"([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})(-{SMALL})?\.jpg")
HEADERS = {
    # a day: what is taken away, or erased, is not shown for longer by those who keep it
    "Cache-Control": "public, max-age=86400, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",  # the map and its partners show it
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


@routes.put(
    "",
    summary="Donner une image à l’événement : JPEG, PNG ou WebP, 8 Mo au plus",
    responses={200: VERSIONED, **refusals(403, 404, 412, 413, 422, 428, 503)},
    openapi_extra=_BODY,
)
@rule(Act.EDIT)
async def give_picture(
    event_id: UUID,
    request: Request,
    me: Me,
    desk: AtDesk,
    response: Response,
    read: IfMatch = None,
    credit: Annotated[Credit | None, Query()] = None,
    alternative_text: Annotated[AlternativeText | None, Query()] = None,
) -> EventView:
    async with desk.engine.connect() as tx:
        await _to_change(tx, me, event_id, read)  # before a file of somebody who may not is looked at
    developed = await pictures.develop(desk, await request.body())
    async with desk.engine.begin() as tx:
        event = await _to_change(tx, me, event_id, read)
        await pictures.give_picture(tx, desk, event, developed, credit=credit, alternative_text=alternative_text)
        return tagged(response, await seen(tx, me, event_id))


@routes.delete("", summary="Retirer l’image du brouillon", responses={200: VERSIONED, **refusals(403, 404, 412, 428)})
@rule(Act.EDIT)
async def take_picture_away(
    event_id: UUID, me: Me, desk: AtDesk, response: Response, read: IfMatch = None
) -> EventView:
    async with desk.engine.begin() as tx:
        await _to_change(tx, me, event_id, read)
        await pictures.take_away(tx, event_id)
        return tagged(response, await seen(tx, me, event_id))


async def _to_change(tx: Tx, me: Caller, event_id: UUID, read: str | None) -> StoredEvent:
    event = await event_for(tx, me.account_id, event_id, Act.EDIT, lock=True)
    check_read(event, me.account_id, read, is_replaced=True)
    return event


@shown.api_route("/images/{name}", methods=["GET", "HEAD"])
@rule(Door.ANYONE)
async def show_picture(name: str, desk: AtDesk) -> Response:
    found = _NAME.fullmatch(name)
    file = None
    if found:
        async with desk.engine.connect() as tx:
            file = await store.picture_file(tx, UUID(found[1]), is_small=bool(found[2]))
    if file is None:
        return problem(404, "Cette image n’est pas, ou plus, là.")
    return Response(file, media_type="image/jpeg", headers=HEADERS)
