"""Nobody undoes what they have not seen, and a call that is sent again does nothing twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select, update

from registration.store import accounts, answers, events, members, old_answers

CHANGED = "L’événement a changé depuis que vous l’avez lu ; rien n’a été enregistré. Relisez-le, puis recommencez."


def asking(person, **more):
    return {**person.headers, **{name.replace("_", "-"): value for name, value in more.items()}}


async def put(person, path, draft, **headers):
    return await person.client.put(path, json=draft, headers=asking(person, **headers))


# Versions.


async def test_who_has_read_an_older_version_changes_nothing_and_is_told_the_one_of_now(a_person, a_draft):
    person = await a_person()
    path = f"/v1/events/{await person.drafts(a_draft())}"
    first = (await person.ask("GET", path)).headers["ETag"]
    answer = await put(person, path, a_draft(title="Une autre visite"), If_Match=first)
    second = answer.headers["ETag"]
    assert (answer.status_code, first != second) == (200, True)
    assert second == f'"{answer.json()["version"]}"'
    for method, what, body in (("PUT", "", a_draft()), ("POST", "/submission", None), ("POST", "/withdrawal", None)):
        answer = await person.client.request(method, f"{path}{what}", json=body, headers=asking(person, If_Match=first))
        assert (answer.status_code, answer.json()["detail"], answer.headers["ETag"]) == (412, CHANGED, second)
    view = (await person.ask("GET", path)).json()
    assert (view["draft"]["title"], view["revision"]) == ("Une autre visite", 0)
    for known in (f'"x", {second}', "*"):
        assert (await put(person, path, a_draft(title="Une autre visite"), If_Match=known)).status_code == 200


WITHOUT_A_VERSION = {
    "/v1/events/{event_id}/copies": "the event stays as it is",
    "/v1/events/{event_id}/offer": "it changes when whoever is offered it takes it up",
    "/v1/events/{event_id}/attendance": "how many came is no part of what is versioned",
}


def changing(service):
    """The operations that change an event, and whether each takes the version that was read."""
    for path, operations in service.http.openapi()["paths"].items():
        if path.startswith("/v1/events/{event_id}"):
            for method in operations.keys() & {"put", "post", "patch", "delete"}:
                given = {parameter["name"] for parameter in operations[method].get("parameters", ())}
                yield path, method.upper(), "If-Match" in given


def test_every_call_that_changes_an_event_takes_the_version_that_was_read_or_says_why_not(service):
    without = {path for path, _, takes_one in changing(service) if not takes_one}
    assert without == set(WITHOUT_A_VERSION), "take `IfMatch` (http/asking.py), or say here why not"


async def test_none_of_them_changes_what_was_written_since(service, mine, a_draft):
    person, event_id = mine
    known = {"event_id": event_id, "slot_id": "s1"}
    bodies = {
        "PUT /v1/events/{event_id}": a_draft(),
        "PUT /v1/events/{event_id}/slots/{slot_id}/status": {"status": "full"},
    }
    bodies["POST /v1/events/{event_id}/handover"] = {
        "account_id": (await person.ask("GET", "/v1/account")).json()["id"]
    }
    before = (await person.ask("GET", f"/v1/events/{event_id}")).headers["ETag"]
    assert (await put(person, f"/v1/events/{event_id}", a_draft(title="Autre"), If_Match=before)).status_code == 200
    now = await person.ask("GET", f"/v1/events/{event_id}")
    for path, method, takes_one in changing(service):
        if takes_one:
            sent = {"json": bodies.get(f"{method} {path}"), "headers": asking(person, If_Match=before)}
            answer = await person.client.request(method, path.format(**known), **sent)
            asked = f"{method} {path}: {answer.text}"
            assert (answer.status_code, answer.headers.get("ETag")) == (412, now.headers["ETag"]), asked
            assert answer.json()["detail"] == CHANGED
    assert (await person.ask("GET", f"/v1/events/{event_id}")).content == now.content


async def test_what_others_decide_is_no_new_version(mine, hear, a_decision):
    person, event_id = mine
    before = (await person.ask("GET", f"/v1/events/{event_id}")).headers["ETag"]
    await hear(a_decision(event_id, 1, 1, "granted"))
    answer = await person.ask("GET", f"/v1/events/{event_id}")
    assert (answer.json()["state"], answer.headers["ETag"]) == ("labelled", before)


async def test_an_announcement_is_refused_to_who_has_not_read_the_last_one(mine):
    person, event_id = mine
    path = f"/v1/events/{event_id}"
    read = (await person.ask("GET", path)).headers["ETag"]
    off = await person.client.post(f"{path}/cancellation", headers=asking(person, If_Match=read))
    again = await person.client.post(f"{path}/postponement", headers=asking(person, If_Match=read))
    assert (off.status_code, again.status_code, again.headers["ETag"]) == (200, 412, off.headers["ETag"])


async def test_who_replaces_a_colleagues_draft_says_which_version_they_have_read(a_person, a_draft, engine):
    keeper, other = await a_person(), await a_person("paul@fonderie.example")
    path = f"/v1/events/{await keeper.drafts(a_draft())}"
    async with engine.begin() as tx:
        [home] = await tx.scalars(select(events.c.organisation_id))
        [paul] = await tx.scalars(select(accounts.c.id).where(accounts.c.email == other.email))
        await tx.execute(insert(members).values(organisation_id=home, account_id=paul, role="member"))
    answer = await put(other, path, a_draft(title="De Paul"))
    assert answer.status_code == 428
    assert "If-Match" in answer.json()["detail"]
    assert (await put(other, path, a_draft(title="De Paul"), If_Match=answer.headers["ETag"])).status_code == 200
    for method in ("PUT", "DELETE"):
        answer = await other.client.request(method, f"{path}/picture", headers=other.headers)
        assert (answer.status_code, "If-Match" in answer.json()["detail"]) == (428, True)
    assert (await put(keeper, path, a_draft(title="D’Inès"))).status_code == 200  # it is hers
    assert (await keeper.ask("DELETE", f"{path}/picture")).status_code == 200


# Keys.


async def test_a_draft_that_is_sent_again_under_its_key_is_made_once_and_answered_alike(a_person, a_draft, engine):
    person = await a_person()
    calls = [
        await person.client.post("/v1/events", json=a_draft(), headers=asking(person, Idempotency_Key="visite-1"))
        for _ in range(3)
    ]
    assert {(call.status_code, call.content, call.headers["Location"], call.headers["ETag"]) for call in calls} == {
        (201, calls[0].content, calls[0].headers["Location"], calls[0].headers["ETag"])
    }
    async with engine.connect() as tx:
        assert await tx.scalar(select(func.count()).select_from(events)) == 1


async def test_calls_at_one_time_under_one_key_make_one_draft(a_person, a_draft, engine):
    person = await a_person()
    headers = asking(person, Idempotency_Key="visite-1")
    calls = await asyncio.gather(*(person.client.post("/v1/events", json=a_draft(), headers=headers) for _ in range(5)))
    assert len({call.json()["id"] for call in calls}) == 1
    async with engine.connect() as tx:
        assert await tx.scalar(select(func.count()).select_from(events)) == 1


async def test_the_same_key_for_something_else_is_refused_and_another_persons_key_is_theirs(a_person, a_draft):
    person, other = await a_person(), await a_person("paul@fonderie.example")
    first = await person.client.post("/v1/events", json=a_draft(), headers=asking(person, Idempotency_Key="1"))
    other_draft = a_draft(title="Autre")
    again = await person.client.post("/v1/events", json=other_draft, headers=asking(person, Idempotency_Key="1"))
    assert (first.status_code, again.status_code, again.json()["type"]) == (201, 422, "/problemes/cle-deja-prise")
    theirs = await other.client.post("/v1/events", json=a_draft(), headers=asking(other, Idempotency_Key="1"))
    assert (theirs.status_code, theirs.json()["id"] != first.json()["id"]) == (201, True)


async def test_a_call_that_was_refused_leaves_its_key_to_the_one_that_is_mended(a_person, a_draft, engine):
    person = await a_person()
    first = await person.client.post(
        f"/v1/events?organisation_id={uuid4()}", json=a_draft(), headers=asking(person, Idempotency_Key="1")
    )
    again = await person.client.post("/v1/events", json=a_draft(), headers=asking(person, Idempotency_Key="1"))
    assert (first.status_code, again.status_code) == (404, 201)


async def test_a_key_is_forgotten_after_a_day(a_person, a_draft, engine):
    person = await a_person()
    headers = asking(person, Idempotency_Key="1")
    await person.client.post("/v1/events", json=a_draft(), headers=headers)
    for hours, left in ((23, 1), (25, 0)):
        async with engine.begin() as tx:
            await tx.execute(update(answers).values(asked_at=func.now() - timedelta(hours=hours)))
            await old_answers()(tx)
            assert await tx.scalar(select(func.count()).select_from(answers)) == left
    assert (await person.client.post("/v1/events", json=a_draft(), headers=headers)).status_code == 201


# Names in one's own system.


async def test_an_event_is_written_again_under_its_name_in_ones_own_system(a_person, a_draft, engine):
    person = await a_person()
    path = "/v1/events/by-external-id/FO/2026-07"
    made = await person.ask("PUT", path, a_draft())
    again = await person.ask("PUT", path, a_draft(title="Une autre visite"))
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json()["id"] == again.json()["id"]
    assert again.json()["draft"]["external_id"] == "FO/2026-07"
    async with engine.connect() as tx:
        assert await tx.scalar(select(func.count()).select_from(events)) == 1


async def test_written_at_one_time_under_one_name_it_is_one_event(a_person, a_draft, engine):
    person = await a_person()
    calls = await asyncio.gather(*(person.ask("PUT", "/v1/events/by-external-id/A", a_draft()) for _ in range(5)))
    assert sorted(call.status_code for call in calls) == [200, 200, 200, 200, 201]
    assert len({call.json()["id"] for call in calls}) == 1


@pytest.mark.parametrize("how", ["POST", "PUT"])
async def test_a_name_is_one_events_of_an_organisation_and_another_organisation_has_its_own(a_person, a_draft, how):
    person, other = await a_person(), await a_person("paul@fonderie.example")
    first = await person.drafts(a_draft(external_id="A"))
    path = "/v1/events" if how == "POST" else f"/v1/events/{uuid4()}"
    answer = await person.ask(how, path, a_draft(external_id="A"))
    assert (answer.status_code, answer.json()["event_id"]) == (409, first)
    assert (await other.ask(how, path, a_draft(external_id="A"))).status_code == 201
    # its own it may keep, and give up
    assert (await person.ask("PUT", f"/v1/events/{first}", a_draft(external_id="A", title="Autre"))).status_code == 200
    assert (await person.ask("PUT", f"/v1/events/{first}", a_draft())).status_code == 200
    path = "/v1/events" if how == "POST" else f"/v1/events/{uuid4()}"
    assert (await person.ask(how, path, a_draft(external_id="A"))).status_code == 201
