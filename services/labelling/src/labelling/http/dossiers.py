"""What reviewers know of an event besides itself, over HTTP: who is at it, notes, opinions, what others decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, FastAPI
from pydantic import BaseModel, BeforeValidator, ConfigDict

from backbone.http.bearer import bearer
from backbone.http.openapi import refusals
from backbone.http.problem_kinds import Kind
from backbone.http.problems import Answers, install_answers, problem
from backbone.http.routes import add_routes, api_routes

from ..domain.changes import Piece
from ..workbench import claims, talk
from ..workbench.access import AlreadyHeld, Claimed
from ..workbench.dossier import open_dossier
from ..workbench.talk import Advice, NoSuchColleague, NotAsked
from ..workbench.words import Text
from .asking import AtDesk, Body, Reviewer

TAKEN = Kind(
    409,
    "prise-par-une-collegue",
    "Un collègue est sur cet événement",
    "Un autre relecteur s’est réservé cet événement pour quelques minutes, ou sa décision va être transmise.",
    "Passez au suivant ; celui-ci revient dans la file si rien n’est décidé.",
)
KINDS = (TAKEN,)

routes = api_routes(prefix="/v1/reviews", tags=["Relecture"], dependencies=[Depends(bearer)])


class _Shown(BaseModel):
    """Read off what the desk knows."""

    model_config = ConfigDict(from_attributes=True)


class ClaimShown(_Shown):
    """Who is at an event, and until when."""

    account_id: UUID
    name: str
    until: datetime


class Released(BaseModel):
    """An event that is left to the others."""

    event_id: UUID


class NoteText(Body):
    """A note for the other reviewers."""

    text: Text


class NoteShown(_Shown):
    """A note."""

    id: UUID
    name: str
    text: str
    written_at: datetime


class Question(Body):
    """Whom you ask, and what."""

    colleague: UUID
    question: Text


class Answer(Body):
    """What you think of it."""

    advice: Advice
    answer: Text


class OpinionShown(_Shown):
    """What a reviewer asked of a colleague, and what they answered."""

    id: UUID
    asked_by_name: str
    asked_of: UUID
    asked_of_name: str
    question: str
    asked_at: datetime
    advice: str | None
    answer: str | None
    answered_at: datetime | None


class PrecedentShown(_Shown):
    """A decision that a person took on an event like it."""

    event_id: UUID
    title: str
    organisation: str
    is_labelled: bool
    sentences: tuple[str, ...]
    decided_at: datetime


def _as_pairs(pieces: Sequence[Piece]) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in pieces]


class ChangeShown(_Shown):
    """A field that the organiser changed."""

    field: str
    pieces: Annotated[list[tuple[Literal["same", "out", "in"], str]], BeforeValidator(_as_pairs)]
    before: Any = None
    after: Any = None


class ColleagueShown(_Shown):
    """Somebody who may be asked."""

    account_id: UUID
    name: str
    organisation: str


class DossierShown(_Shown):
    """What is known of an event besides itself."""

    changed: list[ChangeShown]
    precedents: list[PrecedentShown]
    notes: list[NoteShown]
    opinions: list[OpinionShown]
    colleagues: list[ColleagueShown]
    claim: ClaimShown | None


@routes.get("/{event_id}/file", summary="Tout ce que l’on sait d’un événement à relire", responses=refusals(403, 404))
async def show_file(event_id: UUID, reviewer: Reviewer, desk: AtDesk) -> DossierShown:
    async with desk.engine.connect() as tx:
        dossier = await open_dossier(tx, event_id, reviewer)
    return DossierShown.model_validate(dossier)


@routes.post("/{event_id}/claim", summary="Se réserver un événement", responses=refusals(403, 404, 409))
async def claim_event(event_id: UUID, reviewer: Reviewer, desk: AtDesk) -> ClaimShown:
    return ClaimShown.model_validate(await claims.claim(desk, event_id, reviewer))


@routes.delete("/{event_id}/claim", summary="Le laisser aux autres", responses=refusals(403))
async def release_event(event_id: UUID, reviewer: Reviewer, desk: AtDesk) -> Released:
    await claims.release(desk, event_id, reviewer)
    return Released(event_id=event_id)


@routes.post(
    "/{event_id}/notes", status_code=201, summary="Noter pour les autres relecteurs", responses=refusals(403, 404)
)
async def write_note(event_id: UUID, note: NoteText, reviewer: Reviewer, desk: AtDesk) -> NoteShown:
    return NoteShown.model_validate(await talk.write_note(desk, event_id, note.text, reviewer))


@routes.post(
    "/{event_id}/opinion", status_code=201, summary="Demander l’avis d’un collègue", responses=refusals(403, 404)
)
async def ask_opinion(event_id: UUID, asked: Question, reviewer: Reviewer, desk: AtDesk) -> OpinionShown:
    opinion = await talk.ask_opinion(desk, event_id, asked.colleague, asked.question, reviewer)
    return OpinionShown.model_validate(opinion)


@routes.post("/{event_id}/opinion/{opinion_id}", summary="Donner son avis", responses=refusals(403, 404))
async def give_opinion(
    event_id: UUID, opinion_id: UUID, given: Answer, reviewer: Reviewer, desk: AtDesk
) -> OpinionShown:
    opinion = await talk.give_opinion(desk, event_id, opinion_id, given.advice, given.answer, reviewer)
    return OpinionShown.model_validate(opinion)


def install(http: FastAPI) -> None:
    """Adds the routes, and what the API answers where they cannot do what is asked."""
    add_routes(http, routes)
    install_answers(http, ANSWERS)


ANSWERS: Answers = {
    Claimed: lambda error: problem(409, f"{error.name} s’est réservé cet événement.", kind=TAKEN),
    AlreadyHeld: lambda _: problem(
        409, "Une décision vient d’être prise sur cet événement ; elle va être transmise.", kind=TAKEN
    ),
    NoSuchColleague: lambda _: problem(404, "Aucun collègue de cette région ne porte cet identifiant."),
    NotAsked: lambda _: problem(404, "Aucun avis ne vous est demandé sous cet identifiant."),
}
