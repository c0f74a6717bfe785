from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from commskit.ics import make_calendar


def read(event, page_url, stamp) -> list:
    return Calendar.from_ical(make_calendar(event, page_url, stamp)).events


def test_each_slot_is_an_entry_at_its_local_time(an_event, page_url, stamp):
    first, second = read(an_event(), page_url, stamp)
    paris = ZoneInfo("Europe/Paris")
    assert (first.start, first.end) == (
        datetime(2026, 11, 17, 9, tzinfo=paris),
        datetime(2026, 11, 17, 11, 30, tzinfo=paris),
    )
    assert second.start == datetime(2026, 11, 19, 9, tzinfo=paris)


def test_an_evening_in_reunion_is_an_afternoon_in_paris(an_online_event, page_url, stamp):
    (entry,) = read(an_online_event(), page_url, stamp)
    assert entry.start.utcoffset() == timedelta(hours=4)
    assert entry.start.replace(tzinfo=None) == datetime(2026, 11, 18, 18)  # noqa: DTZ001  # the wall clock there
    assert entry.start.astimezone(UTC) == datetime(2026, 11, 18, 14, tzinfo=UTC)


@pytest.mark.parametrize("timezone", ["Europe/Paris", "Indian/Reunion", "America/Guadeloupe", "Pacific/Noumea"])
def test_the_file_says_itself_what_its_clock_is(an_event, a_slot, page_url, stamp, timezone):
    event = an_event(timezone=timezone, slots=(a_slot("2026-11-17", "09:00", "11:30", timezone),))
    calendar = Calendar.from_ical(make_calendar(event, page_url, stamp))
    assert [zone.tz_name for zone in calendar.timezones] == [timezone]
    (entry,) = calendar.events
    assert entry.start.utcoffset() == event.slots[0].starts_at.utcoffset()


def test_a_revision_updates_the_entries_that_calendars_have(an_event, page_url, stamp):
    before = read(an_event(), page_url, stamp)
    after = read(an_event(revision=3, title="Autre titre"), page_url, stamp)
    assert [entry["uid"] for entry in before] == [entry["uid"] for entry in after]
    assert [str(entry["uid"]) for entry in before] == [
        "0b9c3f52-4a5e-4c86-9c1f-2f1f6a0f5a7e@semaine-industrie.fr",
        "0b9c3f52-4a5e-4c86-9c1f-2f1f6a0f5a7e-2@semaine-industrie.fr",
    ]
    assert ([e["sequence"] for e in before], [e["sequence"] for e in after]) == ([0, 0], [2, 2])


def test_an_entry_says_where_and_leads_to_the_page(an_event, page_url, stamp):
    entry = read(an_event(), page_url, stamp)[0]
    assert entry["location"] == ("Fonderie de l’Erdre, portail B, 12 rue de l’Industrie, 44550 Montoir-de-Bretagne")
    assert entry["url"] == page_url
    assert page_url in entry["description"]


def test_one_connects_where_an_online_event_says(an_online_event, page_url, stamp):
    assert read(an_online_event(), page_url, stamp)[0]["location"] == "https://visio.example/hydrogene"


def test_a_title_cannot_slip_another_line_into_the_file(an_event, page_url, stamp):
    event = an_event(title="Visite\r\nATTENDEE:mailto:x@y.example\r\nBEGIN:VALARM")
    first = read(event, page_url, stamp)[0]
    assert "attendee" not in first
    assert first.subcomponents == []


def test_the_same_event_makes_the_same_file(an_event, page_url, stamp):
    assert make_calendar(an_event(), page_url, stamp) == make_calendar(an_event(), page_url, stamp)
