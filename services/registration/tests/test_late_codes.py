"""A code that a reviewer gives lets one late event in: of their region, until its end, after few tries."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from registration.domain.late import a_code, hash_of
from registration.store import grant_role, late_codes

LATE = datetime.fromisoformat("2026-11-10T12:00:00+01:00")
REFUSED = (
    "Les inscriptions sont closes depuis la fin du 6\u00a0novembre 2026, et ce code ne laisse pas entrer cet "
    "événement : il est inconnu, il a expiré, il est d’une autre région, ou il a servi à un autre événement."
)


@pytest.fixture
async def people(a_person, engine, clock):
    """An organiser, and a reviewer of their region, after the last day to register by."""
    organiser, reviewer = await a_person(), await a_person("anne@region.example")
    async with engine.begin() as tx:
        await grant_role(tx, reviewer.email, "reviewer", ["52"])
    clock.at = LATE
    return organiser, reviewer


async def gives(reviewer, **asked):
    answer = await reviewer.ask("POST", "/v1/late-codes", asked)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def submits(person, event_id, code=None):
    said = {"late_code": code} if code else None
    answer = await person.ask("POST", f"/v1/events/{event_id}/submission", said)
    return answer.status_code, answer.json().get("detail")


async def test_a_code_lets_one_late_event_in_and_its_corrections_and_no_other(people, a_draft, told, hear, a_decision):
    organiser, reviewer = people
    given = await gives(reviewer)
    assert (given["region"], given["ends_at"]) == ("52", "2026-11-16T00:00:00+01:00")
    late, other = await organiser.drafts(a_draft()), await organiser.drafts(a_draft(title="Une autre visite"))
    assert (await submits(organiser, late))[0] == 409
    typed = given["code"].lower().replace("-", " ")
    assert await submits(organiser, late, typed) == (200, None)
    assert await submits(organiser, other, given["code"]) == (409, REFUSED)
    assert [kind for kind, _ in await told()] == ["EventSubmitted"]
    await hear(a_decision(late, 1, 1, "refused"))
    await organiser.ask("PUT", f"/v1/events/{late}", a_draft(title="La visite, corrigée"))
    assert (await submits(organiser, late))[0] == 409
    assert await submits(organiser, late, given["code"]) == (200, None)


async def test_a_code_has_an_end_at_the_second(people, a_draft, clock):
    organiser, reviewer = people
    code = (await gives(reviewer, until="2026-11-12"))["code"]
    event_id = await organiser.drafts(a_draft())
    clock.at = datetime.fromisoformat("2026-11-13T00:00:00+01:00")
    assert await submits(organiser, event_id, code) == (409, REFUSED)
    clock.at = datetime.fromisoformat("2026-11-12T23:59:59+01:00")
    assert await submits(organiser, event_id, code) == (200, None)


async def test_a_code_of_one_region_lets_nothing_of_another_in(people, a_draft):
    organiser, reviewer = people
    code = (await gives(reviewer))["code"]
    lyon = {"postcode": "69001", "city": "Lyon"}
    assert await submits(organiser, await organiser.drafts(a_draft(venue=lyon)), code) == (409, REFUSED)
    assert await submits(organiser, await organiser.drafts(a_draft()), code) == (200, None)


async def test_a_code_that_was_taken_for_a_draft_that_lacks_something_is_good_still(people, a_draft):
    organiser, reviewer = people
    code = (await gives(reviewer))["code"]
    assert (await submits(organiser, await organiser.drafts(a_draft(title=...)), code))[0] == 422
    assert await submits(organiser, await organiser.drafts(a_draft()), code) == (200, None)


async def test_who_guesses_is_stopped_after_ten_tries(people, a_draft):
    organiser, _ = people
    event_id = await organiser.drafts(a_draft())
    tries = [await submits(organiser, event_id, a_code()) for _ in range(11)]
    assert tries[:10] == [(409, REFUSED)] * 10
    assert (tries[10][0], tries[10][1][:20]) == (429, "Trop d’essais de cod")


async def test_a_code_is_kept_as_a_hash(people, engine):
    _, reviewer = people
    code = (await gives(reviewer))["code"]
    async with engine.connect() as tx:
        [row] = await tx.execute(select(late_codes))
    assert row.hash == hash_of(code)
    assert code not in str(row)


@pytest.mark.parametrize(
    ("until", "status"), [("2026-11-09", 422), ("2026-11-10", 201), ("2026-11-22", 201), ("2026-11-23", 422)]
)
async def test_a_code_ends_on_a_day_to_come_and_with_the_week_at_the_latest(people, until, status):
    assert (await people[1].ask("POST", "/v1/late-codes", {"until": until})).status_code == status


@pytest.mark.parametrize(
    ("role", "regions", "region", "status"),
    [
        ("organiser", [], None, 403),
        ("coordinator", ["52"], "52", 403),
        ("reviewer", ["52"], "84", 403),
        ("reviewer", ["52", "84"], None, 403),
        ("reviewer", ["52", "84"], "84", 201),
        ("reviewer", ["00"], "84", 201),
        ("administrator", [], None, 201),
        ("administrator", [], "84", 201),
    ],
)
async def test_a_code_is_given_by_who_decides_for_the_region(people, engine, role, regions, region, status):
    organiser, _ = people
    async with engine.begin() as tx:
        await grant_role(tx, organiser.email, role, regions)
    answer = await organiser.ask("POST", "/v1/late-codes", {"region": region})
    assert answer.status_code == status
    assert status == 403 or answer.json()["region"] == region
