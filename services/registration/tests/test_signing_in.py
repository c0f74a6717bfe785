"""A person signs in on a page, stays signed in for a working day, and signs out."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import update

from backbone.http.access import read_token
from backbone.service.floor import open_floor
from registration.app import create_app
from registration.store import accounts, sessions, set_second_factor

EMAIL, PASSWORD = "ines@fonderie.example", "douze lettres, ou plus"
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def ines(a_person):
    return await a_person(EMAIL)


@pytest.fixture
async def browser(service):
    """A browser on the machine of the service, which keeps cookies."""
    async with AsyncClient(transport=ASGITransport(service.http), base_url="http://127.0.0.1:8000") as browser:
        yield browser


@pytest.fixture
def signs_in(browser):
    async def go(password=PASSWORD, retour="/relecture?region=84", headers=OURS):
        form = {"adresse": EMAIL, "mot_de_passe": password, "retour": retour}
        return await browser.post("/connexion", data=form, headers=headers)

    return go


async def test_who_signs_in_is_sent_where_they_wanted_to_go_with_a_token_that_services_read(service, ines, signs_in):
    answer = await signs_in()
    assert (answer.status_code, answer.headers["location"]) == (303, "/relecture?region=84")
    caller = await read_token(answer.cookies["session"], service.http.state.desk.signer)
    assert (caller.role, caller.organisation) == ("organiser", "Fonderie de l’Erdre")
    session, staying, ending = answer.headers.get_list("set-cookie")
    assert re.fullmatch(r"session=\S+; HttpOnly; Max-Age=900; Path=/; SameSite=lax", session)
    assert re.fullmatch(r"suite=\S+; HttpOnly; Max-Age=36000; Path=/connexion; SameSite=lax", staying)
    assert re.fullmatch(r"fin=\S+; HttpOnly; Max-Age=36000; Path=/deconnexion; SameSite=lax", ending)


@pytest.mark.parametrize("origin", ["https://inscription.example", "http://inscription.example"])
async def test_but_on_this_machine_the_cookie_is_sent_by_https_alone(service, ines, origin):
    async with AsyncClient(transport=ASGITransport(service.http), base_url=origin) as browser:
        form = {"adresse": EMAIL, "mot_de_passe": PASSWORD}
        answer = await browser.post("/connexion", data=form, headers={"Origin": origin})
    assert [cookie.endswith("; Secure") for cookie in answer.headers.get_list("set-cookie")] == [True, True, True]


@pytest.mark.parametrize(
    "wanted",
    [
        "https://mechant.example",
        "//mechant.example",
        "/\\mechant.example",
        "/\t/mechant.example",
        "javascript:alert(1)",
    ],
)
async def test_nobody_is_sent_to_another_site(ines, signs_in, browser, wanted):
    page = await browser.get("/connexion", params={"retour": wanted})
    assert 'name="retour" value=""' in page.text
    answer = await signs_in(retour=wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, "/mes-evenements")


async def test_a_wrong_password_is_said_and_the_address_kept(ines, signs_in):
    answer = await signs_in(password="pas le bon du tout")
    assert (answer.status_code, answer.cookies.get("session")) == (401, None)
    assert "Mot de passe ou adresse inconnus." in answer.text
    assert f'value="{EMAIL}"' in answer.text
    assert 'value="/relecture?region=84"' in answer.text


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://mechant.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_a_form_of_another_site_signs_nobody_in_nor_out(ines, signs_in, browser, headers):
    answer = await signs_in(headers=headers)
    assert (answer.status_code, answer.cookies.get("session")) == (403, None)
    assert "Ce formulaire ne vient pas de nos pages" in answer.text
    await signs_in()
    await browser.post("/deconnexion", headers=headers)
    assert browser.cookies.get("session")


async def test_a_browser_stays_signed_in_with_the_role_that_the_account_has_now(
    engine, service, ines, signs_in, browser
):
    await signs_in()
    browser.cookies.delete("session")  # its quarter of an hour is over
    async with engine.begin() as tx:
        await tx.execute(update(accounts).values(coordinates=["84"]))
    answer = await browser.get("/connexion", params={"retour": "/relecture"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/relecture")
    caller = await read_token(answer.cookies["session"], service.http.state.desk.signer)
    assert (caller.role, caller.regions) == ("coordinator", {"84"})
    kept = await browser.post("/connexion/suite", headers=OURS)
    assert (kept.status_code, "session" in kept.cookies) == (204, True)


async def test_another_password_ends_every_session(client, ines, signs_in, browser, worker, token_in_mail):
    await signs_in()
    await client.post("/v1/accounts/password-links", json={"email": EMAIL})
    await worker.run_due()
    chosen = {"token": token_in_mail(), "password": "une tout autre phrase"}
    assert (await client.post("/v1/accounts/passwords", json=chosen)).status_code == 200
    page = await browser.get("/connexion", params={"retour": "/relecture"})
    assert (page.status_code, "Connectez-vous" in page.text) == (200, True)
    assert (await browser.post("/connexion/suite", headers=OURS)).status_code == 401


async def test_an_unused_session_ends_after_a_working_day_and_nothing_else_is_one(engine, ines, signs_in, browser):
    await signs_in()
    kept = browser.cookies.get("suite")
    for shown in (browser.cookies.get("session"), "sdr_", "sdr_" + "A" * 64, kept[:-4] + "AAA=", "nonsense", "é"):
        browser.cookies.clear()
        page = await browser.get("/connexion", headers={"Cookie": f"suite={shown}".encode()})
        assert (page.status_code, "set-cookie" in page.headers) == (200, False)
    await signs_in()
    async with engine.begin() as tx:
        await tx.execute(update(sessions).values(used_at=sessions.c.used_at - timedelta(hours=10, seconds=1)))
    page = await browser.get("/connexion")
    assert (page.status_code, "Connectez-vous" in page.text) == (200, True)


async def test_who_signs_out_is_forgotten(ines, signs_in, browser):
    await signs_in()
    assert "Me déconnecter" in (await browser.get("/deconnexion")).text
    answer = await browser.post("/deconnexion", headers=OURS)
    assert (answer.status_code, "Vous êtes déconnecté" in answer.text) == (200, True)
    assert not browser.cookies


async def test_who_has_signed_out_does_not_come_back_by_a_cookie_that_was_copied_before(ines, signs_in, browser):
    await signs_in()
    copied = browser.cookies.get("suite")
    browser.cookies.delete("session")  # its quarter of an hour is over: the page still knows which session to end
    await browser.post("/deconnexion", headers=OURS)
    answer = await browser.post("/connexion/suite", headers=OURS | {"Cookie": f"suite={copied}"})
    assert (answer.status_code, browser.cookies.get("session")) == (401, None)


def every_route(router):
    for route in router.routes:
        yield from every_route(route.original_router) if hasattr(route, "original_router") else (route,)


def is_form(route):
    return "POST" in getattr(route, "methods", ()) and not route.include_in_schema


async def test_no_page_takes_a_form_of_another_site(service, browser):
    posts = [route.path for route in every_route(service.http) if is_form(route)]
    assert {"/connexion", "/deconnexion", "/confirmer", "/mot-de-passe"} <= set(posts)
    foreign = ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://mechant.example"}, {"Sec-Fetch-Site": "same-site"})
    for path in posts:
        for headers in foreign:
            answer = await browser.post(path, data={"jeton": "x"}, headers=headers)
            assert answer.status_code == 403, path
            assert "Ce formulaire ne vient pas de nos pages" in answer.text


async def test_where_the_desk_is_at_another_address_people_are_sent_there_and_forms_of_its_pages_are_taken(
    make_database, settings, mailer, clock, a_person, service
):
    await a_person(EMAIL)
    apart = settings.model_copy(update={"public_desk_url": "http://127.0.0.1:8002/"})
    there = create_app(apart, open_floor(apart, clock=clock), mailer=mailer)
    async with AsyncClient(transport=ASGITransport(there.http), base_url="http://127.0.0.1:8000") as browser:
        page = await browser.get("/connexion?retour=/relecture/aide")
        assert "form-action 'self' http://127.0.0.1:8002" in page.headers["content-security-policy"]
        for wanted, place in (
            ("/relecture/aide", "http://127.0.0.1:8002/relecture/aide"),
            ("/relectures", "/relectures"),
        ):
            form = {"adresse": EMAIL, "mot_de_passe": PASSWORD, "retour": wanted}
            assert (await browser.post("/connexion", data=form, headers=OURS)).headers["location"] == place
        desk, other = {"Origin": "http://127.0.0.1:8002"}, {"Origin": "http://127.0.0.1:8003"}
        assert (await browser.post("/connexion/suite", headers=desk)).status_code == 204
        assert (await browser.post("/connexion/suite", headers=other)).status_code == 403
        assert (await browser.post("/deconnexion", headers=desk)).status_code == 200
    await there.engine.dispose()


async def test_a_reviewer_who_asks_for_nothing_comes_to_the_desk_wherever_it_is(engine, ines, signs_in, browser):
    await signs_in()
    async with engine.begin() as tx:
        account_id = await tx.scalar(update(accounts).values(role="reviewer", regions=["84"]).returning(accounts.c.id))
        await set_second_factor(tx, account_id, "sealed", "a key", 0, [])
        await tx.execute(update(sessions).values(is_strong=True))
    answer = await browser.get("/connexion")
    assert answer.headers["location"] == "/relecture"


async def test_who_came_in_without_a_second_factor_and_must_have_one_comes_in_anew(engine, ines, signs_in, browser):
    await signs_in()
    async with engine.begin() as tx:
        await tx.execute(update(accounts).values(role="reviewer", regions=["84"]))
    page = await browser.get("/connexion", params={"retour": "/relecture"})
    assert (page.status_code, "<h1>Connectez-vous</h1>" in page.text) == (200, True)
