"""After the last day to register by, a code that a reviewer has given lets one event in, and no other."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.async_api import expect

from registration import store
from registration.domain.late import a_code, hash_of

LATE = datetime.fromisoformat("2026-11-10T12:00:00+01:00")


@pytest.fixture
def is_late(house):
    """The last day to register by has passed, until the end of the test."""
    before, house.clock.at = house.clock.at, LATE
    yield
    house.clock.at = before


@pytest.fixture
def gives_code(house):
    async def go(email: str) -> str:
        code = a_code()
        async with house.service.engine.begin() as tx:
            reviewer = await store.account_by_email(tx, email)
            await store.add_late_code(tx, hash_of(code), "52", LATE + timedelta(days=3), reviewer.id)
        return code

    return go


async def test_a_code_lets_one_late_event_in_and_no_other(visit, joins, has_drafted, gives_code, is_late, look):
    page, email = await visit("narrow"), "en.retard@erdre.example"
    await joins(page, email)
    first, second = [await has_drafted(email, title=f"La forge, tard : {n}") for n in (1, 2)]
    await page.goto(f"/evenements/{first}/modifier/verifier")
    await expect(page.get_by_role("main")).to_contain_text("Les dépôts sont clos depuis la fin du 6 novembre 2026.")
    for typed in ("", "7KQ4-XM2P-9TRA"):
        await page.get_by_label("Votre code").fill(typed)
        await page.get_by_role("button", name="Déposer l’événement").click()
        words = "Ce code ne laisse pas entrer" if typed else "Les inscriptions sont closes"
        await expect(page.get_by_role("alert")).to_contain_text(words)
        await expect(page.get_by_label("Votre code")).to_have_value(typed)
    await look(page, "en-retard-refuse")
    code = await gives_code(email)
    await page.get_by_label("Votre code").fill(code.lower().replace("-", " "))
    await page.get_by_role("button", name="Déposer l’événement").click()
    await expect(page.get_by_role("status").first).to_have_text("Votre événement est déposé.")
    await page.goto(f"/evenements/{second}/modifier/verifier")
    await page.get_by_label("Votre code").fill(code)
    await page.get_by_role("button", name="Déposer l’événement").click()
    await expect(page.get_by_role("alert")).to_contain_text("Ce code ne laisse pas entrer")
