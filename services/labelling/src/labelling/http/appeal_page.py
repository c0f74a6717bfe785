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
from backbone.http.closing import banners
from backbone.http.problems import RETRY_AFTER, field_errors, note_away
from backbone.http.routes import add_routes
from backbone.http.session import ForeignForm, check_origin, origin_of, page_caller
from backbone.http.sheet import HEADERS, paragraphs, sheet
from backbone.runtime.waiting import is_transient

from .. import appeals
from ..appeals import AppealOpen, AppealUsed, EventMissing, NothingToAppeal
from ..desk import Desk
from ..reviews import TextChanged
from .appeals import Appeal
from .asking import AtDesk
from .closings import CLOSINGS

routes = APIRouter(prefix="/evenements", include_in_schema=False)

LONGEST = 8000  # a browser sends a line break as two signs
RECEIVED = "Votre demande est reçue"
NOTHING_ASKED = "Rien n’a été demandé."
AWAY = (
    "Nous revenons dans un instant",
    "Une partie de la plateforme ne répond pas pour l’instant. Rien n’a été demandé, et rien de ce que vous avez écrit "
    "n’est perdu : gardez cette page ouverte, et renvoyez votre demande dans une minute.",
)
SIGN_IN = (
    "Votre connexion a pris fin",
    "Rien n’a été demandé, et rien de ce que vous avez écrit n’est perdu : connectez-vous "
    "dans un autre onglet, puis revenez à celui-ci et renvoyez votre demande.",
)
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
    try:
        check_origin(request, [origin] if (origin := origin_of(desk.sign_in_url)) else ())
        organiser = await page_caller(request, desk.keys)
        asked = Appeal(revision=version, words=motif.replace("\r\n", "\n"))
        received = await appeals.appeal(desk, event_id, asked.revision, asked.words, organiser)
    except NotSignedIn:
        return _answer(request, desk, *SIGN_IN, status=401, form=_sign_in_and_resend(desk, event_id, version, motif))
    except ValidationError as refused:
        said = field_errors(refused.errors())[0]["message"]
        form = _form(version, motif)
        return _answer(request, desk, "Votre message ne convient pas", said, NOTHING_ASKED, status=422, form=form)
    except tuple(SENTENCES) as refused:
        status, title, sentence = SENTENCES[type(refused)]
        return _answer(request, desk, title, sentence, status=status)
    except Exception as error:
        if not is_transient(error):
            raise
        note_away(error, request.scope)
        away = _answer(request, desk, *AWAY, status=503, form=_form(version, motif))
        away.headers.update(RETRY_AFTER)
        return away
    then = "D’ici là, le refus demeure. Un courriel vous confirme votre demande, un autre vous apportera la réponse."
    return _answer(request, desk, RECEIVED, what_next(received), then)


def _own_page(desk: Desk, event_id: object) -> str:
    return f"{origin_of(desk.sign_in_url)}/evenements/{event_id}"


def _answer(
    request: Request, desk: Desk, title: str, *sentences: str, status: int = 200, form: str = ""
) -> HTMLResponse:
    """A page; `form`: what the organiser wrote and nobody kept, to be sent again."""
    own = _own_page(desk, request.path_params["event_id"])
    back = f'<p><a href="{escape(own)}">Voir où en est votre événement</a></p>\n'
    closed = banners(desk.switches, CLOSINGS)
    html = sheet(title, paragraphs(*closed, *sentences) + form + back)
    return HTMLResponse(html, status_code=status, headers=HEADERS | {"Content-Security-Policy": POLICY})


POLICY = f"{HEADERS['Content-Security-Policy']}; form-action 'self'; base-uri 'none'"


def _sign_in_and_resend(desk: Desk, event_id: UUID, version: int, words: str) -> str:
    link = escape(f"{desk.sign_in_url}?retour={quote(f'/evenements/{event_id}')}")
    away = f'<p><a class="button" href="{link}" target="_blank">1. Me connecter (nouvel onglet)</a></p>\n'
    return away + _form(version, words, button="2. Demander qu’une personne regarde")


def _form(version: int, words: str, *, button: str = "Demander qu’une personne regarde") -> str:
    return (
        f'<form method="post">\n<input type="hidden" name="version" value="{version}">\n'
        '<label for="motif">Ce que vous aviez écrit</label>\n'
        f'<textarea id="motif" name="motif">\n{escape(words)}</textarea>\n'
        f'<button type="submit">{button}</button>\n</form>\n'
    )


def install(http: FastAPI) -> None:
    """Adds the page."""
    add_routes(http, routes)
