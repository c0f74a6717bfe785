from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from backbone.contracts import Slot
from backbone.edition import load_edition
from map_feed.domain import dates
from map_feed.domain.colours import contrast, palette
from map_feed.domain.listing import Listing, web_address
from map_feed.domain.search import ListQuery, Search, in_order
from map_feed.domain.words import typeset

EDITIONS = sorted((Path(__file__).parents[3] / "editions").glob("*.toml"))


def slot(starts: str, ends: str) -> Slot:
    return Slot.model_validate({"starts_at": starts, "ends_at": ends})


def test_hours_and_days_read_as_in_french():
    morning = slot("2026-11-17T09:00:00+01:00", "2026-11-17T12:30:00+01:00")
    afternoon = slot("2026-11-17T14:00:00+01:00", "2026-11-17T17:00:00+01:00")
    assert [(dates.whole_day(day), hours) for day, hours in dates.openings([morning, afternoon])] == [
        ("mardi 17\u00a0novembre 2026", "de 9\u00a0h à 12\u00a0h\u00a030 et de 14\u00a0h à 17\u00a0h")
    ]


def test_an_evening_that_ends_after_midnight_is_one_evening():
    assert dates.hours(slot("2026-11-17T20:00:00+01:00", "2026-11-18T01:00:00+01:00")) == "de 20\u00a0h à 1\u00a0h"


def test_an_opening_of_several_days_says_the_day_it_ends():
    words = dates.hours(slot("2026-11-17T09:00:00+01:00", "2026-11-19T18:00:00+01:00"))
    assert words == "de 9\u00a0h à 18\u00a0h le 19\u00a0novembre"


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 11, 16), date(2026, 11, 22), "du 16 au 22\u00a0novembre 2026"),
        (date(2026, 11, 30), date(2026, 12, 6), "du 30\u00a0novembre au 6\u00a0décembre 2026"),
        (date(2026, 2, 1), date(2026, 2, 1), "1er\u00a0février 2026"),
    ],
)
def test_a_period_is_told_without_repeating_itself(first, last, words):
    assert dates.period(first, last) == words


def test_typography_is_french():
    assert typeset("L'usine : qu'y fait-on ?") == "L’usine\u00a0: qu’y fait-on\u202f?"


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
    assert [web_address(text) for text in told] == ["https://a.example", "HTTP://b.example", None, None, None, None]


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
    assert query.only_filters() == Search.model_validate({"q": "soudure & cie", "jour": "2026-11-17"})


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
    too_faint += [name for name in on_ink if contrast(colours[name], colours["ink"]) < 4.5]
    assert too_faint == []
