"""Where the form of an organiser's page arrives: one click, and a person is asked to judge again.

It is answered by a plain page, without a script.
"""

from __future__ import annotations

from html import escape
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from backbone.campaign.remedies import what_next
from backbone.http.access import NotSignedIn
from backbone.http.problems import field_errors
from backbone.http.session import ForeignForm, check_origin, origin_of, page_caller

from .. import appeals
from ..appeals import AppealOpen, AppealUsed, EventMissing, NothingToAppeal
from ..desk import Desk
from ..reviews import TextChanged
from .appeals import Appeal
from .asking import AtDesk

routes = APIRouter(prefix="/evenements", include_in_schema=False)

LONGEST = 8000  # a browser sends a line break as two signs
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}

RECEIVED = "Votre demande est reçue"
SENTENCES: dict[type[Exception], tuple[int, str, str]] = {
    EventMissing: (
        404,
        "Cet événement n’est pas dans votre compte",
        "Aucune décision n’est connue sur un événement de votre compte sous ce numéro. Rien n’a été demandé.",
    ),
    TextChanged: (
        409,
        "Votre événement a changé depuis",
        "Cette décision portait sur une version plus ancienne. Rien n’a été demandé : regardez où en est la nouvelle.",
    ),
    NothingToAppeal: (
        409,
        "Votre événement n’est pas refusé",
        "Il a son label, ou attend déjà une décision : il n’y a rien à examiner de nouveau.",
    ),
    AppealOpen: (
        409,
        "Votre demande est déjà reçue",
        "Une personne est déjà chargée de regarder votre événement : votre première demande suffit.",
    ),
    AppealUsed: (
        409,
        "Ce texte a déjà été examiné de nouveau",
        "Une personne l’a regardé à votre demande, et a maintenu le refus. Vous pouvez corriger votre événement et le "
        "déposer de nouveau, ou saisir le tribunal administratif dans les deux mois.",
    ),
    ForeignForm: (
        403,
        "Ce formulaire ne vient pas de nos pages",
        "Rien n’a été demandé. Ouvrez la page de votre événement, et recommencez.",
    ),
}


@routes.get("/{event_id}/reexamen")
async def back_to_the_page(event_id: UUID, desk: AtDesk) -> Response:
    return RedirectResponse(_own_page(desk, event_id), status_code=303)


@routes.post("/{event_id}/reexamen")
async def appeal_by_page(
    request: Request,
    event_id: UUID,
    desk: AtDesk,
    version: Annotated[int, Form(ge=1)],
    motif: Annotated[str, Form(max_length=LONGEST)] = "",
) -> Response:
    back = _own_page(desk, event_id)
    try:
        check_origin(request, [origin] if (origin := origin_of(desk.sign_in_url)) else ())
        organiser = await page_caller(request, desk.keys)
        asked = Appeal(revision=version, words=motif.replace("\r\n", "\n"))
        received = await appeals.appeal(desk, event_id, asked.revision, asked.words, organiser)
    except NotSignedIn:
        return _sign_in_first(desk, event_id, motif)
    except ValidationError as refused:
        said = field_errors(refused.errors())[0]["message"]
        return _page("Votre message ne convient pas", [said, "Rien n’a été demandé."], back, words=motif, status=422)
    except tuple(SENTENCES) as refused:
        status, title, sentence = SENTENCES[type(refused)]
        return _page(title, [sentence], back, status=status)
    then = "D’ici là, le refus demeure. Un courriel vous confirme votre demande, un autre vous apportera la réponse."
    return _page(RECEIVED, [what_next(received), then], back)


def _own_page(desk: Desk, event_id: UUID) -> str:
    return f"{origin_of(desk.sign_in_url)}/evenements/{event_id}"


def _sign_in_first(desk: Desk, event_id: UUID, words: str) -> HTMLResponse:
    sentence = "Votre connexion a pris fin. Rien n’a été demandé : connectez-vous, et recommencez."
    link = f"{desk.sign_in_url}?retour={quote(f'/evenements/{event_id}')}"
    return _page("Connectez-vous de nouveau", [sentence], link, link_text="Me connecter", words=words, status=401)


def _page(
    title: str,
    sentences: list[str],
    link: str,
    *,
    link_text: str = "Voir où en est votre événement",
    words: str = "",
    status: int = 200,
) -> HTMLResponse:
    """`words`: what the organiser wrote and nobody kept, so that it is not lost."""
    paragraphs = "".join(f"<p>{escape(sentence)}</p>\n" for sentence in sentences if sentence)
    kept = f'<textarea id="motif" readonly>{escape(words)}</textarea>\n'
    label = '<label for="motif">Ce que vous aviez écrit</label>\n'
    told = {"title": title, "link": link, "link_text": link_text}
    html = _SHEET.format(
        paragraphs=paragraphs,
        kept=label + kept if words else "",
        **{name: escape(text) for name, text in told.items()},
    )
    return HTMLResponse(html, status_code=status, headers=HEADERS)


_SHEET = """<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – Semaine de l’industrie</title>
<style>
body {{ font: 1.0625rem/1.6 system-ui, sans-serif; color: #12233f; background: #fff8ef; margin: 0; }}
main {{ max-width: 34rem; margin: 12vh auto; padding: 2rem; background: #fff; border-radius: 12px;
  border-top: 6px solid #b63a17; }}
h1 {{ font-size: 1.6rem; line-height: 1.2; margin-top: 0; }}
label {{ display: block; font-weight: 600; margin-bottom: .3rem; }}
textarea {{ font: inherit; color: inherit; box-sizing: border-box; width: 100%; min-height: 7rem; padding: .7rem; }}
a {{ color: #b63a17; }}
a:focus-visible, textarea:focus-visible {{ outline: 3px solid #b63a17; outline-offset: 3px; }}
@media (max-width: 40rem) {{ main {{ margin: 0; min-height: 100vh; border-radius: 0; box-sizing: border-box; }} }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{paragraphs}{kept}<p><a href="{link}">{link_text}</a></p>
</main>
</body>
</html>
"""


def install(http: FastAPI) -> None:
    """Adds the page."""
    http.include_router(routes)
