"""The pages that answer an organiser’s appeal, kept as pictures, and looked at by axe-core, wide and narrow."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest
from httpx import ASGITransport, AsyncClient

from backbone.http.access import Caller

SERVICES = Path(__file__).parents[4]
AXE = SERVICES / "labelling" / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS = SERVICES.parent / ".local" / "screenshots"
RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"


@pytest.fixture
async def pages(service, signer, hear, submitted, an_event):
    """Every page, as it was answered."""
    event, site = an_event(is_free=False), "http://127.0.0.1"
    await hear(submitted(event))
    session = {"session": signer.sign(Caller(UUID(int=7), "organiser"))}
    async with AsyncClient(transport=ASGITransport(service.http), base_url=site, cookies=session) as organiser:

        async def ask(words, version=1, site="same-origin"):
            headers = {"Sec-Fetch-Site": site, "Accept": "text/html"}
            form = {"version": version, "motif": words}
            return await organiser.post(f"/evenements/{event.event_id}/reexamen", data=form, headers=headers)

        pages = {
            "trop-long": await ask("La visite est gratuite. " * 100),
            "change": await ask("", version=2),
            "ailleurs": await ask("", site="cross-site"),
            "recu": await ask("La visite est gratuite : le prix est celui du repas."),
            "deja-recu": await ask(""),
            "illisible": await ask("", version="x"),
        }
        organiser.cookies.clear()
        return pages | {"connexion": await ask("La visite est gratuite.")}


async def test_every_answer_to_an_appeal_is_in_order_for_who_sees_it_and_who_hears_it(browser, pages):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    assert [pages[name].status_code for name in pages] == [422, 409, 403, 200, 409, 422, 401]
    found = {}
    for wide in (1280, 390):
        page = await browser.new_page(viewport={"width": wide, "height": 844}, locale="fr-FR")
        for name, answer in pages.items():
            await page.set_content(answer.text)
            await page.screenshot(path=SCREENSHOTS / f"reexamen-{name}-{wide}.png", full_page=True)
            await page.evaluate(AXE.read_text())
            violations = (await page.evaluate(f"axe.run(document, {{runOnly: {RULES}}})"))["violations"]
            if said := [f"{one['id']}: {node['html'][:160]}" for one in violations for node in one["nodes"]]:
                found[name] = said
            assert (name, await page.evaluate("document.documentElement.scrollWidth")) == (name, wide)
        await page.close()
    assert found == {}, json.dumps(found, ensure_ascii=False, indent=1)
