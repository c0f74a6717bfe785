from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import ValidationError

from backbone.campaign.edition import load_edition
from backbone.contracts import Address, Booking, PublicEvent, Slot, Venue
from backbone.http.problems import field_errors
from backbone.texts.pasted import UNPRINTABLE, WORDLESS
from registration.domain.draft import EventDraft
from registration.domain.fields import NO_NUMBER, NO_SITE
from registration.domain.missing import NEEDED, NO_LINK, NO_PLACE, NO_WAY_IN, missing
from registration.domain.slots import written_for

EVENT, ORGANISER = UUID(int=1), UUID(int=2)


def refusals(draft) -> list[tuple[str, str]]:
    """What is said of a draft that is refused: the field, the sentence."""
    with pytest.raises(ValidationError) as refused:
        EventDraft.model_validate(draft)
    return [(error["field"], error["message"]) for error in field_errors(refused.value.errors())]


def event_of(draft) -> PublicEvent:
    return EventDraft.model_validate(draft).as_event(EVENT, 3, "2026", ORGANISER)


def test_a_draft_becomes_a_public_event_word_for_word(a_draft):
    venue = {"name": "Portail B", "street": "12 rue de l’Industrie", "postcode": "44550", "city": "Montoir-de-Bretagne"}
    assert event_of(a_draft(venue=venue, website="https://fonderie.example/visite")) == PublicEvent(
        event_id=EVENT,
        revision=3,
        edition="2026",
        organiser_id=ORGANISER,
        organisation="Fonderie de l’Erdre",
        title="Du métal en fusion à la pièce finie",
        description="Suivez une pièce, du four à l’emballage. Gratuit, sur inscription.",
        kind="company_visit",
        audiences=("pupils", "families"),
        admission="on_registration",
        is_free=True,
        slots=(Slot(starts_at="2026-11-17T09:00:00+01:00", ends_at="2026-11-17T11:30:00+01:00"),),
        timezone="Europe/Paris",
        venue=Venue(
            name="Portail B",
            address=Address(street="12 rue de l’Industrie", postcode="44550", city="Montoir-de-Bretagne"),
        ),
        website="https://fonderie.example/visite",
        booking=Booking(email="visites@erdre.example"),
    )


@pytest.mark.parametrize(
    ("postcode", "zone", "starts_at"),
    [
        ("97400", "Indian/Reunion", "2026-11-16T01:00:00+04:00"),
        ("97110", "America/Guadeloupe", "2026-11-16T01:00:00-04:00"),
        ("97300", "America/Cayenne", "2026-11-16T01:00:00-03:00"),
        ("97133", "America/St_Barthelemy", "2026-11-16T01:00:00-04:00"),
        ("20200", "Europe/Paris", "2026-11-16T01:00:00+01:00"),
        ("75001", "Europe/Paris", "2026-11-16T01:00:00+01:00"),
        ("98742", "Pacific/Marquesas", "2026-11-16T01:00:00-09:30"),
        ("98755", "Pacific/Gambier", "2026-11-16T01:00:00-09:00"),
        ("98714", "Pacific/Tahiti", "2026-11-16T01:00:00-10:00"),
    ],
)
def test_slots_carry_the_offset_of_the_place_and_keep_its_date(a_draft, postcode, zone, starts_at):
    event = event_of(
        a_draft(
            venue={"postcode": postcode, "city": "Y"},
            slots=[{"starts_at": "2026-11-16T01:00", "ends_at": "2026-11-16T02:00"}],
        )
    )
    assert (event.timezone, event.slots[0].starts_at.isoformat()) == (zone, starts_at)
    on_the_wire = PublicEvent.model_validate_json(event.model_dump_json())
    assert on_the_wire.slots[0].starts_at.date() == date(2026, 11, 16)


def test_an_event_online_is_in_the_campaigns_own_time(a_draft):
    event = event_of(a_draft(venue=..., online_url="https://visio.example/usine", admission="everyone"))
    assert (event.timezone, event.slots[0].starts_at.isoformat()) == ("Europe/Paris", "2026-11-17T09:00:00+01:00")
    assert (event.venue, event.online_url) == (None, "https://visio.example/usine")


def test_slots_come_in_the_order_of_their_start(a_draft):
    late = {"starts_at": "2026-11-18T14:00", "ends_at": "2026-11-18T15:00"}
    early = {"starts_at": "2026-11-18T09:00", "ends_at": "2026-11-18T10:00"}
    assert [slot.starts_at.hour for slot in event_of(a_draft(slots=[late, early])).slots] == [9, 14]


def test_a_draft_survives_being_kept(a_draft):
    draft = EventDraft.model_validate(a_draft(website="https://fonderie.example"))
    assert EventDraft.model_validate(draft.model_dump(mode="json")) == draft


def test_paragraphs_of_a_description_are_kept(a_draft):
    draft = EventDraft.model_validate(a_draft(description="Premier paragraphe.\n\nSecond, \tretrait."))
    assert draft.description == "Premier paragraphe.\n\nSecond, retrait."


def test_a_title_pasted_on_two_lines_becomes_one(a_draft):
    assert EventDraft.model_validate(a_draft(title="Visite\r\nde l’usine")).title == "Visite de l’usine"


FIVE_DIGITS = "Un code postal a cinq chiffres, par exemple 44550."
LOST_ZERO_OF_AIN = "Un code postal a cinq chiffres. S’il a perdu son zéro, écrivez 01000 (Ain)."
CORSICAN = "En Corse, le code postal commence par 20, par exemple 20000 (Ajaccio) ou 20200 (Bastia)."
NO_CITY = "Indiquez le nom de la commune ; le code postal va dans « postcode »."
SWAPPED = "Ici va le code postal ; le nom de la commune va dans « city »."
ONE_SLOT = {"starts_at": "2026-11-17T09:00", "ends_at": "2026-11-17T11:30"}
IN_FRANCE = "Ce code postal n’existe pas en France ; vérifiez ses cinq chiffres."
CONTROL = "Retirez les caractères de contrôle (souvent dus à un copier-coller)."


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ({"venue": {"postcode": "00000", "city": "Nulle-Part"}}, "venue.postcode", IN_FRANCE),
        ({"venue": {"postcode": "98000", "city": "Monaco"}}, "venue.postcode", IN_FRANCE),
        ({"venue": {"postcode": "1000", "city": "Bourg-en-Bresse"}}, "venue.postcode", LOST_ZERO_OF_AIN),
        ({"venue": {"postcode": 1000, "city": "Bourg-en-Bresse"}}, "venue.postcode", LOST_ZERO_OF_AIN),
        ({"venue": {"postcode": "0145", "city": "Bourg-en-Bresse"}}, "venue.postcode", FIVE_DIGITS),
        ({"venue": {"postcode": "445500", "city": "Montoir"}}, "venue.postcode", FIVE_DIGITS),
        ({"venue": {"postcode": "", "city": "Montoir"}}, "venue.postcode", FIVE_DIGITS),
        ({"venue": {"postcode": True, "city": "Montoir"}}, "venue.postcode", "Indiquez un texte."),
        ({"venue": {"postcode": "2A004", "city": "Ajaccio"}}, "venue.postcode", CORSICAN),
        ({"venue": {"postcode": "44550", "city": "44550"}}, "venue.city", NO_CITY),
        (
            {"venue": {"postcode": "44550", "city": "44600 Saint-Nazaire"}},
            "venue.city",
            "Le code postal est écrit deux fois, et différemment : 44550 et 44600. Lequel est le bon ?",
        ),
        (
            {"venue": {"postcode": "٤٤٥٥٠", "city": "Montoir"}},
            "venue.postcode",
            IN_FRANCE,
        ),
        ({"venue": {"postcode": "44550", "city": "  "}}, "venue.city", "Indiquez au moins 1 caractère."),
        (
            {"slots": [{"starts_at": "2026-11-17T11:30", "ends_at": "2026-11-17T09:00"}]},
            "slots.0",
            "La fin du créneau doit venir après son début.",
        ),
        (
            {"slots": [ONE_SLOT, {"starts_at": "2026-11-17T09:00", "ends_at": "2026-11-17T09:00"}]},
            "slots.1",
            "La fin du créneau doit venir après son début.",
        ),
        (
            {"slots": [{"starts_at": "demain matin", "ends_at": "2026-11-17T09:00"}]},
            "slots.0.starts_at",
            "Indiquez une date et une heure, par exemple 2026-11-17T09:00.",
        ),
        (
            {"slots": [{"starts_at": "2026-11-17T09:00+01:00", "ends_at": "2026-11-17T11:00"}]},
            "slots.0.starts_at",
            "Indiquez l’heure locale, sans fuseau.",
        ),
        ({"slots": []}, "slots", "Indiquez au moins 1 élément."),
        ({"slots": [ONE_SLOT] * 31}, "slots", "Indiquez 30 éléments au plus."),
        ({"slots": {"0": ONE_SLOT}}, "slots", "Indiquez une liste."),
        (
            {"venue": ..., "online_url": "javascript:alert(1)"},
            "online_url",
            "L’adresse doit commencer par https:// ou http://.",
        ),
        (
            {"website": "fonderie"},
            "website",
            "Indiquez une adresse complète, par exemple https://exemple.fr.",
        ),
        ({"tittle": "Visite"}, "tittle", "Ce champ n’existe pas ; vérifiez son nom."),
        ({"title": "V" * 121}, "title", "Raccourcissez à 120 caractères au plus."),
        ({"title": "  V  "}, "title", "Indiquez au moins 3 caractères."),
        (
            {"title": "工場見学"},
            "title",
            "L’affiche s’imprime en lettres latines, grecques ou cyrilliques : écrivez-le aussi avec elles.",
        ),
        ({"title": "🏭🏭🏭"}, "title", "Écrivez avec des mots : il n’y a ici ni lettre ni chiffre."),
        ({"description": "\u3164" * 20}, "description", "Indiquez au moins 10 caractères."),
        ({"title": "Visite\x07"}, "title", CONTROL),
        ({"title": 12}, "title", "Indiquez un texte."),
        ({"description": "Visite\x00 de l’usine."}, "description", CONTROL),
        ({"description": "V" * 1501}, "description", "Raccourcissez à 1500 caractères au plus."),
        ({"is_free": "peut-être"}, "is_free", "Répondez par oui (true) ou non (false)."),
        ({"audiences": []}, "audiences", "Indiquez au moins 1 élément."),
    ],
)
def test_a_wrong_field_is_named_with_what_to_do(a_draft, wrong, field, message):
    assert refusals(a_draft(**wrong)) == [(field, message)]


NO_SUCH_HOUR = "Cette heure n’existe pas ce jour-là : les horloges avancent. Indiquez une heure plus tôt ou plus tard."
TWICE = "Cette heure existe deux fois ce jour-là : les horloges reculent. Indiquez une heure plus tôt ou plus tard."
ENDS_FIRST = "La fin du créneau doit venir après son début."
LISTED = "Ce créneau figure déjà plus haut : retirez-le, ou changez ses heures."
A_TIME = "Indiquez une date et une heure, par exemple 2026-11-17T09:00."
YES_OR_NO = "Répondez par oui (true) ou non (false)."


def slots(*hours):
    return [{"starts_at": starts_at, "ends_at": ends_at} for starts_at, ends_at in hours]


MIQUELON = {"postcode": "97500", "city": "Saint-Pierre"}
REUNION = {"postcode": "97410", "city": "Saint-Pierre"}


@pytest.mark.parametrize(
    ("place", "starts_at", "ends_at", "refused"),
    [
        ({}, "2026-03-29T02:30", "2026-03-29T03:00", [("slots.0.starts_at", NO_SUCH_HOUR)]),
        ({}, "2026-03-29T02:00", "2026-03-29T04:00", [("slots.0.starts_at", NO_SUCH_HOUR)]),
        ({}, "2026-03-29T01:00", "2026-03-29T02:59", [("slots.0.ends_at", NO_SUCH_HOUR)]),
        ({}, "2026-03-28T20:00", "2026-03-29T02:15", [("slots.0.ends_at", NO_SUCH_HOUR)]),
        (
            {},
            "2026-03-29T02:10",
            "2026-03-29T02:20",
            [("slots.0.starts_at", NO_SUCH_HOUR), ("slots.0.ends_at", NO_SUCH_HOUR)],
        ),
        ({}, "2027-03-28T02:30", "2027-03-28T05:00", [("slots.0.starts_at", NO_SUCH_HOUR)]),
        ({}, "2026-10-25T02:30", "2026-10-25T04:00", [("slots.0.starts_at", TWICE)]),
        ({}, "2026-10-25T01:00", "2026-10-25T02:00", [("slots.0.ends_at", TWICE)]),
        ({"venue": MIQUELON}, "2026-03-08T02:30", "2026-03-08T04:00", [("slots.0.starts_at", NO_SUCH_HOUR)]),
        ({"venue": MIQUELON}, "2026-11-01T00:30", "2026-11-01T01:30", [("slots.0.ends_at", TWICE)]),
        (
            {"venue": ..., "online_url": "https://visio.example"},
            "2026-03-29T02:30",
            "2026-03-29T05:00",
            [("slots.0.starts_at", NO_SUCH_HOUR)],
        ),
    ],
)
def test_an_hour_that_the_clocks_there_never_show_or_show_twice_is_refused(a_draft, place, starts_at, ends_at, refused):
    assert refusals(a_draft(**place, slots=slots((starts_at, ends_at)))) == refused


@pytest.mark.parametrize(
    ("place", "starts_at", "ends_at", "told"),
    [
        ({}, "2026-03-29T01:59", "2026-03-29T03:00", ("01:59:00+01:00", "03:00:00+02:00")),
        ({}, "2026-10-25T01:59", "2026-10-25T03:00", ("01:59:00+02:00", "03:00:00+01:00")),
        ({"venue": REUNION}, "2026-03-29T02:30", "2026-03-29T03:00", ("02:30:00+04:00", "03:00:00+04:00")),
        ({"venue": MIQUELON}, "2026-03-29T02:30", "2026-03-29T03:00", ("02:30:00-02:00", "03:00:00-02:00")),
    ],
)
def test_a_slot_over_the_change_of_clocks_or_where_they_do_not_change_is_told_as_it_is(
    a_draft, place, starts_at, ends_at, told
):
    event = event_of(a_draft(**place, slots=slots((starts_at, ends_at))))
    [slot] = event.slots
    assert (slot.starts_at.isoformat()[11:], slot.ends_at.isoformat()[11:]) == told
    assert PublicEvent.model_validate_json(event.model_dump_json()) == event


def test_slots_come_in_the_order_of_their_instants_on_the_day_of_the_change(a_draft):
    day = slots(("2026-10-25T03:00", "2026-10-25T04:00"), ("2026-10-25T00:30", "2026-10-25T01:30"))
    assert [slot.starts_at.hour for slot in event_of(a_draft(slots=day)).slots] == [0, 3]


@pytest.mark.parametrize(
    "first",
    ["2026-11-17T09:00", "2026-11-17T09:00:00", "2026-11-17 09:00", "2026-11-17T09:00:20", "2026-11-17T09:00:00.5"],
)
def test_a_slot_that_stands_twice_is_named_where_it_stands_again(a_draft, first):
    again = slots((first, "2026-11-17T12:00"), *[("2026-11-17T09:00", "2026-11-17T12:00")] * 2)
    assert refusals(a_draft(slots=again)) == [("slots.1", LISTED), ("slots.2", LISTED)]


def test_a_slot_is_told_to_the_minute_and_has_one(a_draft):
    until_midnight = event_of(a_draft(slots=slots(("2026-11-17T18:00:01", "2026-11-17T23:59:59"))))
    assert [slot.ends_at.strftime("%H:%M:%S") for slot in until_midnight.slots] == ["23:59:00"]
    assert refusals(a_draft(slots=slots(("2026-11-17T09:00:10", "2026-11-17T09:00:50")))) == [("slots.0", ENDS_FIRST)]


def test_two_slots_that_share_an_hour_are_two(a_draft):
    beside = slots(("2026-11-17T09:00", "2026-11-17T12:00"), ("2026-11-17T09:00", "2026-11-17T12:30"))
    assert len(event_of(a_draft(slots=beside)).slots) == 2


@pytest.mark.parametrize(
    "given", ["2026-11-17", "2026-11-17T", "2026-11-17T09", "20261117T0900", "1794906000", 1794906000, 1.5, True, None]
)
def test_a_day_without_its_hour_and_a_number_of_seconds_are_no_times(a_draft, given):
    assert refusals(a_draft(slots=slots((given, "2026-11-17T12:00")))) == [("slots.0.starts_at", A_TIME)]


@pytest.mark.parametrize("given", ["yes", "true", "oui", "on", 1, 1.0, 0, "0", [], ["true"]])
def test_only_yes_or_no_says_whether_it_is_free(a_draft, given):
    assert refusals(a_draft(is_free=given)) == [("is_free", YES_OR_NO)]


def test_an_audience_named_twice_is_kept_once(a_draft):
    draft = EventDraft.model_validate(a_draft(audiences=["pupils", "families", "pupils"]))
    assert draft.audiences == ["pupils", "families"]


def test_all_that_is_wrong_with_slots_is_said_at_once_and_with_the_rest(a_draft):
    wrong = slots(
        ("2026-03-29T02:30", "2026-03-29T04:00"),
        ("2026-11-17", "2026-11-17T12:00"),
        ("2026-11-17T12:00", "2026-11-17T09:00"),
        ("2026-11-18T09:00", "2026-11-18T12:00"),
        ("2026-11-18T09:00", "2026-11-18T12:00"),
    )
    assert refusals(a_draft(title="", slots=wrong, is_free="yes")) == [
        ("title", "Indiquez au moins 3 caractères."),
        ("is_free", YES_OR_NO),
        ("slots.1.starts_at", A_TIME),
        ("slots.2", ENDS_FIRST),
        ("slots.0.starts_at", NO_SUCH_HOUR),
        ("slots.4", LISTED),
    ]


@pytest.mark.parametrize(
    "postcode",
    [
        "44 550",
        "44.550",
        "F-44550",
        "F44550",
        "FR 44550",
        "44550 CEDEX",
        "44550 Cedex 03",
        " 44550\u200b",
        "44\u00a0550",
        "４４５５０",
        44550,
    ],
)
def test_a_postcode_is_read_as_it_is_typed(a_draft, postcode):
    venue = EventDraft.model_validate(a_draft(venue={"postcode": postcode, "city": "Montoir"})).venue
    assert (venue.postcode, venue.city) == ("44550", "Montoir")


@pytest.mark.parametrize(
    "city", ["44550 Montoir", "F-44550 Montoir", "Montoir 44550", "Montoir (44550)", " 44550, Montoir"]
)
def test_a_postcode_before_the_commune_is_written_once(a_draft, city):
    venue = EventDraft.model_validate(a_draft(venue={"postcode": "44550", "city": city})).venue
    assert venue.city == "Montoir"


def test_swapped_fields_are_both_named(a_draft):
    swapped = refusals(a_draft(venue={"postcode": "Montoir", "city": "44550"}))
    assert swapped == [("venue.postcode", SWAPPED), ("venue.city", NO_CITY)]


@pytest.mark.parametrize("city", ["Lyon 3e", "PARIS 08", "Saint-Étienne (Loire)"])
def test_a_communes_name_stays_as_it_is_written(a_draft, city):
    assert EventDraft.model_validate(a_draft(venue={"postcode": "69003", "city": city})).venue.city == city


@pytest.mark.parametrize(
    "way",
    [
        {"website": "https://fonderie.example/inscription"},
        {"booking_email": "Visites@Fonderie.example"},
        {"description": "Inscription : https://fonderie.example/visites avant le 10."},
        {"description": "Inscrivez-vous sur fonderie-erdre.fr, rubrique Visites."},
        {"description": "Inscription au 02 40 00 11 22, du lundi au vendredi."},
        {"description": "Écrivez à visites@fonderie.example pour vous inscrire."},
        {"admission": "everyone"},
        {"admission": "named_group"},
    ],
)
def test_who_must_register_is_told_where(a_draft, way):
    assert EventDraft.model_validate(a_draft(booking_email=...) | way)


def lacking(given) -> list[tuple[str, str]]:
    """What is asked of a draft before it can be submitted: the field, the sentence."""
    return [(one.field, one.message) for one in missing(EventDraft.model_validate(given))]


def test_an_event_online_alone_tells_the_region_that_it_is_for_and_one_with_a_venue_its_venue_s(a_draft):
    online = {"online_url": "https://visio.example/usine", "admission": "everyone", "online_region": "53"}
    assert event_of(a_draft(venue=..., **online)).online_region == "53"
    assert event_of(a_draft(**online)).online_region is None
    assert event_of(a_draft(venue=..., **online | {"online_region": None})).online_region is None


@pytest.mark.parametrize("code", ["99", "00", "Bretagne", "5", "053"])
def test_a_region_that_is_none_is_refused_with_those_that_are(a_draft, code):
    [(field, sentence)] = refusals(a_draft(online_region=code))
    assert field == "online_region"
    assert sentence.startswith("Une région s’indique par son code : 01 (Guadeloupe), 02 ")
    assert "53 (Bretagne)" in sentence


@pytest.mark.parametrize("place", [{}, {"venue": ..., "online_url": "https://visio.example/usine"}])
def test_a_visit_on_registration_without_a_way_to_register_is_asked_for_one(a_draft, place):
    no_way = a_draft(
        booking_email=..., description="Suivez une pièce, du four à l’emballage. Sur inscription.", **place
    )
    assert lacking(no_way) == [("website", NO_WAY_IN)]
    assert "booking_email" in NO_WAY_IN


def test_of_a_whole_draft_nothing_is_missing(a_draft):
    assert lacking(a_draft()) == []
    assert lacking(a_draft(venue=..., online_url="https://visio.example/usine")) == []
    assert lacking(a_draft(online_url="https://visio.example/usine")) == []


@pytest.mark.parametrize("field", NEEDED)
@pytest.mark.parametrize("absent", [..., None])
def test_a_draft_without_a_field_is_a_draft_and_says_what_to_give(a_draft, field, absent):
    assert lacking(a_draft(**{field: absent})) == [(field, NEEDED[field])]


def test_a_draft_begins_with_nothing_at_all():
    assert lacking({}) == [*NEEDED.items(), ("venue", NO_PLACE)]
    assert EventDraft().model_dump(exclude_none=True) == {}


@pytest.mark.parametrize(
    ("venue", "fields"),
    [
        ({}, ["venue.postcode", "venue.city"]),
        ({"postcode": "44550"}, ["venue.city"]),
        ({"name": "Portail B", "city": "Montoir"}, ["venue.postcode"]),
        ({"postcode": "44550", "city": None}, ["venue.city"]),
    ],
)
def test_of_a_place_its_postcode_and_its_commune_are_asked(a_draft, venue, fields):
    assert [field for field, _ in lacking(a_draft(venue=venue))] == fields


@pytest.mark.parametrize("place", [{"venue": ...}, {"venue": {"city": "Saint-Pierre"}}])
def test_an_hour_is_held_against_no_clock_as_long_as_its_place_is_not_known(a_draft, place):
    night = slots(("2026-03-29T02:30", "2026-03-29T04:00"))
    assert EventDraft.model_validate(a_draft(slots=night, **place)).slots
    assert refusals(a_draft(slots=night)) == [("slots.0.starts_at", NO_SUCH_HOUR)]


def test_the_mailbox_for_registering_is_a_mailbox(a_draft):
    [(field, message)] = refusals(a_draft(booking_email="visites chez fonderie"))
    assert (field, message[:40]) == ("booking_email", "Indiquez une adresse électronique valabl")


@pytest.mark.parametrize("field", ["kind", "admission"])
def test_a_choice_that_is_none_names_those_there_are(a_draft, field):
    [(named, message)] = refusals(a_draft(**{field: "party"}))
    assert named == field
    assert message.startswith("Choisissez parmi : '")
    assert "'company_visit'" in message or "'on_registration'" in message


def test_all_wrong_fields_are_named_at_once(a_draft):
    wrong = a_draft(title="", kind="party", slots=[], venue={"postcode": "00000", "city": "Y"})
    assert {field for field, _ in refusals(wrong)} == {"title", "kind", "slots", "venue.postcode"}


@pytest.mark.parametrize("field", ["name", "street", "city"])
@pytest.mark.parametrize(("written", "refused"), [("🏭🏭🏭", WORDLESS), ("---", WORDLESS), ("工場見学", UNPRINTABLE)])
def test_a_place_is_said_in_words_that_a_poster_can_bear(a_draft, field, written, refused):
    venue = {"postcode": "44550", "city": "Montoir", field: written}
    assert refusals(a_draft(venue=venue)) == [(f"venue.{field}", refused)]


def test_an_organisation_is_named_in_letters_that_a_poster_can_bear(a_draft):
    assert refusals(a_draft(organisation="株式会社")) == [("organisation", UNPRINTABLE)]
    assert event_of(a_draft(organisation="株式会社 Erdre")).organisation == "株式会社 Erdre"


@pytest.mark.parametrize(
    "address",
    [
        "https://usine.example@piege.example/",
        "https://a:b@usine.example",
        "https://:b@usine.example",
        "http://localhost:8000/",
        "https://intranet/visites",
        "https://192.168.1.20/visites",
        "https://2130706433/",
        "https://[::1]/",
    ],
)
def test_a_site_is_one_that_visitors_can_open_and_nothing_stands_before_its_name(a_draft, address):
    assert refusals(a_draft(website=address)) == [("website", NO_SITE)]
    assert ("online_url", NO_SITE) in refusals(a_draft(venue=None, online_url=address))


@pytest.mark.parametrize(
    "address", ["https://usine.example", "https://aciérie.example:8443/é?q=1", "https://a.b.example./"]
)
def test_other_sites_are_welcome(a_draft, address):
    assert event_of(a_draft(website=address)).website


def test_an_address_that_is_too_long_is_told_as_an_address(a_draft):
    said = [("website", "Cette adresse est trop longue.")]
    assert refusals(a_draft(website=f"https://usine.example/{'a' * 500}")) == said


def test_an_event_may_be_for_those_who_recruit(a_draft):
    assert event_of(a_draft(audiences=["hr_professionals", "teachers"])).audiences == ("hr_professionals", "teachers")


# What visitors may want to know besides.


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ({"capacity": 0}, "capacity", "Indiquez 1 au moins."),
        ({"capacity": True}, "capacity", "Indiquez un nombre entier."),
        ({"capacity": "20"}, "capacity", "Indiquez un nombre entier."),
        ({"capacity": 10**9}, "capacity", "Indiquez 100000 au plus."),
        ({"booking_telephone": "3939"}, "booking_telephone", NO_NUMBER),
        ({"booking_telephone": "02 40 00"}, "booking_telephone", NO_NUMBER),
        ({"booking_telephone": "02 40 00 11 22 poste 12"}, "booking_telephone", NO_NUMBER),
        ({"booking_url": "https://intranet/visites"}, "booking_url", NO_SITE),
        ({"access": "x" * 501}, "access", "Raccourcissez à 500 caractères au plus."),
        ({"external_id": ""}, "external_id", "Indiquez au moins 1 caractère."),
        ({"venue": {"commune_code": "2C004"}}, "venue.commune_code", "Le format n’est pas celui attendu."),
        (
            {"venue": {"position": {"longitude": 181, "latitude": 47.3}}},
            "venue.position.longitude",
            "Indiquez 180 au plus.",
        ),
        ({"slots": [{**ONE_SLOT, "id": "a b"}]}, "slots.0.id", "Le format n’est pas celui attendu."),
        (
            {"slots": [{**ONE_SLOT, "id": "1"}, {**ONE_SLOT, "ends_at": "2026-11-17T12:00", "id": "1"}]},
            "slots.1.id",
            "Un autre créneau porte déjà cet identifiant (id).",
        ),
    ],
)
def test_what_visitors_may_want_to_know_besides_is_right_or_named(a_draft, wrong, field, message):
    assert refusals(a_draft(**wrong)) == [(field, message)]


@pytest.mark.parametrize(
    ("typed", "dialled"),
    [
        ("02 40 00 11 22", "+33 2 40 00 11 22"),
        ("+33 (0)2.40.00.11.22", "+33 2 40 00 11 22"),
        ("0240001122", "+33 2 40 00 11 22"),
        ("0692 12 34 56", "+262 692 12 34 56"),
        ("0590 82 12 34", "+590 590 82 12 34"),
        ("+32 2 555 12 12", "+32 2 555 12 12"),
        ("+1 202-555-0100", "+1 202 555 0100"),
    ],
)
def test_a_number_is_told_as_one_dials_it_from_anywhere(a_draft, typed, dialled):
    booking = event_of(a_draft(booking_telephone=typed)).booking
    assert booking == Booking(email="visites@erdre.example", telephone=dialled)


@pytest.mark.parametrize("way", ["booking_url", "booking_telephone"])
def test_a_page_or_a_number_to_book_is_a_way_in(a_draft, way):
    given = {"booking_url": "https://fonderie.example/visites", "booking_telephone": "02 40 00 11 22"}
    draft = a_draft(booking_email=..., description="Suivez une pièce, du four à l’emballage.", **{way: given[way]})
    assert lacking(draft) == []


def test_themes_are_those_of_the_edition(a_draft):
    edition = load_edition(Path(__file__).parents[3] / "editions" / "2026.toml")
    with written_for(edition):
        assert event_of(a_draft(themes=["skills", "ecology", "skills"])).themes == ("skills", "ecology")
        [(field, message)] = refusals(a_draft(themes=["astrology"]))
    assert (field, message[:58]) == ("themes", "Choisissez parmi les thèmes de l’édition : « skills » (Com")


LINK = "https://visio.example/usine"


@pytest.mark.parametrize(
    ("admission", "told", "is_private"),
    [("everyone", LINK, False), *[(one, None, True) for one in ("on_registration", "named_group", "invitation_only")]],
)
@pytest.mark.parametrize("place", [{}, {"venue": ...}])
def test_the_link_of_an_event_that_one_registers_for_is_told_to_nobody(a_draft, place, admission, told, is_private):
    event = event_of(a_draft(admission=admission, online_url=LINK, **place))
    assert (event.online_url, event.has_private_link, event.is_online) == (told, is_private, True)
    assert (LINK in event.model_dump_json()) is not is_private
    assert list(event.contradictions()) == []


def test_the_link_may_stay_with_the_organiser_where_one_registers_and_only_there(a_draft):
    online = a_draft(venue=..., is_online=True)
    assert lacking(online) == []
    assert event_of(online).has_private_link
    assert lacking(online | {"admission": "everyone"}) == [("online_url", NO_LINK)]
