"""What reviewers work with, over HTTP: who is at an event, notes, opinions, many decisions in one go, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints, model_validator

from backbone.contracts import Condition
from backbone.http.bearer import bearer
from backbone.http.openapi import refusals
from backbone.http.problem_kinds import Kind
from backbone.http.problems import problem
from backbone.texts.pasted import WITH_WORDS

from ..domain.changes import Change
from ..workbench import claims, holds, talk
from ..workbench.access import AlreadyHeld, Claimed
from ..workbench.dossier import open_dossier
from ..workbench.holds import MOST, TooLate
from ..workbench.talk import Advice, NoSuchColleague, NotAsked
from ..workbench.words import Sentence, ToLabel, ToRefuse, Word
from .asking import REASONS_WANTED, AtDesk, Reviewer

TAKEN = Kind(
    409,
    "prise-par-une-collegue",
    "Un collègue est sur cet événement",
    "Un autre relecteur s’est réservé cet événement pour quelques minutes, ou sa décision va être transmise.",
    "Passez au suivant ; celui-ci revient dans la file si rien n’est décidé.",
)
TOO_LATE = Kind(
    409,
    "annulation-trop-tardive",
    "Trop tard pour annuler",
    "La décision a été transmise : on peut l’annuler pendant une minute.",
    "L’organisateur peut demander qu’une personne regarde de nouveau ; un administrateur peut rejuger.",
)
KINDS = (TAKEN, TOO_LATE)

routes = APIRouter(prefix="/v1/reviews", tags=["Relecture"], dependencies=[Depends(bearer)])

Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True), WITH_WORDS]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ClaimShown(BaseModel):
    """Who is at an event, and until when."""

    account_id: UUID
    name: str
    until: datetime


class Released(BaseModel):
    """An event that is left to the others."""

    event_id: UUID


class NoteText(_Body):
    """A note for the other reviewers."""

    text: Text


class NoteShown(BaseModel):
    """A note."""

    id: UUID
    name: str
    text: str
    written_at: datetime


class Question(_Body):
    """Whom you ask, and what."""

    colleague: UUID
    question: Text


class Answer(_Body):
    """What you think of it."""

    advice: Advice
    answer: Text


class OpinionShown(BaseModel):
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


class PrecedentShown(BaseModel):
    """A decision that a person took on an event like it."""

    event_id: UUID
    title: str
    organisation: str
    is_labelled: bool
    sentences: tuple[str, ...]
    decided_at: datetime


class ChangeShown(BaseModel):
    """A field that the organiser changed."""

    field: str
    pieces: list[tuple[Literal["same", "out", "in"], str]]
    before: Any = None
    after: Any = None


class ColleagueShown(BaseModel):
    """Somebody who may be asked."""

    account_id: UUID
    name: str
    organisation: str


class DossierShown(BaseModel):
    """What is known of an event besides itself."""

    changed: list[ChangeShown]
    precedents: list[PrecedentShown]
    notes: list[NoteShown]
    opinions: list[OpinionShown]
    colleagues: list[ColleagueShown]
    claim: ClaimShown | None


class Read(_Body):
    """An event, and the revision that you read."""

    event_id: UUID
    revision: Annotated[StrictInt, Field(ge=1)]


class BatchDecision(_Body):
    """The same word on up to 500 events; `preview`: only say what it would do."""

    events: Annotated[list[Read], Field(min_length=1, max_length=MOST)]
    label: StrictBool
    refused: dict[Condition, Sentence] = {}
    preview: StrictBool = False

    @model_validator(mode="after")
    def _refusal_has_reasons(self) -> Self:
        if self.label == bool(self.refused):
            raise ValueError(REASONS_WANTED)
        return self

    @property
    def word(self) -> Word:
        return ToLabel() if self.label else ToRefuse(refused=self.refused)


class LeftShown(BaseModel):
    """An event that was left as it is, and why: `gone`, `another-region`, `own-cause`, `changed`, `claimed`, `held`,
    `not-in-doubt`."""

    event_id: UUID
    why: str


class BatchShown(BaseModel):
    """What was decided, told in a minute, and what was left. `batch`: to take it back; none for a preview."""

    batch: UUID | None
    taken: list[UUID]
    left: list[LeftShown]


class Undo(_Body):
    """What is to be taken back."""

    batch: UUID


class Undone(BaseModel):
    """How many decisions were taken back."""

    undone: int


@routes.get("/{event_id}/file", summary="Tout ce que l’on sait d’un événement à relire", responses=refusals(403, 404))
async def show_file(event_id: UUID, reviewer: Reviewer, desk: AtDesk) -> DossierShown:
    async with desk.engine.connect() as tx:
        dossier = await open_dossier(tx, event_id, reviewer)
    return DossierShown(
        changed=[_change(change) for change in dossier.changed],
        precedents=[PrecedentShown(**_named(one, PrecedentShown)) for one in dossier.precedents],
        notes=[NoteShown(**_named(one, NoteShown)) for one in dossier.notes],
        opinions=[OpinionShown(**_named(one, OpinionShown)) for one in dossier.opinions],
        colleagues=[ColleagueShown(**_named(one, ColleagueShown)) for one in dossier.colleagues],
        claim=ClaimShown(**_named(dossier.claim, ClaimShown)) if dossier.claim else None,
    )


@routes.post("/{event_id}/claim", summary="Se réserver un événement", responses=refusals(403, 404, 409))
async def claim_event(event_id: UUID, reviewer: Reviewer, desk: AtDesk) -> ClaimShown:
    return ClaimShown(**_named(await claims.claim(desk, event_id, reviewer), ClaimShown))


@routes.delete("/{event_id}/claim", summary="Le laisser aux autres", responses=refusals(403))
async def release_event(event_id: UUID, reviewer: Reviewer, desk: AtDesk) -> Released:
    await claims.release(desk, event_id, reviewer)
    return Released(event_id=event_id)


@routes.post(
    "/{event_id}/notes", status_code=201, summary="Noter pour les autres relecteurs", responses=refusals(403, 404)
)
async def write_note(event_id: UUID, note: NoteText, reviewer: Reviewer, desk: AtDesk) -> NoteShown:
    return NoteShown(**_named(await talk.write_note(desk, event_id, note.text, reviewer), NoteShown))


@routes.post(
    "/{event_id}/opinion", status_code=201, summary="Demander l’avis d’un collègue", responses=refusals(403, 404)
)
async def ask_opinion(event_id: UUID, asked: Question, reviewer: Reviewer, desk: AtDesk) -> OpinionShown:
    opinion = await talk.ask_opinion(desk, event_id, asked.colleague, asked.question, reviewer)
    return OpinionShown(**_named(opinion, OpinionShown))


@routes.post("/{event_id}/opinion/{opinion_id}", summary="Donner son avis", responses=refusals(403, 404))
async def give_opinion(
    event_id: UUID, opinion_id: UUID, given: Answer, reviewer: Reviewer, desk: AtDesk
) -> OpinionShown:
    opinion = await talk.give_opinion(desk, event_id, opinion_id, given.advice, given.answer, reviewer)
    return OpinionShown(**_named(opinion, OpinionShown))


@routes.post("/batch", summary="Décider de plusieurs événements à la fois", responses=refusals(403))
async def decide_batch(decision: BatchDecision, reviewer: Reviewer, desk: AtDesk) -> BatchShown:
    wanted = [(one.event_id, one.revision) for one in decision.events]
    if decision.preview:
        async with desk.engine.connect() as tx:
            taken, left = await holds.look_at_batch(tx, wanted, decision.word, reviewer)
        batch = None
    else:
        done = await holds.hold_batch(desk, wanted, decision.word, reviewer)
        taken, left, batch = [*done.taken], [*done.left], done.id if done.taken else None
    shown = [LeftShown(event_id=one.event_id, why=one.why) for one in left]
    return BatchShown(batch=batch, taken=[one.event.event_id for one in taken], left=shown)


@routes.post("/undo", summary="Reprendre des décisions prises à l’instant", responses=refusals(403, 409))
async def undo(back: Undo, reviewer: Reviewer, desk: AtDesk) -> Undone:
    return Undone(undone=await holds.undo(desk, back.batch, reviewer))


def install(http: FastAPI) -> None:
    """Adds the routes, and what the API answers where they cannot do what is asked."""
    http.include_router(routes)
    for error, answer in _ANSWERS.items():
        http.add_exception_handler(error, answer)


def _named(one: object, shown: type[BaseModel]) -> dict[str, Any]:
    return {name: getattr(one, name) for name in shown.model_fields}


def _change(change: Change) -> ChangeShown:
    pieces = [(piece.kind, piece.text) for piece in change.pieces]
    return ChangeShown(field=change.field, pieces=pieces, before=change.before, after=change.after)


async def _claimed(_: Request, error: Any) -> JSONResponse:
    return problem(409, f"{error.name} s’est réservé cet événement.", kind=TAKEN)


async def _held(_: Request, __: Any) -> JSONResponse:
    return problem(409, "Une décision vient d’être prise sur cet événement ; elle va être transmise.", kind=TAKEN)


async def _too_late(_: Request, __: Any) -> JSONResponse:
    return problem(409, "Il n’y a plus rien à annuler : la décision a été transmise.", kind=TOO_LATE)


async def _no_such_colleague(_: Request, __: Any) -> JSONResponse:
    return problem(404, "Aucun collègue de cette région ne porte cet identifiant.")


async def _not_asked(_: Request, __: Any) -> JSONResponse:
    return problem(404, "Aucun avis ne vous est demandé sous cet identifiant.")


_ANSWERS: Mapping[type[Exception], Any] = {
    Claimed: _claimed,
    AlreadyHeld: _held,
    TooLate: _too_late,
    NoSuchColleague: _no_such_colleague,
    NotAsked: _not_asked,
}
