"""The page as a visitor's browser shows it: Debian's Chromium, driven by Playwright, on the loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

WIDTHS = {"wide": (1280, 860), "narrow": (390, 844)}


@pytest.fixture(params=WIDTHS)
async def page(request, browser, address) -> AsyncIterator[Page]:
    """A visitor's page, which must not have complained about anything by the end."""
    width, height = WIDTHS[request.param]
    page = await browser.new_page(viewport={"width": width, "height": height}, locale="fr-FR", base_url=address)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    await page.close()
    assert complaints == []


async def show_map(page: Page) -> None:
    """On a narrow page the map is behind a button."""
    if await page.locator("#bascule").is_visible():
        await page.get_by_role("button", name="Voir la carte").click()


async def test_a_visitor_sees_the_list_and_the_pins(page, keep_picture):
    await page.goto("/")
    await expect(page.locator("#compte")).to_have_text("161\u00a0événements")
    await expect(page.locator(".card")).to_have_count(60)
    await page.wait_for_timeout(300)
    await keep_picture(page, "list")
    await show_map(page)
    await expect(page.locator(".cluster, .pin").first).to_be_visible()
    await page.wait_for_timeout(300)
    await keep_picture(page, "map")


async def test_a_filter_narrows_list_and_map_and_a_pin_tells_its_event(page, keep_picture):
    await page.goto("/")
    await page.get_by_label("Métier, entreprise, ville").fill("maremotrice")
    await page.keyboard.press("Enter")
    await expect(page.locator("#compte")).to_have_text("1\u00a0événement")
    await expect(page.locator(".card h3")).to_have_text("Visite de l’usine marémotrice")
    assert page.url.endswith("/?q=maremotrice")
    await show_map(page)
    pin = page.get_by_role("button", name="Visite de l’usine marémotrice, Villeurbanne, mardi 17 novembre")
    await expect(pin).to_be_visible()
    await expect(page.locator(".cluster")).to_have_count(0)
    await pin.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".popup strong")).to_have_text("Visite de l’usine marémotrice")
    await expect(page.get_by_role("link", name="Voir la fiche : Visite de l’usine marémotrice")).to_be_focused()
    await page.wait_for_timeout(300)
    await keep_picture(page, "popup")
    await page.go_back()
    await expect(page.locator("#compte")).to_have_text("161\u00a0événements")
    await expect(page.get_by_label("Métier, entreprise, ville")).to_have_value("")


async def test_an_entry_of_the_list_shows_its_pin(page):
    await page.goto("/?region=84")
    await page.locator(".locate").first.click()
    chosen = page.locator(".card.chosen h3")
    await expect(page.locator(".popup strong")).to_have_text(await chosen.text_content())


async def test_the_map_goes_overseas(page, keep_picture):
    await page.goto("/")
    await show_map(page)
    await page.get_by_role("button", name="La Réunion").click()
    await expect(page.locator(".cluster, .pin").first).to_be_visible()
    await expect(page.locator(".place-name span", has_text="Saint-Denis")).to_be_visible()
    await page.wait_for_timeout(500)
    await keep_picture(page, "reunion")


async def test_the_list_grows_and_the_reader_goes_on_at_the_first_new_entry(page):
    await page.goto("/")
    await page.get_by_role("link", name="de plus").click()
    await expect(page.locator(".card")).to_have_count(120)
    await expect(page.locator(".card").nth(60).locator("h3 a")).to_be_focused()


async def test_an_event_page_shows_where_it_is(page, keep_picture):
    await page.goto("/?q=maremotrice")
    await page.locator(".card h3 a").click()
    await expect(page.locator("h1")).to_have_text("Visite de l’usine marémotrice")
    await expect(page.locator("#map .land").first).to_be_attached()
    await expect(page.locator("#map .zone")).to_be_visible()
    await page.wait_for_timeout(300)
    await keep_picture(page, "event", full_page=True)


async def test_nothing_found_is_said_with_a_way_out(page, keep_picture):
    await page.goto("/?q=licorne&region=94")
    await keep_picture(page, "nothing")
    await page.get_by_role("link", name="voir tous les événements").click()
    await expect(page.locator("#compte")).to_have_text("161\u00a0événements")


async def test_without_scripts_the_list_is_complete_and_the_filters_work(browser, address):
    context = await browser.new_context(java_script_enabled=False, base_url=address)
    page = await context.new_page()
    await page.goto("/")
    await expect(page.locator(".card")).to_have_count(60)
    await expect(page.locator("#carte")).to_be_hidden()
    await page.get_by_label("Région").select_option(label="Bretagne")
    await page.get_by_role("button", name="Rechercher").click()
    await expect(page.locator(".card").first).to_contain_text("Brest")
    await page.get_by_role("link", name="de plus").wait_for(state="detached")


SEARCH = "Métier, entreprise, ville"
ALL = "161\u00a0événements"


async def look_for(page: Page, words: str) -> None:
    await page.get_by_label(SEARCH).fill(words)
    await page.keyboard.press("Enter")


async def test_every_search_after_the_first_looks_for_its_own_words_and_nothing_else(page, count):
    await page.goto("/")
    for words, title in [("verrerie", "Portes ouvertes"), ("soudeurs", "Dix minutes"), ("four", "Décarboner")] * 2:
        await look_for(page, words)
        await expect(page.locator("#compte")).to_have_text(count(title=title))
        await expect(page.locator(".card h3").first).to_contain_text(title)
        await expect(page.locator(".chips li")).to_have_text(
            [f"Retirer le filtre « {words} » ×".replace("« ", "«\u00a0").replace(" »", "\u00a0»")]
        )
        assert [
            await page.locator(name).input_value() for name in ("#departement", "#region", "#type", "#public", "#lieu")
        ] == [""] * 5
        assert page.url.endswith(f"/?q={words}")
    await look_for(page, "")
    await expect(page.locator("#compte")).to_have_text(ALL)


async def test_words_typed_with_pauses_are_one_search_to_come_back_from(page, count):
    await page.goto("/")
    box = page.get_by_label(SEARCH)
    await box.press_sequentially("verr")
    await expect(page.locator("#compte")).to_have_text(count(title="Portes ouvertes"))
    await box.press_sequentially("erie du marais")
    await page.wait_for_url("**/?q=verrerie+du+marais")
    await expect(page.locator("#compte")).to_have_text(count(title="Portes ouvertes"))
    await expect(box).to_have_value("verrerie du marais")
    await expect(page.locator("#annonce")).to_have_text(count(title="Portes ouvertes"))
    await page.go_back()
    await expect(page.locator("#compte")).to_have_text(ALL)
    await expect(box).to_have_value("")
    await page.go_forward()
    await expect(page.locator("#compte")).to_have_text(count(title="Portes ouvertes"))
    await expect(box).to_have_value("verrerie du marais")


async def test_each_filter_may_be_changed_after_each_other(page, count):
    await page.goto("/")
    if await page.locator(".filters summary").is_visible():
        await page.locator(".filters summary").click()
    here = page.locator("#compte")
    await page.get_by_label("Région").select_option("84")
    await expect(here).to_have_text(count(region="84"))
    await page.get_by_label("Département").select_option("63")
    await expect(here).to_have_text(count(department="63"))
    await page.get_by_label("Région").select_option("93")  # another region: the department goes with the old one
    await expect(here).to_have_text(count(region="93"))
    await expect(page.get_by_label("Département")).to_have_value("")
    await page.get_by_label("Région").select_option("")
    await expect(here).to_have_text(ALL)
    await page.get_by_label("Département").select_option("2A")
    await expect(here).to_have_text(count(department="2A"))
    await page.get_by_label("Département").select_option("")
    await page.get_by_label("Type d’événement").select_option("open_day")
    await expect(here).to_have_text(count(kind="open_day"))
    await page.get_by_label("Type d’événement").select_option("workshop")
    await expect(here).to_have_text(count(kind="workshop"))
    await page.get_by_role("radio", name="mar.\u00a017").check()
    await expect(here).to_have_text(count(kind="workshop", day="2026-11-17"))
    await page.get_by_role("radio", name="mer.\u00a018").check()
    await expect(here).to_have_text(count(kind="workshop", day="2026-11-18"))
    await page.get_by_label("Pour qui").select_option("families")
    await expect(here).to_have_text("Aucun événement")
    await page.get_by_label("Pour qui").select_option("students")
    await expect(here).to_have_text(count(kind="workshop", day="2026-11-18"))
    await page.get_by_label("Où", exact=True).select_option("en-ligne")
    await expect(here).to_have_text("Aucun événement")
    await page.get_by_role("link", name="Tout effacer").click()
    await expect(here).to_have_text(ALL)
    await expect(page.get_by_label("Tous", exact=True)).to_be_checked()
    chosen = [
        await page.locator(f"#{name}").input_value() for name in ("departement", "region", "type", "public", "lieu")
    ]
    assert chosen == [""] * 5


async def test_back_and_forward_go_through_the_searches_that_were_made(page, count):
    await page.goto("/")
    if await page.locator(".filters summary").is_visible():
        await page.locator(".filters summary").click()
    await look_for(page, "usine")
    await expect(page.locator("#compte")).to_have_text(ALL)
    await page.get_by_label("Département").select_option("13")
    await expect(page.locator("#compte")).to_have_text(count(department="13"))
    await page.get_by_label("Région").select_option("11")
    await expect(page.locator("#compte")).to_have_text(count(region="11"))
    for step, words, department, region in [
        ("back", count(department="13"), "13", ""),
        ("back", ALL, "", ""),
        ("forward", count(department="13"), "13", ""),
        ("forward", count(region="11"), "", "11"),
    ]:
        await (page.go_back() if step == "back" else page.go_forward())
        await expect(page.locator("#compte")).to_have_text(words)
        await expect(page.get_by_label("Département")).to_have_value(department)
        await expect(page.get_by_label("Région")).to_have_value(region)
        await expect(page.get_by_label(SEARCH)).to_have_value("usine")


async def test_who_comes_back_from_an_event_finds_search_list_and_place_as_they_were(page):
    await page.goto("/")
    await look_for(page, "usine")
    await page.wait_for_url("**/?q=usine")
    await page.get_by_role("link", name="de plus").click()
    await expect(page.locator(".card")).to_have_count(120)
    entry = page.locator(".card h3 a").nth(100)
    await entry.scroll_into_view_if_needed()
    title, top = await entry.text_content(), await page.evaluate("scrollY")
    assert top > 3000
    for way in ("the browser's button", "the page's link"):
        await entry.click()
        await expect(page.locator("h1")).to_have_text(title)
        if way == "the browser's button":
            await page.go_back()
        else:
            await page.get_by_role("link", name="Retour à la recherche").click()
        await expect(page.locator(".card")).to_have_count(120)
        await expect(page.get_by_label(SEARCH)).to_have_value("usine")
        await expect(entry).to_be_in_viewport()
        assert page.url.endswith("/?q=usine")


async def test_a_list_made_longer_twice_at_once_has_nothing_twice(page):
    await page.goto("/")
    await page.get_by_role("link", name="de plus").evaluate("link => { link.click(); link.click(); }")
    await expect(page.locator(".card")).to_have_count(120)
    ids = await page.locator(".card").evaluate_all("cards => cards.map(card => card.id)")
    assert len(set(ids)) == 120


async def test_without_scripts_every_search_after_the_first_looks_for_its_own_words(browser, address, count):
    context = await browser.new_context(java_script_enabled=False, base_url=address)
    page = await context.new_page()
    await page.goto("/")
    for words, title in [("verrerie", "Portes ouvertes"), ("soudeurs", "Dix minutes")]:
        await look_for(page, words)
        await expect(page.locator("#compte")).to_have_text(count(title=title))
        assert page.url.split("?")[1].split("&") == [
            f"q={words}",
            "jour=",
            "region=",
            "departement=",
            "type=",
            "public=",
            "lieu=",
        ]
    await page.go_back()
    await expect(page.locator("#compte")).to_have_text(count(title="Portes ouvertes"))
    await expect(page.get_by_label(SEARCH)).to_have_value("verrerie")
    await context.close()


async def test_a_search_with_pins_overseas_too_shows_those_in_the_metropolis_apart(page):
    await page.goto("/?q=usine")
    await show_map(page)
    await expect(page.locator(".cluster, .pin").first).to_be_visible()
    names = page.locator(".cluster")
    await expect(
        names.nth(3)
    ).to_be_visible()  # and not one for all of France, at the edge of a map of the Indian Ocean


@pytest.fixture(params=WIDTHS)
async def unusual_page(request, browser, unusual) -> AsyncIterator[Page]:
    """A visitor's page of the map of unusual events."""
    width, height = WIDTHS[request.param]
    address, _ = unusual
    page = await browser.new_page(viewport={"width": width, "height": height}, locale="fr-FR", base_url=address)
    yield page
    await page.close()


STATES = {"Visite de la ligne de peinture": "Annulé", "Portes ouvertes de la verrerie": "Reporté"}
STATES |= {"Atelier de soudure": "Nouvelle date", "Un robot vous répond": "Déplacé en ligne"}
STATES |= {"Au cœur de la centrale": "Complet", "Conférence\u00a0: décarboner un four": "En ligne aussi"}


async def test_the_list_says_in_words_what_does_not_take_place_as_announced(unusual_page, keep_picture):
    await unusual_page.goto("/")
    for title, words in STATES.items():
        card = unusual_page.locator(".card", has_text=title)
        await expect(card.locator(".state, .online")).to_have_text([words])
    await expect(unusual_page.locator(".card", has_text="La coulée").locator(".state")).to_have_count(0)
    await keep_picture(unusual_page, "statuses", full_page=True)


async def test_a_pin_of_a_cancelled_event_says_so_before_its_title(unusual_page, keep_picture):
    await unusual_page.goto("/?q=peinture")
    await show_map(unusual_page)
    await unusual_page.get_by_role("button", name="Annulé, Visite de la ligne de peinture").click()
    await expect(unusual_page.locator(".popup .state")).to_have_text("Annulé")
    await unusual_page.wait_for_timeout(300)
    await keep_picture(unusual_page, "cancelled-pin")


@pytest.mark.parametrize("name", ["cancelled", "hybrid", "moved", "earlier"])
async def test_the_page_of_an_unusual_event_is_as_clear_as_any(unusual_page, unusual, keep_picture, name):
    event = unusual[1][name]
    await unusual_page.goto(f"/evenements/{event.event_id}")
    title = event.title.replace(" :", "\u00a0:")
    await expect(unusual_page.locator("h1")).to_have_text(title)
    if name != "moved":
        await expect(unusual_page.locator("#map .land").first).to_be_attached()
    await unusual_page.wait_for_timeout(300)
    await keep_picture(unusual_page, f"event-{name}", full_page=True)


async def test_searches_in_an_earlier_edition_stay_in_it_and_back_leads_there(unusual_page, keep_picture):
    page = unusual_page
    await page.goto("/editions/2020")
    await keep_picture(page, "edition-2020")
    for words, count in (("rien du tout", "Aucun événement"), ("forge", "1\u00a0événement")) * 2:
        await look_for(page, words)
        await expect(page.locator("#compte")).to_have_text(count)
        assert "/editions/2020?q=" in page.url
    await show_map(page)
    await expect(page.get_by_role("button", name="La forge, en 2020, Villeurbanne")).to_be_visible()
    if await page.get_by_role("button", name="Voir la liste").is_visible():
        await page.get_by_role("button", name="Voir la liste").click()
    await page.locator(".card h3 a").click()
    await page.get_by_role("link", name="← Retour à la recherche").click()
    await expect(page.locator(".card h3")).to_have_text("La forge, en 2020")
    await page.get_by_role("link", name="Voir l’édition 2026").click()
    await expect(page.locator("#compte")).to_have_text("7\u00a0événements")
