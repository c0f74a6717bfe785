"""The review queue over HTTP: what waits for a person, and their decision on it."""

from __future__ import annotations

from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Body, Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints, model_validator

from backbone.contracts import Condition, EventLabelled, EventRejected, ReviewRequested
from backbone.http.access import Caller
from backbone.http.bearer import bearer, caller_of
from backbone.http.openapi import refusals
from backbone.http.paging import Cursor, Limit, Page, page_of, place_of
from backbone.http.problem_kinds import Kind
from backbone.http.problems import problem
from backbone.texts.pasted import AS_ONE_LINE, WITH_WORDS

from .. import store
from ..desk import Desk
from ..reviews import OwnCause, ReviewMissing, TextChanged, read_review, settle_review
from .manual import DECISIONS

CHANGED = Kind(
    409,
    "texte-modifie",
    "Texte modifié depuis sa lecture",
    "L’organisateur a déposé une nouvelle version de l’événement après que vous l’avez lu. Rien n’a été décidé.",
    "La réponse porte la nouvelle version (« event », « revision ») et, si elle attend une décision, les constats des "
    "règles (« review »). Lisez-la, puis décidez avec son numéro de version.",
)
OWN_CAUSE = Kind(
    403,
    "propre-organisation",
    "Événement de votre organisation",
    "Personne ne décide d’un événement que son propre compte ou sa propre organisation a déposé.",
    "Une autre personne de la région, ou un administrateur d’une autre organisation, en décide.",
)
KINDS = (CHANGED, OWN_CAUSE)

routes = APIRouter(prefix="/v1/reviews", tags=["Relecture"], dependencies=[Depends(bearer)])


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(_desk)]


async def _reviewer(request: Request, desk: AtDesk) -> Caller:
    return await caller_of(request, desk.keys, "reviewer", "administrator")


Reviewer = Annotated[Caller, Depends(_reviewer)]
# what an organiser may not write in a text, nobody may write to them
Sentence = Annotated[str, StringConstraints(min_length=10, max_length=500), AS_ONE_LINE, WITH_WORDS]


class ReviewDecision(BaseModel):
    """A reviewer's decision on the revision that they read: the label is given, or refused for the conditions named,
    with a sentence for each that tells the organiser what to mend."""

    model_config = ConfigDict(extra="forbid")

    revision: Annotated[StrictInt, Field(ge=1, description="La version que vous avez lue : celle de la relecture")]
    label: StrictBool
    refused: dict[Condition, Sentence] = {}

    @model_validator(mode="after")
    def _refusal_has_reasons(self) -> Self:
        if self.label == bool(self.refused):
            raise ValueError("Donnez le label, ou refusez-le en disant pourquoi pour chaque condition en cause.")
        return self


ADecision = Annotated[ReviewDecision, Body(openapi_examples=DECISIONS)]


@routes.get("", summary="Ce qui attend une décision dans mes régions, le plus urgent d’abord", responses=refusals(403))
async def list_reviews(
    reviewer: Reviewer, desk: AtDesk, limit: Limit = 50, cursor: Cursor = None
) -> Page[ReviewRequested]:
    regions, after = None if reviewer.role == "administrator" else reviewer.regions, place_of(cursor)
    async with desk.engine.connect() as tx:
        found = await store.review_queue(tx, regions, after=after, limit=limit + 1)
        return page_of(found, limit, await store.count_reviews(tx, regions))


@routes.get("/{event_id}", summary="Un événement à relire, avec les constats des règles", responses=refusals(403, 404))
async def show_review(event_id: UUID, reviewer: Reviewer, desk: AtDesk) -> ReviewRequested:
    return await read_review(desk, event_id, reviewer)


@routes.post(
    "/{event_id}/decision",
    summary="Donner le label, ou le refuser en disant pourquoi",
    responses=refusals(403, 404, 409),
)
async def decide_review(
    event_id: UUID, decision: ADecision, reviewer: Reviewer, desk: AtDesk
) -> EventLabelled | EventRejected:
    return await settle_review(desk, event_id, decision.revision, decision.refused, reviewer)


def install(http: FastAPI) -> None:
    """Adds the routes, and what the API answers where a reviewer cannot decide."""
    http.include_router(routes)
    http.add_exception_handler(ReviewMissing, _missing)
    http.add_exception_handler(OwnCause, _own_cause)
    http.add_exception_handler(TextChanged, _text_changed)


async def _missing(_: Request, __: Exception) -> JSONResponse:
    return problem(404, "Aucune relecture n’est ouverte pour cet événement.")


async def _own_cause(_: Request, __: Exception) -> JSONResponse:
    return problem(403, "Cet événement est celui de votre organisation : une autre personne en décide.", kind=OWN_CAUSE)


async def _text_changed(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, TextChanged)
    event, review = error.event, error.review
    detail = f"L’événement a changé depuis votre lecture : lisez sa version {event.revision} avant de décider."
    if review is None:
        detail = f"L’événement a changé depuis votre lecture, et sa version {event.revision} n’attend pas de décision."
    new: dict[str, Any] = {"revision": event.revision, "event": event.model_dump(mode="json")}
    new["review"] = review.model_dump(mode="json") if review else None
    return problem(409, detail, kind=CHANGED, more=new)
