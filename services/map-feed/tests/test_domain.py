from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from backbone.campaign.colours import palette
from backbone.campaign.dates import whole_day
from backbone.campaign.edition import load_edition
from backbone.campaign.palette import contrast
from backbone.contracts import EventKind, Slot
from map_feed.domain import openings
from map_feed.domain.addresses import parts, telephone, web
from map_feed.domain.listing import Listing
from map_feed.domain.search import ListQuery, Search, in_order

EDITIONS = sorted((Path(__file__).parents[3] / "editions").glob("*.toml"))


def slot(starts: str, ends: str) -> Slot:
    return Slot.model_validate({"starts_at": starts, "ends_at": ends})


def test_hours_and_days_read_as_in_french():
    morning = slot("2026-11-17T09:00:00+01:00", "2026-11-17T12:30:00+01:00")
    afternoon = slot("2026-11-17T14:00:00+01:00", "2026-11-17T17:00:00+01:00")
    assert [(whole_day(day), hours) for day, hours in openings.openings([morning, afternoon])] == [
        ("mardi\u00a017\u00a0novembre 2026", "de 9\u00a0h à 12\u00a0h\u00a030 et de 14\u00a0h à 17\u00a0h")
    ]


def test_an_evening_that_ends_after_midnight_is_one_evening():
    assert openings.hours(slot("2026-11-17T20:00:00+01:00", "2026-11-18T01:00:00+01:00")) == "de 20\u00a0h à 1\u00a0h"


def test_an_opening_of_several_days_says_the_day_it_ends():
    words = openings.hours(slot("2026-11-17T09:00:00+01:00", "2026-11-19T18:00:00+01:00"))
    assert words == "de 9\u00a0h jusqu’au 19\u00a0novembre à 18\u00a0h"


def test_an_event_in_reunion_is_on_its_own_local_day(an_event):
    early = [{"starts_at": "2026-11-17T01:30:00+04:00", "ends_at": "2026-11-17T03:00:00+04:00"}]
    listing = Listing(an_event(slots=early, timezone="Indian/Reunion"), None)
    assert (listing.days, listing.time_of) == ((date(2026, 11, 17),), "heure de La Réunion")


def test_an_address_without_a_pin_is_still_in_its_department_and_region(an_event):
    listing = Listing(an_event(), None)
    assert (listing.city, listing.department, listing.region) == ("Villeurbanne", "69", "84")


def test_the_commune_is_named_as_it_is_called_and_not_as_the_post_does(an_event, a_location):
    venue = {"address": {"postcode": "69621", "city": "VILLEURBANNE CEDEX"}}
    assert Listing(an_event(venue=venue), a_location()).city == "Villeurbanne"


def test_only_web_addresses_become_links():
    told = ["https://a.example", "HTTP://b.example", "javascript:alert(1)", "data:text/html,x", "", None]
    assert [web(text) for text in told] == ["https://a.example", "HTTP://b.example", None, None, None, None]


@pytest.mark.parametrize(
    ("given", "is_found"),
    [
        ({}, True),
        ({"q": "COULEE fonderie"}, True),
        ({"q": "l'atelier villeurbanne"}, True),
        ({"q": "rhone 69100"}, True),
        ({"q": "coulée nucléaire"}, False),
        ({"region": "84", "departement": "69"}, True),
        ({"region": "11"}, False),
        ({"departement": "38"}, False),
        ({"type": "company_visit"}, True),
        ({"type": "webinar"}, False),
        ({"public": "students"}, True),
        ({"public": "families"}, False),
        ({"jour": "2026-11-17"}, True),
        ({"jour": "2026-11-18"}, False),
        ({"lieu": "sur-place"}, True),
        ({"lieu": "en-ligne"}, False),
    ],
)
def test_a_search_finds_what_meets_every_filter(an_event, a_location, given, is_found):
    assert Search.model_validate(given).finds(Listing(an_event(), a_location())) is is_found


def test_an_empty_field_of_the_form_is_no_filter():
    assert Search.model_validate({"q": "", "region": "", "jour": ""}) == Search()


def test_an_event_online_alone_is_found_in_the_region_that_it_is_for_and_in_none_otherwise(an_event):
    online = {"venue": None, "online_url": "https://visio.example"}
    everywhere, breton = (Listing(an_event(**online, online_region=code), None) for code in (None, "53"))
    assert [(one.region, one.region_name, one.department) for one in (everywhere, breton)] == [
        (None, None, None),
        ("53", "Bretagne", None),
    ]
    for found, given in ((True, {"region": "53"}), (True, {"q": "bretagne"}), (False, {"region": "84"}), (True, {})):
        assert Search.model_validate(given).finds(breton) is found
    assert not Search.model_validate({"region": "53"}).finds(everywhere)


def test_choosing_another_region_leaves_the_old_department_behind():
    assert ListQuery.model_validate({"region": "53", "departement": "69"}).filters == {"region": "53"}


@pytest.mark.parametrize(
    "given", [{"region": "99"}, {"departement": "20"}, {"q": "x" * 101}, {"page": "0"}, {"jour": "x"}]
)
def test_a_filter_that_makes_no_sense_is_refused(given):
    with pytest.raises(ValidationError):
        ListQuery.model_validate(given)


def test_a_search_is_an_address_and_an_address_is_a_search():
    query = ListQuery.model_validate({"q": "soudure & cie", "jour": "2026-11-17", "page": 2})
    assert query.query(page=3) == "q=soudure+%26+cie&jour=2026-11-17&page=3"
    assert query.query(without="q") == "jour=2026-11-17"


def test_what_is_still_to_come_is_read_before_what_is_over(an_event):
    tuesday = Listing(an_event(title="mardi"), None)
    thursday_slots = [{"starts_at": "2026-11-19T09:00:00+01:00", "ends_at": "2026-11-19T10:00:00+01:00"}]
    thursday = Listing(an_event(title="jeudi", slots=thursday_slots), None)
    before, between = datetime(2026, 11, 16, tzinfo=UTC), datetime(2026, 11, 18, tzinfo=UTC)
    assert in_order([thursday, tuesday], before) == [tuesday, thursday]
    assert in_order([thursday, tuesday], between) == [thursday, tuesday]


@pytest.mark.parametrize("file", EDITIONS, ids=lambda file: file.stem)
def test_every_text_of_every_edition_can_be_read(file):
    colours = palette(load_edition(file).colours)
    on_paper, on_ink = ("ink", "ink-soft", "accent-text"), ("paper", "accent-on-ink", "paper-on-ink")
    too_faint = [name for name in on_paper if contrast(colours[name], colours["paper"]) < 4.5]
    too_faint += [name for name in on_paper if contrast(colours[name], colours["tint"]) < 4.5]
    too_faint += [name for name in on_ink if contrast(colours[name], colours["ink"]) < 4.5]
    assert too_faint == []


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("Inscription : https://usine.fr/visite?a=1&b=2, merci.", ["https://usine.fr/visite?a=1&b=2"]),
        ("(voir http://a.fr/b_(c)).", ["http://a.fr/b_(c)"]),
        (
            "www.exemple.fr, exemple.com/dates ou « usine.org »",
            ["https://www.exemple.fr", "https://exemple.com/dates", "https://usine.org"],
        ),
        ("Écrire à visites.lyon@usine-lyon.fr.", ["mailto:visites.lyon@usine-lyon.fr"]),
        ("contact@usine.fr?bcc=x@y.fr", ["mailto:contact@usine.fr", "mailto:x@y.fr"]),
        ("https://été.fr/à propos", ["https://xn--t-9fab.fr/%C3%A0"]),
        ("l'usine.On visite l'atelier.De 9 h à 17 h, 3.5 t", []),
        ("javascript:alert(1) data:text/html,x ftp://a.fr", []),
        ("http://banque.fr@voleur.example/ https://localhost/ https://[::1 https://a.fr:99999", []),
        ("https://a.fr/\u202egpj.exe", []),
    ],
)
def test_what_is_plainly_an_address_becomes_a_link_and_nothing_else(text, links):
    assert [part.href for part in parts(text) if part.href] == links
    assert "".join(part.text for part in parts(text)) == text


@pytest.mark.parametrize(
    ("given", "title", "is_found"),
    [
        ("Saint-Nazaire", "Porte-ouverte à Saint Nazaire", True),
        ("saint nazaire", "Chantiers de Saint-Nazaire", True),
        ("St-Nazaire", "Chantiers de Saint\u2011Nazaire", True),
        ("Sainte-Étienne", "Ste Etienne", True),
        ("L’USINE", "Dans l'usine", True),
        ("l'usine", "Dans l’usine", True),
        ("oeuvre", "Les mains à l’œuvre", True),
        ("main-d’œuvre", "Main d'oeuvre", True),
        ("automaticien", "Auto\u00admati\u200bcien", True),
        ("Ⅳ", "Halle IV", True),
        ("portes ouvertes", "Portes\u202f-\u00a0ouvertes", True),
        ("!!!", "Portes ouvertes", False),
        ("portes ouvertes", "Porte-ouverte à Saint Nazaire", True),
        ("Visites d’ateliers", "Visite d'atelier", True),
        ("métaux", "Le travail du métal", True),
        ("métal", "Les métaux rares", True),
        ("chevaux", "Le cheval-vapeur", True),
        ("Paris", "La parité à l'usine", False),
        ("tours", "Le tourisme industriel", False),
        ("à Tours", "Tours : la fonderie", True),
    ],
)
def test_a_search_does_not_mind_how_words_are_written(an_event, given, title, is_found):
    assert Search.model_validate({"q": given}).finds(Listing(an_event(title=title), None)) is is_found


@pytest.mark.parametrize(
    ("given", "means"),
    [
        ({"departement": "2a"}, {"departement": "2A"}),
        ({"departement": "2B"}, {"departement": "2B"}),
        ({"departement": "1"}, {"departement": "01"}),
        ({"departement": "974"}, {"departement": "974"}),
        ({"departement": "988"}, {"departement": "988"}),
        ({"departement": "Haute-Savoie"}, {"departement": "74"}),
        ({"departement": "cotes d'armor"}, {"departement": "22"}),
        ({"region": "bretagne"}, {"region": "53"}),
        ({"region": "Bretagne", "departement": "69"}, {"region": "53"}),
        (
            {"type": "OPEN_DAY", "public": "Families", "lieu": "En-Ligne"},
            {"type": "open_day", "public": "families", "lieu": "en-ligne"},
        ),
        ({"q": "  robot   soudeur "}, {"q": "robot soudeur"}),
    ],
)
def test_a_filter_is_understood_as_it_is_meant(given, means):
    assert Search.model_validate(given).filters == means


def test_searches_that_find_the_same_have_one_key():
    one = Search.model_validate({"q": "Saint-Nazaire robot", "departement": "2a"})
    assert one.key == Search.model_validate({"departement": "2A", "q": "ROBOT saint nazaire"}).key
    assert one.key != Search.model_validate({"departement": "2B", "q": "ROBOT saint nazaire"}).key


LONG_OPENING = {"starts_at": "2026-11-16T09:00:00+01:00", "ends_at": "2026-11-20T18:00:00+01:00"}


def test_an_opening_of_several_days_is_found_on_each_of_them(an_event):
    listing = Listing(an_event(slots=[LONG_OPENING]), None)
    found = [day for day in range(14, 24) if Search.model_validate({"jour": f"2026-11-{day}"}).finds(listing)]
    assert found == [16, 17, 18, 19, 20]
    assert listing.when == "5\u00a0jours, jusqu’au 20\u00a0novembre"


@pytest.mark.parametrize(
    ("ends", "days"),
    [("2026-11-18T02:00:00+01:00", [17]), ("2026-11-18T00:00:00+01:00", [17]), ("2026-11-18T09:00:00+01:00", [17, 18])],
)
def test_the_night_after_an_evening_is_no_day_of_its_own(an_event, ends, days):
    listing = Listing(an_event(slots=[{"starts_at": "2026-11-17T20:00:00+01:00", "ends_at": ends}]), None)
    assert [day.day for day in listing.days] == days


def test_an_opening_told_twice_is_told_once(an_event):
    opening = {"starts_at": "2026-11-17T09:00:00+01:00", "ends_at": "2026-11-17T12:00:00+01:00"}
    assert [hours for _, hours in Listing(an_event(slots=[opening] * 3), None).openings] == ["de 9\u00a0h à 12\u00a0h"]


def test_a_zone_without_a_name_is_told_by_its_distance(an_event):
    assert Listing(an_event(timezone="Asia/Tokyo"), None).time_of == "heure locale, UTC+01:00"


def test_what_is_offered_agrees_with_its_kind(an_event):
    assert {kind: Listing(an_event(kind=kind), None).offered for kind in (*EventKind, "another")} == {
        "company_visit": "Visite d’entreprise proposée",
        "open_day": "Portes ouvertes proposées",
        "job_dating": "Job dating proposé",
        "careers_forum": "Forum des métiers proposé",
        "webinar": "Webinaire proposé",
        "classroom_talk": "Intervention en classe proposée",
        "virtual_visit": "Visite virtuelle proposée",
        "workshop": "Atelier proposé",
        "exhibition": "Exposition proposée",
        "conference": "Conférence proposée",
        "game": "Jeu proposé",
        "another": "Événement proposé",
    }


@pytest.mark.parametrize("words", ["en ligne", "EN-LIGNE", "visite en ligne"])
def test_what_is_online_is_found_by_that_word_and_nothing_else_is(an_event, words):
    search = Search.model_validate({"q": words})
    events = [an_event(online_url="https://visio.example"), an_event()]
    assert [search.finds(Listing(event, None)) for event in events] == [True, False]


def opening(day, status="scheduled", hour=9):
    return {
        "starts_at": f"2026-11-{day}T{hour:02}:00:00+01:00",
        "ends_at": f"2026-11-{day}T{hour + 3:02}:00:00+01:00",
        "status": status,
    }


@pytest.mark.parametrize(
    ("told", "alert", "takes_place"),
    [
        ({"status": "scheduled"}, None, True),
        ({"status": "cancelled"}, "Annulé", False),
        ({"status": "postponed"}, "Reporté", False),
        ({"status": "rescheduled"}, "Nouvelle date", True),
        ({"status": "moved_online"}, "Déplacé en ligne", True),
        ({"status": "a status of a later year"}, None, True),
        ({"slots": [opening(17, "full"), opening(18, "cancelled")]}, "Complet", True),
        ({"slots": [opening(17, "full"), opening(18)]}, None, True),
        ({"slots": [opening(17, "cancelled"), opening(18, "cancelled")]}, "Annulé", False),
        ({"slots": [opening(17, "a status of a later year")]}, None, True),
        ({"status": "cancelled", "slots": [opening(17, "full")]}, "Annulé", False),
    ],
)
def test_what_a_visitor_must_know_is_said_in_a_word(an_event, told, alert, takes_place):
    listing = Listing(an_event(**told), None)
    assert (listing.alert, listing.takes_place) == (alert, takes_place)


def test_an_opening_that_is_full_or_cancelled_says_so(an_event):
    slots = [opening(17, "full"), opening(17, hour=14), opening(18, "cancelled"), opening(19, "later word")]
    hours = [hours.replace("\u00a0", " ") for _, hours in Listing(an_event(slots=slots), None).openings]
    assert hours == ["de 9 h à 12 h (complet) et de 14 h à 17 h", "de 9 h à 12 h (annulé)", "de 9 h à 12 h"]


def test_of_two_groups_at_one_hour_the_one_that_may_still_be_joined_is_told(an_event):
    for statuses in (("full", "scheduled"), ("scheduled", "full")):
        slots = [opening(17, status) for status in statuses]
        assert [slot.status for slot in Listing(an_event(slots=slots), None).slots] == ["scheduled"]


HYBRID = {
    "venue": {"address": {"street": "12 rue de l’Industrie", "postcode": "69100", "city": "Villeurbanne"}},
    "online_url": "https://visio.example/salle",
}


@pytest.mark.parametrize(
    ("told", "places"),
    [
        ({}, ["sur-place"]),
        ({"online_url": "https://visio.example"}, ["en-ligne"]),
        (HYBRID, ["sur-place", "en-ligne"]),
        ({"status": "moved_online"}, ["en-ligne"]),
        (HYBRID | {"status": "moved_online"}, ["en-ligne"]),
    ],
)
def test_an_event_is_found_wherever_one_may_take_part(an_event, a_location, told, places):
    listing = Listing(an_event(**told), a_location())
    found = [place for place in ("sur-place", "en-ligne") if Search.model_validate({"lieu": place}).finds(listing)]
    assert found == places


def test_what_has_moved_online_has_no_pin_any_more_and_is_still_found_where_it_was_to_be(an_event, a_location):
    listing = Listing(an_event(status="moved_online"), a_location())
    assert (listing.venue, listing.location, listing.city) == (None, None, None)
    for given in ({"departement": "69"}, {"region": "84"}, {"q": "villeurbanne"}, {"q": "en ligne"}):
        assert Search.model_validate(given).finds(listing)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, None),
        ({"capacity": 1}, "1 place"),
        ({"capacity": 25}, "25 places"),
        ({"capacity": 25, "slots": [opening(17), opening(18)]}, "25 places par séance"),
        ({"capacity": 0}, None),
    ],
)
def test_how_many_may_come_is_said_of_each_opening(an_event, told, words):
    capacity = Listing(an_event(**told), None).capacity
    assert (capacity and capacity.replace("\u00a0", " ")) == words


def test_for_whom_the_place_is_fitted_is_said_in_words_and_what_is_not_known_is_left_out(an_event):
    listing = Listing(an_event(accessibility=("hi", "mi", "zz")), None)
    assert listing.accessibility == ("Handicap moteur", "Handicap auditif")
    assert Listing(an_event(accessibility=("mi",), online_url="https://visio.example"), None).accessibility == ()


@pytest.mark.parametrize(
    ("told", "number"),
    [
        ("+33 (0)2.40.00.11.22", "+33 2 40 00 11 22"),
        ("02 40 00 11 22", "02 40 00 11 22"),
        ("3635", "3635"),
        ("sur demande", None),
        ("02 40 00 11 22;ext=1", None),
        ("", None),
        (None, None),
    ],
)
def test_a_number_is_one_that_can_be_dialled_or_none(told, number):
    assert telephone(told) == number


def test_all_ways_to_register_are_told_and_none_of_an_event_that_does_not_take_place(an_event):
    booking = {"url": "https://usine.fr/inscription", "email": "visites@usine.fr", "telephone": "+33 2 40 00 11 22"}
    event = an_event(booking=booking, website="https://usine.fr")
    assert Listing(event, None).ways_to_register == [
        ("en ligne", "https://usine.fr/inscription", None),
        ("par courriel", "mailto:visites@usine.fr", "visites@usine.fr"),
        ("par téléphone", "tel:+33240001122", "+33\u00a02\u00a040\u00a000\u00a011\u00a022"),
    ]
    for told in ({"status": "cancelled"}, {"status": "postponed"}, {"admission": "everyone"}):
        assert Listing(event.model_copy(update=told), None).ways_to_register == []


def test_what_a_later_version_of_the_contracts_may_say_is_shown_as_far_as_it_is_known(an_event, a_location):
    told = {"kind": "karaoke", "audiences": ("robots", "families"), "admission": "by_lot", "title": "x" * 121}
    event = an_event(**told, organisation_kind="guild", themes=("stars",), accessibility=("zz",))
    listing = Listing(event, a_location(precision="parcel", region_code="99", department_code="zz"))
    assert (listing.kind, listing.audiences, listing.admission) == ("Événement", ("Familles",), None)
    assert (listing.precision, listing.is_precise, listing.region_name) == (None, False, None)
    assert Search.model_validate({"q": "x" * 100}).finds(listing)
