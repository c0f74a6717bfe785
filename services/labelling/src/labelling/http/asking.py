"""Who asks, and of what: what the routes are given."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from pydantic import Field, StrictInt, StringConstraints

from backbone.http.access import Caller
from backbone.http.bearer import caller_of
from backbone.texts.pasted import AS_ONE_LINE, WITH_WORDS

from ..desk import Desk


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(_desk)]


async def _reviewer(request: Request, desk: AtDesk) -> Caller:
    return await caller_of(request, desk.keys, "reviewer", "administrator")


async def _organiser(request: Request, desk: AtDesk) -> Caller:
    return await caller_of(request, desk.keys)  # whatever else they are: the event must be theirs


Reviewer = Annotated[Caller, Depends(_reviewer)]
Organiser = Annotated[Caller, Depends(_organiser)]

# what an organiser may not write in a text, nobody may write to them
Sentence = Annotated[str, StringConstraints(min_length=10, max_length=500), AS_ONE_LINE, WITH_WORDS]
Revision = Annotated[StrictInt, Field(ge=1)]
