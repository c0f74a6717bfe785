"""The figures that anybody may read: what decided, how often a person thought otherwise, how long it took."""

from __future__ import annotations

from datetime import timedelta

import pytest

from labelling.statistics import Statistics


@pytest.fixture
def read(client, service):
    """The figures as they are this moment."""

    async def get(edition=""):
        service.http.state.statistics = Statistics(service.engine)
        answer = await client.get(f"/v1/statistics{edition}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    return get


@pytest.fixture
def decide(client, token_of):
    async def say(event, label=True, revision=1, **refused):
        word = {"revision": revision, "label": label, "refused": refused}
        answer = await client.post(
            f"/v1/reviews/{event.event_id}/decision", json=word, headers=token_of("reviewer", "84")
        )
        assert answer.status_code == 200, answer.text

    return say


@pytest.fixture
def appeal(client, token_of):
    async def ask(event):
        headers = token_of("organiser", account_id=event.organiser_id)
        answer = await client.post(f"/v1/events/{event.event_id}/appeal", json={"revision": 1}, headers=headers)
        assert answer.status_code == 202, answer.text

    return ask


async def test_of_an_edition_in_which_nothing_was_decided_nothing_is_counted(read):
    figures = await read()
    assert (figures["edition"], figures["decisions"], figures["appeals"]["received"]) == ("2026", 0, 0)
    assert (figures["people"]["hours_p50"], figures["people"]["hours_p90"]) == (None, None)


async def test_decisions_are_counted_by_who_took_them_and_how_long_people_took(
    read, hear, submitted, an_event, a_doubtful_event, decide, clock
):
    doubtful = [a_doubtful_event() for _ in range(3)]
    await hear(*map(submitted, [an_event(), an_event(is_free=False), *doubtful]))
    for event, hours in zip(doubtful[:2], (2, 8), strict=True):
        clock.at += timedelta(hours=hours)
        await decide(event)
    figures = await read()
    assert (figures["decisions"], figures["automatic"], figures["by_persons"], figures["by_silence"]) == (4, 2, 2, 0)
    people = figures["people"]
    assert (people["asked"], people["answered"], people["waiting"], people["overdue"]) == (3, 2, 1, 0)
    assert (people["answered_in_time"], people["hours_p50"], people["hours_p90"]) == (2, 6.0, 9.2)
    clock.at += timedelta(days=30)
    assert (await read())["people"]["overdue"] == 1


async def test_appeals_are_counted_and_the_refusals_of_the_rules_that_a_person_overturned(
    read, hear, submitted, an_event, a_doubtful_event, decide, appeal
):
    granted, refused, waiting, lapsed = (an_event(is_free=False) for _ in range(4))
    by_a_person = a_doubtful_event()
    await hear(*map(submitted, (granted, refused, waiting, lapsed, by_a_person)))
    await decide(by_a_person, label=False, public="Ouvrez la visite à d’autres que la classe.")
    for event in (granted, refused, waiting, lapsed, by_a_person):
        await appeal(event)
    await decide(granted)
    await decide(refused, label=False, free="Le repas doit être facultatif.")
    await decide(by_a_person)
    await hear(submitted(lapsed.model_copy(update={"revision": 2, "is_free": True})))
    figures = await read()
    assert figures["appeals"] == {
        "received": 5,
        "open": 1,
        "granted": 2,
        "refused": 1,
        "lapsed": 1,
        "overturned": 1,  # of the two that were granted, the other contested a person's word
    }


async def test_a_question_that_is_told_again_is_one_and_its_clock_runs_on(
    read, client, token_of, hear, submitted, a_doubtful_event, decide, clock
):
    event = a_doubtful_event()
    await hear(submitted(event))
    clock.at += timedelta(hours=5)
    await hear(submitted(event.model_copy(update={"revision": 2, "capacity": 12})))
    to = {"revision": 2, "region": "00"}
    headers = token_of("administrator")
    assert (await client.post(f"/v1/reviews/{event.event_id}/region", json=to, headers=headers)).status_code == 200
    clock.at += timedelta(hours=5)
    word = {"revision": 2, "label": True}
    await client.post(f"/v1/reviews/{event.event_id}/decision", json=word, headers=headers)
    people = (await read())["people"]
    assert (people["asked"], people["answered"], people["hours_p50"]) == (1, 1, 10.0)


async def test_each_edition_has_its_own_figures_and_one_that_nobody_knows_has_none(
    client, read, hear, submitted, an_event
):
    then = [{"starts_at": "2020-11-17T09:00:00+01:00", "ends_at": "2020-11-17T12:00:00+01:00"}]
    await hear(submitted(an_event(edition="2020", slots=then)), submitted(an_event()), submitted(an_event()))
    assert (await read())["decisions"] == 2
    assert (await read("?edition=2020"))["decisions"] == 1
    unknown = await client.get("/v1/statistics?edition=1999")
    assert (unknown.status_code, unknown.json()["detail"]) == (404, "Aucune édition de ce nom n’est connue ici.")
    assert (await client.get("/v1/statistics?edition=x' OR 1")).status_code == 422


async def test_however_many_ask_they_are_counted_once_a_minute(client, hear, submitted, an_event):
    first = await client.get("/v1/statistics")
    await hear(submitted(an_event()))
    assert (await client.get("/v1/statistics")).json() == first.json()
    assert first.headers["cache-control"] == "public, max-age=60"
