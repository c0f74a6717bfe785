"""The desk for programs: the same over /v1."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from labelling.workbench.tables import held


@pytest.fixture
def me(token_of):
    return token_of("reviewer", "84")


async def test_the_queue_is_filtered(client, me, in_review, a_doubtful_event):
    visit, game = a_doubtful_event(), a_doubtful_event(kind="game")
    await in_review(visit)
    await in_review(game, doubts=("free",))

    async def found(query):
        page = (await client.get(f"/v1/reviews?{query}", headers=me)).json()
        return page["total"], {review["event_id"] for review in page["items"]}

    assert await found("kind=game") == (1, {str(game.event_id)})
    assert await found("doubt=public") == (1, {str(visit.event_id)})
    assert await found("region=84") == (2, {str(visit.event_id), str(game.event_id)})
    assert await found("mine=true") == (0, set())
    assert await found("urgency=retard") == (0, set())
    assert (await client.get("/v1/reviews?doubt=x", headers=me)).status_code == 422


async def test_an_event_is_claimed_left_and_nobody_else_decides_meanwhile(
    client, me, token_of, in_review, a_doubtful_event
):
    event, other = a_doubtful_event(), token_of("reviewer", "84")
    await in_review(event)
    path = f"/v1/reviews/{event.event_id}"
    claimed = await client.post(f"{path}/claim", headers=me)
    assert claimed.status_code == 200
    assert (await client.post(f"{path}/claim", headers=other)).status_code == 409
    refused = await client.post(f"{path}/decision", json={"revision": 1, "label": True}, headers=other)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problemes/prise-par-une-collegue")
    wanted = {"revision": 1, "kind": "incomplete", "message": "Dites comment s’inscrire."}
    assert (await client.post(f"{path}/correction", json=wanted, headers=other)).status_code == 409
    assert (await client.delete(f"{path}/claim", headers=me)).status_code == 200
    assert (
        await client.post(f"{path}/decision", json={"revision": 1, "label": True}, headers=other)
    ).status_code == 200


async def test_what_is_held_for_its_minute_is_not_overtaken_by_a_program(
    client, me, at_desk, in_review, a_doubtful_event, minute, told
):
    event = a_doubtful_event()
    await in_review(event)
    await at_desk("84").labels(event)
    word = {"revision": 1, "label": False, "refused": {"public": "Ouvrez la visite à tous."}}
    answer = await client.post(f"/v1/reviews/{event.event_id}/decision", json=word, headers=me)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problemes/prise-par-une-collegue")
    assert await minute() == 1
    assert [kind for kind, _ in await told()] == ["EventLabelled"]


async def test_what_is_being_corrected_is_listed_apart(client, me, at_desk, in_review, a_doubtful_event, minute):
    event = a_doubtful_event()
    await in_review(event)
    await at_desk("84").sends(f"/{event.event_id}/correction", revision=1, correction="outdated/2-lien")
    assert await minute() == 1
    pages = [(await client.get(f"/v1/reviews{query}", headers=me)).json() for query in ("", "?corrected=true")]
    assert [page["total"] for page in pages] == [0, 1]
    assert pages[1]["items"][0]["correction"]["kind"] == "outdated"


async def test_the_file_of_an_event_holds_what_changed_and_what_was_said(
    client, me, signer, token_of, in_review, a_doubtful_event
):
    event, paul = a_doubtful_event(), uuid4()
    await in_review(event)
    await in_review(event.model_copy(update={"revision": 2, "title": "La coulée, de nuit"}))
    path, his = f"/v1/reviews/{event.event_id}", token_of("reviewer", "84", account_id=paul)
    await client.get("/v1/reviews", headers=his)
    noted = await client.post(f"{path}/notes", json={"text": "J’ai appelé."}, headers=me)
    asked = await client.post(f"{path}/opinion", json={"colleague": str(paul), "question": "Ouvert ?"}, headers=me)
    assert (noted.status_code, asked.status_code) == (201, 201)
    answering = f"{path}/opinion/{asked.json()['id']}"
    given = {"advice": "label", "answer": "Oui."}
    assert (await client.post(answering, json=given, headers=me)).status_code == 404
    assert (await client.post(answering, json=given, headers=his)).status_code == 200
    told = (await client.get(f"{path}/file", headers=me)).json()
    [change] = told["changed"]
    assert (change["field"], ["out", "côté pont roulant"] in change["pieces"]) == ("title", True)
    assert ([note["text"] for note in told["notes"]], told["opinions"][0]["advice"]) == (["J’ai appelé."], "label")
    assert [one["account_id"] for one in told["colleagues"]] == [str(paul)]


async def test_a_batch_is_previewed_decided_and_undone(client, me, in_review, a_doubtful_event, engine, minute):
    events = [a_doubtful_event() for _ in range(3)]
    await in_review(*events)
    wanted = [{"event_id": str(event.event_id), "revision": 1} for event in events]
    wanted[0]["revision"] = 7
    body = {"events": wanted, "label": True}

    async def count():
        async with engine.connect() as tx:
            return await tx.scalar(select(func.count()).select_from(held))

    seen = (await client.post("/v1/reviews/batch", json={**body, "preview": True}, headers=me)).json()
    assert (seen["batch"], len(seen["taken"]), seen["left"]) == (
        None,
        2,
        [{"event_id": wanted[0]["event_id"], "why": "changed"}],
    )
    assert await count() == 0
    done = (await client.post("/v1/reviews/batch", json=body, headers=me)).json()
    assert await count() == 2
    undone = await client.post("/v1/reviews/undo", json={"batch": done["batch"]}, headers=me)
    assert (undone.json(), await count()) == ({"undone": 2}, 0)
    late = await client.post("/v1/reviews/undo", json={"batch": done["batch"]}, headers=me)
    assert (late.status_code, late.json()["type"]) == (409, "/problemes/annulation-trop-tardive")
    assert await minute() == 0


@pytest.mark.parametrize(
    "body",
    [
        {"events": [], "label": True},
        {"events": [{"event_id": str(uuid4()), "revision": 1}], "label": False},
        {"events": [{"event_id": str(uuid4()), "revision": 1}], "label": True, "refused": {"public": "Ouvrez à tous."}},
        {"events": [{"event_id": str(uuid4()), "revision": 1}] * 501, "label": True},
    ],
)
async def test_what_is_no_batch_is_refused(client, me, body):
    assert (await client.post("/v1/reviews/batch", json=body, headers=me)).status_code == 422
