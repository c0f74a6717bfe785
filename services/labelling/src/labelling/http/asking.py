"""Who asks, and of what: what the routes are given."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from pydantic import Field, StrictInt

from backbone.http.access import Caller
from backbone.http.bearer import caller_of

from ..desk import Desk
from ..workbench.colleagues import take_seat


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(_desk)]


async def _reviewer(request: Request, desk: AtDesk) -> Caller:
    return await take_seat(desk, await caller_of(request, desk.keys, "reviewer", "administrator"))


async def _organiser(request: Request, desk: AtDesk) -> Caller:
    return await caller_of(request, desk.keys)  # whatever else they are: the event must be theirs


Reviewer = Annotated[Caller, Depends(_reviewer)]
Organiser = Annotated[Caller, Depends(_organiser)]

REASONS_WANTED = "Donnez le label, ou refusez-le en disant pourquoi pour chaque condition en cause."
Revision = Annotated[StrictInt, Field(ge=1)]
