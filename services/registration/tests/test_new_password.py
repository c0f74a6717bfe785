"""A forgotten password is replaced by who owns the mailbox, once, and nobody learns who has an account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from backbone.campaign.typography import in_french
from registration.confirmation import NEW_PASSWORD
from registration.domain.password import COMMON

EMAIL = "ines@fonderie.example"
OLD, NEW = "douze lettres, ou plus", "les cerises du verger voisin"
USED = "Ce lien a expiré, a déjà servi ou est incomplet. Demandez-en un autre : il vous parviendra par courriel."


@pytest.fixture
async def ines(a_person, mailer):
    person = await a_person(EMAIL)
    mailer.sent.clear()
    return person


@pytest.fixture
def asks(client, worker, token_in_mail):
    """Asks for a link; the token in the mail."""

    async def go(email=EMAIL):
        answer = await client.post("/v1/accounts/password-links", json={"email": email})
        assert answer.status_code == 202
        assert await worker.run_due() == 1
        return token_in_mail()

    return go


async def sign_in(client, password):
    return (await client.post("/v1/tokens", json={"email": EMAIL, "password": password})).status_code


async def test_the_link_sets_a_password_once(client, ines, asks, told):
    token = await asks(" Ines@Fonderie.example ")
    for status in (200, 410, 410):
        answer = await client.post("/v1/accounts/passwords", json={"token": token, "password": NEW})
        assert answer.status_code == status
    assert answer.json()["detail"] == USED
    assert [await sign_in(client, password) for password in (OLD, NEW)] == [401, 200]
    assert len(await told("registration.organisers")) == 1


@pytest.mark.parametrize("known", ["fonderie de l’erdre", "Ines Payet 2026", EMAIL, "iloveyouiloveyou"])
async def test_what_is_known_of_its_owner_is_no_new_password_and_the_link_lives_on(client, ines, asks, known):
    token = await asks()
    answer = await client.post("/v1/accounts/passwords", json={"token": token, "password": known})
    assert (answer.status_code, answer.json()["errors"]) == (422, [{"field": "password", "message": COMMON}])
    page = await client.post("/mot-de-passe/nouveau", data={"jeton": token, "mot_de_passe": known})
    assert (page.status_code, COMMON in page.text) == (422, True)
    answer = await client.post("/v1/accounts/passwords", json={"token": token, "password": NEW})
    assert answer.status_code == 200


async def test_one_link_used_makes_the_others_void(client, ines, asks, pass_by):
    first = await asks()
    await pass_by(timedelta(minutes=5))
    second = await asks()
    answers = [
        await client.post("/v1/accounts/passwords", json={"token": token, "password": NEW}) for token in (second, first)
    ]
    assert [answer.status_code for answer in answers] == [200, 410]


async def test_an_old_link_sets_nothing(client, ines, asks, private_key):
    claims = jwt.decode(await asks(), options={"verify_signature": False})
    claims["exp"] = datetime.now(UTC) - timedelta(seconds=1)
    token = jwt.encode(claims, private_key, algorithm="EdDSA")
    assert (await client.post("/v1/accounts/passwords", json={"token": token, "password": NEW})).status_code == 410


async def test_a_link_is_for_one_thing(client, ines, asks, an_account, worker, token_in_mail):
    access = ines.headers["Authorization"].removeprefix("Bearer ")
    token = await asks()
    assert jwt.decode(token, options={"verify_signature": False})["aud"] == NEW_PASSWORD
    assert (await client.post("/v1/accounts/confirmations", json={"token": token})).status_code == 410
    await client.post("/v1/accounts", json=an_account(email="paul@fonderie.example"))
    await worker.run_due()
    for other in (access, token_in_mail()):
        answer = await client.post("/v1/accounts/passwords", json={"token": other, "password": NEW})
        assert answer.status_code == 410


async def test_an_address_without_an_account_is_answered_alike_and_sent_nothing(client, ines, worker, mailer):
    answers = [
        await client.post("/v1/accounts/password-links", json={"email": email}) for email in (EMAIL, "paul@x.example")
    ]
    assert (answers[0].status_code, answers[0].content) == (202, answers[1].content)
    assert await worker.run_due() == 2  # both cost as much
    assert [str(mail["To"]) for mail in mailer.sent] == [EMAIL]


async def test_a_common_password_is_refused_and_the_link_still_holds(client, ines, asks):
    token = await asks()
    answer = await client.post("/v1/accounts/passwords", json={"token": token, "password": "motdepasse2026"})
    assert [error["field"] for error in answer.json()["errors"]] == ["password"]
    answer = await client.post("/v1/accounts/passwords", json={"token": token, "password": NEW})
    assert answer.status_code == 200


async def test_who_has_guessed_too_often_begins_anew_with_a_new_password(client, ines, asks):
    for _ in range(12):
        status = await sign_in(client, "pas le bon mot de passe")
    assert status == 429
    answer = await client.post("/v1/accounts/passwords", json={"token": await asks(), "password": NEW})
    assert answer.status_code == 200
    assert await sign_in(client, NEW) == 200


# The pages.


async def test_the_pages_lead_from_a_forgotten_password_to_a_new_one(client, ines, worker, token_in_mail):
    page = await client.get("/mot-de-passe")
    assert '<label for="adresse">Votre adresse électronique</label>' in page.text
    page = await client.post("/mot-de-passe", data={"adresse": "pas une adresse"})
    assert (page.status_code, "Indiquez une adresse électronique valable" in page.text) == (422, True)
    page = await client.post("/mot-de-passe", data={"adresse": EMAIL})
    assert (page.status_code, "Regardez vos courriels" in page.text) == (200, True)
    await worker.run_due()
    page = await client.get("/mot-de-passe", params={"jeton": token_in_mail()})
    assert f'value="{token_in_mail()}"' in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    form = {"jeton": token_in_mail(), "mot_de_passe": "court"}
    page = await client.post("/mot-de-passe/nouveau", data=form)
    assert (page.status_code, "de 12 à 200 caractères" in page.text) == (422, True)
    page = await client.post("/mot-de-passe/nouveau", data=form | {"mot_de_passe": NEW})
    assert (page.status_code, "Votre nouveau mot de passe est enregistré." in page.text) == (200, True)
    assert await sign_in(client, NEW) == 200
    page = await client.post("/mot-de-passe/nouveau", data=form | {"mot_de_passe": OLD})
    assert (page.status_code, in_french(USED) in page.text) == (410, True)
