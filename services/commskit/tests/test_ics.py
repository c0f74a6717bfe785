from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from commskit.ics import make_calendar


def read(event, page_url, stamp, earlier=()) -> list:
    return Calendar.from_ical(make_calendar(event, page_url, stamp, earlier)).events


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


def uids(entries) -> list[str]:
    return [str(entry["uid"]) for entry in entries]


def test_a_revision_updates_the_entries_that_calendars_have(an_event, page_url, stamp):
    before = read(an_event(), page_url, stamp)
    after = read(an_event(revision=3, title="Autre titre"), page_url, stamp)
    assert uids(before) == uids(after)
    assert uids(before) == [
        "0b9c3f52-4a5e-4c86-9c1f-2f1f6a0f5a7e-20261117T080000Z@semaine-industrie.fr",
        "0b9c3f52-4a5e-4c86-9c1f-2f1f6a0f5a7e-20261119T080000Z@semaine-industrie.fr",
    ]
    assert ([e["sequence"] for e in before], [e["sequence"] for e in after]) == ([0, 0], [2, 2])


@pytest.fixture
def three_days(a_slot):
    return tuple(a_slot(f"2026-11-{day}", "09:00", "12:00") for day in (16, 17, 18))


def test_an_opening_that_is_removed_is_cancelled_and_the_others_keep_their_names(an_event, page_url, stamp, three_days):
    first, second, third = read(an_event(slots=three_days), page_url, stamp)
    *kept, gone = read(an_event(revision=2, slots=three_days[1:]), page_url, stamp, [three_days])
    assert uids(kept) == uids([second, third])
    assert [entry.start for entry in kept] == [second.start, third.start]
    assert [entry.get("status") for entry in kept] == [None, None]
    assert (gone["uid"], gone["status"], gone.start) == (first["uid"], "CANCELLED", first.start)
    assert gone["sequence"] > first["sequence"]


def test_openings_told_in_another_order_keep_their_names(an_event, page_url, stamp, three_days):
    turned = read(an_event(revision=2, slots=three_days[::-1]), page_url, stamp, [three_days])
    assert uids(turned) == uids(read(an_event(slots=three_days), page_url, stamp))


def test_an_opening_that_ends_later_is_the_same_and_one_that_starts_later_another(an_event, a_slot, page_url, stamp):
    before = (a_slot("2026-11-16", "09:00", "12:00"), a_slot("2026-11-17", "09:00", "12:00"))
    after = (a_slot("2026-11-16", "09:00", "13:00"), a_slot("2026-11-17", "10:00", "12:00"))
    longer, later, cancelled = read(an_event(revision=2, slots=after), page_url, stamp, [before])
    told = read(an_event(slots=before), page_url, stamp)
    assert (longer["uid"], longer.end.hour) == (told[0]["uid"], 13)
    assert (cancelled["uid"], cancelled["status"]) == (told[1]["uid"], "CANCELLED")
    assert later["uid"] not in uids(told)


def test_two_openings_that_start_together_are_two(an_event, a_slot, page_url, stamp):
    both = (a_slot("2026-11-16", "09:00", "12:00"), a_slot("2026-11-16", "09:00", "10:00"))
    entries = read(an_event(slots=both), page_url, stamp)
    assert len(set(uids(entries))) == 2
    assert uids(read(an_event(revision=2, slots=both[::-1]), page_url, stamp, [both])) == uids(entries)


def test_an_opening_that_comes_back_is_there_again(an_event, page_url, stamp, three_days):
    again = read(an_event(revision=3, slots=three_days), page_url, stamp, [three_days, three_days[1:]])
    assert [entry.get("status") for entry in again] == [None] * 3
    assert {entry["sequence"] for entry in again} == {2}


def test_however_often_an_event_moves_its_file_stays_small(an_event, a_slot, page_url, stamp):
    moves = [[a_slot("2026-11-16", f"{minute // 60 + 6:02}:{minute % 60:02}", "20:00")] for minute in range(500)]
    assert len(read(an_event(revision=501), page_url, stamp, moves)) <= 102


def test_paragraphs_and_signs_are_as_they_were_written(an_event, page_url, stamp):
    event = an_event(title="Tubes ⌀ 20 mm 🏭", description="Visite.\r\n\r\nTubes ⌀ 20 mm :\n- four ;\n- presse.\u202e")
    entry = read(event, page_url, stamp)[0]
    assert entry["summary"] == "Tubes ⌀ 20 mm 🏭"
    assert entry["description"] == (
        f"Visite.\n\nTubes ⌀ 20 mm :\n- four ;\n- presse.\n\nProgramme et inscription\u00a0: {page_url}"
    )


def test_an_entry_says_where_and_leads_to_the_page(an_event, page_url, stamp):
    entry = read(an_event(), page_url, stamp)[0]
    assert entry["location"] == ("Fonderie de l’Erdre, portail B, 12 rue de l’Industrie, 44550 Montoir-de-Bretagne")
    assert entry["url"] == page_url
    assert page_url in entry["description"]


def test_an_entry_promises_no_registration_where_nobody_must_register(an_event, page_url, stamp):
    description = str(read(an_event(admission="everyone"), page_url, stamp)[0]["description"])
    assert description.endswith(f"\n\nProgramme et accès\u00a0: {page_url}")
    assert "inscription" not in description.removeprefix(an_event().description)


def test_one_connects_where_an_online_event_says(an_online_event, page_url, stamp):
    open_to_all = an_online_event(admission="everyone")
    assert read(open_to_all, page_url, stamp)[0]["location"] == "https://visio.example/hydrogene"
    on_registration = read(an_online_event(), page_url, stamp)[0]
    assert on_registration["location"] == "En ligne\u202f; lien communiqué après inscription"


def test_a_title_cannot_slip_another_line_into_the_file(an_event, page_url, stamp):
    event = an_event(title="Visite\r\nATTENDEE:mailto:x@y.example\r\nBEGIN:VALARM")
    first = read(event, page_url, stamp)[0]
    assert "attendee" not in first
    assert first.subcomponents == []


def test_the_same_event_makes_the_same_file(an_event, page_url, stamp):
    assert make_calendar(an_event(), page_url, stamp) == make_calendar(an_event(), page_url, stamp)


def test_of_two_openings_that_start_together_each_keeps_its_name_whatever_becomes_of_the_other(
    an_event, a_slot, page_url, stamp
):
    short, long = a_slot("2026-11-17", "09:00", "12:00"), a_slot("2026-11-17", "09:00", "13:00")
    revisions = [(short, long), (long,), (short, long)]

    def entries(number):
        event = an_event(revision=number + 1, slots=revisions[number])
        return {
            str(entry["uid"]): (entry.end.hour, str(entry.get("status", "")))
            for entry in read(event, page_url, stamp, revisions[:number])
        }

    first, second, third = map(entries, range(3))
    [of_short, of_long] = first
    assert second == {of_short: (12, "CANCELLED"), of_long: (13, "")}
    assert third == first == {of_short: (12, ""), of_long: (13, "")}


def test_an_opening_that_ends_later_than_it_did_keeps_its_name(an_event, a_slot, page_url, stamp):
    before, after = a_slot("2026-11-17", "09:00", "12:00"), a_slot("2026-11-17", "09:00", "12:30")
    [old] = read(an_event(slots=(before,)), page_url, stamp)
    [new] = read(an_event(revision=2, slots=(after,)), page_url, stamp, [(before,)])
    assert (new["uid"], new.end.minute) == (old["uid"], 30)


ONLINE = "https://visio.example/fonderie?salle=1"
PLACE = "Fonderie de l’Erdre, portail B, 12 rue de l’Industrie, 44550 Montoir-de-Bretagne"


@pytest.mark.parametrize(
    ("admission", "said"),
    [
        ("everyone", f"{PLACE}\u202f; en ligne aussi\u00a0: {ONLINE}"),
        ("on_registration", f"{PLACE}\u202f; en ligne aussi, lien communiqué après inscription"),
        ("a code of the years to come", f"{PLACE}\u202f; en ligne aussi"),
    ],
)
def test_an_event_in_a_place_and_online_says_both(an_event, page_url, stamp, admission, said):
    assert read(an_event(online_url=ONLINE, admission=admission), page_url, stamp)[0]["location"] == said


def test_an_event_whose_link_is_not_told_is_online_all_the_same(an_event, page_url, stamp):
    said = read(an_event(has_private_link=True), page_url, stamp)[0]["location"]
    assert said == f"{PLACE}\u202f; en ligne aussi, lien communiqué après inscription"
    assert read(an_event(has_private_link=True, venue=None), page_url, stamp)[0]["location"] == (
        "En ligne\u202f; lien communiqué après inscription"
    )


def test_an_event_that_has_moved_online_sends_nobody_to_its_old_place(an_event, page_url, stamp):
    moved = an_event(status="moved_online", online_url=ONLINE, admission="everyone")
    assert read(moved, page_url, stamp)[0]["location"] == ONLINE


def test_an_opening_that_is_called_off_is_cancelled_where_it_was_told_and_else_not_there(
    an_event, page_url, stamp, three_days
):
    off = three_days[0].model_copy(update={"status": "cancelled"})
    event = an_event(revision=2, slots=(off, *three_days[1:]))
    assert [entry.start.day for entry in read(event, page_url, stamp)] == [17, 18]
    entries = read(event, page_url, stamp, [three_days])
    assert [(entry.start.day, entry.get("status")) for entry in entries] == [(17, None), (18, None), (16, "CANCELLED")]
