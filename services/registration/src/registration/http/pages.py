"""The plain pages: for now, the one behind the link in the confirmation mail."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse

from backbone.problems import problem

from ..confirmation import LinkExpired
from .accounts import confirm
from .desk import AtDesk, Desk
from .manual import LINK_EXPIRED

routes = APIRouter(include_in_schema=False)

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the address of the page holds the token
}
EXPIRED = (
    "Ce lien a expiré ou est incomplet. Redemandez un compte avec la même adresse : un nouveau lien vous parviendra."
)


# a page with a button, because mail scanners open every link they see
@routes.get("/confirmer")
async def ask_to_confirm(desk: AtDesk, jeton: Annotated[str, Query(max_length=2000)] = "") -> HTMLResponse:
    title, sentence = "Confirmez votre adresse", "Un clic, et votre compte d’organisateur est ouvert."
    return _page(desk, title, sentence, token=jeton)


@routes.post("/confirmer")
async def confirm_by_page(desk: AtDesk, jeton: Annotated[str, Form(max_length=2000)] = "") -> HTMLResponse:
    try:
        await confirm(jeton, desk)
    except LinkExpired:
        return _page(desk, "Ce lien n’est plus valable", EXPIRED, status=410)
    sentence = "Vous pouvez vous connecter et déposer vos événements."
    return _page(desk, "Votre adresse est confirmée", sentence)


def _page(desk: Desk, title: str, sentence: str, *, token: str | None = None, status: int = 200) -> HTMLResponse:
    words = {"title": title, "paragraphs": [sentence], "token": token}
    html = desk.confirmations.templates.get_template("page.html").render(words)
    return HTMLResponse(html, status_code=status, headers=HEADERS)


async def link_expired(_: Any, __: Exception) -> Any:
    """The API's answer to a confirmation link that is too old or was not made by us."""
    return problem(410, EXPIRED, kind=LINK_EXPIRED)
