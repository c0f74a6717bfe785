"""A second factor: set by an app's first code, asked for at each sign-in, and needed to decide about others."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy import select, update

from backbone.postgres.upkeep import Upkeep
from backbone.service.floor import open_floor
from registration import store
from registration.app import create_app
from registration.commands.people import reset_second_factor
from registration.domain.second_factor import address_for_app, code_of, new_recovery_codes, step_at, step_of
from registration.store.tables import accounts, second_factors, sessions

EMAIL, PASSWORD = "ines@fonderie.example", "douze lettres, ou plus"
OURS = {"Sec-Fetch-Site": "same-origin"}
RFC_6238 = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}


@pytest.fixture
def signs_in(client):
    async def go(code=None, password=PASSWORD):
        return await client.post("/v1/tokens", json={"email": EMAIL, "password": password, "code": code})

    return go


@pytest.fixture
async def ines(a_person):
    return await a_person(EMAIL)


@pytest.fixture
def becomes(engine):
    async def change(role, *regions):
        async with engine.begin() as tx:
            await tx.execute(update(accounts).values(role=role, regions=list(regions)))

    return change


@pytest.fixture
def sets(ines):
    """Inès sets up an app; its secret, and her recovery codes."""

    async def go():
        setting = (await ines.ask("POST", "/v1/second-factor", {"password": PASSWORD})).json()
        shown = {"ticket": setting["ticket"], "code": code_of(setting["secret"], step_at(time.time()) - 1)}
        answer = await ines.ask("POST", "/v1/second-factor/confirmation", shown)
        assert answer.status_code == 200, answer.text
        return setting["secret"], answer.json()["recovery_codes"]

    return go


def now_code(secret, after=0):
    return code_of(secret, step_at(time.time()) + after)


def role_of(answer):
    return jwt.decode(answer.json()["access_token"], options={"verify_signature": False})["role"]


@pytest.mark.parametrize(("at", "code"), RFC_6238.items())
def test_codes_are_those_of_the_standard(at, code):
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert code_of(secret, step_at(at)) == code
    assert step_of(secret, code, now=at + 29, last=None) == step_at(at)
    assert step_of(secret, code, now=at, last=step_at(at)) is None
    assert step_of(secret, code, now=at + 90, last=None) is None


def test_an_app_is_told_whose_code_it_is():
    said = address_for_app("ABCD", "ines+ici@fonderie.example")
    assert said == (
        "otpauth://totp/Semaine%20de%20l%E2%80%99industrie:ines%2Bici%40fonderie.example"
        "?secret=ABCD&issuer=Semaine%20de%20l%E2%80%99industrie"
    )


def test_recovery_codes_can_be_read_from_paper():
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[a-z2-7]{4}(-[a-z2-7]{4}){3}", code) for code in codes)


async def test_who_has_set_one_is_asked_for_it_after_the_password(ines, sets, signs_in):
    secret, _ = await sets()
    asked = await signs_in()
    assert (asked.status_code, asked.json()["type"]) == (401, "/problemes/second-facteur")
    assert asked.json()["detail"].startswith("Saisissez le code à six chiffres")
    assert (await signs_in(password="pas le bon du tout")).json()["type"] == "/problemes/connexion-necessaire"
    wrong = await signs_in("000000" if now_code(secret) != "000000" else "111111")
    assert (wrong.status_code, wrong.json()["type"]) == (401, "/problemes/second-facteur")
    entered = await signs_in(now_code(secret))
    assert (entered.status_code, entered.json()["second_factor"]) == (200, "shown")
    told = (await ines.ask("GET", "/v1/second-factor")).json()
    assert (told["is_set"], told["is_required"], told["recovery_codes_left"]) == (True, False, 10)


async def test_no_code_serves_twice(sets, signs_in):
    secret, codes = await sets()
    code = now_code(secret)
    assert [(await signs_in(code)).status_code for _ in range(2)] == [200, 401]
    assert (await signs_in(now_code(secret, -1))).status_code == 401  # nor one of before
    assert (await signs_in(now_code(secret, +1))).status_code == 200
    spaced = codes[0].upper().replace("-", "  ")
    assert [(await signs_in(spaced)).status_code for _ in range(2)] == [200, 401]


async def test_who_uses_a_recovery_code_is_told_by_mail(sets, signs_in, worker, mailer):
    _, codes = await sets()
    await worker.run_due()
    await signs_in(codes[3])
    assert await worker.run_due() == 1
    assert mailer.sent[-1]["subject"] == "Un code de secours a servi – Semaine de l’industrie"


async def test_codes_are_not_guessed(sets, signs_in, pass_by):
    secret, _ = await sets()
    tries = [await signs_in(f"{number:06}") for number in range(12)]
    assert [answer.status_code for answer in tries[-2:]] == [429, 429]
    assert tries[-1].json()["detail"] == "Trop de codes essayés pour ce compte. Réessayez dans 3 heures."
    assert (await signs_in(now_code(secret))).status_code == 429
    await pass_by(timedelta(days=1))
    assert (await signs_in(now_code(secret))).status_code == 200


async def test_its_secret_is_sealed_and_its_recovery_codes_are_hashed(engine, sets):
    secret, codes = await sets()
    async with engine.connect() as tx:
        kept = str((await tx.execute(select(second_factors))).all())
    assert secret not in kept
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]


@pytest.mark.parametrize("role", ["reviewer", "administrator"])
async def test_who_must_have_one_reviews_nothing_before_it_is_set(ines, becomes, sets, signs_in, client, role):
    await becomes(role, "84")
    weak = await signs_in()
    assert (weak.json()["second_factor"], role_of(weak)) == ("required", "organiser")
    ines.headers = {"Authorization": f"Bearer {weak.json()['access_token']}"}
    assert (await ines.ask("GET", "/v1/second-factor")).json()["is_required"] is True
    secret, _ = await sets()
    strong = await client.post("/v1/tokens/refresh", json={"refresh_token": weak.json()["refresh_token"]})
    assert (strong.json()["second_factor"], role_of(strong)) == ("shown", role)
    assert role_of(await signs_in(now_code(secret))) == role


async def test_a_session_that_was_begun_without_it_gains_no_role(ines, becomes, sets, signs_in, client):
    other = (await signs_in()).json()["refresh_token"]
    await sets()
    await becomes("reviewer", "84")
    answer = await client.post("/v1/tokens/refresh", json={"refresh_token": other})
    assert (answer.json()["second_factor"], role_of(answer)) == ("required", "organiser")


async def test_who_takes_it_away_shows_it_once_more_and_is_told(ines, becomes, sets, signs_in, client, worker, mailer):
    await becomes("reviewer", "84")
    secret, _ = await sets()
    refresh = (await signs_in(now_code(secret))).json()["refresh_token"]
    given = {"password": PASSWORD, "code": "000000"}
    refused = await ines.ask("POST", "/v1/second-factor/removal", given)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "code")
    refused = await ines.ask("POST", "/v1/second-factor/removal", given | {"password": "pas le bon du tout"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "password")
    given["code"] = now_code(secret, 1)
    assert (await ines.ask("POST", "/v1/second-factor/removal", given)).status_code == 200
    assert (await ines.ask("POST", "/v1/second-factor/removal", given)).status_code == 409
    answer = await client.post("/v1/tokens/refresh", json={"refresh_token": refresh})
    assert role_of(answer) == "organiser"
    await worker.run_due()
    assert mailer.sent[-1]["subject"] == "La double authentification est désactivée – Semaine de l’industrie"


async def test_recovery_codes_are_replaced(ines, sets, signs_in):
    secret, before = await sets()
    answer = await ines.ask(
        "POST", "/v1/second-factor/recovery-codes", {"password": PASSWORD, "code": now_code(secret)}
    )
    after = answer.json()["recovery_codes"]
    assert not set(before) & set(after)
    assert [(await signs_in(code)).status_code for code in (before[0], after[0])] == [401, 200]


async def test_nobody_sets_one_with_a_ticket_of_somebody_else_or_without_the_password(ines, a_person, sets):
    refused = await ines.ask("POST", "/v1/second-factor", {"password": "pas le bon du tout"})
    assert refused.status_code == 422
    paul = await a_person("paul@forge.example")
    his = (await paul.ask("POST", "/v1/second-factor", {"password": PASSWORD})).json()
    shown = {"ticket": his["ticket"], "code": now_code(his["secret"])}
    assert (await ines.ask("POST", "/v1/second-factor/confirmation", shown)).status_code == 410
    await sets()
    assert (await ines.ask("POST", "/v1/second-factor", {"password": PASSWORD})).status_code == 409


async def test_an_account_with_one_is_not_erased_by_the_password_alone(client, sets):
    secret, _ = await sets()
    given = {"email": EMAIL, "password": PASSWORD}
    assert (await client.post("/v1/accounts/erasure", json=given)).status_code == 401
    assert (await client.post("/v1/accounts/erasure", json=given | {"code": now_code(secret)})).status_code == 200


async def test_an_operator_takes_away_one_that_was_lost_and_its_owner_is_told(
    engine, settings, ines, sets, signs_in, worker, mailer
):
    await sets()
    with pytest.raises(SystemExit, match="no account has this address"):
        await reset_second_factor(settings, ["personne@forge.example"])
    await worker.run_due()
    await reset_second_factor(settings, [EMAIL])
    assert (await signs_in()).json()["second_factor"] == "none"
    assert await worker.run_due() == 1
    assert mailer.sent[-1]["to"] == EMAIL
    assert mailer.sent[-1]["subject"] == ("Votre double authentification a été réinitialisée – Semaine de l’industrie")
    async with engine.connect() as tx:
        assert len((await tx.execute(select(sessions))).all()) == 1  # the one just begun
    with pytest.raises(SystemExit, match="has no second factor"):
        await reset_second_factor(settings, [EMAIL])


async def test_another_signing_key_seals_what_the_one_before_has_sealed(
    engine, settings, clock, mailer, sets, signs_in
):
    secret, _ = await sets()
    new = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    old = settings.signing_key.get_secret_value()
    for pems in ([new, old], [new]):
        apart = settings.model_copy(update={"signing_key": SecretStr("\n".join(pems))})
        service = create_app(apart, open_floor(apart, clock=clock), mailer=mailer)
        desk = service.http.state.desk
        await Upkeep(engine, [store.sealed_anew(desk.vault.anew, desk.vault.name)]).purge_all()
        async with AsyncClient(transport=ASGITransport(service.http), base_url="http://registration") as client:
            given = {"email": EMAIL, "password": PASSWORD, "code": now_code(secret, len(pems) % 2)}
            assert (await client.post("/v1/tokens", json=given)).status_code == 200
        await service.engine.dispose()


async def test_where_the_signing_key_was_lost_a_recovery_code_lets_its_owner_in(settings, clock, mailer, sets, caplog):
    secret, codes = await sets()
    new = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    apart = settings.model_copy(update={"signing_key": SecretStr(new)})
    service = create_app(apart, open_floor(apart, clock=clock), mailer=mailer)
    async with AsyncClient(transport=ASGITransport(service.http), base_url="http://registration") as client:
        given = {"email": EMAIL, "password": PASSWORD}
        for code, status in ((now_code(secret), 401), (codes[0], 200)):
            assert (await client.post("/v1/tokens", json=given | {"code": code})).status_code == status
    assert "a second factor cannot be read" in caplog.text
    await service.engine.dispose()


@pytest.fixture
async def browser(service):
    async with AsyncClient(transport=ASGITransport(service.http), base_url="http://127.0.0.1:8000") as browser:
        browser.headers.update(OURS)
        yield browser


def field(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', page.text)[1]


async def test_a_reviewer_is_led_to_set_one_at_the_first_sign_in_and_shows_it_at_the_next(ines, becomes, browser):
    await becomes("reviewer", "84")
    form = {"adresse": EMAIL, "mot_de_passe": PASSWORD, "retour": "/relecture/aide"}
    page = await browser.post("/connexion", data=form)
    assert "<h1>Protégez votre compte</h1>" in page.text
    assert "<svg" in page.text
    assert not browser.cookies
    secret = re.search(r"<code[^>]*>([A-Z2-7]{32})</code>", page.text)[1]
    given = {"billet": field(page, "billet"), "retour": field(page, "retour"), "code": "000000"}
    again = await browser.post("/connexion/double-authentification", data=given)
    assert (again.status_code, secret in again.text) == (422, True)
    assert "Ce code n’est pas le bon" in again.text
    given["code"] = now_code(secret, -1)
    done = await browser.post("/connexion/double-authentification", data=given)
    assert len(re.findall(r"<li><code>[a-z2-7-]{19}</code></li>", done.text)) == 10
    assert 'href="/relecture/aide"' in done.text
    assert jwt.decode(browser.cookies.get("session"), options={"verify_signature": False})["role"] == "reviewer"
    again = await browser.post("/connexion/double-authentification", data=given)
    assert again.status_code == 410

    browser.cookies.clear()
    page = await browser.post("/connexion", data=form)
    assert "<h1>Votre code</h1>" in page.text
    assert not browser.cookies
    given = {"billet": field(page, "billet"), "retour": field(page, "retour"), "code": now_code(secret, -1)}
    refused = await browser.post("/connexion/code", data=given)
    assert (refused.status_code, "Ce code n’est pas le bon, ou a déjà servi." in refused.text) == (401, True)
    entered = await browser.post(
        "/connexion/code", data=given | {"code": f" {now_code(secret)[:3]} {now_code(secret)[3:]}"}
    )
    assert (entered.status_code, entered.headers["location"]) == (303, "/relecture/aide")
    assert jwt.decode(browser.cookies.get("session"), options={"verify_signature": False})["role"] == "reviewer"


async def test_a_code_without_the_password_before_it_enters_nowhere(browser, sets):
    secret, _ = await sets()
    for ticket in ("", "nonsense", "é"):
        answer = await browser.post("/connexion/code", data={"billet": ticket, "code": now_code(secret)})
        assert (answer.status_code, "Connectez-vous de nouveau." in answer.text) == (410, True)
    assert not browser.cookies
