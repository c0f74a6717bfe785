"""The form of an event: every field of a draft is asked for, read as it was typed, and shown as it was kept."""

from __future__ import annotations

import pytest
from starlette.datastructures import FormData

from registration.domain.draft import DraftVenue, EventDraft
from registration.domain.fields import DraftPosition
from registration.domain.kept import kept_of
from registration.domain.missing import missing
from registration.domain.questions import questions
from registration.domain.slots import DraftSlot
from registration.http.pages.steps import BY_NAME, FIELDS, NOT_ASKED, STEPS, field_of
from registration.http.pages.typed import given_by, merged, read_day, read_hour, shown_of, typed_of
from registration.http.pages.words import asked_in_words, id_of, in_words


def test_every_field_of_a_draft_is_asked_for_or_said_why_not():
    of_a_draft = {name for name in EventDraft.model_fields if name != "venue"}
    of_a_draft |= {f"venue.{name}" for name in DraftVenue.model_fields}
    assert set(FIELDS) | set(NOT_ASKED) == of_a_draft
    assert set(FIELDS) & set(NOT_ASKED) == set()
    assert set(DraftPosition.model_fields) == {"longitude", "latitude", "is_confirmed", "is_confirmed_twice"}
    assert set(DraftSlot.model_fields) == {"starts_at", "ends_at", "id", "status"}


def test_whatever_is_missing_has_its_place_in_the_form(a_draft):
    drafts = [{}, a_draft(venue={"street": "1 rue X"}), a_draft(booking_email=..., description="La visite du four.")]
    named = [one.field for draft in drafts for one in missing(EventDraft.model_validate(draft))]
    assert [name for name in named if not name.startswith("picture") and field_of(name) is None] == []


def test_a_draft_is_shown_and_read_back_as_it_was(a_draft):
    slots = [
        {"starts_at": "2026-11-17T09:00", "ends_at": "2026-11-17T11:30", "id": "matin", "status": "full"},
        {"starts_at": "2026-11-18T22:00", "ends_at": "2026-11-19T02:00"},
    ]
    venue = a_draft()["venue"] | {"position": {"longitude": -2.1, "latitude": 47.3, "is_confirmed": True}}
    venue["commune_code"] = "44103"
    draft = EventDraft.model_validate(
        a_draft(slots=slots, venue=venue, capacity=30, themes=["ecology"], is_online=True)
    )
    kept = kept_of(draft)
    again = {}
    for step in STEPS:
        shown = shown_of(kept, step)
        again = merged(again, given_by(typed_of(FormData(posted(shown.values)), step), step))
    assert kept_of(EventDraft.model_validate(again)) == kept


def test_what_was_said_of_a_pin_stays_with_it_until_it_is_moved_or_the_address_is_another(a_draft):
    said = {"longitude": -2.1, "latitude": 47.3, "is_confirmed": True, "is_confirmed_twice": True}
    kept = {"venue": a_draft()["venue"] | {"position": said}}
    same = {"longitude": -2.1, "latitude": 47.3, "is_confirmed": True}

    def after(**typed):
        return merged(kept, {f"venue.{name}": value for name, value in typed.items()})["venue"].get("position")

    assert after(name="Portail B", position=same) == said
    assert after(position=same | {"latitude": 47.31}) == same | {"latitude": 47.31}
    assert after(position=same, city="Donges") == same
    assert after(position=None) is None


def posted(values):
    """What a browser sends of these."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from ((f"{name}-{part}", text) for part, text in value.items())
        elif name == "slots":
            for number, row in enumerate(value):
                told = {"jour": row.day, "debut": row.start, "fin": row.end, "dernier-jour": row.last_day}
                told |= {"id": row.id, "etat": row.status}
                yield from ((f"slots-{number}-{part}", text) for part, text in told.items())
        elif isinstance(value, list):
            yield from ((name, one) for one in value)
        elif name == "venue-commune_code" and value:
            yield name, f"{value} {values['venue-postcode']} {values['venue-city']}"
        else:
            yield name, value


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-11-17", "2026-11-17"),
        ("17/11/2026", "2026-11-17"),
        ("1.3.2026", "2026-03-01"),
        ("31/02/2026", None),
        ("", None),
    ],
)
def test_a_day_is_read_as_people_write_it(typed, day):
    assert read_day(typed) == day


@pytest.mark.parametrize(
    ("typed", "hour"),
    [("09:30", "09:30"), ("9h30", "09:30"), ("9 h", "09:00"), ("14", "14:00"), ("25h", None), ("tôt", None)],
)
def test_an_hour_is_read_as_people_write_it(typed, hour):
    assert read_hour(typed) == hour


def test_half_a_session_is_said_to_be_half_in_its_own_row():
    form = FormData(
        [("slots-0-jour", ""), ("slots-0-debut", ""), ("slots-1-jour", "17/11/2026"), ("slots-1-debut", "9h")]
    )
    typed = typed_of(form, BY_NAME["quand"])
    assert given_by(typed, BY_NAME["quand"])["slots"] is None
    assert typed.faults == {"slots-1": "Indiquez l’heure de fin, par exemple 11 h 30."}


@pytest.mark.parametrize(
    ("chosen", "postcode", "city", "code"),
    [
        ("44103 44550 Montoir-de-Bretagne", "44550", "Montoir-de-Bretagne", "44103"),
        ("2A004 20000 Ajaccio", "20000", "Ajaccio", "2A004"),
        ("44103 44550 Montoir-de-Bretagne", "44550", "Donges", None),
        ("44103 44550 Montoir-de-Bretagne", "44480", "Montoir-de-Bretagne", None),
        ("44103 44550 Montoir-de-Bretagne", "", "", None),
        ("44103", "44550", "Montoir-de-Bretagne", None),
        ("Nantes 44550 Montoir-de-Bretagne", "44550", "Montoir-de-Bretagne", None),
        ("", "44550", "Montoir-de-Bretagne", None),
        ("44103  ", "", "", None),
    ],
)
def test_the_code_of_a_commune_holds_for_the_postcode_and_the_name_that_it_was_chosen_with(
    chosen, postcode, city, code
):
    form = {"venue-commune_code": chosen, "venue-postcode": postcode, "venue-city": city}
    step = BY_NAME["ou"]
    assert given_by(typed_of(FormData(form), step), step)["venue.commune_code"] == code


def test_a_fault_is_said_in_the_row_where_the_session_was_typed():
    assert id_of("slots.1.starts_at", [0, 2]) == "slots-2"
    assert id_of("venue.postcode") == "venue-postcode"


def test_people_read_no_names_of_fields(a_draft):
    draft = EventDraft.model_validate(a_draft(description="Appelez le 02 40 12 34 56.", booking_email=..., venue=...))
    told = [in_words(one.message) for one in missing(draft)] + [asked_in_words(one.message) for one in questions(draft)]
    told.append(in_words("Ici va le code postal ; le nom de la commune va dans « city »."))
    assert [words for words in told if "_" in words or "(" in words or "city" in words] == []
    assert told[-1].endswith("va dans « La commune ».")
