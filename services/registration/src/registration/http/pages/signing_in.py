"""The pages where a person signs in and out, and the cookies that these leave in the browser.

session   the access token, which every service checks by itself
suite     the refresh token, which only these pages are shown: it gives the next access token
fin       what ends the session, which only the page where a person signs out is shown
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import segno
from fastapi import Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import SecretStr

from backbone.campaign.words import KINDS
from backbone.http.access import TOKEN_LIFE
from backbone.http.session import check_origin, drop_cookie, keep_cookie, own_path

from ...desk import Desk
from ...domain.account import Credentials
from ...domain.refusals import (
    CodeAsked,
    LinkExpired,
    SecondFactorSet,
    SessionOver,
    Unacceptable,
    WrongCode,
    WrongCredentials,
)
from ...domain.rights import Door
from ...handlers import accounts, second_factor, sessions
from ...handlers.second_factor import Setting
from ...handlers.sessions import Entry
from ...store import Account
from ..asking import AtDesk, FromClient
from ..routes import page_routes
from ..rules import rule
from ..sentences import CODE, KEEP_CODES, MUST_SET_UP, SET_UP, TOO_LATE, UNKNOWN_ON_PAGE, WRONG_CODE
from .joining import MY_EVENTS, NEW, WISH
from .sheet import HEADERS, sheet

routes = page_routes()

TITLE, DESK = "Connectez-vous", "/relecture"
STAYING, ENDING = "suite", "fin"
HERE, OUT = "/connexion", "/deconnexion"
Wanted = Annotated[str, Query(max_length=1000)]


@routes.get(HERE)
@rule(Door.ANYONE)
async def ask_to_sign_in(request: Request, desk: AtDesk, retour: Wanted = "") -> Response:
    try:
        entry = await sessions.go_on(desk, request.cookies.get(STAYING, ""))
    except SessionOver:
        return _form(desk, retour, "")
    if entry.second_factor == "required":  # it was begun before they were to review: they come in anew
        return _form(desk, retour, "")
    return _signed_in(request, desk, entry, retour)


@routes.post(HERE)
@rule(Door.ANYONE)
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
        if account.must_set_second_factor:
            return set_up(desk, second_factor.begin(desk, account), retour, MUST_SET_UP + SET_UP)
        return await _enter(request, desk, account, retour)
    except WrongCredentials:
        return _form(desk, retour, UNKNOWN_ON_PAGE, status=401, email=adresse)
    except CodeAsked as asked:
        account = await accounts.own_account(desk, asked.account_id)
        return _code(desk, retour, second_factor.ticket_for(desk, account), CODE)


@routes.post(HERE + "/code")
@rule(Door.ANYONE)
async def show_code(
    request: Request,
    desk: AtDesk,
    billet: Annotated[str, Form(max_length=2000)] = "",
    code: Annotated[str, Form(max_length=40)] = "",
    retour: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    check_origin(request)
    try:
        return await _enter(request, desk, await accounts.show_code(desk, billet, code), retour)
    except LinkExpired:
        return _form(desk, retour, TOO_LATE, status=410)
    except CodeAsked as asked:
        sentence, status = (WRONG_CODE, 401) if isinstance(asked, WrongCode) else (CODE, 422)
        return _code(desk, retour, billet, sentence, status=status)


@routes.post(HERE + "/double-authentification")
@rule(Door.ANYONE)
async def set_second_factor(
    request: Request,
    desk: AtDesk,
    billet: Annotated[str, Form(max_length=2000)] = "",
    code: Annotated[str, Form(max_length=40)] = "",
    retour: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    check_origin(request)
    try:
        account = await second_factor.bearer_of(desk, billet)
        codes = await second_factor.confirm(desk, account, billet, code, None)
    except (LinkExpired, SecondFactorSet):
        return _form(desk, retour, TOO_LATE, status=410)
    except Unacceptable:
        return set_up(desk, second_factor.begun(desk, account, billet), retour, WRONG_CODE, status=422)
    async with desk.engine.begin() as tx:
        account = account._replace(has_second_factor=True)
        entry = await sessions.begin(tx, desk, account, request.headers.get("user-agent", ""))
    path, at = _where(request, desk, entry, retour)
    page = show_codes(desk, codes, f"{at}{path}")
    keep_entry(request, page, entry)
    return page


def show_codes(desk: Desk, codes: Sequence[str], onward: str) -> HTMLResponse:
    """The page with the recovery codes, this once; `onward`: where it leads."""
    title = "Gardez ces codes de secours"
    return _open(desk, sheet(desk, title, KEEP_CODES, form="recovery-codes", codes=codes, onward=onward))


# a page that is open for long asks for the next token before its own has run out
@routes.post(HERE + "/suite")
@rule(Door.ANYONE)
async def go_on(request: Request, desk: AtDesk) -> Response:
    check_origin(request, [desk.public_desk_url] if desk.public_desk_url else ())
    try:
        entry = await sessions.go_on(desk, request.cookies.get(STAYING, ""))
    except SessionOver:
        return Response(status_code=401)
    answer = Response(status_code=204)
    keep_entry(request, answer, entry)
    return answer


@routes.get(OUT)
@rule(Door.ANYONE)
async def ask_to_sign_out(desk: AtDesk) -> HTMLResponse:
    return _open(desk, sheet(desk, "Vous déconnecter", "Cet appareil oubliera qui vous êtes.", form="sign-out"))


@routes.post(OUT)
@rule(Door.ANYONE)
async def sign_out(request: Request, desk: AtDesk) -> HTMLResponse:
    check_origin(request, [desk.public_desk_url] if desk.public_desk_url else ())
    async with desk.engine.begin() as tx:
        await sessions.end_family(tx, request.cookies.get(ENDING, ""))
    answer = sheet(desk, "Vous êtes déconnecté", "Cet appareil a oublié qui vous êtes.", form="signed-out")
    forget_session(request, answer)
    return answer


def forget_session(request: Request, answer: Response) -> None:
    """Has the browser forget who was signed in."""
    drop_cookie(request, answer)
    drop_cookie(request, answer, name=STAYING, path=HERE)
    drop_cookie(request, answer, name=ENDING, path=OUT)


def keep_entry(request: Request, answer: Response, entry: Entry) -> None:
    """Has the browser keep what lets its person in, and on."""
    keep_cookie(request, answer, entry.access, TOKEN_LIFE)
    keep_cookie(request, answer, str(entry.refresh), entry.life, name=STAYING, path=HERE)
    keep_cookie(request, answer, entry.refresh.end, entry.life, name=ENDING, path=OUT)


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


def _code(desk: Desk, wanted: str, ticket: str, sentence: str, *, status: int = 200) -> HTMLResponse:
    words = {"wanted": own_path(wanted) or "", "token": ticket}
    return _open(desk, sheet(desk, "Votre code", sentence, status=status, form="code", **words))


def set_up(desk: Desk, setting: Setting, wanted: str, sentence: str = SET_UP, *, status: int = 200) -> HTMLResponse:
    """The page on which an app of codes is set up; `wanted`: the path that it leads to."""
    picture = segno.make(setting.address, error="m").svg_inline(scale=5, border=2, light="#fff", dark="#000")
    words = {"wanted": own_path(wanted) or "", "token": setting.ticket, "picture": picture, "secret": setting.secret}
    title = "Protégez votre compte"
    return _open(desk, sheet(desk, title, sentence, status=status, form="second-factor", **words))


async def _enter(request: Request, desk: Desk, account: Account, wanted: str) -> Response:
    async with desk.engine.begin() as tx:
        entry = await sessions.begin(tx, desk, account, request.headers.get("user-agent", ""))
    return _signed_in(request, desk, entry, wanted)


def _where(request: Request, desk: Desk, entry: Entry, wanted: str) -> tuple[str, str]:
    """The path that somebody is sent to, and the origin it is at, if not ours."""
    path = own_path(wanted) or (DESK if entry.account.reviews else _first_page(request))
    return path, desk.public_desk_url if path == DESK or path.startswith((f"{DESK}/", f"{DESK}?")) else ""


def _signed_in(request: Request, desk: Desk, entry: Entry, wanted: str) -> Response:
    path, at = _where(request, desk, entry, wanted)
    answer = RedirectResponse(f"{at}{path}", status_code=303)
    keep_entry(request, answer, entry)
    return answer


def _first_page(request: Request) -> str:
    """Where an organiser goes who has not said where to: to their events, or to the one that a link had proposed."""
    kind = request.cookies.get(WISH, "")
    return f"{NEW}?kind={kind}" if kind in KINDS else MY_EVENTS
