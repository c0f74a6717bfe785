"""The day to register by: a second after it nothing new comes in, and what came in is amended until the week begins."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from backbone.campaign.edition import load_edition
from registration.domain.deadline import check_day, last_day
from registration.domain.refusals import NotOpen, WeekBegun
from registration.domain.story import State

EDITION = load_edition(Path(__file__).parents[3] / "editions" / "2026.toml")
CLOSED = "Les inscriptions sont closes depuis la fin du 6\u00a0novembre 2026."
BEGUN = (
    "La Semaine a commencé le 16\u00a0novembre 2026 : un événement ne se modifie plus. Vous pouvez encore l’annuler, "
    "le reporter, le déplacer en ligne, ou dire qu’un créneau est complet."
)
LAST_SECOND, A_SECOND_AFTER = "2026-11-06T23:59:59+01:00", "2026-11-07T00:00:00+01:00"
EVE, WEEK = "2026-11-15T23:59:59+01:00", "2026-11-16T00:00:00+01:00"


@pytest.fixture
def at(clock):
    def turn(instant):
        clock.at = datetime.fromisoformat(instant)

    return turn


@pytest.fixture
def submits(mine, a_draft):
    """Submits the event with another title; the status of the answer and its sentence."""
    person, event_id = mine

    async def go(title):
        assert (await person.ask("PUT", f"/v1/events/{event_id}", a_draft(title=title))).status_code == 200
        answer = await person.ask("POST", f"/v1/events/{event_id}/submission")
        return answer.status_code, answer.json().get("detail")

    return go


@pytest.mark.parametrize(
    ("instant", "status"),
    [
        (LAST_SECOND, 200),
        (A_SECOND_AFTER, 409),
        # the same two instants, as a clock in Réunion and one in Guadeloupe show them
        ("2026-11-07T02:59:59+04:00", 200),
        ("2026-11-06T19:00:00-04:00", 409),
    ],
)
async def test_a_new_event_comes_in_until_the_last_second_in_paris(a_person, a_draft, at, told, instant, status):
    person = await a_person()
    event_id = await person.drafts(a_draft())
    at(instant)
    for _ in range(2):
        answer = await person.ask("POST", f"/v1/events/{event_id}/submission")
        assert answer.status_code == status
        assert status == 200 or answer.json()["detail"] == CLOSED
    assert len(await told()) == (status == 200)


async def test_what_came_in_is_amended_until_the_week_begins_at_the_second(submits, hear, a_decision, mine, at, told):
    await hear(a_decision(mine[1], 1, 1, "granted"))
    at(A_SECOND_AFTER)
    assert (await submits("Première correction"))[0] == 200
    at(EVE)
    assert (await submits("Seconde correction"))[0] == 200
    at(WEEK)
    assert await submits("Troisième correction") == (409, BEGUN)
    assert len(await told()) == 3


async def test_a_correction_that_is_asked_for_is_given_after_the_last_day(submits, hear, a_decision, mine, at):
    await hear(a_decision(mine[1], 1, 1, "under_review"))
    at(A_SECOND_AFTER)
    assert (await submits("Ce qui était demandé"))[0] == 200


async def test_what_was_refused_is_not_submitted_anew_after_the_last_day(submits, hear, a_decision, mine, at):
    await hear(a_decision(mine[1], 1, 1, "refused"))
    at(LAST_SECOND)
    assert (await submits("Corrigé à temps"))[0] == 200
    await hear(a_decision(mine[1], 2, 2, "refused"))
    at(A_SECOND_AFTER)
    assert await submits("Corrigé trop tard") == (409, CLOSED)


async def test_whose_amendment_cost_them_the_label_may_mend_it(submits, hear, a_decision, mine, at):
    await hear(a_decision(mine[1], 1, 1, "granted"))
    at(A_SECOND_AFTER)
    assert (await submits("Entrée à 5 €"))[0] == 200
    await hear(a_decision(mine[1], 2, 2, "refused", had_label=True))
    assert (await submits("Entrée à 4 €"))[0] == 200
    await hear(a_decision(mine[1], 3, 3, "refused"))
    assert (await submits("Entrée libre"))[0] == 200


async def test_what_was_taken_back_is_a_new_event(mine, at):
    person, event_id = mine
    await person.ask("POST", f"/v1/events/{event_id}/withdrawal")
    at(A_SECOND_AFTER)
    answer = await person.ask("POST", f"/v1/events/{event_id}/submission")
    assert (answer.status_code, answer.json()["detail"]) == (409, CLOSED)


@pytest.mark.parametrize("state", State)
def test_in_every_state_the_day_that_is_told_is_the_day_that_is_held_to(state):
    for was_labelled in (False, True):
        day = last_day(EDITION, state, was_labelled=was_labelled)
        assert day in (EDITION.registration.last_day, EDITION.amendable_until)
        check_day(EDITION, datetime.fromisoformat(f"{day}T23:59:59+01:00"), state, was_labelled=was_labelled)
        after = datetime.fromisoformat(LAST_SECOND if day == EDITION.registration.last_day else EVE)
        with pytest.raises(NotOpen) as refused:
            check_day(EDITION, after.replace(day=after.day + 1, hour=0), state, was_labelled=was_labelled)
        assert isinstance(refused.value, WeekBegun) is (day == EDITION.amendable_until)


async def test_the_calendar_says_the_editions_dates_and_its_instants(client):
    answer = await client.get("/v1/calendar")
    assert answer.status_code == 200
    assert answer.json() == {
        "edition": "2026",
        "theme": "Avec l'industrie, construis ton avenir",
        "themes": {
            "skills": "Compétences et métiers",
            "ecology": "Transition écologique",
            "gender_balance": "Mixité",
        },
        "registration": {"first": "2026-02-02", "last": "2026-11-06"},
        "registration_ends_at": A_SECOND_AFTER,
        "amendable_until": "2026-11-15",
        "amendments_end_at": WEEK,
        "map_opens": "2026-02-02",
        "week": {"first": "2026-11-16", "last": "2026-11-22"},
        "labelling_window": {"first": "2026-11-16", "last": "2026-11-22"},
        "review_working_days": 4,
    }
