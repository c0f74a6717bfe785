"""The review queue over HTTP: what waits for a person, and their word on it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Body, Depends, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints, model_validator
from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.campaign.clock import Clock
from backbone.contracts import Condition, EventLabelled, EventRejected, PublicEvent, ReviewRequested
from backbone.http.access import Caller, KeySource, NotAllowed
from backbone.http.bearer import bearer, caller_of
from backbone.http.openapi import refusals
from backbone.http.paging import Cursor, Limit, Page, page_of, place_of
from backbone.http.problem_kinds import Kind
from backbone.http.problems import Problem, problem
from backbone.postgres.database import Tx
from backbone.postgres.outbox import tell_now
from backbone.texts.pasted import AS_ONE_LINE, WITH_WORDS

from .. import store
from ..domain.decision import region_of, settle
from ..domain.independence import is_own_cause
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

log = logging.getLogger(__name__)

routes = APIRouter(prefix="/v1/reviews", tags=["Relecture"], dependencies=[Depends(bearer)])


@dataclass(frozen=True)
class Desk:
    """The collaborators of every route; `app.state.desk` holds it."""

    engine: AsyncEngine
    keys: KeySource
    clock: Clock


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(_desk)]


async def _reviewer(request: Request, desk: AtDesk) -> Caller:
    return await caller_of(request, desk.keys, "reviewer", "administrator")


Reviewer = Annotated[Caller, Depends(_reviewer)]
# what an organiser may not write in a text, nobody may write to them
Sentence = Annotated[str, StringConstraints(min_length=10, max_length=500), AS_ONE_LINE, WITH_WORDS]


class TextChanged(Exception):
    """The organiser changed the event after it was read: nothing is decided."""

    def __init__(self, event: PublicEvent, review: ReviewRequested | None) -> None:
        super().__init__(str(event.event_id))
        self.event, self.review = event, review


class Word(BaseModel):
    """A reviewer's word on the revision that they read: the label is given, or refused for the conditions named, with
    a sentence for each that tells the organiser what to mend."""

    model_config = ConfigDict(extra="forbid")

    revision: Annotated[StrictInt, Field(ge=1, description="La version que vous avez lue : celle de la relecture")]
    label: StrictBool
    refused: dict[Condition, Sentence] = {}

    @model_validator(mode="after")
    def _refusal_has_reasons(self) -> Self:
        if self.label == bool(self.refused):
            raise ValueError("Donnez le label, ou refusez-le en disant pourquoi pour chaque condition en cause.")
        return self


AWord = Annotated[Word, Body(openapi_examples=DECISIONS)]


@routes.get("", summary="Ce qui attend une décision dans mes régions, le plus urgent d’abord", responses=refusals(403))
async def list_reviews(
    reviewer: Reviewer, desk: AtDesk, limit: Limit = 50, cursor: Cursor = None
) -> Page[ReviewRequested]:
    regions, after = None if reviewer.role == "administrator" else reviewer.regions, place_of(cursor)
    async with desk.engine.connect() as tx:
        found = await store.review_queue(tx, regions, after=after, limit=limit + 1)
        return page_of(found, limit, await store.count_reviews(tx, regions))


@routes.get("/{event_id}", summary="Un événement à relire, avec les constats des règles", responses=refusals(403, 404))
async def read_review(event_id: UUID, reviewer: Reviewer, desk: AtDesk) -> ReviewRequested:
    async with desk.engine.begin() as tx:
        return await _open_review(tx, event_id, reviewer)


@routes.post(
    "/{event_id}/decision",
    summary="Donner le label, ou le refuser en disant pourquoi",
    responses=refusals(403, 404, 409),
)
async def settle_review(event_id: UUID, word: AWord, reviewer: Reviewer, desk: AtDesk) -> EventLabelled | EventRejected:
    async with desk.engine.begin() as tx:
        review = await _read_review(tx, event_id, word.revision, reviewer)
        decision = settle(review.event, review.verdicts, word.refused, desk.clock.now())
        await store.save_decision(tx, decision, decided_by=reviewer.account_id)
        await tell_now(tx, "labelling", decision)
    about = {"event": str(event_id), "revision": decision.revision, "by": str(reviewer.account_id)}
    log.info("a decision was taken", extra={**about, "is_labelled": isinstance(decision, EventLabelled)})
    return decision


async def _read_review(tx: Tx, event_id: UUID, revision: int, reviewer: Caller) -> ReviewRequested:
    """The open review, if it is of the revision that the reviewer read, and theirs to settle.

    Raises TextChanged, and as `_open_review` does.
    """
    review = await store.open_review(tx, event_id)
    event = review.event if review else await store.newest_text(tx, event_id)
    if event is None:
        raise _not_found()
    _check_region(region_of(event), reviewer)
    if is_own_cause(event, reviewer.account_id, reviewer.organisation):
        detail = "Cet événement est celui de votre organisation : une autre personne en décide"
        raise Problem(OWN_CAUSE, detail)
    if event.revision != revision:
        raise TextChanged(event, review)
    if review is None:
        raise _not_found()
    return review


async def _open_review(tx: Tx, event_id: UUID, reviewer: Caller) -> ReviewRequested:
    review = await store.open_review(tx, event_id)
    if review is None:
        raise _not_found()
    _check_region(review.region, reviewer)
    return review


def _not_found() -> HTTPException:
    return HTTPException(404, "Aucune relecture n’est ouverte pour cet événement")


def _check_region(region: str, reviewer: Caller) -> None:
    if reviewer.role != "administrator" and region not in reviewer.regions:
        raise NotAllowed("another region")


async def text_changed(_: Any, error: Exception) -> Any:
    """The API's answer to a word on a text that is no longer the event's: the new text."""
    assert isinstance(error, TextChanged)
    event, review = error.event, error.review
    detail = f"L’événement a changé depuis votre lecture : lisez sa version {event.revision} avant de décider."
    if review is None:
        detail = f"L’événement a changé depuis votre lecture, et sa version {event.revision} n’attend pas de décision."
    new = {"revision": event.revision, "event": event.model_dump(mode="json")}
    new["review"] = review.model_dump(mode="json") if review else None
    return problem(409, detail, kind=CHANGED, more=new)
