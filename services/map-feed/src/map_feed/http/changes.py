"""What partners without a Kafka read: the changes of the map, from any cursor on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

import orjson
from fastapi import FastAPI, Query
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from backbone.http.problem_kinds import Kind
from backbone.http.problems import Problem

from ..desk import Desk
from ..domain.cursor import Cursor, NoCursor
from ..feed import CursorGone, Page, TooManyWait
from .packed import NEVER, Packed, Press, TooBusy

PATH = "/v1/changes"
MOST = 500  # of some 700 bytes each
MOST_WAIT = 30
FRESH = "no-cache"  # to be kept, and asked for again each time: what is next is not yet known

GONE = Kind(
    410,
    "curseur-perime",
    "Curseur périmé",
    "Ce curseur a été le nôtre, mais la base de la carte a été refaite ou ramenée en arrière depuis : nous ne pouvons "
    "pas dire ce qui a changé après lui.",
    "Recommencez sans « after » : vous recevrez tout ce que la carte montre. Supprimez ensuite ce que vous aviez et "
    "qui n’y est plus.",
)
WRONG_CURSOR = "Reprenez tel quel le « next » d’une réponse d’avant, ou commencez sans « after »."

MEANINGS = {
    "after": "Le « next » de la réponse d’avant ; sans lui, on commence au début : tout ce que la carte montre.",
    "limit": f"Le nombre de changements d’une réponse, {MOST} au plus.",
    "wait": f"S’il n’y a rien de nouveau, attendre jusqu’à tant de secondes que quelque chose change, {MOST_WAIT} au "
    "plus.",
    "Changes": "Des changements dans leur ordre, et où continuer.",
    "changes": "Du plus ancien au plus récent ; de chaque événement, le dernier seulement.",
    "next": "À rendre tel quel dans « after ».",
    "more": "Vrai s’il y en a d’autres tout de suite.",
    "Change": "Un changement de la carte.",
    "Change.id": "Toujours le même pour le même changement.",
    "Change.type": "Ajouté à la carte, modifié, ou retiré. Dans les deux premiers cas, mettez l’événement tel qu’il "
    "est ici à la place de ce que vous aviez ; dans le troisième, supprimez-le si vous l’aviez.",
    "timestamp": "Quand c’est arrivé ; deux changements n’ont jamais le même instant, et un plus récent a un instant "
    "plus grand.",
    "data": "De quel événement il s’agit, et comment il est maintenant.",
    "Changed": "L’événement d’un changement.",
    "event_id": "L’identifiant de l’événement.",
    "edition": "L’année de son édition.",
    "changed": "Ce qui a changé : text, dates, place, status.",
    "reason": "Pourquoi il a été retiré : withdrawn (par son organisateur), label_withdrawn, label_suspended, "
    "label_refused, map_closed, filtered_out (webhooks : il ne répond plus à vos filtres), other. La liste peut "
    "s’allonger.",
    "feature": "L’événement entier, comme dans /evenements.geojson ; nul s’il a été retiré.",
}


class Changed(BaseModel):
    event_id: UUID
    edition: str
    changed: list[Literal["text", "dates", "place", "status"]]
    reason: str | None
    feature: dict[str, Any] | None


class Change(BaseModel):
    id: str
    type: Literal["event.listed", "event.changed", "event.removed"]
    timestamp: datetime
    data: Changed


class Changes(BaseModel):
    changes: list[Change]
    next: str
    more: bool


After = Annotated[str | None, Query(max_length=100)]
Limit = Annotated[int, Query(ge=1, le=MOST)]
Wait = Annotated[float, Query(ge=0, le=MOST_WAIT)]


def add_changes(app: FastAPI, desk: Desk, press: Press) -> None:
    """The feed of changes."""

    @app.head(PATH, include_in_schema=False)
    @app.get(
        PATH,
        summary="Ce qui change sur la carte",
        response_class=Response,
        responses={200: {"model": Changes}, 304: {}, 410: {}},
    )
    async def list_changes(request: Request, after: After = None, limit: Limit = 100, wait: Wait = 0) -> Response:
        """Dans l’ordre, à partir de n’importe quel curseur, et en attendant la suite si l’on veut. Les mêmes
        changements s’envoient aussi par webhook : voir /api."""
        try:
            found = await desk.feed.page(_cursor(after), limit, 0 if request.method == "HEAD" else wait)
        except CursorGone:
            raise Problem(GONE, f"{GONE.meaning} {GONE.remedy}") from None
        except TooManyWait:
            raise TooBusy from None
        cache = NEVER if wait else FRESH
        packed = await press.make(lambda: Packed(_body(found, desk.public_url), "application/json", cache))
        response = packed.respond(request, open_to_all=True)
        response.headers["Link"] = f'<{PATH}?{urlencode({"after": found.next, "limit": limit})}>; rel="next"'
        return response


def _cursor(after: str | None) -> Cursor | None:
    if not after:
        return None
    try:
        return Cursor.read(after)
    except NoCursor:
        wrong = {"type": "value_error", "loc": ("query", "after"), "ctx": {"error": WRONG_CURSOR}}
        raise RequestValidationError([wrong]) from None


def _body(found: Page, public_url: str) -> bytes:
    documents = [change.document(public_url) for change in found.changes]
    return orjson.dumps({"changes": documents, "next": str(found.next), "more": found.more}) + b"\n"
