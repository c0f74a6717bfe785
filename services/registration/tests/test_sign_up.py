"""Who clicks confirms what they asked for themselves, and whoever owns the mailbox always gets in."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import jwt
import pytest
from pydantic import ValidationError

from backbone.campaign.typography import in_french

EMAIL = "ines@fonderie.example"
HERS, ANOTHERS = "douze lettres, ou plus", "un tout autre mot, de passage"
REPLACED = "Un compte a été demandé une nouvelle fois avec cette adresse : ce lien ne vaut plus."
PAUSE = timedelta(minutes=5)


@pytest.fixture
def signs_up(client, an_account):
    async def go(password=HERS, **changes):
        answer = await client.post("/v1/accounts", json=an_account(email=EMAIL, password=password, **changes))
        assert answer.status_code == 202
        return answer.json()

    return go


@pytest.fixture
def newest_link(worker, token_in_mail):
    async def read():
        assert await worker.run_due() == 1
        return token_in_mail()

    return read


@pytest.fixture
def who_gets_in(client):
    """Which of the two passwords opens the account."""

    async def ask():
        answers = {
            password: await client.post("/v1/tokens", json={"email": EMAIL, "password": password})
            for password in (HERS, ANOTHERS)
        }
        return [password for password, answer in answers.items() if answer.status_code == 200]

    return ask


async def confirm(client, token):
    return (await client.post("/v1/accounts/confirmations", json={"token": token})).status_code


async def test_a_click_never_confirms_what_somebody_else_has_put_in_its_place(
    client, signs_up, newest_link, who_gets_in, told
):
    await signs_up(HERS)
    first = await newest_link()
    await signs_up(ANOTHERS, name="Quelqu’un d’autre")
    for _ in range(2):
        answer = await client.post("/v1/accounts/confirmations", json={"token": first})
        assert (answer.status_code, answer.json()["detail"][: len(REPLACED)]) == (410, REPLACED)
        page = await client.post("/confirmer", data={"jeton": first})
        assert (page.status_code, in_french(REPLACED) in page.text) == (410, True)
    assert (await who_gets_in(), await told("registration.organisers")) == ([], [])


async def test_the_newest_link_confirms_the_newest_details_and_no_older_one_does_afterwards(
    client, signs_up, newest_link, pass_by, who_gets_in, told
):
    await signs_up(ANOTHERS, name="Quelqu’un d’autre")
    first = await newest_link()
    await signs_up(HERS)
    await pass_by(PAUSE)
    second = await newest_link()
    assert [await confirm(client, token) for token in (second, first, second)] == [200, 410, 200]
    assert await who_gets_in() == [HERS]
    assert [fact["name"] for _, fact in await told("registration.organisers")] == ["Inès Payet"]


async def test_a_form_sent_twice_is_one_sign_up_whose_link_holds(client, signs_up, newest_link, who_gets_in, told):
    await signs_up()
    token = await newest_link()
    for _ in range(3):
        await signs_up()
    page = await client.get("/confirmer", params={"jeton": token})
    assert "mot_de_passe" not in page.text  # nobody else has asked
    assert await confirm(client, token) == 200
    assert await who_gets_in() == [HERS]


async def test_a_name_put_right_makes_the_older_link_void(client, signs_up, newest_link, pass_by, told):
    await signs_up(name="Inès Paye")
    first = await newest_link()
    await signs_up(name="Inès Payet")
    await pass_by(PAUSE)
    assert [await confirm(client, token) for token in (first, await newest_link())] == [410, 200]
    assert [fact["name"] for _, fact in await told("registration.organisers")] == ["Inès Payet"]


@pytest.mark.parametrize("order", [(HERS, ANOTHERS), (ANOTHERS, HERS)])
async def test_where_two_have_asked_the_page_lets_in_who_knows_the_password_of_the_link(
    client, signs_up, newest_link, pass_by, who_gets_in, order
):
    """The owner of the mailbox clicks the newest mail, taking it for her own."""
    for password in order:
        await signs_up(password)
        await pass_by(PAUSE)
        token = await newest_link()
    page = await client.get("/confirmer", params={"jeton": token})
    assert "Un compte a été demandé plusieurs fois avec cette adresse." in page.text
    assert '<input id="mot_de_passe" name="mot_de_passe" type="password"' in page.text
    page = await client.post("/confirmer", data={"jeton": token})
    assert (page.status_code, await who_gets_in()) == (422, [])
    page = await client.post("/confirmer", data={"jeton": token, "mot_de_passe": HERS})
    if order[-1] == HERS:
        assert (page.status_code, "Votre adresse est confirmée" in page.text) == (200, True)
        assert await who_gets_in() == [HERS]
    else:
        assert (page.status_code, "Ce mot de passe n’est pas celui de cette demande." in page.text) == (422, True)
        assert await who_gets_in() == []


async def test_who_is_signed_up_for_over_and_over_gets_in_by_a_link_for_a_new_password(
    client, signs_up, worker, token_in_mail, mailer, who_gets_in, told
):
    await signs_up(HERS)
    await client.post("/v1/accounts/password-links", json={"email": EMAIL})
    assert await worker.run_due() == 2
    token = token_in_mail()
    await signs_up(ANOTHERS, name="Quelqu’un d’autre")  # does not make it void
    answer = await client.post("/v1/accounts/passwords", json={"token": token, "password": HERS})
    assert answer.status_code == 200
    await signs_up(ANOTHERS)
    assert await who_gets_in() == [HERS]
    assert len(await told("registration.organisers")) == 1


async def test_two_clicks_and_a_sign_up_at_one_moment_leave_one_owner(client, signs_up, newest_link, who_gets_in, told):
    await signs_up(HERS)
    token = await newest_link()
    answers = await asyncio.gather(confirm(client, token), signs_up(ANOTHERS), confirm(client, token))
    owners = await who_gets_in()
    assert (owners, answers[0], answers[2]) in (([HERS], 200, 200), ([], 410, 410))
    assert len(await told("registration.organisers")) == len(owners)


async def test_a_link_of_before_that_names_no_sign_up_confirms_nothing(client, signs_up, newest_link, private_key):
    await signs_up()
    claims = jwt.decode(await newest_link(), options={"verify_signature": False})
    del claims["jti"]
    assert await confirm(client, jwt.encode(claims, private_key, algorithm="EdDSA")) == 410


async def test_a_confirmed_address_that_signs_up_is_told_how_to_get_in(
    client, a_person, signs_up, worker, mailer, pass_by
):
    await a_person(EMAIL)
    mailer.sent.clear()
    await signs_up(ANOTHERS, name="Quelqu’un d’autre")
    assert await worker.run_due() == 1
    [mail] = mailer.sent
    text = mail.get_body(("plain",)).get_content()
    assert (mail["To"], mail["Subject"]) == (EMAIL, "Vous avez déjà un compte pour la Semaine de l’industrie")
    assert "Vous en avez déjà un :\nconnectez-vous avec le mot de passe que vous avez choisi." in text
    assert "https://inscription.example/mot-de-passe?jeton=" in text
    assert "Quelqu’un" not in text


# How many mails.


async def test_fifteen_sign_ups_in_a_minute_are_one_mail_and_fifteen_times_the_same_answer(
    signs_up, worker, mailer, pass_by
):
    answers = [await signs_up() for _ in range(15)]
    assert all(answer == answers[0] for answer in answers)
    assert (await worker.run_due(), len(mailer.sent)) == (1, 1)
    await pass_by(PAUSE)
    assert await worker.run_due() == 0
    await signs_up()  # it got lost, say
    assert (await worker.run_due(), len(mailer.sent)) == (1, 2)


async def test_of_sign_ups_that_differ_the_last_is_mailed_once_the_pause_is_over(
    client, signs_up, worker, mailer, pass_by, token_in_mail, who_gets_in
):
    for n in range(15):
        await signs_up(f"{HERS} {n}")
    await signs_up(HERS)
    for minutes, mails in ((0, 1), (4, 1), (1, 2), (5, 2)):
        await pass_by(timedelta(minutes=minutes))
        await worker.run_due()
        assert len(mailer.sent) == mails
    assert await confirm(client, token_in_mail()) == 200
    assert await who_gets_in() == [HERS]


@pytest.mark.parametrize("path", ["/v1/accounts", "/v1/accounts/password-links"])
async def test_a_confirmed_address_is_mailed_once_in_five_minutes_and_ten_times_a_day(
    client, a_person, an_account, worker, mailer, pass_by, path
):
    await a_person(EMAIL)
    mailer.sent.clear()
    body = an_account(email=EMAIL) if path == "/v1/accounts" else {"email": EMAIL}
    for _ in range(3):
        assert (await client.post(path, json=body)).status_code == 202
        await worker.run_due()
    assert len(mailer.sent) == 1
    for _ in range(20):
        await pass_by(PAUSE)
        assert (await client.post(path, json=body)).status_code == 202
        await worker.run_due()
    assert len(mailer.sent) == 9  # the first of the day's ten was the confirmation


async def test_an_account_erased_and_opened_again_does_not_get_around_the_pause(
    client, signs_up, worker, mailer, an_account
):
    for _ in range(4):
        await signs_up()
        await worker.run_due()
        erased = await client.post("/v1/accounts/erasure", json={"email": EMAIL, "password": HERS})
        assert erased.status_code == 200
    assert len(mailer.sent) <= 1 + 1  # an account of its own each time: the second waits for the pause


async def test_a_sender_whom_no_mail_may_come_from_is_refused_before_anything_starts(settings):
    with pytest.raises(ValidationError, match="not one address"):
        type(settings)(**settings.model_dump() | {"mail_from": "Préfecture, pôle Nord <ne@x.example>"})
