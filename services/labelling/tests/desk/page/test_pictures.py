"""Each page of the desk, kept as a picture, and looked at by axe-core, wide and narrow, with its forms open."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Page

LABELLING = Path(__file__).parents[3]
AXE = LABELLING / "node_modules" / "axe-core" / "axe.min.js"
RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"


async def complaints_of(page: Page) -> list[str]:
    await page.evaluate(AXE.read_text())
    found = await page.evaluate(f"axe.run(document, {{runOnly: {RULES}}})")
    return [f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]]


async def assert_fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, await page.evaluate(
        "[...document.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
        ".map(e => e.tagName + '.' + e.className).slice(0, 8).join(' ')"
    )


@pytest.mark.parametrize("width", ["wide", "narrow"])
async def test_every_page_is_in_order_for_who_sees_it_and_who_hears_it(
    sit_down, in_review, some_events, keep_picture, at_desk, minute, claims_end, width
):
    paul = at_desk("84", name="Paul Durand")
    past = some_events[0].model_copy(update={"event_id": uuid4(), "title": "Une vanne, de près"})
    await in_review(past, *some_events, doubts=("public", "free"))
    await paul.refuses(past, "Ouvrez la visite à d’autres que le lycée invité.")
    await minute()
    await claims_end()
    vanne, hostile, long, robot = some_events
    await in_review(vanne.model_copy(update={"revision": 2, "description": vanne.description + " Gratuit."}))
    await paul.sends(f"/{vanne.event_id}/note", note="J’ai appelé : la visite est ouverte à tous.\nÀ confirmer.")
    await paul.sends(f"/{robot.event_id}/reservation")
    page = await sit_down("84", width=width, bypass_csp=True)  # what axe and the pictures add to a page
    found = {}

    async def look(name: str) -> None:
        await page.wait_for_timeout(150)
        await keep_picture(page, name)
        await assert_fits(page)
        if complaints := await complaints_of(page):
            found[name] = complaints

    await page.goto("/relecture")
    await look("file")
    await page.goto("/relecture?doute=free&region=11")
    await look("rien")
    for name, event in (("vanne", vanne), ("hostile", hostile), ("long", long), ("pris", robot)):
        await page.goto(f"/relecture/{event.event_id}")
        await look(name)
    await page.goto(f"/relecture/{vanne.event_id}")
    for key, name in (("r", "refus"), ("c", "correction"), ("s", "avis"), ("n", "note"), ("t", "region")):
        await page.keyboard.press(key)
        await look(f"vanne-{name}")
        await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await look("aide")
    await page.goto("/relecture")
    await page.get_by_label("Cocher « Fabriquer").check()
    await page.get_by_role("button", name="Décider pour les événements cochés").click()
    await page.wait_for_selector(".batch-form")
    await look("lot")
    await page.keyboard.press("l")
    await page.wait_for_selector(".preview")
    await look("lot-apercu")
    await page.get_by_role("button", name="Confirmer pour 1").click()
    await page.wait_for_selector(".undo")
    await look("annulation")
    await page.goto("/relecture/00000000-0000-0000-0000-000000000000")
    await look("absent")
    assert found == {}, json.dumps(found, ensure_ascii=False, indent=1)
