"""The page behind the link to an address that is to be an account's: a button that confirms it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Query
from fastapi.responses import HTMLResponse

from ...domain.refusals import LinkExpired
from ...domain.rights import Door
from ...handlers import self_service
from ..asking import AtDesk, FromClient
from ..routes import page_routes
from ..rules import rule
from ..sentences import ADDRESS_EXPIRED, ADDRESS_TAKEN_UP
from .sheet import NO_LONGER, sheet

routes = page_routes()

HERE = "/nouvelle-adresse"


# a page with a button, because mail scanners open every link they see
@routes.get(HERE)
@rule(Door.ANYONE)
async def ask_to_confirm(desk: AtDesk, jeton: Annotated[str, Query(max_length=2000)] = "") -> HTMLResponse:
    sentence = (
        "Un clic, et votre compte a cette adresse : vous vous connecterez avec elle, et nos courriels y partiront."
    )
    return sheet(desk, "Confirmez votre nouvelle adresse", sentence, form="new-address", token=jeton)


@routes.post(HERE)
@rule(Door.ANYONE)
async def confirm_by_page(
    desk: AtDesk, client: FromClient, jeton: Annotated[str, Form(max_length=2000)] = ""
) -> HTMLResponse:
    await desk.throttle.admit(client)
    try:
        await self_service.take_address(desk, jeton)
    except LinkExpired:
        return sheet(desk, NO_LONGER, ADDRESS_EXPIRED, status=410)
    return sheet(desk, "C’est fait", ADDRESS_TAKEN_UP)
