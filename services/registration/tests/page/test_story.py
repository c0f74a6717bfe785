"""The page of an event tells its story: where it is, its kit, its place on the map, and what comes next."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from playwright.async_api import expect
from sqlalchemy import text

from backbone.contracts import EventLocated, KitPiece, KitSent, Location
from backbone.service.folding import Happening, fold_all
from registration.handlers import HEARS

AT = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)
PLACE = {
    "longitude": -2.1453,
    "latitude": 47.3166,
    "precision": "municipality",
    "radius_m": 6200,
    "provider": "gazetteer",
}
CODES = {"commune_code": "44103", "commune_name": "Montoir-de-Bretagne", "department_code": "44", "region_code": "52"}


@pytest.fixture
def hears(house):
    async def go(*facts):
        heard = [Happening(fact, fact.key, HEARS[type(fact)], None) for fact in facts]
        async with house.service.engine.begin() as tx:
            await fold_all(tx, heard, house.service.http.state.desk)

    return go


@pytest.fixture
def is_labelled(hears, a_decision):
    """The other services have labelled and placed the event, and mailed its kit."""

    async def go(event_id, place=PLACE):
        about = {"event_id": UUID(event_id), "revision": 1, "edition": "2026", "sequence": 1}
        at = Location.model_validate(place | CODES | {"timezone": "Europe/Paris"})
        kit = {"kit_id": UUID(int=3), "pieces": (KitPiece(name="qr.svg"),)}
        await hears(
            a_decision(event_id, 1, 1, "granted"),
            EventLocated(**about, location=at, located_at=AT),
            KitSent(**about, **kit, sent_at=AT),
        )

    return go


@pytest.fixture
def submitted_venue(house):
    """The revision of an event, and the pin that was submitted with it."""

    async def read(event_id):
        async with house.service.engine.connect() as tx:
            asked = text("SELECT revision, submitted_draft #> '{venue,position}' FROM events WHERE id = :id")
            return tuple((await tx.execute(asked, {"id": event_id})).one())

    return read


@pytest.mark.parametrize("width", ["wide", "narrow"])
async def test_an_organiser_reads_the_story_of_their_event_and_moves_its_pin(
    visit, joins, has_submitted, is_labelled, submitted_venue, look, width
):
    page, email = await visit(width), f"{width}.histoire@erdre.example"
    await joins(page, email)
    event_id = await has_submitted(email)
    await is_labelled(event_id)
    await page.goto(f"/evenements/{event_id}")
    main = page.get_by_role("main")
    await expect(main).to_contain_text("Placez son repère sur la carte, jusqu’au")
    await expect(main).to_contain_text("Seule la commune est reconnue")
    await expect(page.get_by_role("link", name="Télécharger le kit")).to_have_attribute(
        "href", f"/evenements/{event_id}/kit"
    )
    await expect(page.locator("#carte-repere .pin")).to_be_visible()
    await look(page, "histoire")
    await page.locator("#carte-repere").scroll_into_view_if_needed()
    await page.locator("#carte-repere").click(position={"x": 40, "y": 40})
    await page.get_by_role("button", name="Placer le repère ici").click()
    await expect(page.get_by_role("status")).to_contain_text("Le repère est confirmé")
    revision, pin = await submitted_venue(event_id)
    assert revision == 2
    assert pin["is_confirmed"] is True
    assert pin["longitude"] < PLACE["longitude"]  # to the left, and above
    assert pin["latitude"] > PLACE["latitude"]


async def test_without_scripts_the_place_is_confirmed_as_it_is_and_by_the_keyboard_too(
    visit, joins, has_submitted, is_labelled, submitted_venue, look
):
    page, email = await visit(scripts=False), "sans.histoire@erdre.example"
    await joins(page, email)
    event_id = await has_submitted(email)
    await is_labelled(event_id)
    await page.goto(f"/evenements/{event_id}")
    await look(page, "histoire-sans-script")
    await page.get_by_role("button", name="C’est le bon endroit").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Le repère est confirmé")
    confirmed = {"longitude": -2.1453, "latitude": 47.3166, "is_confirmed": True}
    assert await submitted_venue(event_id) == (2, confirmed)
    await page.goto(f"/evenements/{event_id}")
    await expect(page.get_by_role("main")).to_contain_text("Il est déposé, et son examen est en cours.")
