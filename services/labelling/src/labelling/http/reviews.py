"""The review queue over HTTP: what waits for a person, and what they make of it."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias
from uuid import UUID

from fastapi import Body as ABody
from fastapi import Depends, FastAPI, Query
from fastapi.responses import JSONResponse
from pydantic import field_validator

from backbone.campaign.geography import REVIEW_REGIONS
from backbone.contracts import (
    AppealReceived,
    Condition,
    Correction,
    CorrectionKind,
    CorrectionRequested,
    EventLabelled,
    EventRejected,
    ReviewRequested,
)
from backbone.http.bearer import bearer
from backbone.http.openapi import refusals
from backbone.http.paging import Cursor, Limit, Page, page_of, place_of
from backbone.http.problem_kinds import Kind
from backbone.http.problems import Answers, install_answers, problem
from backbone.http.routes import add_routes, api_routes

from .. import reviews, store
from ..reviews import InAppeal, OwnCause, OwnRefusal, ReviewMissing, TextChanged
from ..workbench.access import check_free
from ..workbench.queue import Urgency, Wanted, count, waiting
from ..workbench.words import Sentence
from .asking import AtDesk, Body, LabelOrNot, Reviewer, Revision
from .manual import CORRECTIONS, DECISIONS, REGIONS

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
OWN_REFUSAL = Kind(
    403,
    "propre-refus",
    "Recours contre votre décision",
    "Personne ne juge un recours contre son propre refus.",
    "Une autre personne de la région en décide ; s’il n’y en a pas, confiez-le à une autre région.",
)
IN_APPEAL = Kind(
    409,
    "recours-en-cours",
    "Recours en cours",
    "L’organisateur demande une décision sur le texte tel qu’il est : il ne lui est pas demandé de correction.",
    "Donnez le label, ou refusez-le en disant quoi corriger.",
)
KINDS = (CHANGED, OWN_CAUSE, OWN_REFUSAL, IN_APPEAL)

routes = api_routes(prefix="/v1/reviews", tags=["Relecture"], dependencies=[Depends(bearer)])


class AppealToJudge(AppealReceived):
    """An appeal with what its organiser writes, for the person who judges it."""

    words: str


Waiting: TypeAlias = ReviewRequested | AppealReceived
Listed: TypeAlias = Waiting | CorrectionRequested
ToRead: TypeAlias = ReviewRequested | AppealToJudge | CorrectionRequested


class ReviewDecision(LabelOrNot):
    """A reviewer's decision on the revision that they read: the label is given, or refused for the conditions named,
    with a sentence for each that tells the organiser what to mend."""

    revision: Revision


class CorrectionAsked(Body):
    """What the organiser is to mend in the revision that the reviewer read, before they decide."""

    revision: Revision
    kind: CorrectionKind
    message: Sentence


class HandOver(Body):
    """The region whose people are to decide on the revision that the reviewer read."""

    revision: Revision
    region: str

    @field_validator("region")
    @classmethod
    def _is_one(cls, region: str) -> str:
        if region not in REVIEW_REGIONS:
            raise ValueError(
                "Indiquez le code INSEE d’une région, par exemple « 84 » ; « 00 » pour l’équipe nationale."
            )
        return region


ADecision = Annotated[ReviewDecision, ABody(openapi_examples=DECISIONS)]
ACorrection = Annotated[CorrectionAsked, ABody(openapi_examples=CORRECTIONS)]
ARegion = Annotated[HandOver, ABody(openapi_examples=REGIONS)]


def _wanted(
    region: Annotated[str | None, Query(max_length=3)] = None,
    doubt: Condition | None = None,
    kind: Annotated[str | None, Query(max_length=40)] = None,
    urgency: Urgency | None = None,
    mine: bool = False,
    corrected: bool = False,
) -> Wanted:
    return Wanted(region, doubt, kind, urgency, mine, corrected)


AWanted = Annotated[Wanted, Depends(_wanted)]


@routes.get("", summary="Ce qui attend une décision dans mes régions, le plus urgent d’abord", responses=refusals(403))
async def list_reviews(
    reviewer: Reviewer, desk: AtDesk, wanted: AWanted, limit: Limit = 50, cursor: Cursor = None
) -> Page[Listed]:
    after, now = place_of(cursor), desk.clock.now()
    async with desk.engine.connect() as tx:
        found = await waiting(tx, wanted, reviewer, now, after=after, limit=limit + 1)
        shown = [(one.place, one.asked) for one in found]
        return page_of(shown, limit, await count(tx, wanted, reviewer, now))


@routes.get("/{event_id}", summary="Un événement à relire, avec les constats des règles", responses=refusals(403, 404))
async def show_review(event_id: UUID, reviewer: Reviewer, desk: AtDesk) -> ToRead:
    asked = await reviews.read_review(desk, event_id, reviewer)
    if not isinstance(asked, AppealReceived):
        return asked
    async with desk.engine.connect() as tx:
        words = await store.words_of_appeal(tx, event_id)
    return AppealToJudge(**asked.model_dump(), words=words)


@routes.post(
    "/{event_id}/decision",
    summary="Donner le label, ou le refuser en disant pourquoi ; de même pour un recours",
    responses=refusals(403, 404, 409),
)
async def decide_review(
    event_id: UUID, decision: ADecision, reviewer: Reviewer, desk: AtDesk
) -> EventLabelled | EventRejected:
    await check_free(desk, event_id, reviewer)
    return await reviews.settle_review(desk, event_id, decision.revision, decision.refused, reviewer)


@routes.post(
    "/{event_id}/correction",
    summary="Demander à l’organisateur de corriger son texte ; le délai s’arrête jusque-là",
    responses=refusals(403, 404, 409),
)
async def correct_review(event_id: UUID, asked: ACorrection, reviewer: Reviewer, desk: AtDesk) -> CorrectionRequested:
    await check_free(desk, event_id, reviewer)
    correction = Correction(kind=asked.kind.value, message=asked.message)
    return await reviews.ask_correction(desk, event_id, asked.revision, correction, reviewer)


@routes.post(
    "/{event_id}/region",
    summary="Confier la décision à une autre région, dans le même délai",
    responses=refusals(403, 404, 409),
)
async def hand_over_review(event_id: UUID, to: ARegion, reviewer: Reviewer, desk: AtDesk) -> Waiting:
    return await reviews.hand_over(desk, event_id, to.revision, to.region, reviewer)


def install(http: FastAPI) -> None:
    """Adds the routes, and what the API answers where a reviewer cannot decide."""
    add_routes(http, routes)
    install_answers(http, ANSWERS)


def _text_changed(error: TextChanged) -> JSONResponse:
    event, review = error.event, error.review
    detail = f"L’événement a changé depuis votre lecture : lisez sa version {event.revision} avant de décider."
    if review is None:
        detail = f"L’événement a changé depuis votre lecture, et sa version {event.revision} n’attend pas de décision."
    new: dict[str, Any] = {"revision": event.revision, "event": event.model_dump(mode="json")}
    new["review"] = review.model_dump(mode="json") if review else None
    return problem(409, detail, kind=CHANGED, more=new)


ANSWERS: Answers = {
    ReviewMissing: lambda _: problem(404, "Aucune relecture n’est ouverte pour cet événement."),
    OwnCause: lambda _: problem(
        403, "Cet événement est celui de votre organisation : une autre personne en décide.", kind=OWN_CAUSE
    ),
    OwnRefusal: lambda _: problem(
        403, "Ce recours conteste votre propre refus : une autre personne en décide.", kind=OWN_REFUSAL
    ),
    InAppeal: lambda _: problem(
        409, "Cet événement est en recours : donnez le label, ou refusez-le en disant quoi corriger.", kind=IN_APPEAL
    ),
    TextChanged: _text_changed,
}
