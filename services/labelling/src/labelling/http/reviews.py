"""The review queue over HTTP: what waits for a person, and their word on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy.ext.asyncio import AsyncEngine

from backbone.access import Caller, KeySource, NotAllowed
from backbone.bearer import bearer, caller_of
from backbone.clock import Clock
from backbone.contracts import Condition, EventLabelled, EventRejected, ReviewRequested
from backbone.database import Tx
from backbone.outbox import tell_now

from .. import store
from ..domain.decision import settle

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
Sentence = Annotated[str, Field(min_length=10, max_length=500)]


class Word(BaseModel):
    """A reviewer's word: the label is given, or refused for the conditions named, with a sentence for each that
    tells the organiser what to mend."""

    model_config = ConfigDict(extra="forbid")

    label: bool
    refused: dict[Condition, Sentence] = {}

    @model_validator(mode="after")
    def _refusal_has_reasons(self) -> Self:
        if self.label == bool(self.refused):
            raise ValueError("Donnez le label, ou refusez-le en disant pourquoi pour chaque condition en cause.")
        return self


@routes.get("", summary="Ce qui attend une décision dans mes régions, le plus urgent d’abord")
async def list_reviews(
    reviewer: Reviewer,
    desk: AtDesk,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> list[ReviewRequested]:
    regions = None if reviewer.role == "administrator" else reviewer.regions
    async with desk.engine.connect() as tx:
        return await store.review_queue(tx, regions, limit=limit, offset=offset)


@routes.get("/{event_id}", summary="Un événement à relire, avec les constats des règles")
async def read_review(event_id: UUID, reviewer: Reviewer, desk: AtDesk) -> ReviewRequested:
    async with desk.engine.begin() as tx:
        return await _open_review(tx, event_id, reviewer)


@routes.post("/{event_id}/decision", summary="Donner le label, ou le refuser en disant pourquoi")
async def settle_review(event_id: UUID, word: Word, reviewer: Reviewer, desk: AtDesk) -> EventLabelled | EventRejected:
    async with desk.engine.begin() as tx:
        review = await _open_review(tx, event_id, reviewer)
        decision = settle(review.event, review.verdicts, word.refused, desk.clock.now())
        await store.save_decision(tx, decision, decided_by=reviewer.account_id)
        await tell_now(tx, "labelling", decision)
    return decision


async def _open_review(tx: Tx, event_id: UUID, reviewer: Caller) -> ReviewRequested:
    review = await store.open_review(tx, event_id)
    if review is None:
        raise HTTPException(404, "Aucune relecture n’est ouverte pour cet événement")
    if reviewer.role != "administrator" and review.region not in reviewer.regions:
        raise NotAllowed("another region")
    return review
