"""Where the people of an event download its kit, by a pass that registration has given them (docs/decisions/0034)."""

from __future__ import annotations

import hashlib
import logging
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, Header, Query, Request, Response
from fastapi.responses import HTMLResponse

from backbone.http.half_characters import refuse_half_characters
from backbone.http.headers import FOR_PROGRAMS, DefaultHeaders
from backbone.http.manual import BY_MANUAL, install_manual
from backbone.http.openapi import refusals
from backbone.http.passes import KIT, PassOver, check_pass
from backbone.http.problem_kinds import kind_of
from backbone.http.problems import BodyLimit, install_problems, problem
from backbone.http.sheet import HEADERS, PagesForPeople, paragraphs, sheet

from .counter import Counter, Crowded, NoKit, NotMade
from .desk import Desk, EditionUnknown
from .render import RenderCrashed

log = logging.getLogger(__name__)

ZIP = "application/zip"
A_KIT: dict[int | str, dict[str, Any]] = {
    200: {"description": "Le kit.", "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}},
    304: {"description": "Le kit n’a pas changé."},
}
ABOUT = """
Le kit de communication d’un événement labellisé : affiche, guide, QR code et fichier d’agenda. Le lien s’obtient au
service d’inscription (`GET /v1/events/{event_id}/kit`) ; il vaut quelques minutes.
"""
WORDS = {
    "event_id": "L’identifiant de l’événement.",
    "jeton": "Ce qui ouvre le kit de cet événement, et de nul autre, pour quelques minutes.",
    "If-None-Match": "L’ETag du kit que vous avez.",
}
OVER = (
    "Ce lien de téléchargement ne vaut que quelques minutes, et ne sert plus. La page de votre événement en donne un "
    "autre."
)
NO_KIT = (
    "Il n’y a pas de kit à télécharger en ce moment : il se prépare, ou l’événement n’a pas, ou n’a plus, le label. La "
    "page de votre événement dit où il en est."
)
NOT_MADE = "Le kit n’a pas pu être fabriqué ; notre équipe en est informée."
LATER = "Le kit n’a pas pu être préparé à l’instant. Réessayez dans quelques instants."
REFUSED: dict[type[Exception], tuple[int, str, int]] = {
    PassOver: (410, OVER, 0),
    NoKit: (404, NO_KIT, 0),
    NotMade: (500, NOT_MADE, 0),
    Crowded: (503, LATER, 10),
    RenderCrashed: (503, LATER, 10),
    EditionUnknown: (503, LATER, 600),
}
"""What is answered to each, and after how many seconds to come back."""


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(_desk)]
Pass = Annotated[str, Query(max_length=2000)]
Known = Annotated[str | None, Header(alias="If-None-Match", max_length=300)]


async def download_kit(
    request: Request, event_id: UUID, desk: AtDesk, jeton: Pass = "", known: Known = None
) -> Response:
    await check_pass(jeton, desk.keys, KIT, event_id)
    counter: Counter = request.app.state.counter
    kit = await counter.kit(event_id)
    headers = {"ETag": f'"{hashlib.sha256(kit.content).hexdigest()[:32]}"'}
    if known and headers["ETag"] in known:
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="{kit.filename}"'
    return Response(kit.content, media_type=ZIP, headers=headers)


def create_http(desk: Desk) -> FastAPI:
    """The one door; `desk` is what it works with."""
    http = FastAPI(title="Semaine de l’industrie : kit", version="1", description=ABOUT, **BY_MANUAL)
    http.state.desk, http.state.counter = desk, Counter(desk)
    install_problems(http)
    refuse_half_characters(http)
    http.add_middleware(BodyLimit, most_bytes=1024)
    http.add_middleware(DefaultHeaders, headers=FOR_PROGRAMS)
    http.add_middleware(PagesForPeople)
    for refusal in REFUSED:
        http.add_exception_handler(refusal, _refuse)
    http.get(
        "/kits/{event_id}",
        summary="Télécharger le kit d’un événement, par le lien que donne l’inscription",
        tags=["Kits"],
        response_class=Response,
        responses=A_KIT | refusals(404, 410),
    )(download_kit)
    install_manual(http, words=WORDS)
    return http


async def _refuse(request: Request, refusal: Exception) -> Response:
    status, sentence, seconds = next(told for kind, told in REFUSED.items() if isinstance(refusal, kind))
    headers = {"Retry-After": str(seconds)} if seconds else {}
    if status >= 500:
        log.warning("a kit was asked for in vain: %s", refusal)
    if "text/html" not in request.headers.get("accept", ""):
        return problem(status, sentence, headers=headers)
    own = _desk(request).pages(UUID(request.path_params["event_id"])).own
    way = f'<p><a class="button" href="{own}">La page de votre événement</a></p>'
    page = sheet(kind_of(status).title, paragraphs(sentence) + way)
    return HTMLResponse(page, status_code=status, headers=HEADERS | headers)
