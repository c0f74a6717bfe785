"""The plain pages behind the links in our mails: an address confirmed, a password chosen."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from pydantic import SecretStr, ValidationError

from backbone.http.problem_kinds import kind_of
from backbone.http.problems import field_errors, problem

from .. import store
from ..confirmation import LinkExpired, LinkReplaced, PasswordLinkExpired
from ..domain.account import LinkRequest, NewPassword
from ..domain.password import normal
from ..known_passwords import hold_against_the_commonest
from ..passwords import Crowded
from ..throttle import TooMany, Why
from .accounts import WrongCredentials, confirm
from .desk import AtDesk, Desk, FromClient
from .manual import LINK_EXPIRED
from .new_password import LINK_SENT, SET, send_link, set_password

routes = APIRouter(include_in_schema=False, dependencies=[Depends(hold_against_the_commonest)])

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the address of the page holds the token
}
NO_LONGER = "Ce lien n’est plus valable"
EXPIRED = (
    "Ce lien a expiré ou est incomplet. Redemandez un compte avec la même adresse : un nouveau lien vous parviendra."
)
REPLACED = (
    "Un compte a été demandé une nouvelle fois avec cette adresse : ce lien ne vaut plus. Ouvrez celui du dernier "
    "courriel reçu, qui peut mettre quelques minutes à venir, ou demandez un lien pour choisir votre mot de passe."
)
CHOOSE = "Choisissez un nouveau mot de passe"
USED = "Ce lien a expiré, a déjà servi ou est incomplet. Demandez-en un autre : il vous parviendra par courriel."
CONTESTED = (
    "Un compte a été demandé plusieurs fois avec cette adresse. Saisissez le mot de passe que vous avez choisi : "
    "s’il n’est pas celui de cette demande, c’est que quelqu’un d’autre l’a faite."
)
NOT_YOURS = (
    "Ce mot de passe n’est pas celui de cette demande. Corrigez-le, ou demandez un lien pour en choisir un : "
    "il confirmera votre adresse, et personne d’autre n’entrera."
)
TOO_MANY = {
    Why.CLIENT: "Trop de demandes depuis votre connexion. Réessayez dans {wait}.",
    Why.ACCOUNT: "Trop d’essais pour ce compte. Réessayez dans {wait}, ou demandez un nouveau mot de passe : {link}",
    Why.QUEUE: "Trop de demandes à la fois depuis votre connexion. Réessayez dans {wait}.",
}
CROWDED = "Beaucoup de monde se connecte en ce moment. Réessayez dans quelques secondes."
UNKNOWN = (
    "Mot de passe ou adresse inconnus. Vérifiez-les ; si vous venez de demander un compte, ouvrez d’abord le lien reçu "
    "par courriel. Mot de passe oublié ? Un lien pour en choisir un autre : {link}"
)


# a page with a button, because mail scanners open every link they see
@routes.get("/confirmer")
async def ask_to_confirm(desk: AtDesk, jeton: Annotated[str, Query(max_length=2000)] = "") -> HTMLResponse:
    if await _contested_password(jeton, desk):
        return _page(desk, "Confirmez votre adresse", CONTESTED, form="confirm-with-password", token=jeton)
    sentence = "Un clic, et votre compte d’organisateur est ouvert."
    return _page(desk, "Confirmez votre adresse", sentence, form="confirm", token=jeton)


@routes.post("/confirmer")
async def confirm_by_page(
    desk: AtDesk,
    client: FromClient,
    jeton: Annotated[str, Form(max_length=2000)] = "",
    mot_de_passe: Annotated[str, Form(max_length=1000)] = "",
) -> HTMLResponse:
    await desk.throttle.admit(client)
    if password_hash := await _contested_password(jeton, desk):
        typed = normal(SecretStr(mot_de_passe)).get_secret_value()
        with desk.passwords.place(client):
            is_theirs = await desk.passwords.match(password_hash, typed, client)
        if not is_theirs:
            sentence = NOT_YOURS if mot_de_passe else CONTESTED
            form = {"form": "confirm-with-password", "token": jeton}
            return _page(desk, "Confirmez votre adresse", sentence, status=422, **form)
    try:
        await confirm(jeton, desk)
    except LinkReplaced:
        return _page(desk, NO_LONGER, REPLACED, status=410, form="ask-for-link")
    except LinkExpired:
        return _page(desk, NO_LONGER, EXPIRED, status=410)
    sentence = "Vous pouvez vous connecter et déposer vos événements."
    return _page(desk, "Votre adresse est confirmée", sentence)


async def _contested_password(token: str, desk: Desk) -> str | None:
    """The hash of the password that the link would confirm, where others were asked for with the same address: whoever
    clicks must know it, or it is another's."""
    try:
        link = desk.confirmations.sign_up(token)
    except LinkExpired:
        return None
    async with desk.engine.connect() as tx:
        account = await store.account_by_id(tx, link.account_id)
    is_asked = account and account.is_contested and not account.is_confirmed and str(account.sign_up) == link.about
    return account.password_hash if account and is_asked else None


@routes.get("/mot-de-passe")
async def ask_for_password(desk: AtDesk, jeton: Annotated[str, Query(max_length=2000)] = "") -> HTMLResponse:
    if jeton:
        sentence = "Douze caractères ou plus ; quatre mots sans lien entre eux font un bon mot de passe."
        return _page(desk, CHOOSE, sentence, form="set-password", token=jeton)
    sentence = "Indiquez l’adresse de votre compte : un lien pour choisir un nouveau mot de passe vous parviendra."
    return _page(desk, "Mot de passe oublié ?", sentence, form="ask-for-link")


@routes.post("/mot-de-passe")
async def send_link_by_page(
    desk: AtDesk, client: FromClient, adresse: Annotated[str, Form(max_length=500)] = ""
) -> HTMLResponse:
    try:
        request = LinkRequest(email=adresse)
    except ValidationError as error:
        return _page(desk, "Mot de passe oublié ?", _first_of(error), status=422, form="ask-for-link")
    await send_link(request, desk, client)
    return _page(desk, "Regardez vos courriels", LINK_SENT)


@routes.post("/mot-de-passe/nouveau")
async def set_password_by_page(
    desk: AtDesk,
    client: FromClient,
    jeton: Annotated[str, Form(max_length=2000)] = "",
    mot_de_passe: Annotated[str, Form(max_length=1000)] = "",
) -> HTMLResponse:
    try:
        request = NewPassword(token=jeton, password=SecretStr(mot_de_passe))
    except ValidationError as error:
        return _page(desk, CHOOSE, _first_of(error), status=422, form="set-password", token=jeton)
    try:
        await set_password(request, desk, client)
    except RequestValidationError as error:
        return _page(desk, CHOOSE, _first_of(error), status=422, form="set-password", token=jeton)
    except PasswordLinkExpired:
        return _page(desk, NO_LONGER, USED, status=410, form="ask-for-link")
    return _page(desk, "C’est fait", SET)


def _first_of(error: ValidationError | RequestValidationError) -> str:
    return field_errors(error.errors())[0]["message"]


def _page(
    desk: Desk, title: str, sentence: str, *, form: str | None = None, token: str = "", status: int = 200
) -> HTMLResponse:
    words = {"title": title, "paragraphs": [sentence], "form": form, "token": token}
    html = desk.confirmations.templates.get_template("page.html").render(words)
    return HTMLResponse(html, status_code=status, headers=HEADERS)


# --- refusals, as a page where a page was asked for ----------------------------------------------


async def link_expired(_: Any, error: Exception) -> Any:
    """The API's answer to a link that is too old, was replaced, or was not made by us."""
    said: dict[type[Exception], str] = {LinkReplaced: REPLACED, PasswordLinkExpired: USED}
    return problem(410, said.get(type(error), EXPIRED), kind=LINK_EXPIRED)


async def too_many(request: Request, error: Exception) -> Any:
    """The answer to who comes too often: when to come back, and what else to do."""
    assert isinstance(error, TooMany)
    sentence = TOO_MANY[error.why].format(wait=_in_words(error.retry_after), link=_link(request))
    return _refusal(request, 429, sentence, error.retry_after)


async def crowded(request: Request, error: Exception) -> Any:
    """The answer where too many come at once."""
    assert isinstance(error, Crowded)
    return _refusal(request, 503, CROWDED, error.retry_after)


async def wrong_credentials(request: Request, error: Exception) -> Any:
    """The answer to an unknown address and to a wrong password: the same, and what to do."""
    assert isinstance(error, WrongCredentials)
    return problem(401, UNKNOWN.format(link=_link(request)), headers={"WWW-Authenticate": "Bearer"})


def _refusal(request: Request, status: int, sentence: str, retry_after: int) -> Any:
    again = {"Retry-After": str(retry_after)}
    if request.url.path.startswith("/v1"):
        return problem(status, sentence, headers=again)
    page = _page(request.app.state.desk, kind_of(status).title, sentence, status=status)
    page.headers.update(again)
    return page


def _link(request: Request) -> str:
    return f"{request.app.state.desk.confirmations.public_url}/mot-de-passe"


def _in_words(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} seconde{'s' if seconds > 1 else ''}"
    minutes = -(-seconds // 60)
    return f"{minutes} minutes" if minutes < 120 else f"{-(-minutes // 60)} heures"
