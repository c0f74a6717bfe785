"""The event as a calendar entry: RFC 5545, one VEVENT per slot."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from backbone.contracts.event import PublicEvent, Slot

from .domain import clean, name_place

UID_DOMAIN = "semaine-industrie.fr"
"""Part of every UID: never changed, or calendars would show an event twice."""


def make_calendar(event: PublicEvent, page_url: str, stamp: datetime) -> bytes:
    """An .ics that a calendar adds, and at a later revision updates."""
    calendar = Calendar()
    calendar.add("prodid", "-//La Semaine de l'industrie//Kit//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", clean(event.title))
    for number, slot in enumerate(event.slots, start=1):
        calendar.add_component(_entry(event, slot, number, page_url, stamp))
    year = event.slots[0].starts_at.year
    calendar.add_missing_timezones(first_date=date(year, 1, 1), last_date=date(year + 2, 1, 1))
    return bytes(calendar.to_ical())


def _entry(event: PublicEvent, slot: Slot, number: int, page_url: str, stamp: datetime) -> Event:
    zone = ZoneInfo(event.timezone)
    entry = Event()
    entry.add("uid", _uid(event, number))
    entry.add("sequence", event.revision - 1)
    entry.add("dtstamp", stamp.astimezone(UTC))
    entry.add("dtstart", slot.starts_at.astimezone(zone))
    entry.add("dtend", slot.ends_at.astimezone(zone))
    entry.add("summary", clean(event.title))
    entry.add("description", f"{clean(event.description)}\n\nProgramme et inscription : {page_url}")
    entry.add("location", clean(event.online_url) if event.online_url else ", ".join(name_place(event)))
    entry.add("url", page_url)
    return entry


def _uid(event: PublicEvent, number: int) -> str:
    """The first slot bears the event's own id, so that most calendars hold exactly that."""
    return f"{event.event_id}{'' if number == 1 else f'-{number}'}@{UID_DOMAIN}"
