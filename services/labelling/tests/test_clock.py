"""By when a person decides, what pauses that clock, who is asked when it has run out, and what silence means."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, update

from backbone.campaign.edition import Editions, ReviewRules
from backbone.postgres.database import jobs
from labelling.store import cases

LABEL = {"revision": 1, "label": True}
CORRECTION = {"revision": 1, "kind": "incomplete", "message": "Dites qui peut venir, en dehors de la classe invitée."}


@pytest.fixture
def post(client, token_of):
    """A reviewer's word to one of the doors of a review."""

    async def say(event, door, body, *regions, **who):
        headers = token_of("reviewer", *(regions or ("84",)), **who)
        return await client.post(f"/v1/reviews/{event.event_id}/{door}", json=body, headers=headers)

    return say


@pytest.fixture
def queue(client, token_of):
    """The ids of what waits in a region."""

    async def read(*regions):
        answer = await client.get("/v1/reviews", headers=token_of("reviewer", *regions))
        return [item["event_id"] for item in answer.json()["items"]]

    return read


@pytest.fixture
def let_time_pass(service, clock, told):
    """Lets so much of the campaign's time pass, and has what is due by then done; what was told because of it."""

    async def go(until: str):
        clock.at = datetime.fromisoformat(until)
        before = len(await told())
        [worker] = [worker for worker in service.workers if worker.kind == "deadline"]
        async with service.engine.begin() as tx:
            is_due = jobs.c.payload["due_at"].astext.cast(cases.c.due_at.type) <= clock.at
            await tx.execute(
                update(jobs)
                .where(jobs.c.kind == "deadline", jobs.c.state == "waiting", is_due)
                .values(due_at=func.now())
            )
        await worker.run_due()
        return (await told())[before:]

    return go


@pytest.fixture
def an_edition_where(service):
    """Has the service know an edition whose people decide by other rules."""

    def make(**rules):
        desk = service.http.state.desk
        edition = desk.editions.current
        ruled = edition.model_copy(update={"review": ReviewRules(**rules)})
        known = Editions(ruled, {**desk.editions.by_name, ruled.name: ruled})
        object.__setattr__(desk, "editions", known)

    return make


@pytest.fixture
async def waiting(hear, submitted, a_doubtful_event):
    """An event that waits for a person until Friday, six in the evening."""
    event = a_doubtful_event()
    [(kind, fact)] = await hear(submitted(event))
    assert (kind, fact["due_at"]) == ("ReviewRequested", "2026-03-06T18:00:00+01:00")
    return event


# --- overdue -------------------------------------------------------------------------------------


async def test_what_nobody_answers_in_time_goes_to_the_national_desk_as_well(let_time_pass, queue, post, waiting):
    [(kind, fact)] = await let_time_pass("2026-03-06T18:00+01:00")
    assert (kind, fact["region"], fact["label"], fact["due_at"]) == (
        "ReviewRequested",
        "00",
        "under_review",
        "2026-03-06T18:00:00+01:00",
    )
    assert await queue("00") == await queue("84") == [str(waiting.event_id)]
    assert await queue("11") == []
    assert (await post(waiting, "decision", LABEL, "84")).status_code == 200
    assert await queue("00") == []


async def test_the_national_desk_decides_what_it_was_asked(let_time_pass, post, waiting):
    await let_time_pass("2026-03-06T18:00+01:00")
    assert (await post(waiting, "decision", LABEL, "00")).status_code == 200


async def test_it_is_asked_once_and_silence_grants_and_refuses_nothing_unless_the_edition_says_so(
    let_time_pass, told, queue, waiting
):
    await let_time_pass("2026-03-06T18:00+01:00")
    before = len(await told())
    for until in ("2026-03-06T18:00+01:00", "2026-03-16T18:00+01:00", "2026-12-31T18:00+01:00"):
        assert await let_time_pass(until) == []
    assert len(await told()) == before
    assert await queue("00") == [str(waiting.event_id)]


async def test_what_was_answered_in_time_goes_nowhere(let_time_pass, post, waiting):
    await post(waiting, "decision", LABEL)
    assert await let_time_pass("2026-03-06T18:00+01:00") == []


async def test_what_is_the_national_desks_already_stays_there(let_time_pass, hear, submitted, a_doubtful_event, queue):
    event = a_doubtful_event(online_url="https://visio.example/usine")
    await hear(submitted(event))
    assert await let_time_pass("2026-03-06T18:00+01:00") == []
    assert await queue("00") == [str(event.event_id)]


async def test_a_question_that_is_asked_anew_has_a_clock_of_its_own(
    let_time_pass, clock, hear, submitted, waiting, queue
):
    clock.at += timedelta(days=2)
    reworded = waiting.model_copy(update={"revision": 2, "title": "La coulée et ses métiers"})
    [(_, fact)] = await hear(submitted(reworded))
    assert fact["due_at"] == "2026-03-10T18:00:00+01:00"
    assert await let_time_pass("2026-03-06T18:00+01:00") == []
    assert [fact["region"] for _, fact in await let_time_pass("2026-03-10T18:00+01:00")] == ["00"]


async def test_an_amendment_that_touches_nothing_does_not_wind_the_clock_up_again_nor_take_it_from_the_national_desk(
    let_time_pass, clock, hear, submitted, waiting, queue
):
    clock.at += timedelta(days=2)
    [(kind, fact)] = await hear(submitted(waiting.model_copy(update={"revision": 2, "capacity": 12})))
    assert (kind, fact["due_at"]) == ("ReviewRequested", "2026-03-06T18:00:00+01:00")
    [(_, fact)] = await let_time_pass("2026-03-06T18:00+01:00")
    assert (fact["region"], fact["revision"]) == ("00", 2)
    [(_, fact)] = await hear(submitted(waiting.model_copy(update={"revision": 3, "capacity": 13})))
    assert (fact["region"], fact["due_at"]) == ("00", "2026-03-06T18:00:00+01:00")
    assert await queue("84") == [str(waiting.event_id)]


@pytest.mark.parametrize(
    ("silence", "kind", "code", "finding"),
    [
        ("granted", "EventLabelled", "granted-by-silence", "met"),
        ("refused", "EventRejected", "refused-by-silence", "not_met"),
    ],
)
async def test_silence_means_what_the_edition_says_after_the_national_desk_had_its_time_too(
    an_edition_where, let_time_pass, waiting, queue, silence, kind, code, finding
):
    an_edition_where(silence=silence, silence_days=2)
    assert [fact["region"] for _, fact in await let_time_pass("2026-03-06T18:00+01:00")] == ["00"]
    [(told, fact)] = await let_time_pass("2026-03-10T18:00+01:00")
    assert (told, fact["decided_by"], fact["automated"]) == (kind, "silence", True)
    public = next(verdict for verdict in fact["verdicts"] if verdict["condition"] == "public")
    assert (public["code"], public["finding"], public["rule"]) == (code, finding, "silence")
    assert await queue("00") == await queue("84") == []


async def test_an_answer_of_the_national_desk_comes_before_silence(an_edition_where, let_time_pass, post, waiting):
    an_edition_where(silence="refused", silence_days=2)
    await let_time_pass("2026-03-06T18:00+01:00")
    await post(waiting, "decision", LABEL, "00")
    assert await let_time_pass("2026-03-10T18:00+01:00") == []


async def test_an_overdue_appeal_goes_to_the_national_desk_but_not_to_the_person_who_refused(
    let_time_pass, client, token_of, post, waiting
):
    person = uuid4()
    refusal = {"revision": 1, "label": False, "refused": {"public": "Ouvrez la visite à d’autres que la classe."}}
    await post(waiting, "decision", refusal, account_id=person)
    organiser = token_of("organiser", account_id=waiting.organiser_id)
    await client.post(f"/v1/events/{waiting.event_id}/appeal", json={"revision": 1}, headers=organiser)
    [(kind, fact)] = await let_time_pass("2026-03-06T18:00+01:00")
    assert (kind, fact["region"], fact["label"]) == ("AppealReceived", "00", "refused")
    assert (await post(waiting, "decision", LABEL, "00", account_id=person)).status_code == 403
    assert (await post(waiting, "decision", LABEL, "00")).status_code == 200


# --- a correction --------------------------------------------------------------------------------


async def test_a_correction_stops_the_clock_and_leaves_the_queue(post, told, queue, let_time_pass, waiting, client):
    answer = await post(waiting, "correction", CORRECTION)
    assert answer.status_code == 200
    kind, fact = (await told())[-1]
    assert (kind, fact["label"], fact["decided_by"], fact["automated"], fact["region"]) == (
        "CorrectionRequested",
        "under_review",
        "review",
        False,
        "84",
    )
    assert fact["correction"] == {"kind": "incomplete", "message": CORRECTION["message"]}
    assert "due_at" not in fact
    assert await queue("84") == []
    assert await let_time_pass("2026-12-31T18:00+01:00") == []


async def test_the_next_revision_closes_the_correction_and_is_judged_anew_by_a_fresh_clock(
    post, clock, hear, submitted, waiting
):
    await post(waiting, "correction", CORRECTION)
    clock.at += timedelta(days=7)
    # the very same text to the rules: what was to be mended stands in a field that they do not read
    mended = waiting.model_copy(update={"revision": 2, "website": "https://fonderie.example/visite"})
    [(kind, fact)] = await hear(submitted(mended))
    assert (kind, fact["due_at"]) == ("ReviewRequested", "2026-03-13T18:00:00+01:00")


async def test_a_correction_that_clears_the_doubt_is_labelled_at_once(post, hear, submitted, waiting):
    await post(waiting, "correction", CORRECTION)
    [(kind, fact)] = await hear(submitted(waiting.model_copy(update={"revision": 2, "admission": "everyone"})))
    assert (kind, fact["decided_by"]) == ("EventLabelled", "rules")


async def test_whoever_asked_for_a_correction_may_still_decide(post, told, waiting):
    await post(waiting, "correction", CORRECTION)
    assert (await post(waiting, "correction", CORRECTION)).status_code == 404
    assert (await post(waiting, "decision", LABEL)).status_code == 200
    assert (await told())[-1][0] == "EventLabelled"


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"kind": "ugly"}, "kind", None),
        ({"message": "Non."}, "message", "Indiquez au moins 10 caractères."),
        ({"message": ...}, "message", "Ce champ est obligatoire."),
        ({"revision": "1"}, "revision", "Indiquez un nombre entier."),
    ],
)
async def test_a_correction_says_what_is_to_be_mended(post, told, waiting, change, field, message):
    body = {name: value for name, value in (CORRECTION | change).items() if value is not ...}
    answer = await post(waiting, "correction", body)
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, field)
    assert message in (None, error["message"])
    assert (await told())[-1][0] == "ReviewRequested"


# --- another region ------------------------------------------------------------------------------


async def test_a_review_that_is_handed_over_is_asked_there_and_no_longer_here_by_the_same_clock(
    post, told, queue, waiting
):
    answer = await post(waiting, "region", {"revision": 1, "region": "11"})
    assert answer.status_code == 200
    kind, fact = (await told())[-1]
    assert (kind, fact["region"], fact["due_at"], fact["decided_by"]) == (
        "ReviewRequested",
        "11",
        "2026-03-06T18:00:00+01:00",
        "rules",
    )
    assert (await queue("11"), await queue("84")) == ([str(waiting.event_id)], [])
    assert (await post(waiting, "decision", LABEL, "84")).status_code == 403
    assert (await post(waiting, "decision", LABEL, "11")).status_code == 200


async def test_whoever_may_not_decide_may_hand_over(post, waiting):
    theirs = {"organisation": waiting.organisation}
    assert (await post(waiting, "decision", LABEL, **theirs)).status_code == 403
    assert (await post(waiting, "region", {"revision": 1, "region": "00"}, **theirs)).status_code == 200


async def test_handed_over_to_where_it_is_nothing_is_told(post, told, waiting):
    before = len(await told())
    assert (await post(waiting, "region", {"revision": 1, "region": "84"})).status_code == 200
    assert len(await told()) == before


@pytest.mark.parametrize("region", ["2", "99", "", "rhone"])
async def test_a_review_is_handed_to_a_region_that_there_is(post, waiting, region):
    answer = await post(waiting, "region", {"revision": 1, "region": region})
    said = "Indiquez le code INSEE d’une région, par exemple « 84 » ; « 00 » pour l’équipe nationale."
    assert answer.json()["errors"] == [{"field": "region", "message": said}]


@pytest.mark.parametrize(("door", "body"), [("correction", CORRECTION), ("region", {"revision": 1, "region": "00"})])
async def test_every_word_names_the_revision_that_was_read_and_is_another_regions_to_say(
    post, told, hear, submitted, waiting, door, body
):
    assert (await post(waiting, door, body, "11")).status_code == 403
    await hear(submitted(waiting.model_copy(update={"revision": 2, "title": "La coulée et ses métiers"})))
    before = len(await told())
    answer = await post(waiting, door, body)
    assert (answer.status_code, answer.json()["revision"], answer.json()["type"]) == (
        409,
        2,
        "/problemes/texte-modifie",
    )
    assert len(await told()) == before


async def test_two_words_at_once_are_one_decision_and_one_that_came_too_late(post, told, waiting):

    said = await asyncio.gather(
        post(waiting, "decision", LABEL),
        post(waiting, "correction", CORRECTION),
        post(waiting, "region", {"revision": 1, "region": "11"}),
    )
    # handed over, or told to be corrected, it may still be decided on by who has it; decided, nothing is open
    assert all(answer.status_code in (200, 403, 404) for answer in said)
    sequences = [fact["sequence"] for _, fact in await told()]
    assert sequences == sorted(set(sequences))
