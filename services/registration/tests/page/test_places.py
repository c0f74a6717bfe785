"""The commune is suggested while it is typed; where nobody suggests one, the form is what it was."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import Locator, Page, Route, expect
from sqlalchemy import select

from backbone.postgres.database import outbox
from backbone.testing.listening import listening
from geocoding.gazetteer import Gazetteer
from geocoding.http import door
from registration import store
from registration.handlers import events

STREET = "12 rue de l’Industrie"
MONTOIR = {"street": STREET, "postcode": "44550", "city": "Montoir-de-Bretagne", "commune_code": "44103"}
HELLEMMES = {"street": STREET, "postcode": "59260", "city": "Lille", "commune_code": "59350"}


@pytest.fixture(scope="module")
async def places() -> AsyncIterator[str]:
    """Geocoding's own door, on a free port."""
    async with listening(door(Gazetteer.load())) as address:
        yield address


@pytest.fixture(scope="module")
async def house(open_house, places):
    """One whose form suggests communes."""
    async with open_house(public_places_url=places) as house:
        yield house


@pytest.fixture
def writes_where(visit, joins, has_drafted) -> Callable[..., Awaitable[tuple[Page, str]]]:
    """Somebody is at the step « Où » of an event of theirs; the page, and the event's id."""

    async def go(email: str, *visitor: str, venue: dict[str, Any] | None = None, **how: Any) -> tuple[Page, str]:
        page = await visit(*visitor, **how)
        await joins(page, email)
        event_id = await has_drafted(email, venue=venue or MONTOIR | {"city": "Montoir", "commune_code": None})
        await page.goto(f"/evenements/{event_id}/modifier/ou")
        return page, event_id

    return go


@pytest.fixture
def keeps(house) -> Callable[..., Awaitable[None]]:
    """Waits for the draft to say so of its venue."""

    async def until(event_id: str, **venue: Any) -> None:
        kept: Any = None
        try:
            async with asyncio.timeout(60):
                while kept != venue:
                    await asyncio.sleep(0.02)
                    async with house.service.engine.connect() as tx:
                        event = await store.event_by_id(tx, UUID(event_id))
                    kept = event and event.draft["venue"]
        except TimeoutError:
            assert kept == venue

    return until


def city(page: Page) -> Locator:
    return page.get_by_label("La commune", exact=True)


def postcode(page: Page) -> Locator:
    return page.get_by_label("Le code postal")


def suggested(page: Page) -> Locator:
    return page.get_by_role("listbox").get_by_role("option")


async def types(field: Locator, text: str) -> None:
    await field.fill("")
    await field.press_sequentially(text)


@pytest.mark.parametrize("width", ["wide", "narrow"])
async def test_a_commune_is_found_by_what_one_calls_it_and_the_next_choice_takes_its_place(
    house, writes_where, keeps, look, width
):
    email = f"commune.{width}@erdre.example"
    page, event_id = await writes_where(email, width)
    for _ in range(2):
        # by the keyboard: the quarter leads to its commune, which has several postcodes
        await types(city(page), "hellem")
        option = suggested(page)
        await expect(option).to_have_text("Lille Hellemmes · 59000, 59160… · Nord")
        await expect(city(page)).to_have_attribute("aria-expanded", "true")
        await city(page).press("ArrowDown")
        await expect(option).to_have_attribute("aria-selected", "true")
        await look(page, "communes-au-clavier")
        await city(page).press("Enter")
        await expect(city(page)).to_have_value("Lille")
        await expect(postcode(page)).to_be_focused()
        await expect(suggested(page)).to_have_count(5)
        await look(page, "communes-codes-postaux")
        await postcode(page).press("ArrowDown")
        await postcode(page).press("ArrowDown")
        await postcode(page).press("ArrowDown")
        await postcode(page).press("Enter")
        await expect(page.get_by_role("listbox")).to_have_count(0)
        await expect(postcode(page)).to_have_value("59260")
        await keeps(event_id, **HELLEMMES)
        # with the finger, or the mouse: by the beginning of a postcode
        await types(postcode(page), "445")
        montoir = suggested(page).filter(has_text="Montoir-de-Bretagne")
        await expect(montoir).to_be_visible()
        await look(page, "communes-proposees")
        await montoir.click()
        await expect(page.get_by_role("listbox")).to_have_count(0)
        await expect(city(page)).to_have_value("Montoir-de-Bretagne")
        await expect(postcode(page)).to_have_value("44550")
        await keeps(event_id, **MONTOIR)
        await page.reload()
    # what is told of it bears the commune's code
    async with house.service.engine.begin() as tx:
        account = await store.account_by_email(tx, email)
        await events.submit(tx, house.service.http.state.desk, account.id, UUID(event_id))
        told = (await tx.execute(select(outbox.c.payload).where(outbox.c.aggregateid == event_id))).scalars().all()
    assert [one["event"]["venue"]["address"] for one in told] == [MONTOIR]


async def test_what_is_typed_over_a_choice_takes_its_code_away_and_typed_back_brings_it_again(writes_where, keeps):
    page, event_id = await writes_where("par.dessus@erdre.example", venue=MONTOIR)
    for _ in range(2):
        await types(city(page), "Donges")
        await keeps(event_id, street=STREET, postcode="44550", city="Donges")
        await types(city(page), "Montoir-de-Bretagne")
        await keeps(event_id, **MONTOIR)
        await types(postcode(page), "44480")
        await keeps(event_id, street=STREET, postcode="44480", city="Montoir-de-Bretagne")
        await types(postcode(page), "44550")
        await keeps(event_id, **MONTOIR)


async def test_without_scripts_the_code_stays_with_its_commune_and_goes_with_another(writes_where, keeps):
    page, event_id = await writes_where("sans.js@erdre.example", venue=MONTOIR, scripts=False)
    back = page.url

    async def saves() -> None:
        await page.get_by_role("button", name="Enregistrer et continuer").last.click()
        await expect(page.locator("h1")).to_have_text("Pour qui, et comment venir")
        await page.goto(back)

    await saves()
    await keeps(event_id, **MONTOIR)
    for _ in range(2):
        await city(page).fill("Donges")
        await saves()
        await keeps(event_id, street=STREET, postcode="44550", city="Donges")


async def test_while_geocoding_is_away_the_form_is_kept_as_it_is_typed(writes_where, keeps):
    page, event_id = await writes_where("absent@erdre.example")
    asked = asyncio.Event()

    async def refuses(route: Route) -> None:
        await route.fulfill(status=503, headers={"Access-Control-Allow-Origin": "*"}, body="{}")
        asked.set()

    async def is_silent(_: Route) -> None:
        asked.set()

    for away, name in ((refuses, "Donges"), (is_silent, "Pornichet")):
        await page.route("**/v1/places?*", away)
        await types(city(page), name)
        await asked.wait()
        asked.clear()
        await keeps(event_id, street=STREET, postcode="44550", city=name)
        await expect(suggested(page)).to_have_count(0)
    await page.unroute_all(behavior="ignoreErrors")


async def test_what_was_asked_before_is_given_up_so_that_its_answer_takes_no_newer_ones_place(writes_where):
    page, _ = await writes_where("en.retard@erdre.example")
    is_asked, may_answer = asyncio.Event(), asyncio.Event()

    async def never(route: Route) -> None:
        is_asked.set()
        await may_answer.wait()
        await route.abort()

    await page.route(re.compile("q=44550[+]Don&"), never)
    await types(city(page), "Don")
    await is_asked.wait()
    async with page.expect_event("requestfailed", lambda request: "Don&" in request.url):
        await city(page).press_sequentially("ges")
    await expect(suggested(page)).to_have_text(["Donges 44480 · Loire-Atlantique"])
    may_answer.set()
    await page.unroute_all(behavior="ignoreErrors")


async def test_the_list_goes_with_escape_or_with_the_focus_and_nothing_is_chosen(writes_where, keeps):
    page, event_id = await writes_where("echappe@erdre.example")
    for away in ("Escape", "Tab"):
        await types(city(page), "Savenay")
        await expect(suggested(page)).to_have_text(["Savenay 44260 · Loire-Atlantique"])
        await city(page).press("ArrowDown")
        await city(page).press(away)
        await expect(page.get_by_role("listbox")).to_have_count(0)
        await expect(city(page)).to_have_value("Savenay")
        await keeps(event_id, street=STREET, postcode="44550", city="Savenay")
