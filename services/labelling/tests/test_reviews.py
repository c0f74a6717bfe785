"""The review queue over HTTP, as a reviewer meets it."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from backbone.contracts import PublicEvent
from labelling.store import cases, decisions

LABEL = {"revision": 1, "label": True}
REFUSAL = {"revision": 1, "label": False, "refused": {"public": "Ouvrez la visite à d’autres que la classe."}}


@pytest.fixture
def in_review(hear, submitted):
    """Has doubtful events wait for a person."""

    async def submit(*events):
        for event in events:
            [(kind, _)] = await hear(submitted(event))
            assert kind == "ReviewRequested"

    return submit


@pytest.fixture
def told(engine, told_by):
    """What reviewers' decisions have told: all but what the rules did."""

    async def read():
        return [(kind, fact) for kind, fact in await told_by(engine) if fact["decided_by"] == "review"]

    return read


def in_reunion():
    return {"address": {"postcode": "97400", "city": "Saint-Denis"}}


def assert_problem(answer, status, detail):
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["status"], answer.json()["detail"]) == (status, status, detail)


async def test_a_reviewer_sees_what_waits_in_their_regions_only(client, token_of, in_review, a_doubtful_event):
    here, there, online = (
        a_doubtful_event(),
        a_doubtful_event(venue=in_reunion()),
        a_doubtful_event(online_url="https://visio.example/usine"),
    )
    await in_review(here, there, online)

    async def seen(*regions):
        answer = await client.get("/v1/reviews", headers=token_of("reviewer", *regions))
        return {UUID(review["event_id"]) for review in answer.json()["items"]}

    assert await seen("84") == {here.event_id}
    assert await seen("04", "00") == {there.event_id, online.event_id}
    assert await seen("11") == set()
    assert await seen() == set()


async def test_an_administrator_sees_all_regions(client, token_of, in_review, a_doubtful_event):
    await in_review(a_doubtful_event(), a_doubtful_event(venue=in_reunion()))
    seen = (await client.get("/v1/reviews", headers=token_of("administrator"))).json()
    assert (len(seen["items"]), seen["total"], seen["next"]) == (2, 2, None)


async def test_the_most_urgent_comes_first_page_by_page(client, token_of, clock, in_review, a_doubtful_event):
    late, early = a_doubtful_event(), a_doubtful_event()
    clock.at += timedelta(days=7)
    await in_review(late)
    clock.at -= timedelta(days=7)
    await in_review(early)
    headers = token_of("reviewer", "84")
    first = (await client.get("/v1/reviews?limit=1", headers=headers)).json()
    second = (await client.get(f"/v1/reviews?limit=1&cursor={first['next']}", headers=headers)).json()
    seen = [[UUID(review["event_id"]) for review in page["items"]] for page in (first, second)]
    assert seen == [[early.event_id], [late.event_id]]
    assert (first["total"], second["total"], second["next"]) == (2, 2, None)


async def test_a_review_shows_the_event_and_why_a_person_is_asked(client, token_of, in_review, a_doubtful_event):
    event = a_doubtful_event()
    await in_review(event)
    review = (await client.get(f"/v1/reviews/{event.event_id}", headers=token_of("reviewer", "84"))).json()
    assert (review["event"], review["region"]) == (event.model_dump(mode="json"), "84")
    assert review["due_at"] == "2026-03-06T18:00:00+01:00"
    assert [(v["condition"], v["message"], v["hint"]) for v in review["verdicts"] if v["finding"] == "doubtful"] == [
        (
            "public",
            "L’événement s’adresse à un groupe désigné.",
            "Dites dans la description quel est ce groupe, et si d’autres peuvent venir.",
        )
    ]


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("GET", "/{id}"), ("POST", "/{id}/decision")])
async def test_nobody_gets_in_without_a_token(client, in_review, a_doubtful_event, method, path):
    event = a_doubtful_event()
    await in_review(event)
    body = LABEL if method == "POST" else None
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        answer = await client.request(
            method, f"/v1/reviews{path.format(id=event.event_id)}", json=body, headers=headers
        )
        assert_problem(answer, 401, "Connectez-vous pour continuer.")


@pytest.mark.parametrize("who", [("organiser",), ("organiser", "84")])
async def test_an_organiser_is_not_a_reviewer(client, token_of, told, in_review, a_doubtful_event, who):
    event = a_doubtful_event()
    await in_review(event)
    for answer in (
        await client.get("/v1/reviews", headers=token_of(*who)),
        await client.get(f"/v1/reviews/{event.event_id}", headers=token_of(*who)),
        await client.post(f"/v1/reviews/{event.event_id}/decision", json=LABEL, headers=token_of(*who)),
    ):
        assert_problem(answer, 403, "Votre compte ne permet pas cette action.")
    assert await told() == []


async def test_a_reviewer_of_another_region_neither_reads_nor_decides(
    client, token_of, told, in_review, a_doubtful_event
):
    event = a_doubtful_event()
    await in_review(event)
    for answer in (
        await client.get(f"/v1/reviews/{event.event_id}", headers=token_of("reviewer", "11")),
        await client.post(f"/v1/reviews/{event.event_id}/decision", json=LABEL, headers=token_of("reviewer", "11")),
    ):
        assert_problem(answer, 403, "Votre compte ne permet pas cette action.")
    assert await told() == []


async def test_a_label_given_is_told_and_leaves_the_queue(client, token_of, told, engine, in_review, a_doubtful_event):
    event, reviewer = a_doubtful_event(), uuid4()
    await in_review(event)
    headers = token_of("reviewer", "84", account_id=reviewer)
    answer = await client.post(f"/v1/reviews/{event.event_id}/decision", json=LABEL, headers=headers)
    assert (answer.status_code, answer.json()["decided_by"]) == (200, "review")
    [(kind, fact)] = await told()
    assert (kind, fact["event_id"], fact["revision"], fact["decided_by"]) == (
        "EventLabelled",
        str(event.event_id),
        1,
        "review",
    )
    assert {verdict["finding"] for verdict in fact["verdicts"]} == {"met"}
    assert (await client.get("/v1/reviews", headers=headers)).json() == {"items": [], "total": 0, "next": None}
    async with engine.connect() as tx:
        row = (await tx.execute(select(cases.c.label, cases.c.reviewer))).one()
        entered = await tx.execute(select(decisions.c.sequence, decisions.c.reviewer).order_by(decisions.c.sequence))
        log = [tuple(entry) for entry in entered]
    assert tuple(row) == ("granted", reviewer)
    assert log == [(1, None), (2, reviewer)]


async def test_who_decided_is_not_told_to_the_world(client, token_of, told, in_review, a_doubtful_event):
    event, reviewer = a_doubtful_event(), uuid4()
    await in_review(event)
    headers = token_of("reviewer", "84", account_id=reviewer)
    await client.post(f"/v1/reviews/{event.event_id}/decision", json=LABEL, headers=headers)
    assert str(reviewer) not in str(await told())


async def test_a_refusal_is_told_with_the_reviewers_reasons(client, token_of, told, in_review, a_doubtful_event):
    event = a_doubtful_event()
    await in_review(event)
    answer = await client.post(
        f"/v1/reviews/{event.event_id}/decision", json=REFUSAL, headers=token_of("reviewer", "84")
    )
    assert answer.status_code == 200
    [(kind, fact)] = await told()
    assert kind == "EventRejected"
    assert [(v["condition"], v["message"]) for v in fact["verdicts"] if v["finding"] == "not_met"] == [
        ("public", "Ouvrez la visite à d’autres que la classe.")
    ]


async def test_a_review_is_settled_once(client, token_of, told, in_review, a_doubtful_event):
    event = a_doubtful_event()
    await in_review(event)
    headers = token_of("reviewer", "84")
    assert (
        await client.post(f"/v1/reviews/{event.event_id}/decision", json=REFUSAL, headers=headers)
    ).status_code == 200
    again = await client.post(f"/v1/reviews/{event.event_id}/decision", json=LABEL, headers=headers)
    assert_problem(again, 404, "Aucune relecture n’est ouverte pour cet événement.")
    assert [kind for kind, _ in await told()] == ["EventRejected"]


async def test_two_reviewers_at_the_same_moment_cannot_both_decide(client, token_of, told, in_review, a_doubtful_event):
    event = a_doubtful_event()
    await in_review(event)
    path = f"/v1/reviews/{event.event_id}/decision"
    answers = await asyncio.gather(
        *(client.post(path, json=word, headers=token_of("reviewer", "84")) for word in [LABEL, REFUSAL] * 3)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404, 404, 404]
    assert len(await told()) == 1


async def test_an_amended_event_is_no_longer_reviewed_as_it_was(
    client, token_of, in_review, hear, submitted, a_doubtful_event
):
    event = a_doubtful_event()
    await in_review(event)
    await hear(submitted(event.model_copy(update={"revision": 2, "admission": "everyone"})))
    answer = await client.get(f"/v1/reviews/{event.event_id}", headers=token_of("reviewer", "84"))
    assert_problem(answer, 404, "Aucune relecture n’est ouverte pour cet événement.")


@pytest.fixture
def amend(hear, submitted):
    """Has the organiser submit another revision of an event."""

    async def submit(event, **changes):
        amended = event.model_copy(update={"revision": event.revision + 1, **changes})
        await hear(submitted(amended))
        return amended

    return submit


async def test_a_decision_is_one_line_in_the_log_with_ids_only(client, token_of, in_review, a_doubtful_event, caplog):
    event, reviewer = a_doubtful_event(), uuid4()
    await in_review(event)
    caplog.set_level(logging.INFO, logger="labelling")
    headers = token_of("reviewer", "84", account_id=reviewer)
    await client.post(f"/v1/reviews/{event.event_id}/decision", json=LABEL, headers=headers)
    [line] = [line for line in caplog.records if line.getMessage() == "a decision was taken"]
    assert (line.event, line.revision, line.by, line.is_labelled) == (str(event.event_id), 1, str(reviewer), True)


async def test_a_word_on_a_text_that_changed_since_decides_nothing_and_shows_the_new_one(
    client, token_of, told, in_review, amend, a_doubtful_event
):
    event, headers = a_doubtful_event(), token_of("reviewer", "84")
    await in_review(event)
    amended = await amend(event, title="Dégustation au bord de l’usine")
    path = f"/v1/reviews/{event.event_id}/decision"
    for word in (LABEL, REFUSAL, LABEL):
        answer = await client.post(path, json=word, headers=headers)
        assert_problem(answer, 409, "L’événement a changé depuis votre lecture : lisez sa version 2 avant de décider.")
        new = answer.json()
        assert (new["type"], new["revision"]) == ("/problemes/texte-modifie", 2)
        assert new["event"] == new["review"]["event"] == amended.model_dump(mode="json")
    assert await told() == []
    assert (await client.post(path, json={**LABEL, "revision": 2}, headers=headers)).status_code == 200
    [(kind, fact)] = await told()
    assert (kind, fact["revision"], fact["event"]["title"]) == ("EventLabelled", 2, "Dégustation au bord de l’usine")


async def test_a_word_on_a_text_that_was_decided_without_it_since_says_so(
    client, token_of, told, in_review, amend, a_doubtful_event
):
    event = a_doubtful_event()
    await in_review(event)
    await amend(event, admission="everyone")
    answer = await client.post(f"/v1/reviews/{event.event_id}/decision", json=LABEL, headers=token_of("reviewer", "84"))
    detail = "L’événement a changé depuis votre lecture, et sa version 2 n’attend pas de décision."
    assert_problem(answer, 409, detail)
    assert (answer.json()["event"]["admission"], answer.json()["review"]) == ("everyone", None)
    assert await told() == []


async def test_a_word_on_a_text_that_nobody_has_read_yet_decides_nothing(
    client, token_of, told, in_review, a_doubtful_event
):
    event = a_doubtful_event()
    await in_review(event)
    ahead = {**LABEL, "revision": 2}
    answer = await client.post(f"/v1/reviews/{event.event_id}/decision", json=ahead, headers=token_of("reviewer", "84"))
    assert (answer.status_code, answer.json()["revision"]) == (409, 1)
    assert await told() == []


async def test_who_may_not_read_the_new_text_is_not_shown_it(
    client, token_of, told, in_review, amend, a_doubtful_event
):
    event = a_doubtful_event()
    await in_review(event)
    await amend(event, venue=PublicEvent.model_validate({**event.model_dump(), "venue": in_reunion()}).venue)
    answer = await client.post(f"/v1/reviews/{event.event_id}/decision", json=LABEL, headers=token_of("reviewer", "84"))
    assert_problem(answer, 403, "Votre compte ne permet pas cette action.")


@pytest.mark.parametrize("role", [("reviewer", "84"), ("administrator",)])
@pytest.mark.parametrize(
    "whose",
    [
        {"account_id": UUID(int=7)},
        {"organisation": "Fonderie de l’Est lyonnais"},
        {"organisation": "FONDERIE DE L'EST LYONNAIS SAS"},
        {"organisation": "Fonderie Est Lyonnais, service communication"},
    ],
)
async def test_nobody_decides_on_an_event_of_their_own_or_of_their_organisations(
    client, token_of, told, in_review, a_doubtful_event, role, whose
):
    event, headers = a_doubtful_event(), token_of(*role, **whose)
    await in_review(event)
    assert (await client.get(f"/v1/reviews/{event.event_id}", headers=headers)).status_code == 200
    for word in (LABEL, REFUSAL, {**LABEL, "revision": 2}):
        answer = await client.post(f"/v1/reviews/{event.event_id}/decision", json=word, headers=headers)
        assert_problem(answer, 403, "Cet événement est celui de votre organisation : une autre personne en décide.")
    assert await told() == []


@pytest.mark.parametrize(
    ("sentence", "told_as"),
    [
        ("Ouvrez la visite\r\nà d’autres que la classe.", "Ouvrez la visite à d’autres que la classe."),
        ("  Ouvrez\u200b la vi\u00adsite à d’autres.\n", "Ouvrez la visite à d’autres."),
        ("Ouvrez la visite à d&#39;autres.", "Ouvrez la visite à d'autres."),
    ],
)
async def test_what_a_reviewer_pastes_is_mended_as_an_organisers_text_is(
    client, token_of, told, in_review, a_doubtful_event, sentence, told_as
):
    event = a_doubtful_event()
    await in_review(event)
    word = {**REFUSAL, "refused": {"public": sentence}}
    answer = await client.post(f"/v1/reviews/{event.event_id}/decision", json=word, headers=token_of("reviewer", "84"))
    assert answer.status_code == 200
    [(_, fact)] = await told()
    assert [v["message"] for v in fact["verdicts"] if v["finding"] == "not_met"] == [told_as]


CONTROL = "Retirez les caractères de contrôle (souvent dus à un copier-coller)."


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ("Ouvrez\u0000 la visite.", CONTROL),
        ("Ouvrez la visite \u202e.etisiv al", CONTROL),
        ("Ouvrez la visite.\ud800", CONTROL),
        ("🏭🏭🏭🏭🏭🏭🏭🏭🏭🏭", "Écrivez avec des mots : il n’y a ici ni lettre ni chiffre."),
        ("             ", "Indiquez au moins 10 caractères."),
        ("O" * 501, "Raccourcissez à 500 caractères au plus."),
        (12, "Indiquez un texte."),
    ],
)
async def test_a_sentence_that_no_organiser_could_write_is_refused_and_decides_nothing(
    client, token_of, told, in_review, a_doubtful_event, sentence, message
):
    event = a_doubtful_event()
    await in_review(event)
    word = json.dumps({**REFUSAL, "refused": {"public": sentence}})
    headers = {**token_of("reviewer", "84"), "Content-Type": "application/json"}
    answer = await client.post(f"/v1/reviews/{event.event_id}/decision", content=word, headers=headers)
    assert_problem(answer, 422, "1 champ à corriger ; rien n’a été enregistré.")
    assert answer.json()["errors"] == [{"field": "refused.public", "message": message}]
    assert await told() == []


YES_OR_NO = "Répondez par oui (true) ou non (false)."


@pytest.mark.parametrize(
    ("word", "field", "message"),
    [
        ({"revision": ..., "label": True}, "revision", "Ce champ est obligatoire."),
        ({"revision": "1", "label": True}, "revision", "Indiquez un nombre entier."),
        ({"revision": True, "label": True}, "revision", "Indiquez un nombre entier."),
        ({"revision": 0, "label": True}, "revision", "Indiquez 1 au moins."),
        ({"label": "yes"}, "label", YES_OR_NO),
        ({"label": 1}, "label", YES_OR_NO),
        (
            {"label": False},
            "(corps)",
            "Donnez le label, ou refusez-le en disant pourquoi pour chaque condition en cause.",
        ),
        (
            {"label": True, "refused": {"free": "Le repas n’est pas gratuit."}},
            "(corps)",
            "Donnez le label, ou refusez-le en disant pourquoi pour chaque condition en cause.",
        ),
        ({"label": False, "refused": {"free": "Non."}}, "refused.free", "Indiquez au moins 10 caractères."),
        ({"refused": {}}, "label", "Ce champ est obligatoire."),
        ({"label": True, "reason": "parfait"}, "reason", "Ce champ n’existe pas ; vérifiez son nom."),
    ],
)
async def test_a_word_that_cannot_be_understood_decides_nothing(
    client, token_of, told, in_review, a_doubtful_event, word, field, message
):
    event = a_doubtful_event()
    await in_review(event)
    word = {name: value for name, value in ({"revision": 1} | word).items() if value is not ...}
    answer = await client.post(f"/v1/reviews/{event.event_id}/decision", json=word, headers=token_of("reviewer", "84"))
    assert_problem(answer, 422, "1 champ à corriger ; rien n’a été enregistré.")
    assert answer.json()["errors"] == [{"field": field, "message": message}]
    assert await told() == []


async def test_an_event_that_is_not_in_review_is_not_found(client, token_of):
    answer = await client.get(f"/v1/reviews/{uuid4()}", headers=token_of("reviewer", "84"))
    assert_problem(answer, 404, "Aucune relecture n’est ouverte pour cet événement.")


async def test_an_identifier_that_is_none_is_named(client, token_of):
    answer = await client.get("/v1/reviews/le-mien", headers=token_of("reviewer", "84"))
    assert answer.json()["errors"] == [{"field": "event_id", "message": "Cet identifiant n’est pas valable."}]
    assert answer.status_code == 422


async def test_what_a_person_decided_stands_when_only_the_website_changes_and_the_event_is_called_off(
    client, token_of, hear, in_review, engine, submitted, a_doubtful_event
):
    event = a_doubtful_event()
    await in_review(event)
    reviewer = uuid4()
    headers = token_of("reviewer", "84", account_id=reviewer)
    await client.post(f"/v1/reviews/{event.event_id}/decision", json=LABEL, headers=headers)
    later = event.model_copy(update={"revision": 2, "website": "https://autre.example", "status": "cancelled"})
    [(kind, fact)] = await hear(submitted(later))
    assert (kind, fact["decided_by"], fact["automated"], fact["sequence"]) == ("EventLabelled", "review", False, 3)
    assert (fact["event"]["status"], fact["verdicts"][1]["code"]) == ("cancelled", "checked-by-a-person")
    async with engine.connect() as tx:
        who = await tx.scalars(select(decisions.c.reviewer).order_by(decisions.c.sequence))
        assert list(who) == [None, reviewer, reviewer]
    [(kind, _)] = await hear(submitted(later.model_copy(update={"revision": 3, "title": "Une autre visite"})))
    assert kind == "ReviewRequested"
