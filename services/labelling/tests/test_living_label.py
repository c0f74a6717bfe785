"""A label lives: an amendment is judged by what it touches, and by nothing else."""

from __future__ import annotations

from uuid import uuid4

import pytest

from backbone.campaign.edition import Editions, ReviewRules
from backbone.contracts import EventWithdrawn
from labelling import handlers

LABEL = {"revision": 1, "label": True}
TUESDAY = {"starts_at": "2026-11-17T14:00:00+01:00", "ends_at": "2026-11-17T16:00:00+01:00"}
DECEMBER = {"starts_at": "2026-12-17T14:00:00+01:00", "ends_at": "2026-12-17T16:00:00+01:00"}


@pytest.fixture
def amend(hear, submitted):
    """Submits the next revision of an event; it, and what was told because of it."""

    async def submit(event, **changes):
        told = type(event).model_validate({**event.model_dump(), "revision": event.revision + 1, **changes})
        [(kind, fact)] = await hear(submitted(told))
        return told, kind, fact

    return submit


@pytest.fixture
def decide(client, token_of):
    async def say(event, label=True, account_id=None, **refused):
        word = {"revision": event.revision, "label": label, "refused": refused}
        headers = token_of("reviewer", "84", account_id=account_id)
        answer = await client.post(f"/v1/reviews/{event.event_id}/decision", json=word, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return say


@pytest.fixture
def where_doubt_suspends(service):
    """Has the edition suspend a label while a person looks at an amendment."""
    desk = service.http.state.desk
    ruled = desk.editions.current.model_copy(update={"review": ReviewRules(doubtful_amendment="suspended")})
    object.__setattr__(desk, "editions", Editions(ruled, {**desk.editions.by_name, ruled.name: ruled}))


@pytest.fixture
async def labelled(hear, submitted, an_event):
    event = an_event()
    [(kind, fact)] = await hear(submitted(event))
    assert (kind, fact["had_label"]) == ("EventLabelled", False)
    return event


async def test_an_amendment_that_is_still_clear_keeps_the_label(labelled, amend):
    _, kind, fact = await amend(labelled, slots=[TUESDAY])
    assert (kind, fact["label"], fact["had_label"]) == ("EventLabelled", "granted", True)


async def test_a_doubtful_amendment_keeps_the_label_while_a_person_looks_at_it(labelled, amend):
    _, kind, fact = await amend(labelled, admission="named_group", audiences=("everyone",))
    assert (kind, fact["label"], fact["had_label"]) == ("ReviewRequested", "under_review", True)


@pytest.mark.usefixtures("where_doubt_suspends")
async def test_where_the_edition_says_so_doubt_suspends_a_label_and_asks_as_ever_where_there_is_none(
    labelled, amend, hear, submitted, a_doubtful_event
):
    amended, kind, fact = await amend(labelled, admission="named_group", audiences=("everyone",))
    assert (kind, fact["label"], fact["had_label"]) == ("ReviewRequested", "suspended", True)
    _, kind, fact = await amend(amended, title="La coulée pour la classe invitée")
    assert (kind, fact["label"], fact["had_label"]) == ("ReviewRequested", "suspended", True)
    [(kind, fact)] = await hear(submitted(a_doubtful_event()))
    assert (kind, fact["label"]) == ("ReviewRequested", "under_review")


@pytest.mark.usefixtures("where_doubt_suspends")
@pytest.mark.parametrize(("label", "kind"), [(True, "EventLabelled"), (False, "EventRejected")])
async def test_a_suspended_label_is_given_back_or_lost_by_a_persons_word(labelled, amend, decide, told, label, kind):
    amended, _, _ = await amend(labelled, admission="named_group", audiences=("everyone",))
    refused = {} if label else {"public": "Ouvrez la visite à d’autres que la classe."}
    fact = await decide(amended, label, **refused)
    assert ((await told())[-1][0], fact["had_label"]) == (kind, True)


@pytest.mark.usefixtures("where_doubt_suspends")
async def test_a_suspended_label_that_its_organiser_takes_back_is_withdrawn(labelled, amend, hear):
    amended, _, _ = await amend(labelled, admission="named_group", audiences=("everyone",))
    about = {"event_id": amended.event_id, "revision": 3, "sequence": 3, "edition": "2026"}
    [(kind, fact)] = await hear(EventWithdrawn(**about, withdrawn_at="2026-03-02T10:00:00Z"))
    assert (kind, fact["label"], fact["had_label"]) == ("LabelWithdrawn", "withdrawn", True)


@pytest.mark.usefixtures("where_doubt_suspends")
async def test_a_correction_of_a_suspended_amendment_leaves_it_suspended(labelled, amend, client, token_of, told):
    amended, _, _ = await amend(labelled, admission="named_group", audiences=("everyone",))
    body = {"revision": 2, "kind": "incoherent", "message": "Le titre et la description se contredisent."}
    path = f"/v1/reviews/{amended.event_id}/correction"
    assert (await client.post(path, json=body, headers=token_of("reviewer", "84"))).status_code == 200
    assert (await told())[-1][1]["label"] == "suspended"


async def test_an_amendment_that_is_not_met_costs_the_label_and_says_that_there_was_one(labelled, amend):
    amended, kind, fact = await amend(labelled, slots=[DECEMBER])
    assert (kind, fact["label"], fact["had_label"]) == ("EventRejected", "refused", True)
    _, kind, fact = await amend(amended, title="La coulée, de nuit")
    assert (kind, fact["had_label"]) == ("EventRejected", False)


async def test_a_cancelled_event_keeps_its_label_and_says_that_it_is_cancelled(labelled, amend):
    _, kind, fact = await amend(labelled, status="cancelled", status_note="Panne du four.")
    assert (kind, fact["label"], fact["had_label"]) == ("EventLabelled", "granted", True)
    assert (fact["event"]["status"], fact["event"]["status_note"]) == ("cancelled", "Panne du four.")


async def test_a_label_is_not_looked_at_again_for_a_new_telephone_number_even_where_the_rules_have_learned(
    labelled, amend, monkeypatch
):
    monkeypatch.setattr(handlers, "judge", None)  # whoever asked the rules would fail
    _, kind, fact = await amend(labelled, booking={"telephone": "+33 4 72 00 00 00"}, capacity=12)
    assert (kind, fact["label"], fact["revision"]) == ("EventLabelled", "granted", 2)


async def test_what_a_person_found_stands_where_an_amendment_does_not_touch_it(
    hear, submitted, a_doubtful_event, decide, amend
):
    event = a_doubtful_event()
    await hear(submitted(event))
    await decide(event)
    moved, kind, fact = await amend(event, slots=[TUESDAY])
    public = next(verdict for verdict in fact["verdicts"] if verdict["condition"] == "public")
    assert (kind, public["rule"], fact["decided_by"], fact["automated"]) == ("EventLabelled", "review", "rules", False)
    _, kind, fact = await amend(moved, slots=[DECEMBER])
    assert (kind, fact["had_label"], fact["automated"]) == ("EventRejected", True, False)


async def test_what_a_person_found_is_looked_at_again_where_an_amendment_touches_it(
    hear, submitted, a_doubtful_event, decide, amend
):
    event = a_doubtful_event()
    await hear(submitted(event))
    await decide(event)
    _, kind, fact = await amend(event, title="La coulée pour la classe invitée")
    assert (kind, fact["label"], fact["had_label"]) == ("ReviewRequested", "under_review", True)


async def test_who_refused_a_condition_does_not_judge_the_appeal_against_it_whatever_was_amended_besides(
    hear, submitted, a_doubtful_event, decide, amend, client, token_of
):
    event, person = a_doubtful_event(), uuid4()
    await hear(submitted(event))
    await decide(event, False, person, public="Ouvrez la visite à d’autres que la classe.")
    _, kind, fact = await amend(event, slots=[TUESDAY])
    assert (kind, fact["decided_by"], fact["automated"]) == ("EventRejected", "rules", False)
    organiser = token_of("organiser", account_id=event.organiser_id)
    asked = await client.post(f"/v1/events/{event.event_id}/appeal", json={"revision": 2}, headers=organiser)
    assert asked.status_code == 202
    path, word = f"/v1/reviews/{event.event_id}/decision", {"revision": 2, "label": True}
    own = await client.post(path, json=word, headers=token_of("reviewer", "84", account_id=person))
    assert own.json()["type"] == "/problemes/propre-refus"
    assert (await client.post(path, json=word, headers=token_of("reviewer", "84"))).status_code == 200


async def test_what_the_rules_alone_refused_is_judged_anew_when_it_is_submitted_again(hear, submitted, an_event, amend):
    event = an_event(is_free=False)
    await hear(submitted(event))
    _, kind, fact = await amend(event, capacity=30)
    assert (kind, fact["decided_by"], fact["revision"]) == ("EventRejected", "rules", 2)
