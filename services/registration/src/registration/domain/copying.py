"""An event of an earlier edition, as the draft of the same one in this: on the same weekdays of the new week. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from backbone.campaign.edition import Edition

from .draft import EventDraft
from .kept import Kept, read_in_part
from .slots import written_for

_LEFT = frozenset({"status", "status_note", "status_url", "external_id"})
"""What was said of that one alone."""


def copied(
    kept: Kept, event_id: UUID, before: Edition | None, now: Edition
) -> tuple[EventDraft, list[Mapping[str, Any]]]:
    """The new draft, and pydantic's errors on what is not taken over, as this edition's rules refuse it. `before`: the
    edition that the event was of; where it is not known, its first day tells its week."""
    weeks = _monday(now.week.first) - _monday(before.week.first if before else _first_day(kept) or now.week.first)
    again = {name: value for name, value in kept.items() if name not in _LEFT}
    if isinstance(again.get("slots"), list):
        again["slots"] = [_moved(slot, weeks) for slot in again["slots"]]
    if isinstance(again.get("themes"), list):
        again["themes"] = [theme for theme in again["themes"] if theme in now.themes] or None
    with written_for(now):
        return read_in_part({**again, "copied_from": str(event_id)})


def _moved(slot: Any, weeks: timedelta) -> Any:
    if not isinstance(slot, Mapping):
        return slot
    return {name: _later(slot[name], weeks) for name in ("starts_at", "ends_at") if name in slot}


def _later(local: Any, weeks: timedelta) -> Any:
    at = _read(local)
    return (at + weeks).isoformat() if at else local


def _first_day(kept: Kept) -> date | None:
    slots = kept.get("slots")
    starts = [slot.get("starts_at") for slot in slots if isinstance(slot, Mapping)] if isinstance(slots, list) else []
    return min((at.date() for start in starts if (at := _read(start))), default=None)


def _read(local: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(local)
    except (TypeError, ValueError):
        return None


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
