"""Working days at a place: Monday to Friday, but for the public holidays there.

They are not the same everywhere: Good Friday and 26 December in Alsace and Moselle, the abolition of slavery overseas,
each on a day of its own. `holidays` (PyPI) keeps them, with their sources and the years from which they hold; a list of
ours would be as long, and nobody's to mend.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import date, datetime, time, timedelta
from functools import cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from .geography import department_of, timezone_at

PARIS = "Europe/Paris"
OPENS, CLOSES = time(9), time(18)
"""When a working day begins and ends, by the clocks of the place."""

_ALSACE = "6AE"
_SUBDIVISIONS = MappingProxyType(
    {"57": "57", "67": _ALSACE, "68": _ALSACE}
    | {code: code for code in ("971", "972", "973", "974", "976")}
    | {"975": "PM", "977": "BL", "978": "MF", "986": "WF", "987": "PF", "988": "NC"}
)
"""By INSEE's code of a department, what `holidays` calls the place; all others keep the days of the metropolis."""


def is_working_day(day: date, postcode: str | None = None) -> bool:
    """Whether one works on this day at the place with this postcode; without one (online), in the metropolis."""
    department = department_of(postcode) if postcode else None
    return day.weekday() < 5 and day not in _holidays(_SUBDIVISIONS.get(department or ""))


def end_of_working_day(after: datetime, days: int, postcode: str | None = None) -> datetime:
    """The end (18:00 there) of the last of so many working days, counted from the day after the one that an instant
    falls on at the place with this postcode; without one, in Paris."""
    zone = _zone(postcode)
    return datetime.combine(_working_day_after(after.astimezone(zone).date(), days, postcode), CLOSES, zone)


def morning_of_working_day_after(after: datetime, days: int, postcode: str | None = None) -> datetime:
    """The morning (9:00 there) of the last of so many working days, counted from the day after the one that an instant
    falls on at the place with this postcode; without one, in Paris."""
    zone = _zone(postcode)
    return datetime.combine(_working_day_after(after.astimezone(zone).date(), days, postcode), OPENS, zone)


def morning_of_working_day_before(due: datetime, days: int, postcode: str | None = None) -> datetime:
    """The morning (9:00 there) of the working day that is so many before the one on which something is due at the place
    with this postcode; without one, in Paris."""
    zone = _zone(postcode)
    day = due.astimezone(zone).date()
    while days:
        day -= timedelta(days=1)
        days -= is_working_day(day, postcode)
    return datetime.combine(day, OPENS, zone)


def _working_day_after(day: date, days: int, postcode: str | None) -> date:
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day, postcode)
    return day


def _zone(postcode: str | None) -> ZoneInfo:
    return ZoneInfo((timezone_at(postcode) if postcode else None) or PARIS)


@cache
def _holidays(subdivision: str | None) -> Container[date]:
    # with it come the holidays of 250 countries, a sixth of all that a service's start has to load: only when needed
    from holidays.countries.france import France

    # it works out each year when it is first asked for it
    found: Container[date] = France(subdiv=subdivision)  # type: ignore[no-untyped-call]
    return found
