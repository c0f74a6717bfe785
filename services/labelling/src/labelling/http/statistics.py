"""How the label is decided, in figures that anybody may read."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from backbone.http.openapi import refusals
from backbone.http.problems import problem
from backbone.http.routes import add_routes, api_routes

from ..statistics import KEPT_SECONDS, Statistics, Tally
from .asking import AtDesk

routes = api_routes(prefix="/v1", tags=["Public"])


class EditionUnknown(Exception):
    """No edition of this name is known here."""


class People(BaseModel):
    """What was asked of people, and what they answered."""

    asked: int
    waiting: int
    overdue: int
    answered: int
    answered_in_time: int
    hours_p50: float | None = Field(description="null until somebody has answered")
    hours_p90: float | None


class AppealFigures(BaseModel):
    """What became of the appeals."""

    received: int
    open: int
    granted: int
    refused: int
    lapsed: int
    overturned: int


class Figures(BaseModel):
    """Of one edition."""

    edition: str
    decisions: int
    automatic: int
    by_persons: int
    by_silence: int
    people: People
    appeals: AppealFigures

    @classmethod
    def of(cls, edition: str, tally: Tally) -> Figures:
        closed = tally.appeals_open + tally.appeals_granted + tally.appeals_refused
        appeals = AppealFigures(
            received=tally.appeals,
            open=tally.appeals_open,
            granted=tally.appeals_granted,
            refused=tally.appeals_refused,
            lapsed=max(0, tally.appeals - closed),
            overturned=tally.overturned,
        )
        people = People.model_validate(tally, from_attributes=True)
        people = people.model_copy(
            update={name: _rounded(getattr(people, name)) for name in ("hours_p50", "hours_p90")}
        )
        known = {name: getattr(tally, name) for name in ("decisions", "automatic", "by_persons", "by_silence")}
        return cls(edition=edition, **known, people=people, appeals=appeals)


def _rounded(hours: float | None) -> float | None:
    return None if hours is None else round(hours, 1)


Wanted = Annotated[str | None, Query(alias="edition", pattern=r"^\d{4}$")]


@routes.get("/statistics", summary="Comment le label est décidé, en chiffres", responses=refusals(404))
async def count_decisions(request: Request, response: Response, desk: AtDesk, edition: Wanted = None) -> Figures:
    known = desk.editions.get(edition) if edition else desk.editions.current
    if known is None:
        raise EditionUnknown
    statistics: Statistics = request.app.state.statistics
    response.headers["Cache-Control"] = f"public, max-age={int(KEPT_SECONDS)}"
    return Figures.of(known.name, await statistics.of(known.name, desk.clock.now()))


def install(http: FastAPI) -> None:
    """Adds the route."""
    http.state.statistics = Statistics(http.state.desk.engine)
    add_routes(http, routes)
    http.add_exception_handler(EditionUnknown, _unknown)


async def _unknown(_: Request, __: Exception) -> JSONResponse:
    return problem(404, "Aucune édition de ce nom n’est connue ici.")
