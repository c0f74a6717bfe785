"""The same word on many events over HTTP, and back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI
from pydantic import BaseModel, Field, StrictBool, StrictInt

from backbone.http.bearer import bearer
from backbone.http.openapi import refusals
from backbone.http.problem_kinds import Kind
from backbone.http.problems import Answers, install_answers, problem
from backbone.http.routes import add_routes, api_routes

from ..workbench import batches, holds
from ..workbench.batches import MOST
from ..workbench.holds import TooLate
from ..workbench.words import ToLabel, ToRefuse, Word
from .asking import AtDesk, Body, LabelOrNot, Reviewer

TOO_LATE = Kind(
    409,
    "annulation-trop-tardive",
    "Trop tard pour annuler",
    "La décision a été transmise : on peut l’annuler pendant une minute.",
    "L’organisateur peut demander qu’une personne regarde de nouveau ; un administrateur peut rejuger.",
)
KINDS = (TOO_LATE,)

routes = api_routes(prefix="/v1/reviews", tags=["Relecture"], dependencies=[Depends(bearer)])


class Read(Body):
    """An event, and the revision that you read."""

    event_id: UUID
    revision: Annotated[StrictInt, Field(ge=1)]


class BatchDecision(LabelOrNot):
    """The same word on up to 500 events; `preview`: only say what it would do."""

    events: Annotated[list[Read], Field(min_length=1, max_length=MOST)]
    preview: StrictBool = False

    @property
    def word(self) -> Word:
        return ToLabel() if self.label else ToRefuse(refused=self.refused)


class LeftShown(BaseModel):
    """An event that was left as it is, and why: `gone`, `another-region`, `own-cause`, `own-refusal`,
    `changed`, `claimed`, `held`, `not-in-doubt`."""

    event_id: UUID
    why: str


class BatchShown(BaseModel):
    """What was decided, told in a minute, and what was left. `batch`: to take it back; none for a preview."""

    batch: UUID | None
    taken: list[UUID]
    left: list[LeftShown]


class Undo(Body):
    """What is to be taken back."""

    batch: UUID


class Undone(BaseModel):
    """How many decisions were taken back."""

    undone: int


@routes.post("/batch", summary="Décider de plusieurs événements à la fois", responses=refusals(403))
async def decide_batch(decision: BatchDecision, reviewer: Reviewer, desk: AtDesk) -> BatchShown:
    wanted = [(one.event_id, one.revision) for one in decision.events]
    if decision.preview:
        async with desk.engine.connect() as tx:
            taken, left = await batches.look_at_batch(tx, wanted, decision.word, reviewer)
        batch = None
    else:
        done = await batches.hold_batch(desk, wanted, decision.word, reviewer)
        taken, left, batch = [*done.taken], [*done.left], done.id if done.taken else None
    shown = [LeftShown(event_id=one.event_id, why=one.why) for one in left]
    return BatchShown(batch=batch, taken=[one.event.event_id for one in taken], left=shown)


@routes.post("/undo", summary="Reprendre des décisions prises à l’instant", responses=refusals(403, 409))
async def undo_batch(back: Undo, reviewer: Reviewer, desk: AtDesk) -> Undone:
    return Undone(undone=await holds.undo(desk, back.batch, reviewer))


def install(http: FastAPI) -> None:
    """Adds the routes, and what the API answers where it is too late."""
    add_routes(http, routes)
    install_answers(http, ANSWERS)


ANSWERS: Answers = {
    TooLate: lambda _: problem(409, "Il n’y a plus rien à annuler : la décision a été transmise.", kind=TOO_LATE),
}
