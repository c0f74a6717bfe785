"""Days and hours as one says them in French. No locale of the machine is used: they differ, and may be absent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta
from itertools import groupby

from backbone.contracts import Slot

NB = "\u00a0"  # the space that does not break
_NIGHT_ENDS = time(6)
_MOST_DAYS = 366  # a slip of the pen in a year must not become a million days

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
SHORT_MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")


def number(day: date) -> str:
    """« 1er », « 17 »."""
    return "1er" if day.day == 1 else str(day.day)


def day_and_month(day: date) -> str:
    """« 17 novembre »."""
    return f"{number(day)}{NB}{MONTHS[day.month - 1]}"


def whole_day(day: date) -> str:
    """« mardi 17 novembre 2026 »."""
    return f"{DAYS[day.weekday()]} {day_and_month(day)} {day.year}"


def short_day(day: date) -> str:
    """« mar. 17 »."""
    return f"{DAYS[day.weekday()][:3]}.{NB}{number(day)}"


def short_month(day: date) -> str:
    """« nov. »."""
    return SHORT_MONTHS[day.month - 1]


def period(first: date, last: date) -> str:
    """« 17 novembre 2026 », « du 16 au 22 novembre 2026 », « du 30 novembre au 6 décembre 2026 »."""
    if first == last:
        return f"{day_and_month(first)} {first.year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"du {number(first)} au {day_and_month(last)} {last.year}"
    year = "" if first.year == last.year else f" {first.year}"
    return f"du {day_and_month(first)}{year} au {day_and_month(last)} {last.year}"


def hour(moment: time) -> str:
    """« 9 h », « 9 h 30 »; midnight as « minuit »."""
    if moment.hour == moment.minute == 0:
        return "minuit"
    return f"{moment.hour}{NB}h" + (f"{NB}{moment.minute:02}" if moment.minute else "")


def hours(slot: Slot) -> str:
    """« de 9 h à 12 h 30 », « de 9 h jusqu’au 20 novembre à 18 h »."""
    starts, ends = hour(slot.starts_at.time()), hour(slot.ends_at.time())
    if _ends_the_same_night(slot):
        return f"de {starts} à {ends}"
    return f"de {starts} jusqu’au {day_and_month(slot.ends_at.date())} à {ends}"


def _ends_the_same_night(slot: Slot) -> bool:
    days = (slot.ends_at.date() - slot.starts_at.date()).days
    return days == 0 or (days == 1 and slot.ends_at.time() <= _NIGHT_ENDS)


def days(slot: Slot) -> list[date]:
    """The local days of an opening; the night after its last evening is no day of its own."""
    first, last = slot.starts_at.date(), slot.ends_at.date()
    if last > first and slot.ends_at.time() <= _NIGHT_ENDS:
        last -= timedelta(days=1)
    return [first + timedelta(days=number) for number in range(min((last - first).days, _MOST_DAYS) + 1)]


def openings(slots: Sequence[Slot]) -> list[tuple[date, str]]:
    """Each day with its hours: « de 9 h à 12 h et de 14 h à 17 h »."""
    by_day = groupby(slots, key=lambda slot: slot.starts_at.date())
    return [(day, listed(hours(slot) for slot in group)) for day, group in by_day]


def listed(words: Iterable[str]) -> str:
    """« a », « a et b », « a, b et c »."""
    *most, last = words
    return f"{', '.join(most)} et {last}" if most else last
