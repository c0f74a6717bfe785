"""A visitor looks around a town: suggested while it is typed, by geocoding's own door."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Locator, Page, Route, expect

from map_feed.domain.nearness import Point

ALL = "161\u00a0événements"
LILLE, VILLEURBANNE, LYON_8 = Point(50.6330, 3.0586), Point(45.7660, 4.8795), Point(45.7342, 4.8695)
WIDTHS = {"wide": (1280, 860), "narrow": (390, 844)}


@pytest.fixture(params=WIDTHS)
async def page(request, browser, address) -> AsyncIterator[Page]:
    """A visitor's page, its filters open, which must not have complained about anything by the end."""
    width, height = WIDTHS[request.param]
    page = await browser.new_page(viewport={"width": width, "height": height}, locale="fr-FR", base_url=address)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await open_filters(page, "/")
    yield page
    await page.close()
    assert complaints == []


@pytest.fixture
async def lone_page(browser, address) -> AsyncIterator[Page]:
    """One whose questions may fail; its script may not."""
    page = await browser.new_page(viewport={"width": 1280, "height": 860}, locale="fr-FR", base_url=address)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto("/")
    yield page
    await page.unroute_all(behavior="ignoreErrors")
    await page.close()
    assert errors == []


async def open_filters(page: Page, path: str) -> None:
    await page.goto(path)
    if await page.locator(".filters summary").is_visible():
        await page.locator(".filters summary").click()


def field(page: Page) -> Locator:
    return page.get_by_label("Près de…")


def radius(page: Page) -> Locator:
    return page.get_by_label("Rayon")


def found(page: Page) -> Locator:
    return page.locator("#compte")


def suggested(page: Page) -> Locator:
    return page.get_by_role("listbox").get_by_role("option")


async def types(page: Page, text: str) -> None:
    await field(page).press("ControlOrMeta+a")
    await field(page).press_sequentially(text)


async def test_a_visitor_looks_around_one_town_and_then_around_another(page, count_near, keep_picture):
    await expect(radius(page)).to_be_hidden()
    for _ in range(2):
        # by the keyboard
        await types(page, "lill")
        await expect(suggested(page).first).to_have_text("Lille 59000, 59160… · Nord")
        await keep_picture(page, "near-suggested")
        await field(page).press("ArrowDown")
        await expect(suggested(page).first).to_have_attribute("aria-selected", "true")
        await field(page).press("Enter")
        await expect(found(page)).to_have_text(count_near(LILLE, 30))
        await expect(field(page)).to_have_value("Lille")
        await expect(suggested(page)).to_have_count(0)
        await expect(page.locator(".chips li")).to_have_text(["Retirer le filtre À moins de 30\u00a0km de Lille ×"])
        assert page.url.endswith("/?autour=50.6330,3.0586&ville=Lille")
        await radius(page).select_option("10")
        await expect(found(page)).to_have_text(count_near(LILLE, 10))
        await expect(page.locator(".cards .where").first).to_have_text("Lille\u00a0(59)")
        await keep_picture(page, "near-chosen")
        # with the finger, or the mouse; as far around as before
        await types(page, "69008")
        await suggested(page).filter(has_text="Lyon 8e Arrondissement").click()
        await expect(found(page)).to_have_text(count_near(LYON_8, 10))
        await expect(field(page)).to_have_value("Lyon 8e Arrondissement")
        await expect(page.locator(".cards .where").first).to_have_text("Villeurbanne\u00a0(69)")
        await radius(page).select_option(label="30\u00a0km")
        await expect(found(page)).to_have_text(count_near(LYON_8, 30))
        # the first is taken by Enter alone
        await types(page, "villeurbanne")
        await expect(suggested(page)).to_have_count(1)
        await field(page).press("Enter")
        await expect(found(page)).to_have_text(count_near(VILLEURBANNE, 30))
        # and none any more
        await field(page).fill("")
        await expect(found(page)).to_have_text(ALL)
        await expect(radius(page)).to_be_hidden()
        assert page.url.endswith("/")


async def test_the_field_says_what_is_looked_around_however_one_comes_there(page, count_near):
    await types(page, "lille")
    await suggested(page).first.click()
    await expect(found(page)).to_have_text(count_near(LILLE, 30))
    await types(page, "villeurbanne")
    await suggested(page).first.click()
    await expect(found(page)).to_have_text(count_near(VILLEURBANNE, 30))
    for _ in range(2):
        await page.go_back()
        await expect(found(page)).to_have_text(count_near(LILLE, 30))
        await expect(field(page)).to_have_value("Lille")
        await page.go_back()
        await expect(found(page)).to_have_text(ALL)
        await expect(field(page)).to_have_value("")
        await expect(radius(page)).to_be_hidden()
        await page.go_forward()
        await page.go_forward()
        await expect(found(page)).to_have_text(count_near(VILLEURBANNE, 30))
        await expect(field(page)).to_have_value("Villeurbanne")
        await expect(radius(page)).to_be_visible()
    # a page that is opened there, from which one goes to an event and returns
    await open_filters(page, "/?autour=50.6330,3.0586&rayon=10&ville=Lille")
    await expect(field(page)).to_have_value("Lille")
    await expect(radius(page)).to_have_value("10")
    await page.locator(".card h3 a").first.click()
    await page.get_by_role("link", name="Retour à la recherche").click()
    await expect(found(page)).to_have_text(count_near(LILLE, 10))
    await expect(field(page)).to_have_value("Lille")
    await page.get_by_role("link", name="Retirer le filtre À moins de 10\u00a0km de Lille").click()
    await expect(found(page)).to_have_text(ALL)
    await expect(field(page)).to_have_value("")
    # what is chosen beside it leaves it where it is, and a search for words too
    await open_filters(page, "/?autour=50.6330,3.0586&ville=Lille")
    await page.get_by_label("Région").select_option("84")
    await expect(found(page)).to_have_text("Aucun événement")
    await page.get_by_label("Région").select_option("32")
    await page.get_by_label("Métier, entreprise, ville").fill("usine")
    await page.wait_for_url("**/?q=usine&autour=50.6330,3.0586&ville=Lille&region=32")
    await expect(found(page)).to_have_text(count_near(LILLE, 30))
    await expect(field(page)).to_have_value("Lille")


async def test_what_is_not_chosen_is_not_looked_around_and_the_field_says_so(page):
    for away in ("Escape", "Tab"):
        await types(page, "villeurbanne")
        await expect(suggested(page)).to_have_count(1)
        await field(page).press(away)
        await expect(suggested(page)).to_have_count(0)
        await page.get_by_label("Métier, entreprise, ville").focus()
        await expect(field(page)).to_have_value("")
        await expect(found(page)).to_have_text(ALL)


async def test_where_nothing_is_near_the_map_looks_there(page):
    if await page.locator("#bascule").is_visible():
        await page.get_by_role("button", name="Voir la carte").click()
    town = page.locator(".place-name span")
    for name, other in (("Dijon", "Perpignan"), ("Perpignan", "Dijon")):
        await types(page, name)
        await suggested(page).first.click()
        await expect(found(page)).to_have_text("Aucun événement")
        await expect(town.filter(has_text=re.compile(f"^{name}$"))).to_be_visible()
        await expect(town.filter(has_text=re.compile(f"^{other}$"))).to_have_count(0)


async def test_while_geocoding_is_away_the_map_is_searched_as_ever(lone_page, count):
    asked = asyncio.Event()

    async def refuses(route: Route) -> None:
        await route.fulfill(status=503, headers={"Access-Control-Allow-Origin": "*"}, body="{}")
        asked.set()

    async def talks_nonsense(route: Route) -> None:
        await route.fulfill(status=200, headers={"Access-Control-Allow-Origin": "*"}, body="<html>")
        asked.set()

    async def is_silent(_: Route) -> None:
        asked.set()

    for away, region in ((refuses, "84"), (talks_nonsense, "93"), (is_silent, "84")):
        await lone_page.route("**/v1/places?*", away)
        await types(lone_page, "lille")
        await asked.wait()
        asked.clear()
        await lone_page.get_by_label("Région").select_option(region)
        await expect(found(lone_page)).to_have_text(count(region=region))
        await expect(suggested(lone_page)).to_have_count(0)
        await lone_page.unroute_all(behavior="ignoreErrors")
    await types(lone_page, "lille")  # and it is back
    await expect(suggested(lone_page).first).to_contain_text("Lille")


async def test_what_was_asked_before_is_given_up_so_that_its_answer_takes_no_newer_ones_place(lone_page):
    is_asked, may_answer = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        is_asked.set()
        await may_answer.wait()
        await route.abort()

    await lone_page.route(re.compile("q=vil&"), late)
    await types(lone_page, "vil")
    await is_asked.wait()
    async with lone_page.expect_event("requestfailed", lambda request: "q=vil&" in request.url):
        await field(lone_page).press_sequentially("leurbanne")
    await expect(suggested(lone_page)).to_have_text(["Villeurbanne 69100 · Rhône"])
    may_answer.set()


async def test_a_list_that_comes_meanwhile_takes_nothing_of_what_is_typed(lone_page, count):
    is_asked, may_answer = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        is_asked.set()
        await may_answer.wait()
        await route.continue_()

    await lone_page.route("**/?region=84", late)
    await lone_page.get_by_label("Région").select_option("84")
    await is_asked.wait()
    await types(lone_page, "villeurb")
    await expect(suggested(lone_page)).to_have_text(["Villeurbanne 69100 · Rhône"])
    may_answer.set()
    await expect(found(lone_page)).to_have_text(count(region="84"))
    await expect(field(lone_page)).to_have_value("villeurb")
    await expect(field(lone_page)).to_be_focused()
    await suggested(lone_page).click()
    await lone_page.wait_for_url("**/?autour=45.7660,4.8795&ville=Villeurbanne&region=84")


async def test_who_types_before_the_script_is_there_loses_nothing(lone_page):
    is_asked, may_come = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        is_asked.set()
        await may_come.wait()
        await route.continue_()

    await lone_page.route("**/js/near.js", late)
    await lone_page.goto("/", wait_until="commit")
    await is_asked.wait()
    await types(lone_page, "villeurb")
    may_come.set()
    await expect(suggested(lone_page)).to_have_text(["Villeurbanne 69100 · Rhône"])
    await expect(field(lone_page)).to_have_value("villeurb")


async def test_without_scripts_an_address_that_was_shared_is_looked_around_and_its_radius_chosen(
    browser, address, count_near
):
    context = await browser.new_context(java_script_enabled=False, base_url=address)
    page = await context.new_page()
    await page.goto("/?autour=50.6330,3.0586&ville=Lille")
    await expect(found(page)).to_have_text(count_near(LILLE, 30))
    await expect(page.locator("#pres")).to_be_hidden()
    for kilometres in ("10", "50"):
        await radius(page).select_option(kilometres)
        await page.get_by_role("button", name="Rechercher").click()
        await expect(found(page)).to_have_text(count_near(LILLE, int(kilometres)))
        await expect(page.locator(".chips li").first).to_contain_text(f"À moins de {kilometres}\u00a0km de Lille")
    await page.get_by_role("link", name="Retirer le filtre À moins de").click()
    await expect(found(page)).to_have_text(ALL)
    await context.close()
