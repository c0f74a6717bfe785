"""Duplicates at the door: what is submitted already is named, and who submits its like says whether it is another."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from registration.domain.draft import EventDraft
from registration.domain.likeness import Announced, are_one
from registration.store import distinctions, events

HERE = "12 rue de l’Industrie"
LINE = (
    "« Du métal en fusion à la pièce finie », par Fonderie de l’Erdre, le 17\u00a0novembre 2026, "
    "12 rue de l’Industrie, 44550 Montoir-de-Bretagne"
)
KIND = "ressemble-a-un-autre"


def told_of(title, hours=("09:00", "11:30"), organisation="Fonderie de l’Erdre", day=17, street=HERE, **changes):
    """What is compared of a draft."""
    venue = {"name": None, "street": street, "postcode": "44550", "city": "Montoir-de-Bretagne"}
    slots = [{"starts_at": f"2026-11-{day}T{hours[0]}:00", "ends_at": f"2026-11-{day}T{hours[1]}:00"}]
    return Announced.of({"title": title, "organisation": organisation, "venue": venue, "slots": slots} | changes)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Visite 1", "Visite 2"),
        ("Atelier soudure – 9 h", "Atelier soudure – 14 h"),
        ("Atelier soudure", "Atelier peinture"),
        ("Atelier soudure (collégiens)", "Atelier soudure (lycéens)"),
        ("Visite en anglais", "Visite en français"),
        ("Visite du matin", "Visite de l’après-midi"),
        ("Portes ouvertes, groupe A", "Portes ouvertes, groupe B"),
    ],
)
@pytest.mark.parametrize("is_own", [True, False])
def test_what_tells_two_events_of_a_series_apart_in_their_titles_tells_them_apart(one, other, is_own) -> None:
    assert not are_one(told_of(one), told_of(other), is_own=is_own)


@pytest.mark.parametrize(
    "again",
    [
        "DU METAL EN FUSION A LA PIECE FINIE",
        "Du métal en fusoin à la pièce finie !",
        "Semaine de l’industrie 2026 : du métal en fusion à la pièce finie",
        "Fonderie de l’Erdre – Du métal en fusion à la pièce finie (10e édition)",
        "Visite : du métal en fusion à la pièce finie",
    ],
)
def test_one_title_typed_in_several_ways_is_one_title(again) -> None:
    one = told_of("Du métal en fusion à la pièce finie")
    assert are_one(one, told_of(again, organisation="CCI de Nantes"), is_own=False)
    assert are_one(one, told_of(again), is_own=True)


@pytest.mark.parametrize(
    ("street", "is_same"),
    [
        ("12, r. de l'industrie", True),
        ("12 RUE DE L’INDUSTRIE - ZI NORD", True),
        ("14 rue de l’Industrie", False),
        ("12 bis rue de l’Industrie", False),
        ("12 rue du Port", False),
        (None, True),
    ],
)
def test_an_address_is_one_however_it_is_written_and_the_next_door_is_another(street, is_same) -> None:
    one = told_of("Du métal en fusion à la pièce finie")
    assert are_one(one, told_of("Du métal en fusion à la pièce finie", street=street), is_own=False) is is_same


def test_two_hours_of_one_house_are_two_sessions_and_of_two_houses_they_are_asked_about() -> None:
    morning, afternoon = told_of("Visite de la fonderie"), told_of("Visite de la fonderie", hours=("14:00", "15:00"))
    assert not are_one(morning, afternoon, is_own=True)
    assert are_one(morning, afternoon, is_own=False)
    assert not are_one(morning, told_of("Visite de la fonderie", day=18), is_own=False)


def test_neighbours_who_each_say_their_own_name_are_two() -> None:
    here = told_of("Portes ouvertes chez Fonderie de l’Erdre")
    there = told_of("Portes ouvertes chez Câblerie Durand", organisation="Câblerie Durand")
    assert not are_one(here, there, is_own=False)


def test_a_room_of_the_web_is_one_whatever_counts_its_readers_and_two_rooms_of_a_server_are_two() -> None:
    def online(address):
        return told_of("Une heure avec trois soudeuses", venue=None, online_url=address)

    assert are_one(online("https://visio.example/a"), online("https://www.visio.example/a/?utm_source=x"), is_own=False)
    assert not are_one(online("https://visio.example/a"), online("https://visio.example/b"), is_own=False)


# --- at the door -------------------------------------------------------------------------------------


async def submit(person, event_id, **said):
    return await person.ask("POST", f"/v1/events/{event_id}/submission", said)


@pytest.fixture
async def two(a_person, a_draft):
    """Inès, whose event is submitted, and Paul of another organisation, with a draft of the same one."""
    ines, paul = await a_person(), await a_person("paul@cci.example")
    submitted = await ines.drafts(a_draft())
    await ines.submits(submitted)
    twin = await paul.drafts(a_draft(organisation="CCI de Nantes", title="DU METAL EN FUSION A LA PIECE FINIE"))
    return ines, submitted, paul, twin


async def test_whoever_submits_the_twin_of_what_another_has_submitted_is_told_which_and_goes_on_by_a_word(
    two, told, engine
) -> None:
    _, submitted, paul, twin = two
    answer = await submit(paul, twin)
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["type"].endswith(KIND)
    assert problem["detail"] == (
        f"Un événement déposé ressemble à celui-ci, le même jour au même endroit : {LINE}. Si c’est le même, ne le "
        "déposez pas une seconde fois. Sinon, déposez à nouveau en disant que c’en est un autre ; l’événement n’a pas "
        "été déposé."
    )
    [named] = problem["resembles"]
    assert (named["id"], named["page"], named["days"]) == (None, None, ["2026-11-17"])
    assert submitted not in answer.text
    assert len(await told()) == 1

    answer = await submit(paul, twin, not_the_same=[named["token"]])
    assert answer.status_code == 200, answer.text
    [_, (kind, fact)] = await told()
    assert (kind, fact["event"]["resembles"]) == ("EventSubmitted", [submitted])
    async with engine.connect() as tx:
        [row] = (await tx.execute(select(distinctions))).all()
    assert (str(row.event_id), str(row.other_id), row.said_at) == (twin, submitted, datetime(2026, 6, 1, 9, tzinfo=UTC))


async def test_neither_of_the_two_is_asked_again_and_both_bear_it_from_then_on(two, a_draft, told) -> None:
    ines, submitted, paul, twin = two
    [named] = (await submit(paul, twin)).json()["resembles"]
    await submit(paul, twin, not_the_same=[named["token"]])
    for person, event_id in ((paul, twin), (ines, submitted)):
        await person.ask("PUT", f"/v1/events/{event_id}", a_draft(title="Visite : métal en fusion et pièce finie"))
        assert (await submit(person, event_id)).status_code == 200
    assert [fact["event"]["resembles"] for _, fact in (await told())[2:]] == [[submitted], [twin]]


async def test_an_event_that_is_called_off_bears_it_still_and_is_compared_no_more(two, a_draft, told) -> None:
    ines, submitted, paul, twin = two
    [named] = (await submit(paul, twin)).json()["resembles"]
    await submit(paul, twin, not_the_same=[named["token"]])
    for person, event_id in ((paul, twin), (ines, submitted)):
        said = {"status_note": "Annulé : la halle est fermée."}
        answer = await person.ask("POST", f"/v1/events/{event_id}/cancellation", said)
        assert answer.status_code == 200, answer.text
    assert [fact["event"]["resembles"] for _, fact in (await told())[2:]] == [[submitted], [twin]]
    third = await paul.drafts(a_draft())
    assert (await submit(paul, third)).status_code == 200


async def test_a_draft_of_somebody_else_is_named_to_nobody_nor_is_what_was_taken_back(a_person, a_draft) -> None:
    ines, paul = await a_person(), await a_person("paul@cci.example")
    draft = await ines.drafts(a_draft())
    twin = await paul.drafts(a_draft())
    assert (await submit(paul, twin)).status_code == 200
    assert (await submit(ines, draft)).status_code == 409
    await paul.ask("POST", f"/v1/events/{twin}/withdrawal")
    assert (await submit(ines, draft)).status_code == 200


async def test_who_submits_their_own_event_a_second_time_is_told_its_id(mine, a_draft) -> None:
    person, event_id = mine
    again = await person.drafts(a_draft())
    [named] = (await submit(person, again)).json()["resembles"]
    assert named["id"] == event_id
    assert (await submit(person, again, not_the_same=[event_id])).status_code == 200


async def test_two_sessions_and_two_days_of_one_organiser_are_submitted_without_a_question(mine, a_draft) -> None:
    person, _ = mine
    for slot in (
        {"starts_at": "2026-11-17T14:00", "ends_at": "2026-11-17T16:00"},
        {"starts_at": "2026-11-18T09:00", "ends_at": "2026-11-18T11:30"},
    ):
        assert (await submit(person, await person.drafts(a_draft(slots=[slot])))).status_code == 200


async def test_an_amendment_that_changes_nothing_that_is_compared_asks_nothing(two, a_draft, engine) -> None:
    _, _, paul, twin = two
    [named] = (await submit(paul, twin)).json()["resembles"]
    await submit(paul, twin, not_the_same=[named["token"]])
    async with engine.begin() as tx:
        await tx.execute(distinctions.delete())
    same = {"organisation": "CCI de Nantes", "title": "DU METAL EN FUSION A LA PIECE FINIE"}
    await paul.ask("PUT", f"/v1/events/{twin}", a_draft(**same, description="Une pièce, du four à l’emballage."))
    assert (await submit(paul, twin)).status_code == 200
    await paul.ask("PUT", f"/v1/events/{twin}", a_draft(organisation="CCI de Nantes"))
    assert (await submit(paul, twin)).status_code == 200  # it says what it said, in small letters
    await paul.ask("PUT", f"/v1/events/{twin}", a_draft(organisation="CCI", title="Le métal en fusion"))
    assert (await submit(paul, twin)).status_code == 409


async def test_two_who_submit_one_event_at_the_same_moment_are_not_both_let_in(a_person, a_draft) -> None:
    people = [await a_person(), await a_person("paul@cci.example")]
    twins = [(person, await person.drafts(a_draft())) for person in people]
    answers = await asyncio.gather(*(submit(person, event_id) for person, event_id in twins))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_the_dry_run_names_the_likes_of_a_draft_and_not_the_event_itself(mine, a_draft) -> None:
    person, event_id = mine
    ran = (await person.ask("POST", "/v1/events/validate", a_draft())).json()
    assert [one["message"] for one in ran["resembles"]] == [LINE]
    ran = (await person.ask("POST", f"/v1/events/validate?event_id={event_id}", a_draft())).json()
    assert ran["resembles"] == []
    assert (await person.ask("POST", "/v1/events/validate", {"title": "Visite"})).json()["resembles"] == []


async def test_of_an_event_on_the_map_its_page_is_told(two, hear, a_decision, clock) -> None:
    _, submitted, paul, twin = two
    await hear(a_decision(submitted, 1, 1, "granted"))
    clock.time = datetime(2026, 10, 20, 9, tzinfo=UTC)
    [named] = (await submit(paul, twin)).json()["resembles"]
    assert named["page"] == f"http://127.0.0.1:8000/evenements/{submitted}"


async def test_an_erased_person_leaves_nothing_of_what_they_said(two, engine) -> None:
    _, _, paul, twin = two
    [named] = (await submit(paul, twin)).json()["resembles"]
    await submit(paul, twin, not_the_same=[named["token"]])
    erased = await paul.ask("POST", "/v1/accounts/erasure", {"email": paul.email, "password": "douze lettres, ou plus"})
    assert erased.status_code < 300, erased.text
    async with engine.connect() as tx:
        assert await tx.scalar(select(func.count()).select_from(distinctions)) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"venue": None, "online_url": "https://www.visio.example/salle?x=1", "admission": "everyone"},
        {"online_url": "https://visio.example:8443/salle"},
    ],
)
async def test_the_index_has_an_event_where_the_rule_looks_for_it(a_person, a_draft, engine, changes) -> None:
    person = await a_person()
    slots = [{"starts_at": f"2026-11-{day}T09:00", "ends_at": f"2026-11-{day}T11:30"} for day in (17, 19)]
    event_id = await person.drafts(a_draft(slots=slots, **changes))
    await person.submits(event_id)
    async with engine.connect() as tx:
        kept, found = (
            await tx.execute(select(events.c.submitted_draft, func.sittings(events.c.submitted_draft)))
        ).one()
    assert sorted(found) == sorted(Announced.of(kept).sittings)
    assert EventDraft.model_validate(kept)


async def test_a_kept_draft_of_any_shape_stands_in_the_way_of_no_submission(mine, a_draft, engine) -> None:
    person, _ = mine
    async with engine.begin() as tx:
        for odd in ({"venue": {"postcode": "44550"}, "slots": [{"starts_at": "2026-11-17T09:00"}]}, {"slots": 7}, []):
            await tx.execute(events.update().values(submitted_draft=odd))
    again = await person.drafts(a_draft())
    assert (await submit(person, again)).status_code == 200
