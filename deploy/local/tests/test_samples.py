"""The hand-written events of the demonstration: well formed, varied, and honest about what is expected of them."""

import tomllib
from collections import Counter
from datetime import date, time, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from backbone.contracts import Admission, Audience, Condition, EventKind

ROOT = Path(__file__).parents[3]
SAMPLES = sorted((ROOT / "deploy/local/samples").glob("*.toml"))
EVENTS = [event for path in SAMPLES for event in tomllib.loads(path.read_text())["event"]]
EDITION = tomllib.loads((ROOT / "editions/2026.toml").read_text())

REQUIRED = {
    "organisation",
    "title",
    "description",
    "kind",
    "audiences",
    "admission",
    "is_free",
    "slots",
    "expected",
}
DEPARTMENTS_OF_REGION = {
    "Auvergne-Rhône-Alpes": "01 03 07 15 26 38 42 43 63 69 73 74",
    "Bourgogne-Franche-Comté": "21 25 39 58 70 71 89 90",
    "Bretagne": "22 29 35 56",
    "Centre-Val de Loire": "18 28 36 37 41 45",
    "Corse": "20",
    "Grand Est": "08 10 51 52 54 55 57 67 68 88",
    "Guadeloupe": "971",
    "Guyane": "973",
    "Hauts-de-France": "02 59 60 62 80",
    "La Réunion": "974",
    "Martinique": "972",
    "Mayotte": "976",
    "Normandie": "14 27 50 61 76",
    "Nouvelle-Aquitaine": "16 17 19 23 24 33 40 47 64 79 86 87",
    "Occitanie": "09 11 12 30 31 32 34 46 48 65 66 81 82",
    "Pays de la Loire": "44 49 53 72 85",
    "Provence-Alpes-Côte d'Azur": "04 05 06 13 83 84",
    "Île-de-France": "75 77 78 91 92 93 94 95",
}
REGION_OF_DEPARTMENT = {
    department: region for region, departments in DEPARTMENTS_OF_REGION.items() for department in departments.split()
}
VENUES = [event["venue"] for event in EVENTS if "venue" in event]


def department(postcode: str) -> str:
    return postcode[:3] if postcode.startswith("97") else postcode[:2]


def verdict(event: dict, condition: Condition) -> str:
    """What the file expects of one condition; one that it does not name is met."""
    if condition in event["expected"]["not_met"]:
        return "not_met"
    return "doubtful" if condition in event["expected"]["doubtful"] else "met"


def test_an_event_has_exactly_the_known_keys():
    for event in EVENTS:
        place = {"online_url"} if "online_url" in event else {"venue"}
        assert set(event) - {"website", "booking_email"} == REQUIRED | place, event["title"]
        assert set(event["expected"]) == {"decision", "not_met", "doubtful"}, event["title"]
        assert all(set(slot) == {"day", "from", "to"} for slot in event["slots"]), event["title"]
        if venue := event.get("venue"):
            assert set(venue) - {"name", "street"} == {"postcode", "city"}, event["title"]
            assert len(venue["postcode"]) == 5, event["title"]
            assert venue["postcode"].isdigit(), event["title"]


def test_an_event_keeps_to_the_words_and_lengths_of_the_contract():
    for event in EVENTS:
        assert event["kind"] in set(EventKind), event["title"]
        assert event["admission"] in set(Admission), event["title"]
        assert set(event["audiences"]) <= set(Audience), event["title"]
        assert len(set(event["audiences"])) == len(event["audiences"]) > 0, event["title"]
        assert isinstance(event["is_free"], bool), event["title"]
        assert 0 < len(event["title"]) <= 120, event["title"]
        assert 0 < len(event["description"]) <= 1500, event["title"]


def test_slots_end_after_they_start_and_come_in_order():
    for event in EVENTS:
        hours = [
            (slot["day"], time.fromisoformat(slot["from"]), time.fromisoformat(slot["to"])) for slot in event["slots"]
        ]
        assert hours, event["title"]
        assert all(start < end for _, start, end in hours), event["title"]
        assert hours == sorted(hours), event["title"]


def test_every_address_on_the_web_is_an_invented_one():
    for event in EVENTS:
        links = [event[key] for key in ("website", "online_url") if key in event]
        assert all(urlsplit(link).scheme == "https" for link in links), event["title"]
        assert all(urlsplit(link).hostname.endswith(".example") for link in links), event["title"]
        assert "@" not in event["description"], event["title"]


def test_the_expected_decision_follows_from_the_conditions():
    for event in EVENTS:
        expected = event["expected"]
        conditions = expected["not_met"] + expected["doubtful"]
        assert set(conditions) <= set(Condition), event["title"]
        assert len(set(conditions)) == len(conditions), event["title"]
        assert bool(expected["not_met"]) == (expected["decision"] == "rejected"), event["title"]
        assert bool(expected["doubtful"]) == (expected["decision"] == "review"), event["title"]
        assert expected["decision"] in {"labelled", "review", "rejected"}, event["title"]


def test_the_days_agree_with_the_expectation_on_the_dates():
    for event in EVENTS:
        first, window = EDITION["week"]["first"], EDITION["labelling_window"]
        days: list[date] = [first + timedelta(days=slot["day"]) for slot in event["slots"]]
        inside = [window["first"] <= day <= window["last"] for day in days]
        truth = "met" if all(inside) else "doubtful" if any(inside) else "not_met"
        assert verdict(event, Condition.DATES) == truth, event["title"]


OF_THE_CAMPAIGN = {Audience.PUPILS, Audience.STUDENTS, Audience.TEACHERS, Audience.JOB_SEEKERS}
"""Publics of whom a group that comes by name is no closed house."""


def test_what_the_organiser_declares_agrees_with_the_expectation():
    for event in EVENTS:
        if event["admission"] == Admission.INVITATION_ONLY:
            assert verdict(event, Condition.PUBLIC) == "not_met", event["title"]
        if event["admission"] == Admission.NAMED_GROUP and not OF_THE_CAMPAIGN.issuperset(event["audiences"]):
            assert verdict(event, Condition.PUBLIC) != "met", event["title"]
        if not event["is_free"]:
            assert verdict(event, Condition.FREE) == "not_met", event["title"]


def test_there_are_enough_events_and_no_two_share_a_title():
    assert len(EVENTS) >= 200
    assert [title for title, n in Counter(event["title"] for event in EVENTS).items() if n > 1] == []


def test_every_file_says_first_what_is_in_it():
    assert [path.name for path in SAMPLES if not path.read_text().startswith("# ")] == []


def test_every_region_has_events():
    regions = Counter(REGION_OF_DEPARTMENT[department(venue["postcode"])] for venue in VENUES)
    assert set(regions) == set(DEPARTMENTS_OF_REGION)
    assert min(regions.values()) >= 3


def test_every_kind_of_event_is_met_often():
    kinds = Counter(event["kind"] for event in EVENTS)
    assert [kind for kind in EventKind if kinds[kind] < 8] == []


def test_many_events_are_online_or_overseas():
    assert sum("online_url" in event for event in EVENTS) >= 20
    assert sum(venue["postcode"].startswith("97") for venue in VENUES) >= 20


def test_each_condition_is_refused_often_and_doubts_are_many():
    decisions = Counter(event["expected"]["decision"] for event in EVENTS)
    refused = Counter(name for event in EVENTS for name in event["expected"]["not_met"])
    assert decisions["review"] >= 30
    assert decisions["rejected"] >= 28
    assert 0.6 <= decisions["labelled"] / len(EVENTS) <= 0.75
    assert [condition for condition in Condition if refused[condition] < 6] == []
