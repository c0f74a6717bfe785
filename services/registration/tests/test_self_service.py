"""A person changes their name, their password, their address; whoever mails them hears of it, and nobody else learns
who has an account."""

from __future__ import annotations

import re

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import select

from registration.store import sessions

EMAIL, NEW, PASSWORD = "ines@fonderie.example", "ines@forge.example", "douze lettres, ou plus"
LINK = re.compile(r"https://inscription\.example/nouvelle-adresse\?jeton=(\S+)")


@pytest.fixture
async def ines(a_person):
    return await a_person(EMAIL)


@pytest.fixture
def signs_in(client):
    async def go(email=EMAIL, password=PASSWORD):
        return (await client.post("/v1/tokens", json={"email": email, "password": password})).status_code

    return go


@pytest.fixture
def newest(mailer, worker):
    """To whom the newest mail went, its subject, and its words."""

    async def read():
        await worker.run_due()
        mail = mailer.sent[-1]
        return mail["to"], mail["subject"], mail.get_body(("plain",)).get_content()

    return read


@pytest.fixture
def asks(ines):
    async def go(email=NEW, password=PASSWORD):
        return await ines.ask("POST", "/v1/account/address", {"email": email, "password": password})

    return go


async def test_a_person_is_called_otherwise_and_it_is_told_once(ines, told):
    seen = (await ines.ask("GET", "/v1/account")).json()
    assert (seen["name"], seen["email"], seen["role"]) == ("Inès Payet", EMAIL, "organiser")
    for _ in range(2):
        answer = await ines.ask("PUT", "/v1/account/name", {"name": "Inès Payet-Martin"})
        assert answer.json()["name"] == "Inès Payet-Martin"
    assert await told("registration.organisers") == [
        ("OrganiserRegistered", {"organiser_id": seen["id"], "name": "Inès Payet", "email": EMAIL, **ORGANISATION}),
        ("OrganiserChanged", {"organiser_id": seen["id"], "name": "Inès Payet-Martin", "email": EMAIL, **ORGANISATION}),
    ]
    refused = await ines.ask("PUT", "/v1/account/name", {"name": "Inès\nPayet"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "name")


ORGANISATION = {"organisation": "Fonderie de l’Erdre"}


async def test_another_address_counts_once_it_is_confirmed_and_the_one_before_is_told(
    ines, asks, newest, client, signs_in, told, mailer
):
    assert (await asks()).status_code == 202
    to, subject, words = await newest()
    assert (to, subject) == (NEW, "Confirmez votre nouvelle adresse pour la Semaine de l’industrie")
    assert EMAIL not in words
    assert (await signs_in(EMAIL), await signs_in(NEW)) == (200, 401)
    token = {"token": LINK.search(words)[1]}
    answers = [await client.post("/v1/account/address/confirmations", json=token) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 410]
    assert (await signs_in(EMAIL), await signs_in(NEW)) == (401, 200)
    to, subject, words = await newest()
    assert (to, subject) == (EMAIL, "L’adresse de votre compte a été changée – Semaine de l’industrie")
    assert NEW not in words
    [_, (kind, fact)] = await told("registration.organisers")
    assert (kind, fact["email"], fact["name"]) == ("OrganiserChanged", NEW, "Inès Payet")


async def test_the_link_in_the_mail_leads_to_a_page_with_a_button(service, asks, newest, signs_in):
    await asks()
    token = LINK.search((await newest())[2])[1]
    async with AsyncClient(transport=ASGITransport(service.http), base_url="https://inscription.example") as browser:
        page = await browser.get("/nouvelle-adresse", params={"jeton": token})
        assert "<h1>Confirmez votre nouvelle adresse</h1>" in page.text
        assert await signs_in(NEW) == 401
        done = await browser.post("/nouvelle-adresse", data={"jeton": token})
        assert "Votre nouvelle adresse est enregistrée" in done.text
        again = await browser.post("/nouvelle-adresse", data={"jeton": token})
        assert (again.status_code, "Ce lien a expiré, a déjà servi" in again.text) == (410, True)
    assert await signs_in(NEW) == 200


async def test_nobody_learns_whether_the_other_address_has_an_account_but_its_owner(
    ines, a_person, asks, newest, client, signs_in
):
    await a_person("paul@forge.example")
    free, taken = await asks("libre@forge.example"), await asks("paul@forge.example")
    assert (free.status_code, free.json()) == (taken.status_code, taken.json())
    again = await asks("paul@forge.example")
    assert (again.status_code, again.json()) == (free.status_code, free.json())
    to, subject, words = await newest()
    assert (to, subject) == ("paul@forge.example", "Cette adresse a déjà un compte – Semaine de l’industrie")
    assert EMAIL not in words
    assert "jeton" not in words


async def test_a_link_is_void_once_the_address_is_somebody_elses(ines, a_person, asks, newest, client, signs_in):
    await asks("paul@forge.example")
    token = {"token": LINK.search((await newest())[2])[1]}
    await a_person("paul@forge.example")
    assert (await client.post("/v1/account/address/confirmations", json=token)).status_code == 410
    assert (await signs_in(EMAIL), await signs_in("paul@forge.example")) == (200, 200)


async def test_a_sign_up_for_it_that_nobody_confirmed_gives_way(
    ines, client, an_account, worker, asks, newest, signs_in
):
    await client.post("/v1/accounts", json=an_account(email=NEW, password="une tout autre phrase"))
    await worker.run_due()
    await asks()
    token = {"token": LINK.search((await newest())[2])[1]}
    assert (await client.post("/v1/account/address/confirmations", json=token)).status_code == 200
    assert await signs_in(NEW) == 200


async def test_a_stolen_token_changes_neither_address_nor_password(ines, asks, worker):
    refused = await asks(password="pas le bon du tout")
    assert (refused.status_code, refused.json()["errors"]) == (
        422,
        [{"field": "password", "message": "Ce mot de passe n’est pas le vôtre."}],
    )
    wanted = {"password": "pas le bon du tout", "new_password": "une tout autre phrase"}
    assert (await ines.ask("PUT", "/v1/account/password", wanted)).status_code == 422
    assert await worker.run_due() == 0


async def test_another_password_ends_every_session_but_the_one_it_was_changed_in(
    ines, client, engine, signs_in, newest
):
    elsewhere = (await client.post("/v1/tokens", json={"email": EMAIL, "password": PASSWORD})).json()
    wanted = {"password": PASSWORD, "new_password": "une tout autre phrase"}
    here = (await ines.ask("PUT", "/v1/account/password", wanted)).json()
    for token, status in ((elsewhere, 401), (here, 200)):
        answer = await client.post("/v1/tokens/refresh", json={"refresh_token": token["refresh_token"]})
        assert answer.status_code == status
    async with engine.connect() as tx:
        assert len((await tx.execute(select(sessions))).all()) == 1
    assert (await signs_in(), await signs_in(password="une tout autre phrase")) == (401, 200)
    to, subject, words = await newest()
    assert (to, subject) == (EMAIL, "Votre mot de passe a été changé – Semaine de l’industrie")
    assert "https://inscription.example/mot-de-passe" in words


@pytest.mark.parametrize("password", ["court", "motdepasse123", EMAIL])
async def test_the_new_password_is_chosen_as_well_as_the_first(ines, password):
    refused = await ines.ask("PUT", "/v1/account/password", {"password": PASSWORD, "new_password": password})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "new_password")
