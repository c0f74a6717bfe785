"""Who asks, and of what: what the routes are given."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator

from backbone.contracts import Condition
from backbone.http.access import Caller
from backbone.http.bearer import caller_of

from ..desk import Desk
from ..workbench.colleagues import take_seat
from ..workbench.words import Sentence


# `async` though it waits for nothing: FastAPI runs what is not in a thread, which costs more than all that it does
async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(_desk)]


async def _reviewer(request: Request, desk: AtDesk) -> Caller:
    return await take_seat(desk, await caller_of(request, desk.keys, "reviewer", "administrator"))


async def _organiser(request: Request, desk: AtDesk) -> Caller:
    return await caller_of(request, desk.keys)  # whatever else they are: the event must be theirs


Reviewer = Annotated[Caller, Depends(_reviewer)]
Organiser = Annotated[Caller, Depends(_organiser)]

Revision = Annotated[StrictInt, Field(ge=1)]


class Body(BaseModel):
    """What a program sends: fields that nobody knows are a mistake."""

    model_config = ConfigDict(extra="forbid")


class LabelOrNot(Body):
    """A reviewer's word: the label is given, or refused for the conditions named, with a sentence for each that tells
    the organiser what to mend."""

    label: StrictBool
    refused: dict[Condition, Sentence] = {}

    @model_validator(mode="after")
    def _refusal_has_reasons(self) -> Self:
        if self.label == bool(self.refused):
            raise ValueError("Donnez le label, ou refusez-le en disant pourquoi pour chaque condition en cause.")
        return self
