"""What the demonstration plays."""

from __future__ import annotations

from pathlib import Path

from backbone.campaign.edition import load_edition
from backbone.campaign.geography import REGIONS, department_of
from backbone.contracts import Address, Position
from geocoding.domain import centre, metres_between
from geocoding.gazetteer import Gazetteer
from local_stack.federation import ROWS, cast_federation
from local_stack.generator import generate, samples
from local_stack.organisers import Deed
from local_stack.places import ROOT
from local_stack.play import cast_organisers
from provision.clocks import middle_of_registration
from registration.domain.draft import EventDraft
from registration.domain.sheet_columns import columns_of

EDITION = load_edition(ROOT / "editions" / "2026.toml")


def test_the_same_seed_plays_the_same_events() -> None:
    assert list(generate(400, seed=1)) == list(generate(400, seed=1))
    assert list(generate(10, seed=1)) != list(generate(10, seed=2))


def test_a_longer_play_begins_with_the_events_and_organisers_of_a_shorter_one() -> None:
    def posts(number: int) -> dict[object, str]:
        cast = cast_organisers(number, 5, EDITION, "secret")
        return {event_id: who.email for who in cast for event_id, _ in who.events}

    short, long = posts(50), posts(400)
    assert (len(short), len(long)) == (50, 400)
    assert short.items() <= long.items()


def test_every_event_of_an_edition_is_a_draft_that_registration_takes() -> None:
    cast = cast_organisers(1500, 3, EDITION, "secret")
    drafts = [EventDraft.model_validate(draft) for who in cast for _, draft in who.events]
    assert len(drafts) == 1500


def test_generated_towns_exist_and_lie_in_a_region() -> None:
    gazetteer = Gazetteer.load()
    venues = [event["venue"] for _, event in list(generate(1500, seed=3))[len(samples()) :] if "venue" in event]
    known = {(name.name, postcode) for name in gazetteer.communes() for postcode in name.postcodes}
    assert {(venue["city"], venue["postcode"]) for venue in venues} <= known
    departments = {department_of(venue["postcode"]) for venue in venues}
    assert len(departments) > 80
    assert len({c.region for c in gazetteer.communes() if c.department in departments} & set(REGIONS)) >= 17


def test_three_of_five_put_the_pin_in_their_own_commune_and_no_two_in_one_place() -> None:
    gazetteer = Gazetteer.load()
    venues = [event["venue"] for _, event in generate(1500, seed=3) if "venue" in event]
    pinned = [venue for venue in venues if "position" in venue]
    assert 0.5 < len(pinned) / len(venues) < 0.7
    for venue in pinned:
        found = gazetteer.find(Address(postcode=venue["postcode"], city=venue["city"]))
        assert found
        at = Position.model_validate(venue["position"])
        assert metres_between(centre(found.commune, "gazetteer", 1), at) < found.commune.radius_m
    assert len({tuple(venue["position"].values()) for venue in pinned}) == len(pinned)


def test_each_edition_is_played_while_its_registration_and_its_map_are_open() -> None:
    for file in sorted(Path(ROOT / "editions").glob("*.toml")):
        edition = load_edition(file)
        day = middle_of_registration(edition).date()
        assert edition.registration.opens <= day <= edition.registration.last_day
        assert edition.map.opens <= day


def test_what_becomes_of_events_is_the_same_for_a_seed_and_of_each_kind_in_a_short_play() -> None:
    def deeds(number: int, seed: int) -> dict[object, Deed]:
        return {event: deed for who in cast_organisers(number, seed, EDITION, "") for event, deed in who.deeds.items()}

    for seed in (2026, 7):
        short, long = deeds(60, seed), deeds(600, seed)
        assert set(short.values()) == set(Deed)
        assert short.items() <= long.items()
        assert len(long) < 600 / 4


def test_a_federation_hands_in_events_of_its_own_some_of_them_with_a_fault() -> None:
    federation = cast_federation(5, EDITION, "secret")
    assert federation == cast_federation(5, EDITION, "secret")
    assert len({row["Référence"] for row in federation.rows}) == ROWS
    posted = {draft["title"] for who in cast_organisers(600, 5, EDITION, "secret") for _, draft in who.events}
    assert {row["Titre"] for row in federation.rows} & posted == set()
    headings = {column.heading for column in columns_of(EDITION.themes).offered}
    assert {heading for row in federation.rows for heading in row} <= headings
    assert [row["Référence"] for row in federation.rows if row["Date"].startswith("31/11") or not row["Titre"]] == [
        "FED-004",
        "FED-027",
    ]
