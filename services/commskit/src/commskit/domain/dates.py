"""An event's openings in few words: « mardi 17 et jeudi 19 novembre 2026, 9 h – 11 h 30 »."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo

from backbone.campaign.dates import DAYS, day_and_month, hour, number
from backbone.campaign.typography import NO_BREAK, listed
from backbone.campaign.words import ZONES
from backbone.contracts.event import Slot, SlotStatus

_A_RUN = 3  # days in a row from which one writes « du … au … »
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Opening:
    """Days that have the same hours."""

    days: str
    hours: str


def is_open(slot: Slot) -> bool:
    """Whether one may come to it. Of one that is full people may still be told: places become free."""
    return slot.status != SlotStatus.CANCELLED


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
            hours.setdefault(start.date(), []).append(f"{hour(start.time())}{NO_BREAK}–{NO_BREAK}{hour(end.time())}")
    days: dict[str, list[date]] = {}
    for day, of_day in hours.items():
        days.setdefault(listed(*dict.fromkeys(of_day)), []).append(day)
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
    return listed(*(_day(day, before=after) for day, after in zip(days, [*days[1:], None], strict=True)))


def name_zone(timezone: str) -> str:
    """« heure de La Réunion »; nothing where the clock is that of Paris."""
    return "" if timezone == "Europe/Paris" else ZONES.get(timezone, "")


def _day(day: date, *, before: date | None = None) -> str:
    """A day; month and year are left to the day that comes after, if it has the same."""
    is_same_month = before is not None and (day.year, day.month) == (before.year, before.month)
    year = f" {day.year}" if before is None or day.year != before.year else ""
    return f"{DAYS[day.weekday()]}{NO_BREAK}{number(day) if is_same_month else day_and_month(day)}{year}"


def _name_long(start: datetime, end: datetime) -> str:
    first, last = _day(start.date(), before=end.date()), _day(end.date())
    return f"du {first}, {hour(start.time())}, au {last}, {hour(end.time())}"
