"""The pages of somebody who has forgotten their password: a link by mail, and what it sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Form, Query
from fastapi.responses import HTMLResponse
from pydantic import SecretStr, ValidationError

from backbone.http.problems import field_errors

from ...domain.account import LinkRequest, NewPassword
from ...domain.refusals import PasswordLinkExpired, Unacceptable
from ...domain.rights import Door
from ...handlers import accounts
from ...known_passwords import hold_against_the_commonest
from ..asking import AtDesk, FromClient
from ..routes import page_routes
from ..rules import rule
from ..sentences import LINK_SENT, SET, USED
from .sheet import NO_LONGER, sheet

routes = page_routes(first=[hold_against_the_commonest])

CHOOSE, FORGOTTEN = "Choisissez un nouveau mot de passe", "Mot de passe oublié ?"


@routes.get("/mot-de-passe")
@rule(Door.ANYONE)
async def ask_for_password(desk: AtDesk, jeton: Annotated[str, Query(max_length=2000)] = "") -> HTMLResponse:
    if jeton:
        sentence = "Douze caractères ou plus ; quatre mots sans lien entre eux font un bon mot de passe."
        return sheet(desk, CHOOSE, sentence, form="set-password", token=jeton)
    sentence = "Indiquez l’adresse de votre compte : un lien pour choisir un nouveau mot de passe vous parviendra."
    return sheet(desk, FORGOTTEN, sentence, form="ask-for-link")


@routes.post("/mot-de-passe")
@rule(Door.ANYONE)
async def send_link_by_page(
    desk: AtDesk, client: FromClient, adresse: Annotated[str, Form(max_length=500)] = ""
) -> HTMLResponse:
    try:
        request = LinkRequest(email=adresse)
    except ValidationError as refused:
        return sheet(desk, FORGOTTEN, _first_of(refused.errors()), status=422, form="ask-for-link")
    await accounts.send_link(desk, request, client)
    return sheet(desk, "Regardez vos courriels", LINK_SENT)


@routes.post("/mot-de-passe/nouveau")
@rule(Door.ANYONE)
async def set_password_by_page(
    desk: AtDesk,
    client: FromClient,
    jeton: Annotated[str, Form(max_length=2000)] = "",
    mot_de_passe: Annotated[str, Form(max_length=1000)] = "",
) -> HTMLResponse:
    try:
        request = NewPassword(token=jeton, password=SecretStr(mot_de_passe))
        await accounts.set_password(desk, request, client)
    except ValidationError as refused:
        return sheet(desk, CHOOSE, _first_of(refused.errors()), status=422, form="set-password", token=jeton)
    except Unacceptable as refused:
        return sheet(desk, CHOOSE, _first_of(refused.faults), status=422, form="set-password", token=jeton)
    except PasswordLinkExpired:
        return sheet(desk, NO_LONGER, USED, status=410, form="ask-for-link")
    return sheet(desk, "C’est fait", SET, form="to-sign-in")


def _first_of(faults: Sequence[Mapping[str, Any]]) -> str:
    return field_errors(faults)[0]["message"]
