"""What an organiser asks when their event is refused, and who answers: over HTTP, on a real database."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from backbone.contracts import EventWithdrawn
from backbone.postgres.database import jobs
from backbone.postgres.upkeep import Upkeep
from labelling.appeals import old_words
from labelling.log import faults
from labelling.store import appeals, cases

ORGANISER = UUID(int=7)
WORDS = "La visite est ouverte à tous : la classe n’en est qu’un des groupes."
REFUSAL = {"revision": 1, "label": False, "refused": {"public": "Ouvrez la visite à d’autres que la classe."}}
LABEL = {"revision": 1, "label": True}


@pytest.fixture
def organiser(token_of):
    return token_of("organiser", account_id=ORGANISER, organisation="Fonderie de l’Est lyonnais")


@pytest.fixture
def appeal(client, organiser):
    """Asks that a person judge an event again."""

    async def ask(event, headers=organiser, **told):
        body = {"revision": event.revision, "words": WORDS} | told
        return await client.post(f"/v1/events/{event.event_id}/appeal", json=body, headers=headers)

    return ask


@pytest.fixture
def decide(client, token_of):
    """A reviewer's word."""

    async def say(event, word, *regions, account_id=None):
        headers = token_of("reviewer", *(regions or ("84",)), account_id=account_id)
        return await client.post(f"/v1/reviews/{event.event_id}/decision", json=word, headers=headers)

    return say


@pytest.fixture
async def refused(hear, submitted, an_event):
    """An event that the rules refused: it costs something."""
    event = an_event(is_free=False)
    [(kind, _)] = await hear(submitted(event))
    assert kind == "EventRejected"
    return event


@pytest.fixture
async def refused_by_a_person(hear, submitted, a_doubtful_event, decide):
    """An event that a person refused, and that person."""
    event, person = a_doubtful_event(), uuid4()
    await hear(submitted(event))
    assert (await decide(event, REFUSAL, account_id=person)).status_code == 200
    return event, person


def assert_problem(answer, status, slug, detail):
    assert (answer.status_code, answer.json()["type"], answer.json()["detail"]) == (
        status,
        f"/problemes/{slug}",
        detail,
    )


async def test_an_appeal_leaves_the_refusal_standing_and_asks_a_person_of_the_region_by_a_clock_of_its_own(
    client, token_of, appeal, refused, clock, told
):
    clock.at += timedelta(days=7)
    answer = await appeal(refused)
    assert answer.status_code == 202
    kind, fact = (await told())[-1]
    assert (kind, fact["label"], fact["decided_by"], fact["automated"]) == (
        "AppealReceived",
        "refused",
        "organiser",
        False,
    )
    assert (fact["region"], fact["due_at"]) == ("84", "2026-03-13T18:00:00+01:00")
    assert [v["condition"] for v in fact["verdicts"] if v["finding"] == "not_met"] == ["free"]
    queue = (await client.get("/v1/reviews", headers=token_of("reviewer", "84"))).json()
    assert [(item["event_id"], item["label"]) for item in queue["items"]] == [(str(refused.event_id), "refused")]


async def test_what_an_organiser_writes_is_for_the_person_who_judges_and_is_told_to_nobody_else(
    client, token_of, appeal, refused, told, engine
):
    await appeal(refused)
    path = f"/v1/reviews/{refused.event_id}"
    assert (await client.get(path, headers=token_of("reviewer", "84"))).json()["words"] == WORDS
    assert (await client.get(path, headers=token_of("reviewer", "11"))).status_code == 403
    assert WORDS not in str(await told())
    assert "words" not in (await told())[-1][1]


async def test_a_person_who_grants_an_appeal_gives_the_label_whatever_the_rules_found(appeal, decide, refused, told):
    await appeal(refused)
    assert (await decide(refused, LABEL)).status_code == 200
    kind, fact = (await told())[-1]
    assert (kind, fact["label"], fact["decided_by"], fact["automated"]) == ("EventLabelled", "granted", "appeal", False)
    free = next(v for v in fact["verdicts"] if v["condition"] == "free")
    assert (free["finding"], free["rule"], free["code"]) == ("met", "appeal", "checked-by-a-person")


async def test_a_person_who_refuses_an_appeal_says_why_and_there_is_no_second_one_on_the_same_text(
    hear, submitted, appeal, decide, refused, told
):
    await appeal(refused)
    word = {"revision": 1, "label": False, "refused": {"free": "Le repas doit être facultatif et à part."}}
    assert (await decide(refused, word)).status_code == 200
    kind, fact = (await told())[-1]
    assert (kind, fact["decided_by"]) == ("EventRejected", "appeal")
    used = "Une personne a déjà jugé ce texte de nouveau : modifiez-le, ou saisissez le tribunal administratif."
    assert_problem(await appeal(refused), 409, "recours-deja-juge", used)
    other_link = refused.model_copy(update={"revision": 2, "website": "https://autre.example"})
    [(kind, fact)] = await hear(submitted(other_link))
    assert (kind, fact["decided_by"], fact["revision"]) == ("EventRejected", "appeal", 2)
    assert_problem(await appeal(other_link), 409, "recours-deja-juge", used)


async def test_a_text_that_was_refused_on_appeal_cannot_be_appealed_by_way_of_another_text(
    hear, submitted, appeal, decide, refused
):
    await appeal(refused)
    await decide(refused, {"revision": 1, "label": False, "refused": {"free": "Le repas doit être facultatif."}})
    for revision, title in ((2, "La coulée du soir"), (3, refused.title)):
        changed = refused.model_copy(update={"revision": revision, "title": title})
        await hear(submitted(changed))
    assert (await appeal(changed)).json()["type"] == "/problemes/recours-deja-juge"


async def test_another_text_may_be_appealed_again(hear, submitted, appeal, decide, refused):
    await appeal(refused)
    await decide(refused, {"revision": 1, "label": False, "refused": {"free": "Le repas doit être facultatif."}})
    changed = refused.model_copy(update={"revision": 2, "title": "La coulée du soir, côté four"})
    [(_, fact)] = await hear(submitted(changed))
    assert fact["decided_by"] == "rules"
    assert (await appeal(changed)).status_code == 202


async def test_who_refused_does_not_judge_the_appeal_and_another_person_does(appeal, decide, refused_by_a_person, told):
    event, person = refused_by_a_person
    assert (await appeal(event)).status_code == 202
    for word in (LABEL, REFUSAL):
        own = await decide(event, word, account_id=person)
        detail = "Ce recours conteste votre propre refus : une autre personne en décide."
        assert_problem(own, 403, "propre-refus", detail)
    assert (await decide(event, LABEL, account_id=uuid4())).status_code == 200
    assert (await told())[-1][0] == "EventLabelled"


async def test_who_refused_does_not_judge_it_in_another_region_nor_after_an_amendment_that_changes_nothing(
    client, hear, submitted, appeal, decide, token_of, refused_by_a_person
):
    event, person = refused_by_a_person
    await appeal(event)
    again = event.model_copy(update={"revision": 2, "capacity": 30})
    [(kind, _)] = await hear(submitted(again))
    assert kind == "AppealReceived"
    to = {"revision": 2, "region": "00"}
    headers = token_of("reviewer", "84")
    assert (await client.post(f"/v1/reviews/{event.event_id}/region", json=to, headers=headers)).status_code == 200
    own = await decide(again, {**LABEL, "revision": 2}, "00", account_id=person)
    assert own.json()["type"] == "/problemes/propre-refus"


async def test_nobody_judges_an_appeal_of_their_own_organisation(client, appeal, refused, token_of):
    await appeal(refused)
    headers = token_of("reviewer", "84", organisation="Fonderie de l’Est lyonnais")
    answer = await client.post(f"/v1/reviews/{refused.event_id}/decision", json=LABEL, headers=headers)
    assert answer.json()["type"] == "/problemes/propre-organisation"


async def test_asked_twice_a_person_is_asked_once_and_the_organiser_is_told_by_when(appeal, refused, told, engine):
    await appeal(refused)
    before = len(await told())
    assert_problem(
        await appeal(refused),
        409,
        "recours-deja-recu",
        "Votre demande est déjà reçue : une personne y répond au plus tard le vendredi\u00a06\u00a0mars 2026 "
        "à 18\u00a0h (heure du lieu).",
    )
    assert len(await told()) == before
    async with engine.connect() as tx:
        assert await tx.scalar(select(func.count()).select_from(appeals)) == 1


async def test_one_click_is_enough_and_no_word_is_needed(client, appeal, refused, organiser, token_of):
    path = f"/v1/events/{refused.event_id}/appeal"
    assert (await client.post(path, json={"revision": 1}, headers=organiser)).status_code == 202
    seen = await client.get(f"/v1/reviews/{refused.event_id}", headers=token_of("reviewer", "84"))
    assert seen.json()["words"] == ""


@pytest.mark.parametrize(
    ("told", "field", "message"),
    [
        ({"words": "a" * 2001}, "words", "Raccourcissez à 2000 caractères au plus."),
        ({"words": "Regardez\u0000"}, "words", "Retirez les caractères de contrôle (souvent dus à un copier-coller)."),
        ({"revision": 0}, "revision", "Indiquez 1 au moins."),
        ({"urgent": True}, "urgent", "Ce champ n’existe pas ; vérifiez son nom."),
    ],
)
async def test_an_appeal_that_cannot_be_understood_is_none(appeal, refused, told, field, message, request):
    given = request.node.callspec.params["told"]
    answer = await appeal(refused, **given)
    assert (answer.status_code, answer.json()["errors"]) == (422, [{"field": field, "message": message}])


async def test_nobody_appeals_for_another_nor_learns_that_there_is_an_event(appeal, refused, token_of, an_event):
    nobodys = "Aucun de vos événements n’a de décision sous ce numéro."
    for who in (token_of("organiser"), token_of("administrator"), token_of("reviewer", "84")):
        assert_problem(await appeal(refused, who), 404, "introuvable", nobodys)
    assert_problem(await appeal(an_event()), 404, "introuvable", nobodys)
    assert (await appeal(refused, {})).status_code == 401


async def test_what_is_not_refused_cannot_be_appealed(hear, submitted, appeal, an_event, a_doubtful_event):
    for event in (an_event(), a_doubtful_event()):
        await hear(submitted(event))
        answer = await appeal(event)
        detail = "Votre événement n’est pas refusé : il n’y a rien à juger de nouveau."
        assert_problem(answer, 409, "rien-a-contester", detail)


async def test_an_appeal_names_the_revision_whose_refusal_was_read(hear, submitted, appeal, refused, told):
    changed = refused.model_copy(update={"revision": 2, "title": "La coulée du soir, côté four"})
    await hear(submitted(changed))
    answer = await appeal(refused)
    assert (answer.status_code, answer.json()["revision"], answer.json()["type"]) == (
        409,
        2,
        "/problemes/texte-modifie",
    )
    assert (await told())[-1][0] == "EventRejected"


async def test_an_amendment_that_clears_the_refusal_ends_the_appeal(hear, submitted, appeal, decide, refused, client):
    await appeal(refused)
    free = refused.model_copy(update={"revision": 2, "is_free": True})
    [(kind, fact)] = await hear(submitted(free))
    assert (kind, fact["decided_by"]) == ("EventLabelled", "rules")
    assert (await decide(refused, {**LABEL, "revision": 2})).status_code == 404


async def test_an_amendment_that_touches_nothing_leaves_the_appeal_and_its_clock_as_they_are(
    hear, submitted, appeal, clock, refused
):
    first = (await appeal(refused)).json()
    clock.at += timedelta(days=2)
    [(kind, fact)] = await hear(submitted(refused.model_copy(update={"revision": 2, "capacity": 12})))
    assert (kind, fact["due_at"], fact["revision"]) == ("AppealReceived", first["due_at"], 2)


async def test_of_an_appeal_no_correction_is_asked(client, appeal, refused, token_of, told):
    await appeal(refused)
    body = {"revision": 1, "kind": "incomplete", "message": "Dites qui peut venir."}
    answer = await client.post(
        f"/v1/reviews/{refused.event_id}/correction", json=body, headers=token_of("reviewer", "84")
    )
    detail = "Cet événement est en recours : donnez le label, ou refusez-le en disant quoi corriger."
    assert_problem(answer, 409, "recours-en-cours", detail)
    assert (await told())[-1][0] == "AppealReceived"


# --- what the organiser reads --------------------------------------------------------------------


async def test_the_organiser_reads_why_who_decided_and_what_they_may_do(client, organiser, appeal, decide, refused):
    path = f"/v1/events/{refused.event_id}/decision"
    read = (await client.get(path, headers=organiser)).json()
    assert read["how_decided"].startswith("Cette décision a été prise par un traitement algorithmique, sans")
    assert (read["may_appeal"], len(read["remedies"]), read["what_next"]) == (True, 2, "")
    await appeal(refused)
    read = (await client.get(path, headers=organiser)).json()
    assert (read["may_appeal"], read["remedies"]) == (False, [])
    assert read["what_next"].startswith("Une personne qui n’a pas pris part au refus décide au plus tard le vendredi")
    await decide(refused, {"revision": 1, "label": False, "refused": {"free": "Le repas doit être facultatif."}})
    read = (await client.get(path, headers=organiser)).json()
    assert (
        read["how_decided"]
        == "Cette décision a été prise par une personne, qui n’avait pas pris part au refus contesté."
    )
    assert (read["may_appeal"], len(read["remedies"])) == (False, 1)
    assert read["remedies"][0].startswith("Vous pouvez saisir le tribunal administratif dans les deux mois")


async def test_nobody_reads_the_decision_on_anothers_event(client, token_of, refused):
    answer = await client.get(f"/v1/events/{refused.event_id}/decision", headers=token_of("organiser"))
    assert_problem(answer, 404, "introuvable", "Aucun de vos événements n’a de décision sous ce numéro.")


# --- what is kept --------------------------------------------------------------------------------


async def test_the_words_of_an_event_that_is_taken_back_go_and_those_of_others_after_a_year(
    engine, appeal, hear, submitted, refused, an_event
):
    gone, old, kept = refused, an_event(is_free=False), an_event(is_free=False)
    await hear(submitted(old), submitted(kept))
    for event in (gone, old, kept):
        await appeal(event)
    about = {"event_id": gone.event_id, "revision": 2, "sequence": 2, "edition": "2026"}
    await hear(EventWithdrawn(**about, withdrawn_at="2026-03-02T10:00:00Z"))
    async with engine.begin() as tx:
        long_ago = func.now() - timedelta(days=366)
        await tx.execute(update(appeals).where(appeals.c.event_id == old.event_id).values(noted_at=long_ago))
    await Upkeep(engine, [old_words(timedelta(days=365))], name="upkeep of appeals").purge_all()
    async with engine.connect() as tx:
        assert list(await tx.scalars(select(appeals.c.event_id))) == [kept.event_id]
        assert await tx.scalar(select(cases.c.label).where(cases.c.event_id == gone.event_id)) == "withdrawn"


async def test_an_appeal_has_one_deadline(appeal, engine, refused):
    await appeal(refused)
    async with engine.connect() as tx:
        kinds = list(await tx.execute(select(jobs.c.kind, jobs.c.state)))
    assert [tuple(kind) for kind in kinds] == [("deadline", "waiting")]


async def test_the_log_is_whole_through_appeals_corrections_other_regions_and_amendments(
    client, engine, token_of, hear, submitted, appeal, decide, refused, a_doubtful_event
):
    corrected = a_doubtful_event()
    await hear(submitted(corrected))
    reviewer, path = token_of("reviewer", "84", "11"), f"/v1/reviews/{corrected.event_id}"
    await client.post(f"{path}/region", json={"revision": 1, "region": "11"}, headers=reviewer)
    wanted = {"revision": 1, "kind": "incomplete", "message": "Dites qui peut venir."}
    assert (await client.post(f"{path}/correction", json=wanted, headers=reviewer)).status_code == 200
    await hear(submitted(corrected.model_copy(update={"revision": 2, "capacity": 8})))
    await appeal(refused)
    await hear(submitted(refused.model_copy(update={"revision": 2, "capacity": 8})))
    assert (await decide(refused, {**LABEL, "revision": 2})).status_code == 200
    async with engine.connect() as tx:
        said = [(number, what) async for _, number, what in faults(tx)]
    assert sorted(said) == [(4, None), (4, None)]
