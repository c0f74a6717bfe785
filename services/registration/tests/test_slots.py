"""What an event is told with: its sessions under their names, and no link that is for those who register."""

from __future__ import annotations

from uuid import UUID

from backbone.contracts import EventStatus, SlotStatus
from registration.domain.draft import EventDraft
from registration.domain.measure import Measure, under

TWO = [
    {"starts_at": "2026-11-17T09:00", "ends_at": "2026-11-17T11:30"},
    {"starts_at": "2026-11-18T14:00", "ends_at": "2026-11-18T15:00"},
]


async def test_the_link_of_an_event_that_one_registers_for_is_in_no_public_fact_however_often_it_is_told(
    a_person, a_draft, told
):
    person = await a_person()
    link = "https://visio.example/usine"
    event_id = await person.drafts(a_draft(venue=..., online_url=link))
    await person.submits(event_id)
    await person.ask("PUT", f"/v1/events/{event_id}", a_draft(venue=..., online_url=link, title="Une autre visite"))
    view = await person.submits(event_id)
    assert view["draft"]["online_url"] == link  # its organiser has it
    for _, fact in await told():
        assert link not in str(fact)
        assert (fact["event"]["online_url"], fact["event"]["has_private_link"]) == (None, True)


async def test_each_session_is_told_under_one_name_through_all_revisions(a_person, a_draft, told):
    person = await a_person()
    event_id = await person.drafts(a_draft(slots=TWO))
    await person.submits(event_id)
    [first, second] = (await told())[-1][1]["event"]["slots"]
    # sent again as it was first written: nothing has changed
    assert (await person.ask("PUT", f"/v1/events/{event_id}", a_draft(slots=TWO))).json()["is_changed"] is False
    moved = [{**TWO[0], "ends_at": "2026-11-17T12:00", "id": first["id"]}, {**TWO[1], "status": "full"}]
    await person.ask("PUT", f"/v1/events/{event_id}", a_draft(slots=moved))
    await person.submits(event_id)
    slots = (await told())[-1][1]["event"]["slots"]
    assert [(slot["id"], slot["status"]) for slot in slots] == [(first["id"], "scheduled"), (second["id"], "full")]
    assert first["id"] != second["id"]


async def test_all_that_an_organiser_says_of_an_event_is_told(a_person, a_draft, told):
    person = await a_person()
    said = {
        "organisation_kind": "company",
        "themes": ["skills"],
        "capacity": 20,
        "access": "Tram 1, arrêt Mairie ; entrée par le portail B.",
        "accessibility": ["mi", "hi"],
        "accessibility_note": "Boucle magnétique à l’accueil.",
        "external_id": "FO-2026-07",
    }
    venue = {"postcode": "44550", "city": "Montoir-de-Bretagne", "commune_code": "44103"}
    position = {"longitude": -2.15, "latitude": 47.33, "is_confirmed": True}
    booking = {
        "url": "https://fonderie.example/visites",
        "email": "visites@erdre.example",
        "telephone": "02 40 00 11 22",
    }
    draft = a_draft(
        **said, venue={**venue, "position": position}, **{f"booking_{way}": given for way, given in booking.items()}
    )
    event_id = await person.drafts(draft)
    await person.submits(event_id)
    event = (await told())[-1][1]["event"]
    assert {name: event[name] for name in said} == said
    assert event["venue"]["position"] == position | {"is_confirmed_twice": False}
    assert event["venue"]["address"]["commune_code"] == "44103"
    assert event["booking"] == booking | {"telephone": "+33 2 40 00 11 22"}
    assert (await person.reads(event_id))["is_changed"] is False


async def test_a_theme_of_no_edition_is_refused_at_the_door(a_person, a_draft):
    person = await a_person()
    [error] = (await person.ask("POST", "/v1/events", a_draft(themes=["astrology"]))).json()["errors"]
    assert (error["field"], "« skills »" in error["message"]) == ("themes", True)


# What an operator decides for many events, beside what their organiser says.


def an_event(a_draft, **changes):
    return EventDraft.model_validate(a_draft(**changes)).as_event(UUID(int=1), 2, "2026", UUID(int=2))


ONLINE = Measure(status=EventStatus.MOVED_ONLINE, note="Crise sanitaire.")
OFF = Measure(status=EventStatus.CANCELLED, note="Crise sanitaire.")


def test_no_measure_calls_on_what_its_organiser_has_called_off(a_draft):
    off = an_event(a_draft, status="cancelled", status_note="La machine est en panne.")
    assert under([ONLINE], off) == off
    assert under([OFF], off) == off  # in its organiser's words
    later = an_event(a_draft, status="postponed")
    assert under([ONLINE], later) == later
    assert under([ONLINE, OFF], later).status == EventStatus.CANCELLED


def test_a_session_that_is_full_or_cancelled_is_so_online_too(a_draft):
    slots = [{**TWO[0], "status": "full"}, {**TWO[1], "status": "cancelled"}]
    event = under([ONLINE], an_event(a_draft, slots=slots))
    assert (event.status, [slot.status for slot in event.slots]) == (
        EventStatus.MOVED_ONLINE,
        [SlotStatus.FULL, SlotStatus.CANCELLED],
    )
    lifted = under([OFF, ONLINE], an_event(a_draft, slots=slots))
    assert [slot.status for slot in lifted.slots] == [SlotStatus.FULL, SlotStatus.CANCELLED]
