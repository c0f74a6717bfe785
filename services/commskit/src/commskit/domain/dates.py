"""Dates and hours in French: « mardi 17 et jeudi 19 novembre 2026, 9 h – 11 h 30 ».

The names are written here: the process's locale is another program's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo

from backbone.contracts.event import Slot

from .text import NARROW, NO_BREAK
from .words import join

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
ZONES_APART = {  # whose clock an online event follows, when it is not that of Paris
    "America/Cayenne": "heure de Guyane",
    "America/Guadeloupe": "heure de Guadeloupe",
    "America/Marigot": "heure de Saint-Martin",
    "America/Martinique": "heure de Martinique",
    "America/Miquelon": "heure de Saint-Pierre-et-Miquelon",
    "America/St_Barthelemy": "heure de Saint-Barthélemy",
    "Indian/Mayotte": "heure de Mayotte",
    "Indian/Reunion": "heure de La Réunion",
    "Pacific/Noumea": "heure de Nouvelle-Calédonie",
    "Pacific/Tahiti": "heure de Tahiti",
    "Pacific/Wallis": "heure de Wallis-et-Futuna",
}
_A_RUN = 3  # days in a row from which one writes « du … au … »
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Opening:
    """Days that have the same hours."""

    days: str
    hours: str


def group_slots(slots: Iterable[Slot], timezone: str) -> tuple[Opening, ...]:
    """The slots by the hours they share, on the clock of the event's place, in the order of the first day."""
    zone = ZoneInfo(timezone)
    openings: list[tuple[date, Opening]] = []
    hours: dict[date, list[str]] = {}
    for slot in sorted(slots, key=lambda slot: slot.starts_at):
        start, end = slot.starts_at.astimezone(zone), slot.ends_at.astimezone(zone)
        if end - start >= _ONE_DAY:
            openings.append((start.date(), Opening(_name_long(start, end), "")))
        else:
            hours.setdefault(start.date(), []).append(f"{_hour(start)}{NO_BREAK}–{NO_BREAK}{_hour(end)}")
    days: dict[str, list[date]] = {}
    for day, of_day in hours.items():
        days.setdefault(join(list(dict.fromkeys(of_day))), []).append(day)
    openings += [(group[0], Opening(name_days(group), when)) for when, group in days.items()]
    return tuple(opening for _, opening in sorted(openings, key=itemgetter(0)))


def name_days(days: Sequence[date]) -> str:
    """« mardi 17 et jeudi 19 novembre 2026 »; three days in a row and more: « du … au … »."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == _ONE_DAY:
            runs[-1].append(day)
        else:
            runs.append([day])
    if len(days) >= _A_RUN and len(runs) == 1:
        return f"du {_day(days[0], before=days[-1])} au {_day(days[-1])}"
    return join([_day(day, before=after) for day, after in zip(days, [*days[1:], None], strict=True)])


def name_day(day: date) -> str:
    """« 6 novembre 2026 »."""
    return _day(day, weekday=False)


def name_period(first: date, last: date) -> str:
    """« du 16 au 22 novembre 2026 »."""
    return f"du {_day(first, before=last, weekday=False)} au {_day(last, weekday=False)}"


def name_zone(timezone: str) -> str:
    """« heure de La Réunion »; nothing where the clock is that of Paris."""
    return ZONES_APART.get(timezone, "")


def _day(day: date, *, before: date | None = None, weekday: bool = True) -> str:
    """A day; month and year are left to the day that comes after, if it has the same."""
    words = [DAYS[day.weekday()]] if weekday else []
    words.append("1er" if day.day == 1 else str(day.day))
    if before is None or (day.year, day.month) != (before.year, before.month):
        words.append(MONTHS[day.month - 1])
    year = f" {day.year}" if before is None or day.year != before.year else ""
    return NO_BREAK.join(words) + year


def _hour(moment: datetime) -> str:
    return f"{moment.hour}{NARROW}h" + (f"{NARROW}{moment.minute:02}" if moment.minute else "")


def _name_long(start: datetime, end: datetime) -> str:
    first, last = _day(start.date(), before=end.date()), _day(end.date())
    return f"du {first}, {_hour(start)}, au {last}, {_hour(end)}"
