"""An operator closes a door for a while: who comes is told so, loses nothing, and finds it open again."""

from __future__ import annotations

import pytest

from backbone.postgres.switches import NO_MAIL, NO_NEW_ACCOUNTS, READ_ONLY, turn, turn_off

PAGE = {"Accept": "text/html"}


@pytest.fixture
def turns(engine, service):
    async def turn_one(name, *, on=True, note=""):
        async with engine.begin() as tx:
            await (turn(tx, name, None, note) if on else turn_off(tx, name))
        await service.switches.look()  # as it does every other second

    return turn_one


async def test_while_it_is_read_only_nothing_changes_and_all_can_be_read(mine, a_draft, turns, told):
    person, event_id = mine
    before = await told()
    await turns(READ_ONLY, note="Retour à midi.")
    refused = await person.ask("POST", "/v1/events", a_draft())
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "300"
    assert refused.json() == {
        "type": "/problemes/suspendu-un-moment",
        "title": "Suspendu un moment",
        "status": 503,
        "detail": "Les dépôts et les modifications sont suspendus un moment. Rien n’est perdu, et tout se lit. "
        "Retour à midi.",
    }
    for method, path in (
        ("PUT", f"/v1/events/{event_id}"),
        ("POST", f"/v1/events/{event_id}/submission"),
        ("POST", f"/v1/events/{event_id}/withdrawal"),
        ("POST", "/v1/accounts/erasure"),
        ("POST", "/v1/accounts"),
        ("POST", "/mot-de-passe"),
    ):
        assert (await person.ask(method, path, {})).status_code == 503, path
    assert (await person.reads(event_id))["id"] == event_id
    assert (await person.ask("POST", "/v1/tokens", {"email": person.email, "password": "x" * 12})).status_code == 401
    assert await told() == before

    await turns(READ_ONLY, on=False)
    assert (await person.ask("POST", "/v1/events", a_draft())).status_code == 201


async def test_pages_say_at_their_top_what_is_closed_and_what_the_operator_wrote(client, turns):
    words = "sont suspendus un moment"
    assert words not in (await client.get("/connexion", headers=PAGE)).text
    await turns(READ_ONLY, note="Retour à <midi>.")
    page = (await client.get("/connexion", headers=PAGE)).text
    assert '<p class="banner" role="status">Les dépôts et les modifications sont suspendus un moment.' in page
    assert "Retour à &lt;midi&gt;." in page
    assert page.index("banner") < page.index("<main")
    sent = await client.post("/mot-de-passe", data={"adresse": "ines@fonderie.example"}, headers=PAGE)
    assert sent.status_code == 503
    assert "<h1>Suspendu un moment</h1>" in sent.text
    await turns(NO_MAIL)
    page = (await client.get("/connexion", headers=PAGE)).text
    assert page.count('class="banner"') == 2
    assert "Ceux que vous attendez partiront ensuite." in page


async def test_no_account_is_opened_meanwhile_and_who_has_one_goes_on(mine, client, an_account, a_draft, turns):
    person, _ = mine
    await turns(NO_NEW_ACCOUNTS)
    refused = await client.post("/v1/accounts", json=an_account(email="paul@forge.example"))
    assert refused.status_code == 503
    assert refused.json()["detail"] == (
        "L’ouverture de comptes est suspendue un moment. Qui a déjà un compte peut continuer."
    )
    assert (await person.ask("POST", "/v1/events", a_draft())).status_code == 201


def test_the_switches_of_a_service_are_those_of_its_doors_and_its_jobs(service):
    assert service.switch_names == [
        "read-only",
        "no-new-accounts",
        "no-mail",
        "pace-mailing",
        "pace-erasure",
        "pace-reminder",
        "pace-attendance-call",
        "pace-upload",
    ]
