"""The page behind the link of a sign-up: a button that confirms the address."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Query
from fastapi.responses import HTMLResponse
from pydantic import SecretStr

from ...domain.password import normal
from ...domain.refusals import LinkExpired, LinkReplaced
from ...domain.rights import Door
from ...handlers import accounts
from ..asking import AtDesk, FromClient
from ..routes import page_routes
from ..rules import rule
from ..sentences import EXPIRED, REPLACED
from .sheet import NO_LONGER, sheet

routes = page_routes()

TITLE = "Confirmez votre adresse"
CONTESTED = (
    "Un compte a été demandé plusieurs fois avec cette adresse. Saisissez le mot de passe que vous avez choisi : "
    "s’il n’est pas celui de cette demande, c’est que quelqu’un d’autre l’a faite."
)
NOT_YOURS = (
    "Ce mot de passe n’est pas celui de cette demande. Corrigez-le, ou demandez un lien pour en choisir un : "
    "il confirmera votre adresse, et personne d’autre n’entrera."
)


# a page with a button, because mail scanners open every link they see
@routes.get("/confirmer")
@rule(Door.ANYONE)
async def ask_to_confirm(desk: AtDesk, jeton: Annotated[str, Query(max_length=2000)] = "") -> HTMLResponse:
    if await accounts.contested_password(desk, jeton):
        return sheet(desk, TITLE, CONTESTED, form="confirm-with-password", token=jeton)
    sentence = "Un clic, et votre compte d’organisateur est ouvert."
    return sheet(desk, TITLE, sentence, form="confirm", token=jeton)


@routes.post("/confirmer")
@rule(Door.ANYONE)
async def confirm_by_page(
    desk: AtDesk,
    client: FromClient,
    jeton: Annotated[str, Form(max_length=2000)] = "",
    mot_de_passe: Annotated[str, Form(max_length=1000)] = "",
) -> HTMLResponse:
    await desk.throttle.admit(client)
    typed = normal(SecretStr(mot_de_passe))
    if not await accounts.is_who_signed_up(desk, jeton, typed, client):
        sentence = NOT_YOURS if mot_de_passe else CONTESTED
        return sheet(desk, TITLE, sentence, status=422, form="confirm-with-password", token=jeton)
    try:
        await accounts.confirm(desk, jeton)
    except LinkReplaced:
        return sheet(desk, NO_LONGER, REPLACED, status=410, form="ask-for-link")
    except LinkExpired:
        return sheet(desk, NO_LONGER, EXPIRED, status=410)
    sentence = "Vous pouvez vous connecter et déposer vos événements."
    return sheet(desk, "Votre adresse est confirmée", sentence, form="to-sign-in")
