"""The communication kit of an event, over HTTP: where it is, and the way to download it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from backbone.http.openapi import refusals

from ...domain.kit import KitState
from ...domain.rights import Act
from ...handlers.kits import kit_for
from ..asking import AtDesk, Me
from ..routes import routes_behind_bearer
from ..rules import rule

routes = routes_behind_bearer("/v1/events", "Kit")


class KitView(BaseModel):
    """Where the kit is, and for a few minutes the way to it."""

    state: KitState
    revision: int | None
    words: str
    download_url: str | None
    ends_at: datetime | None


@routes.get(
    "/{event_id}/kit",
    summary="Où en est le kit de communication, et le lien pour le télécharger",
    responses=refusals(403, 404),
)
@rule(Act.KIT)
async def read_kit(event_id: UUID, me: Me, desk: AtDesk) -> KitView:
    async with desk.engine.connect() as tx:
        news, way = await kit_for(tx, desk, me.account_id, event_id)
    return KitView(
        state=news.state,
        revision=news.revision or None,
        words=news.words,
        download_url=way.url if way else None,
        ends_at=way.ends_at if way else None,
    )
