"""Days and hours as one says them in French.

No locale of the machine is used: they differ, and may be absent. Babel was looked at: of CLDR it would bring the names
of days and months, nineteen words, and neither « 1er » nor « 9 h 30 » nor a space that does not break.
"""

from __future__ import annotations

from datetime import date, datetime, time

from .typography import NO_BREAK

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
SHORT_MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")


def number(day: date) -> str:
    """« 1er », « 17 »."""
    return "1er" if day.day == 1 else str(day.day)


def day_and_month(day: date) -> str:
    """« 17 novembre »."""
    return f"{number(day)}{NO_BREAK}{MONTHS[day.month - 1]}"


def in_full(day: date) -> str:
    """« 17 novembre 2026 »."""
    return f"{day_and_month(day)} {day.year}"


def whole_day(day: date) -> str:
    """« mardi 17 novembre 2026 »."""
    return f"{DAYS[day.weekday()]}{NO_BREAK}{in_full(day)}"


def short_day(day: date) -> str:
    """« mar. 17 »."""
    return f"{DAYS[day.weekday()][:3]}.{NO_BREAK}{number(day)}"


def short_month(day: date) -> str:
    """« nov. »."""
    return SHORT_MONTHS[day.month - 1]


def period(first: date, last: date) -> str:
    """« 17 novembre 2026 », « du 16 au 22 novembre 2026 », « du 30 novembre au 6 décembre 2026 »."""
    if first == last:
        return in_full(first)
    if first.year != last.year:
        begins = in_full(first)
    elif first.month != last.month:
        begins = day_and_month(first)
    else:
        begins = number(first)
    return f"du {begins} au {in_full(last)}"


def hour(moment: time) -> str:
    """« 9 h », « 9 h 30 »; midnight as « minuit »."""
    if moment.hour == moment.minute == 0:
        return "minuit"
    return f"{moment.hour}{NO_BREAK}h" + (f"{NO_BREAK}{moment.minute:02}" if moment.minute else "")


def moment(at: datetime) -> str:
    """« mardi 17 novembre 2026 à 18 h », on the clock that `at` is on."""
    return f"{whole_day(at.date())} à {hour(at.time())}"
