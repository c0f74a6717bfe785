"""What an organiser asks of labelling: where their event stands and why, and that a person judge it again."""

from __future__ import annotations

from typing import Annotated, TypeAlias
from uuid import UUID

from fastapi import Body as ABody
from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel, StringConstraints

from backbone.campaign.dates import moment
from backbone.campaign.remedies import how_decided, remedies_of, what_next
from backbone.contracts import AppealReceived, CorrectionRequested, EventLabelled, EventRejected, ReviewRequested
from backbone.http.bearer import bearer
from backbone.http.openapi import refusals
from backbone.http.problem_kinds import Kind
from backbone.http.problems import Answers, install_answers, problem
from backbone.http.routes import add_routes, api_routes
from backbone.texts.pasted import AS_TEXT

from .. import appeals
from ..appeals import AppealOpen, AppealUsed, EventMissing, NothingToAppeal
from .asking import AtDesk, Body, Organiser, Revision
from .manual import APPEALS

NOT_REFUSED = Kind(
    409,
    "rien-a-contester",
    "Événement qui n’est pas refusé",
    "Une personne ne juge de nouveau qu’un événement refusé. Celui-ci a son label, ou attend une décision.",
    "Lisez où il en est : GET /v1/events/{event_id}/decision.",
)
OPEN = Kind(
    409,
    "recours-deja-recu",
    "Recours déjà reçu",
    "Une personne est déjà chargée de regarder cet événement. Votre première demande suffit.",
    "Attendez sa réponse, ou modifiez l’événement et déposez-le de nouveau.",
)
USED = Kind(
    409,
    "recours-deja-juge",
    "Recours déjà jugé",
    "Une personne a déjà jugé de nouveau ce même texte, et l’a refusé.",
    "Modifiez l’événement et déposez-le de nouveau, ou saisissez le tribunal administratif dans les deux mois.",
)
KINDS = (NOT_REFUSED, OPEN, USED)

routes = api_routes(prefix="/v1/events", tags=["Organisateurs"], dependencies=[Depends(bearer)])
Words = Annotated[str, StringConstraints(max_length=2000), AS_TEXT]
Decision: TypeAlias = EventLabelled | EventRejected | ReviewRequested | CorrectionRequested | AppealReceived


class Appeal(Body):
    """An organiser asks that a person judge again the revision that they read the decision on."""

    revision: Revision
    words: Words = ""


class Explanation(BaseModel):
    """A decision, and what the law has its organiser told with it."""

    decision: Decision
    how_decided: str
    what_next: str
    remedies: tuple[str, ...]
    may_appeal: bool


AnAppeal = Annotated[Appeal, ABody(openapi_examples=APPEALS)]


@routes.get(
    "/{event_id}/decision",
    summary="Où en est mon événement, pourquoi, qui ou quoi en a décidé, et ce que je peux faire",
    responses=refusals(404),
)
async def explain_decision(event_id: UUID, organiser: Organiser, desk: AtDesk) -> Explanation:
    decision, may_appeal = await appeals.decision_for(desk, event_id, organiser)
    return Explanation(
        decision=decision,
        how_decided=how_decided(decision),
        what_next=what_next(decision),
        remedies=remedies_of(decision, may_appeal=may_appeal),
        may_appeal=may_appeal,
    )


@routes.post(
    "/{event_id}/appeal",
    status_code=202,
    summary="Demander qu’une personne regarde de nouveau un événement refusé",
    responses=refusals(404, 409),
)
async def appeal_decision(event_id: UUID, asked: AnAppeal, organiser: Organiser, desk: AtDesk) -> AppealReceived:
    return await appeals.appeal(desk, event_id, asked.revision, asked.words, organiser)


def install(http: FastAPI) -> None:
    """Adds the routes, and what the API answers where there is nothing to judge again."""
    add_routes(http, routes)
    install_answers(http, ANSWERS)


def _open(error: AppealOpen) -> JSONResponse:
    by_when = f"au plus tard le {moment(error.received.due_at)} (heure du lieu)"
    return problem(409, f"Votre demande est déjà reçue : une personne y répond {by_when}.", kind=OPEN)


ANSWERS: Answers = {
    EventMissing: lambda _: problem(404, "Aucun de vos événements n’a de décision sous ce numéro."),
    NothingToAppeal: lambda _: problem(
        409, "Votre événement n’est pas refusé : il n’y a rien à juger de nouveau.", kind=NOT_REFUSED
    ),
    AppealOpen: _open,
    AppealUsed: lambda _: problem(
        409,
        "Une personne a déjà jugé ce texte de nouveau : modifiez-le, ou saisissez le tribunal administratif.",
        kind=USED,
    ),
}
