"""The pages where a person signs in and out: a cookie with the access token, which every service checks by itself, and
one that only these pages are shown, for the next token while the browser stays signed in."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import SecretStr

from backbone.http.access import TOKEN_LIFE
from backbone.http.session import check_origin, drop_cookie, keep_cookie, own_path

from ...desk import Desk
from ...domain.account import SIGNED_IN_HOURS, Credentials
from ...domain.refusals import WrongCredentials
from ...handlers import accounts
from ...store import Account
from ..asking import AtDesk, FromClient
from ..sentences import UNKNOWN_ON_PAGE
from .sheet import HEADERS, sheet

routes = APIRouter(include_in_schema=False)

TITLE, DESK = "Connectez-vous", "/relecture"
STAYING = "suite"  # the cookie that is shown for the next token, here alone
HERE = "/connexion"
Wanted = Annotated[str, Query(max_length=1000)]


@routes.get(HERE)
async def ask_to_sign_in(request: Request, desk: AtDesk, retour: Wanted = "") -> Response:
    if account := await accounts.stay_signed_in(desk, request.cookies.get(STAYING, "")):
        return _signed_in(request, desk, account, retour)
    return _form(desk, retour, "")


@routes.post(HERE)
async def sign_in_by_page(
    request: Request,
    desk: AtDesk,
    client: FromClient,
    adresse: Annotated[str, Form(max_length=500)] = "",
    mot_de_passe: Annotated[str, Form(max_length=1000)] = "",
    retour: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    check_origin(request)
    # an address that is too long is nobody's
    credentials = Credentials(email=adresse[:254], password=SecretStr(mot_de_passe))
    try:
        account = await accounts.sign_in(desk, credentials, client)
    except WrongCredentials:
        return _form(desk, retour, UNKNOWN_ON_PAGE, status=401, email=adresse)
    answer = _signed_in(request, desk, account, retour)
    life = timedelta(hours=SIGNED_IN_HOURS)
    keep_cookie(request, answer, desk.confirmations.session(account), life, name=STAYING, path=HERE)
    return answer


# a page that is open for long asks for the next token before its own has run out
@routes.post(HERE + "/suite")
async def go_on(request: Request, desk: AtDesk) -> Response:
    check_origin(request, [desk.public_desk_url] if desk.public_desk_url else ())
    account = await accounts.stay_signed_in(desk, request.cookies.get(STAYING, ""))
    if account is None:
        return Response(status_code=401)
    answer = Response(status_code=204)
    keep_cookie(request, answer, accounts.access_token(desk, account), TOKEN_LIFE)
    return answer


@routes.get("/deconnexion")
async def ask_to_sign_out(desk: AtDesk) -> HTMLResponse:
    return _open(desk, sheet(desk, "Vous déconnecter", "Cet appareil oubliera qui vous êtes.", form="sign-out"))


@routes.post("/deconnexion")
async def sign_out(request: Request, desk: AtDesk) -> HTMLResponse:
    check_origin(request, [desk.public_desk_url] if desk.public_desk_url else ())
    answer = sheet(desk, "Vous êtes déconnecté", "Cet appareil a oublié qui vous êtes.", form="signed-out")
    drop_cookie(request, answer)
    drop_cookie(request, answer, name=STAYING, path=HERE)
    return answer


def _form(desk: Desk, wanted: str, sentence: str, *, status: int = 200, email: str = "") -> HTMLResponse:
    page = sheet(desk, TITLE, sentence, status=status, form="sign-in", wanted=own_path(wanted) or "", email=email)
    return _open(desk, page)


def _open(desk: Desk, page: HTMLResponse) -> HTMLResponse:
    """A form without a secret in its address says where it comes from; a browser holds where it leads in the end
    against `form-action` too."""
    page.headers["Referrer-Policy"] = "same-origin"
    policy = HEADERS["Content-Security-Policy"]
    page.headers["Content-Security-Policy"] = f"{policy} {desk.public_desk_url}; frame-ancestors 'none'"
    return page


def _signed_in(request: Request, desk: Desk, account: Account, wanted: str) -> Response:
    path = own_path(wanted) or (DESK if account.role in ("reviewer", "administrator") else "")
    at = desk.public_desk_url if path == DESK or path.startswith((f"{DESK}/", f"{DESK}?")) else ""
    answer: Response = (
        RedirectResponse(f"{at}{path}", status_code=303)
        if path
        else sheet(desk, "Vous êtes connecté", "Vous pouvez fermer cette page.", form="sign-out")
    )
    keep_cookie(request, answer, accounts.access_token(desk, account), TOKEN_LIFE)
    return answer
