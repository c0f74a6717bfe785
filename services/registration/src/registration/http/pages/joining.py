"""The page where somebody opens an account, and the one that says to look at their mails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Form, Query, Request, Response
from pydantic import SecretStr, ValidationError

from backbone.campaign.words import KINDS
from backbone.http.session import check_origin

from ...domain.account import AccountRequest
from ...domain.rights import Door
from ...handlers import accounts
from ...known_passwords import hold_against_the_commonest
from ..asking import AtDesk, FromClient
from ..routes import page_routes
from ..rules import rule
from ..sentences import SIGNED_UP
from .asking import AView, PageRoute, faults_by_field
from .sheet import sheet
from .view import View

routes = page_routes(first=[hold_against_the_commonest], route_class=PageRoute)

NAMES = {"name": "nom", "organisation": "organisation", "email": "adresse", "password": "mot_de_passe"}
MY_EVENTS, NEW = "/mes-evenements", "/evenements/nouveau"
WISH, WISH_SECONDS = "projet", 7 * 24 * 3600
"""The cookie with the kind of event that a prefilled link proposed: it is offered once somebody has signed in."""
Prefilled = Annotated[str, Query(max_length=200)]
Typed = Annotated[str, Form(max_length=1000)]


@routes.get("/inscription")
@rule(Door.ANYONE)
async def ask_to_join(view: AView, organisation: Prefilled = "", kind: Prefilled = "") -> Response:
    typed = {"organisation": organisation[:120], "kind": kind if kind in KINDS else ""}
    return _form(view, typed)


@routes.post("/inscription")
@rule(Door.ANYONE)
async def join(
    request: Request,
    desk: AtDesk,
    view: AView,
    client: FromClient,
    nom: Typed = "",
    organisation: Typed = "",
    adresse: Typed = "",
    mot_de_passe: Typed = "",
    kind: Typed = "",
) -> Response:
    check_origin(request)
    typed = {"nom": nom, "organisation": organisation, "adresse": adresse, "kind": kind if kind in KINDS else ""}
    try:
        wanted = AccountRequest(email=adresse, name=nom, organisation=organisation, password=SecretStr(mot_de_passe))
    except ValidationError as refused:
        faults = faults_by_field(refused.errors(), NAMES)
        return _form(view, typed, {name: faults[name] for name in NAMES.values() if name in faults})
    await accounts.sign_up(desk, wanted, client)
    answer = sheet(desk, "Regardez vos courriels", SIGNED_UP, form="signed-up", email=wanted.email)
    if typed["kind"]:
        answer.set_cookie(WISH, typed["kind"], max_age=WISH_SECONDS, path="/connexion", httponly=True, samesite="lax")
    return answer


def _form(view: View, typed: Mapping[str, str], faults: Mapping[str, str] | None = None) -> Response:
    # whoever has an account already takes along what a prefilled link proposes
    proposed = {name: typed[name] for name in ("organisation", "kind") if typed[name]}
    onward = f"{NEW}?{urlencode(proposed)}" if typed["kind"] else MY_EVENTS
    wanted = quote(onward, safe="/")
    return view.render("joining.html", status=422 if faults else 200, typed=typed, faults=faults or {}, wanted=wanted)
