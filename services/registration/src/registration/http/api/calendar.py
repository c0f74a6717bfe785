"""The dates of the edition, for programs: by when one does what."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from pydantic import BaseModel

from backbone.http.routes import api_routes

from ...domain.deadline import PARIS
from ...domain.rights import Door
from ..asking import AtDesk
from ..rules import rule

routes = api_routes(prefix="/v1/calendar", tags=["Édition"])


class Days(BaseModel):
    """From a day to another, both included."""

    first: date
    last: date


class CalendarView(BaseModel):
    """The dates of an edition. Days are those of Paris, but for the week and the window, which are of each event's own
    place; an instant that ends something is its first second after it."""

    edition: str
    theme: str
    themes: dict[str, str]
    registration: Days
    registration_ends_at: datetime
    amendable_until: date
    amendments_end_at: datetime
    map_opens: date
    week: Days
    labelling_window: Days
    review_working_days: int


@routes.get("", summary="Les dates de l’édition")
@rule(Door.ANYONE)
async def read_calendar(desk: AtDesk) -> CalendarView:
    edition = desk.edition
    window, registration = edition.labelling_window, edition.registration
    return CalendarView(
        edition=edition.name,
        theme=edition.theme,
        themes=dict(edition.themes),
        registration=Days(first=registration.opens, last=registration.last_day),
        registration_ends_at=_end_of(registration.last_day),
        amendable_until=edition.amendable_until,
        amendments_end_at=_end_of(edition.amendable_until),
        map_opens=edition.map.opens,
        week=Days(first=edition.week.first, last=edition.week.last),
        labelling_window=Days(first=window.first, last=window.last),
        review_working_days=edition.review.working_days,
    )


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), PARIS)
