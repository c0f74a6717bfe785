"""Every page, as those see it who know the standards better than we do: the HTML validator and axe-core.

The validator reads all pages in one process; axe looks at them in the browser, scripts run, wide and narrow.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

NODE_MODULES = Path(__file__).parents[2] / "node_modules"
VALIDATOR = NODE_MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"
AXE = (NODE_MODULES / "axe-core" / "axe.min.js").read_text()
LONG = "Anticonstitutionnellement" * 5


@pytest.fixture(scope="module")
def hard_events(an_event, a_location):
    """Events that try a page: words without end, nothing known, everything known, hostile, over, twice the same."""
    slots = [
        {"starts_at": f"2026-11-{day}T09:00:00+01:00", "ends_at": f"2026-11-{day}T12:00:00+01:00"}
        for day in (17, 17, 18)
    ]
    address = {"address": {"street": LONG, "postcode": "69100", "city": LONG[:60]}}
    over = [{"starts_at": "2026-11-02T09:00:00+01:00", "ends_at": "2026-11-05T12:00:00+01:00"}]
    return {
        "plain": (an_event(), a_location()),
        "long words": (
            an_event(
                title=LONG[:120],
                organisation=LONG,
                description=f"{LONG} https://{LONG[:60].lower()}.fr/{LONG}",
                venue={"name": LONG, **address},
                website=f"https://exemple.fr/{LONG}",
            ),
            a_location(precision="street", commune_name=LONG[:60]),
        ),
        "long words online": (an_event(title=LONG[:120], organisation=LONG, online_url=f"https://x.fr/{LONG}"), None),
        "hostile": (an_event(title='<script>"&lt;', organisation="<b>x", description="<img src=x> & www.a.fr"), None),
        "several": (an_event(slots=slots, website="https://usine.fr", kind="another", audiences=()), a_location()),
        "cancelled": (
            an_event(title="Annulé", status="cancelled", status_note=f"{LONG} : désolés !", website="https://usine.fr"),
            a_location(precision="street"),
        ),
        "hybrid": (
            an_event(
                title="Sur place et en ligne",
                online_url="https://visio.example",
                venue=address,
                booking={"url": "https://usine.fr", "email": f"{LONG[:60]}@usine.fr", "telephone": "+33 2 40 00 11 22"},
                capacity=25,
                accessibility=("mi", "hi", "vi"),
                slots=[
                    {**slot, "status": status} for slot, status in zip(slots, ("full", "cancelled", "x"), strict=True)
                ],
            ),
            a_location(precision="street"),
        ),
        "moved": (an_event(status="moved_online", online_url="https://visio.example", admission="everyone"), None),
        "earlier": (an_event(title="En 2020", edition="2020"), a_location()),
        "over": (an_event(title="Terminé", slots=over, admission="everyone"), a_location(precision="housenumber")),
        "overseas": (
            an_event(timezone="Indian/Reunion", venue={"address": {"postcode": "97410", "city": "Saint-Pierre"}}),
            None,
        ),
    }


@pytest.fixture(scope="module")
async def hard_address(serve, hard_events):
    async with serve(hard_events.values()) as address:
        yield address


@pytest.fixture(scope="module")
def paths(hard_events):
    """Every page that there is."""
    events = [f"/evenements/{event.event_id}" for event, _ in hard_events.values()]
    texts = ["/mentions-legales", "/donnees-personnelles", "/accessibilite", "/contact"]
    searches = ["/", "/?region=84&jour=2026-11-17", f"/?q={LONG[:100]}", "/?page=2", "/?page=0&region=99&q=usine"]
    searches += ["/?autour=45.7640,4.8357&rayon=5&ville=L'Haÿ", "/?autour=0,0", "/?autour=ici&ville=Lyon"]
    searches += ["/editions/2020", "/editions/2020?q=rien", "/editions/2020?region=99"]
    return [*searches, *events, *texts, "/api", "/catalogue", "/rien", "/evenements/rien"]


async def test_every_page_is_valid_html(hard_address, paths, map_clock, tmp_path):
    async with httpx.AsyncClient(base_url=hard_address) as client:
        for number, path in enumerate(paths):
            (tmp_path / f"{number:02}.html").write_text((await client.get(path)).text)
        now, map_clock.at = map_clock.at, datetime(2026, 1, 2, tzinfo=UTC)
        (tmp_path / "closed.html").write_text((await client.get("/")).text)
        map_clock.at = now
    command = ("java", "-Xss4m", "-jar", str(VALIDATOR), "--format", "json", "--stdout", str(tmp_path))
    validator = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    told, _ = await validator.communicate()
    messages = json.loads(told)["messages"]
    wrong = [
        (Path(m["url"]).name, m["message"], m.get("extract"))
        for m in messages
        if m.get("subType") or m["type"] == "error"
    ]
    assert wrong == []


async def violations(page):
    await page.evaluate(AXE)
    result = await page.evaluate("axe.run()")
    return [(rule["id"], [node["html"][:200] for node in rule["nodes"]][:3]) for rule in result["violations"]]


async def test_on_a_narrow_screen_nothing_is_wider_than_it_and_axe_finds_nothing(browser, hard_address, paths):
    page = await browser.new_page(viewport={"width": 390, "height": 844}, locale="fr-FR", base_url=hard_address)
    found = {}

    async def look(at):
        for width in (390, 320):
            await page.set_viewport_size({"width": width, "height": 700})
            if (is_wide := await page.evaluate("document.documentElement.scrollWidth")) > width:
                found[f"{at} at {width}"] = is_wide
        if wrong := await violations(page):
            found[at] = wrong

    for path in paths:
        await page.goto(path)
        await look(path)
    await page.goto("/")
    await page.locator(".filters summary").click()
    await page.locator("#pres").press_sequentially("saint")
    await page.get_by_role("option").first.wait_for()
    await page.locator("#pres").press("ArrowDown")
    await look("the communes suggested")
    await page.locator("#pres").press("Escape")
    await page.locator("#bascule").click()
    await page.locator(".cluster, .pin").first.wait_for()
    await look("the map")
    await page.close()
    assert found == {}


async def test_on_a_wide_screen_axe_finds_nothing(browser, hard_address, paths):
    page = await browser.new_page(viewport={"width": 1280, "height": 860}, locale="fr-FR", base_url=hard_address)
    found = {}
    for path in (paths[0], paths[2], next(path for path in paths if path.startswith("/evenements/"))):
        await page.goto(path)
        await page.locator("#map .land").first.wait_for(state="attached")
        if wrong := await violations(page):
            found[path] = wrong
    await page.close()
    assert found == {}


async def test_days_and_names_are_not_broken_to_fit(browser, hard_address):
    page = await browser.new_page(viewport={"width": 320, "height": 700}, locale="fr-FR", base_url=hard_address)
    await page.goto("/")
    # as high as one line, or two where the name of the campaign is set in two
    height = "e => e.getBoundingClientRect().height / parseFloat(getComputedStyle(e).fontSize)"
    for selector, lines in ((".card .number", 1), (".wordmark span", 2)):
        assert await page.locator(selector).first.evaluate(height) < lines * 1.3
    await page.goto("/api")
    names = {await name.inner_text(): await name.evaluate(height) for name in await page.locator("table code").all()}
    assert {"departement", "classroom_talk"} <= names.keys()
    assert [name for name, high in names.items() if high > 2] == []
    await page.close()
