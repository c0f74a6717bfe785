"""When an event is open, in French: its days, and the hours of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta
from itertools import groupby

from backbone.campaign.dates import day_and_month, hour
from backbone.campaign.typography import listed
from backbone.campaign.words import SLOT_STATUSES
from backbone.contracts import Slot

_NIGHT_ENDS = time(6)
_MOST_DAYS = 366  # a slip of the pen in a year must not become a million days


def hours(slot: Slot) -> str:
    """« de 9 h à 12 h 30 », « de 9 h jusqu’au 20 novembre à 18 h », « de 9 h à 12 h (complet) »."""
    starts, ends = hour(slot.starts_at.time()), hour(slot.ends_at.time())
    until = "à" if _ends_the_same_night(slot) else f"jusqu’au {day_and_month(slot.ends_at.date())} à"
    status = f" ({SLOT_STATUSES[slot.status]})" if is_shut(slot) else ""
    return f"de {starts} {until} {ends}{status}"


def is_shut(slot: Slot) -> bool:
    """Whether one can no longer come to it; of what is not known here, one can."""
    return slot.status in SLOT_STATUSES


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
    return [(day, listed(*(hours(slot) for slot in group))) for day, group in by_day]
