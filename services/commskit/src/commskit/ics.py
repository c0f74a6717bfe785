"""The event as calendar entries: RFC 5545, one VEVENT per slot, and one for each slot that was taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from backbone.campaign.typography import in_french, uncapital
from backbone.contracts.event import Admission, PublicEvent, Slot

from .domain import is_on_site, is_online, is_open, name_door, name_place, open_link, tidy, tidy_line

UID_DOMAIN = "semaine-industrie.fr"
"""Part of every UID: never changed, or calendars would show an event twice."""
MOST_CANCELLED = 100
"""More openings than one ever takes back; a file stays small however often an event is amended."""

Earlier = Sequence[Sequence[Slot]]
"""The openings of each earlier revision whose kit may have been received."""


def make_calendar(event: PublicEvent, page_url: str, stamp: datetime, earlier: Earlier = ()) -> bytes:
    """An .ics that a calendar adds, and at a later revision updates: of the openings that kits of earlier revisions
    told (`earlier`), those that are no more are cancelled."""
    told: dict[str, Slot] = {}
    for slots in earlier:
        told |= _by_uid(event.event_id, slots, told)
    now = _by_uid(event.event_id, event.slots, told)
    gone = sorted((slot.starts_at, uid) for uid, slot in told.items() if uid not in now)[:MOST_CANCELLED]
    calendar = Calendar()
    calendar.add("prodid", "-//La Semaine de l'industrie//Kit//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", tidy_line(event.title))
    for uid, slot in now.items():
        calendar.add_component(_entry(event, uid, slot, page_url, stamp))
    for _, uid in gone:
        calendar.add_component(_cancelled(event, uid, told[uid], page_url, stamp))
    year = min(slot.starts_at for slot in event.slots).year
    calendar.add_missing_timezones(first_date=date(year, 1, 1), last_date=date(year + 2, 1, 1))
    return bytes(calendar.to_ical())


def _entry(event: PublicEvent, uid: str, slot: Slot, page_url: str, stamp: datetime) -> Event:
    zone = ZoneInfo(event.timezone)
    entry = Event()
    entry.add("uid", uid)
    entry.add("sequence", event.revision - 1)
    entry.add("dtstamp", stamp.astimezone(UTC))
    entry.add("dtstart", slot.starts_at.astimezone(zone))
    entry.add("dtend", slot.ends_at.astimezone(zone))
    entry.add("summary", tidy_line(event.title))
    entry.add("description", f"{tidy(event.description)}\n\n{name_door(event.admission)} : {page_url}")
    entry.add("location", _location(event))
    entry.add("url", page_url)
    return entry


def _cancelled(event: PublicEvent, uid: str, slot: Slot, page_url: str, stamp: datetime) -> Event:
    entry = _entry(event, uid, slot, page_url, stamp)
    entry.add("status", "CANCELLED")
    return entry


def _location(event: PublicEvent) -> str:
    if not is_online(event):
        return ", ".join(_envelope(event))
    if not is_on_site(event):
        return tidy_line(link) if (link := open_link(event)) else in_french(f"En ligne{_how_to_connect(event)}")
    *envelope, also = _envelope(event)
    connect = f" : {tidy_line(link)}" if (link := open_link(event)) else _how_to_connect(event).replace(" ;", ",")
    return in_french(f"{', '.join(envelope)} ; {uncapital(also)}{connect}")


def _envelope(event: PublicEvent) -> tuple[str, ...]:
    return name_place(event, write=lambda text: in_french(tidy_line(text)))


def _how_to_connect(event: PublicEvent) -> str:
    # the file is handed on to anybody: it does not bear a link that is for those who register
    return " ; lien communiqué après inscription" if event.admission == Admission.ON_REGISTRATION else ""


def _by_uid(event_id: UUID, slots: Sequence[Slot], told: Mapping[str, Slot]) -> dict[str, Slot]:
    """The openings by what they are called in calendars: as they were `told`, or else after the moment at which they
    start, so that neither the removal of another nor a new order renames them. Of two that start together the later to
    end bears its end too."""
    calls = {(slot.starts_at, slot.ends_at): uid for uid, slot in told.items()}
    in_order = sorted(filter(is_open, slots), key=lambda slot: (slot.starts_at, slot.ends_at))
    named = {uid: slot for slot in in_order if (uid := calls.get((slot.starts_at, slot.ends_at)))}
    for slot in in_order:
        if (slot.starts_at, slot.ends_at) not in calls:
            name = f"{event_id}-{_moment(slot.starts_at)}"
            name = f"{name}-{_moment(slot.ends_at)}" if f"{name}@{UID_DOMAIN}" in named else name
            named[f"{name}@{UID_DOMAIN}"] = slot
    return dict(sorted(named.items(), key=lambda item: (item[1].starts_at, item[1].ends_at)))


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
