"""An organisation writes much in a day, and not without end; a body has a size; a closed door is closed everywhere."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import func, update

from backbone.postgres.switches import NO_NEW_ACCOUNTS, READ_ONLY, turn
from registration.handlers.quotas import DRAFTS, INVITATIONS, REVISIONS, REVISIONS_OF_EVENT, key_of
from registration.http.closings import CLOSINGS
from registration.http.rules import rule_of
from registration.store import limits


@pytest.fixture
def fills(engine):
    """Whatever is counted, or this alone, is as full as it can be."""

    async def go(*only):
        async with engine.begin() as tx:
            full = update(limits).values(empty_at=func.now() + timedelta(days=1))
            assert (await tx.execute(full.where(limits.c.key.in_(only)) if only else full)).rowcount

    return go


async def test_drafts_have_a_measure_and_one_may_come_back(a_person, a_draft, fills, pass_by):
    ines, paul = await a_person(), await a_person("paul@forge.example")
    await ines.drafts(a_draft())
    await fills()
    refused = await ines.ask("POST", "/v1/events", a_draft(title="Une autre visite"))
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json()["detail"].startswith(
        "Votre organisation a créé beaucoup de brouillons aujourd’hui. Réessayez"
    )
    assert (await ines.ask("GET", "/v1/events")).json()["total"] == 1
    await paul.drafts(a_draft(title="Celle de Paul"))  # another's is not theirs
    await pass_by(timedelta(minutes=1))
    await ines.drafts(a_draft(title="Une autre visite"))


async def test_revisions_have_a_measure_and_what_is_refused_was_not_done(mine, a_draft, fills, pass_by, told):
    ines, event_id = mine
    await ines.ask("PUT", f"/v1/events/{event_id}", a_draft(title="Du métal à la pièce"))
    await fills()
    refused = await ines.ask("POST", f"/v1/events/{event_id}/submission")
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 1800
    assert refused.json()["detail"].startswith("Trop de dépôts en un jour pour cet événement ou votre organisation.")
    assert len(await told()) == 1
    assert (await ines.reads(event_id))["is_changed"] is True
    await pass_by(timedelta(minutes=20))
    assert (await ines.submits(event_id))["revision"] == 2


async def test_files_of_events_have_a_measure(a_person, engine, fills, pass_by):
    ines = await a_person()

    async def send():
        file = {"file": ("a.csv", b"Titre\r\nVisite")}
        return await ines.client.post("/v1/uploads", files=file, headers=ines.headers)

    assert (await send()).status_code == 202
    await fills()
    refused = await send()
    assert (refused.status_code, 1 <= int(refused.headers["retry-after"]) <= 1800) == (429, True)
    assert refused.json()["detail"].startswith("Votre organisation a envoyé beaucoup de fichiers aujourd’hui.")
    assert (await ines.ask("GET", "/v1/uploads")).json()["total"] == 1
    await pass_by(timedelta(minutes=30))
    assert (await send()).status_code == 202


async def test_pictures_have_a_measure(a_person, a_draft, fills, pass_by):
    ines = await a_person()
    path, file = f"/v1/events/{await ines.drafts(a_draft())}", BytesIO()
    Image.new("1", (320, 320)).save(file, "PNG")

    async def give():
        return await ines.client.put(f"{path}/picture", content=file.getvalue(), headers=ines.headers)

    first = (await give()).json()["draft"]["picture"]["id"]
    await fills()
    refused = await give()
    assert (refused.status_code, 1 <= int(refused.headers["retry-after"]) <= 60) == (429, True)
    assert refused.json()["detail"].startswith("Votre organisation a envoyé beaucoup d’images aujourd’hui.")
    assert (await ines.ask("GET", path)).json()["draft"]["picture"]["id"] == first
    await pass_by(timedelta(minutes=1))
    assert (await give()).json()["draft"]["picture"]["id"] != first


async def test_invitations_have_a_measure_whoever_they_are_to(a_person, fills, pass_by, worker):
    ines = await a_person()
    [home] = (await ines.ask("GET", "/v1/organisations")).json()
    path = f"/v1/organisations/{home['id']}/invitations"
    assert (await ines.ask("POST", path, {"email": "a@exemple.fr", "role": "member"})).status_code == 202
    await fills(key_of(INVITATIONS, UUID(home["id"])))
    refused = await ines.ask("POST", path, {"email": "b@exemple.fr", "role": "member"})
    assert (refused.status_code, 1 <= int(refused.headers["retry-after"]) <= 600) == (429, True)
    assert refused.json()["detail"].startswith("Beaucoup d’invitations sont parties aujourd’hui.")
    assert [one["email"] for one in (await ines.ask("GET", path)).json()] == ["a@exemple.fr"]
    await pass_by(timedelta(minutes=10))
    assert (await ines.ask("POST", path, {"email": "b@exemple.fr", "role": "member"})).status_code == 202


def test_a_whole_file_of_events_is_within_the_measure():
    assert min(DRAFTS.most, REVISIONS.most) >= 10_000
    assert REVISIONS_OF_EVENT.most == 100


@pytest.mark.parametrize("path", ["/v1/account/name", "/v1/tokens/refresh", "/v1/second-factor", "/connexion/code"])
async def test_a_body_that_is_longer_than_anybody_needs_is_refused(a_person, path):
    ines = await a_person()
    method = "PUT" if path.endswith("name") else "POST"
    answer = await ines.client.request(method, path, content=b"x" * (64 * 1024 + 1), headers=ines.headers)
    assert answer.status_code == 413


def changing(routes):
    for route in routes:
        if router := getattr(route, "original_router", None):
            yield from changing(router.routes)
        elif getattr(route, "endpoint", None) and rule_of(route.endpoint) is not None:
            yield from ((method, route.path) for method in route.methods - {"GET", "HEAD"})


SESSION = {
    "/connexion",
    "/connexion/code",
    "/connexion/double-authentification",
    "/connexion/suite",
    "/deconnexion",
    "/v1/accounts/export",
    "/v1/second-factor",
    "/v1/second-factor/confirmation",
    "/v1/second-factor/recovery-codes",
    "/v1/second-factor/removal",
    "/v1/sessions",
    "/v1/sessions/current",
    "/v1/sessions/{session_id}",
    "/v1/tokens",
    "/v1/tokens/refresh",
}
"""What stays open while it is read only: who may read comes in, goes, and takes along what is theirs."""


async def test_while_it_is_read_only_every_door_is_closed_that_changes_anything_but_who_is_signed_in(
    service, client, engine
):
    async with engine.begin() as tx:
        await turn(tx, READ_ONLY, None, "")
    await service.switches.look()
    there = set(changing(service.http.routes))
    assert {path for _, path in there} >= SESSION
    for method, path in sorted(there):
        answer = await client.request(method, path.replace(":path}", "}").replace("{", "").replace("}", ""))
        assert (answer.status_code == 503) == (path not in SESSION), f"{method} {path}: {answer.status_code}"


async def test_no_account_is_opened_by_any_door_meanwhile():
    [closing] = [one for one in CLOSINGS if one.switch == NO_NEW_ACCOUNTS]
    for path in ("/v1/accounts", "/inscription"):
        assert closing.closes("POST", path)
    for path in ("/v1/account/address", "/nouvelle-adresse", "/v1/tokens"):
        assert not closing.closes("POST", path)
