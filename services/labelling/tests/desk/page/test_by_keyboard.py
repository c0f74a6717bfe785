"""Reviewers who never touch the mouse: two at one queue, and one who clears two hundred cases."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.async_api import Error, Page, expect
from sqlalchemy import func, select

from labelling.workbench.tables import held


def a_title(page: Page):
    return page.locator("h1")


async def presses(page: Page, key: str) -> str:
    """Presses a key that leads to another page; where to."""
    before = page.url
    await page.keyboard.press(key)
    await page.wait_for_function("before => location.href !== before", arg=before)
    await page.wait_for_load_state()
    return page.url


async def test_two_reviewers_at_one_queue_decide_each_on_their_own_events(
    sit_down, in_review, a_doubtful_event, minute, told
):
    events = [a_doubtful_event(title=f"Visite numéro {number}") for number in range(1, 5)]
    await in_review(*events)
    camille, paul = await sit_down("84"), await sit_down("84", name="Paul Durand")
    for page in (camille, paul):
        await page.goto("/relecture")
        await expect(a_title(page)).to_have_text("4\u00a0événements à relire")
        await presses(page, "d")
    first, second = await a_title(camille).text_content(), await a_title(paul).text_content()
    assert first != second
    # Camille gives the label and is led on to one that Paul is not at; Paul refuses with the sentence that is offered
    await presses(camille, "l")
    await expect(camille.locator(".undo")).to_contain_text(f"Label accordé à «\u00a0{first}\u00a0»")
    await paul.keyboard.press("r")
    await expect(paul.get_by_role("radio", name="L’événement s’adresse à un groupe fermé")).to_be_focused()
    await paul.keyboard.press("ArrowDown")
    await presses(paul, "Enter")
    await expect(paul.locator(".undo")).to_contain_text(f"Refus\u00a0: «\u00a0{second}\u00a0»")
    third, fourth = await a_title(camille).text_content(), await a_title(paul).text_content()
    assert len({first, second, third, fourth}) == 4
    # Camille takes her word back, and writes a note instead
    await presses(camille, "u")
    await expect(camille.locator(".undo")).to_contain_text("La décision est annulée")
    await expect(a_title(camille)).to_have_text(first)
    await camille.keyboard.press("n")
    await camille.keyboard.type("À revoir lundi, l et r compris.")
    await camille.keyboard.press("Control+Enter")
    await expect(camille.locator("#notes")).to_contain_text("À revoir lundi, l et r compris.")
    # she takes it for herself: Paul, who looks at it too, reads so, and cannot decide on it
    await camille.keyboard.press("p")
    await expect(camille.locator(".words")).to_contain_text("Cet événement est à vous")
    await paul.goto(camille.url.split("?")[0].split("#")[0])
    await expect(paul.locator(".words")).to_contain_text("Camille Martin est sur cet événement, encore 14")
    await expect(paul.get_by_role("button", name="Accorder le label")).to_have_count(0)
    assert await minute() == 1
    assert [kind for kind, _ in await told()] == ["EventRejected"]


async def test_the_keys_are_told_and_can_be_switched_off(sit_down, in_review, a_doubtful_event):
    event = a_doubtful_event()
    await in_review(event)
    page = await sit_down("84")
    await page.goto(f"/relecture/{event.event_id}")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("accorder le label")
    await page.get_by_label("Raccourcis d’une touche actifs").uncheck()
    await page.keyboard.press("Escape")
    await page.keyboard.press("r")
    await expect(page.get_by_role("button", name="Refuser le label")).to_be_hidden()
    await page.reload()
    await page.keyboard.press("l")
    await expect(a_title(page)).to_have_text(event.title)
    await page.get_by_role("link", name="Raccourcis clavier").press("Enter")
    await page.get_by_label("Raccourcis d’une touche actifs").check()
    await page.keyboard.press("Escape")
    await page.keyboard.press("r")
    await expect(page.get_by_role("button", name="Refuser le label")).to_be_visible()


async def test_the_focus_is_always_seen_and_j_and_k_go_through_the_queue(sit_down, in_review, a_doubtful_event):
    await in_review(*(a_doubtful_event(title=f"Visite {number}") for number in range(3)))
    page = await sit_down("84")
    await page.goto("/relecture")
    for key, row in (("j", 0), ("j", 1), ("j", 2), ("j", 2), ("k", 1)):
        await page.keyboard.press(key)
        await expect(page.locator(".case h2 a").nth(row)).to_be_focused()
        outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
    await page.keyboard.press("x")
    await expect(page.locator(".case input").nth(1)).to_be_checked()
    # the next page takes the place of this one, without the browser's beginning anew
    await page.evaluate("window.isStillHere = true")
    await presses(page, "Enter")
    await expect(page.locator(".words .yes")).to_be_visible()
    assert await page.evaluate("window.isStillHere")
    await expect(page.locator("#contenu")).to_be_focused()


async def test_two_hundred_doubtful_cases_are_cleared_with_two_keys_each_at_most(
    sit_down, in_review, a_doubtful_event, engine, minute, told, capsys
):
    """Nine of ten are read one by one: two of three get the label, one is refused with a sentence that is offered; the
    others are much alike, and are decided on together."""
    alike = [a_doubtful_event(title=f"Portes ouvertes du lycée {number}", kind="open_day") for number in range(20)]
    others = [a_doubtful_event(title=f"Visite de l’atelier {number}") for number in range(180)]
    await in_review(*others, *alike)
    page = await sit_down("84")
    keys = pages = 0

    async def on(*pressed: str) -> None:
        nonlocal keys, pages
        for key in pressed[:-1]:
            await page.keyboard.press(key)
        await presses(page, pressed[-1])
        keys, pages = keys + len(pressed), pages + 1

    await page.goto("/relecture?genre=open_day")
    await page.get_by_label("Tout cocher").focus()
    await page.keyboard.press("Space")
    await page.get_by_role("button", name="Décider pour les événements cochés").focus()
    await page.keyboard.press("Enter")
    await expect(a_title(page)).to_have_text("Décider pour 20\u00a0événements")
    await page.keyboard.press("l")
    confirm = page.get_by_role("button", name="Confirmer pour 20")
    await confirm.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".undo")).to_contain_text("20 décisions prises")
    keys, pages = keys + 8, pages + 3
    await page.goto("/relecture")
    await on("d")
    for number in range(180):
        await expect(page.locator(".words .yes")).to_be_visible()
        if number % 3 == 2:
            await on("r", "Enter")
        else:
            await on("l")
    await expect(a_title(page)).to_have_text("Rien à relire")
    async with engine.connect() as tx:
        assert await tx.scalar(select(func.count()).select_from(held)) == 200
    with capsys.disabled():
        print(f"\n200 cases: {pages / 200:.2f} pages and {keys / 200:.2f} keys each")  # noqa: T201 (the count)
    assert pages / 200 <= 1.0
    assert keys / 200 <= 1.5
    while await minute():
        pass
    kinds = [kind for kind, _ in await told()]
    assert (kinds.count("EventLabelled"), kinds.count("EventRejected")) == (140, 60)


@pytest.mark.parametrize("width", ["wide", "narrow"])
async def test_without_scripts_all_is_done_with_tab_and_enter(
    sit_down, in_review, a_doubtful_event, minute, told, width
):
    events = [a_doubtful_event(title=f"Visite {number}") for number in range(4)]
    await in_review(*events)
    page = await sit_down("84", scripts=False, width=width)
    await page.goto("/relecture")

    async def tab_to(name: str) -> None:
        for _ in range(80):
            await page.keyboard.press("Tab")
            # asked in one call: Enter's next page may come between two, and takes what had the focus along
            with suppress(Error):
                if any(re.search(name, words) for words in await page.locator(":focus").all_inner_texts()):
                    return
        raise AssertionError(f"Tab never comes to {name}")

    await tab_to("Commencer")
    await page.keyboard.press("Enter")
    await tab_to("Accorder le label")
    await page.keyboard.press("Enter")
    await expect(page.locator(".undo")).to_contain_text("Label accordé")
    await tab_to("^Annuler")
    await page.keyboard.press("Enter")
    await expect(page.locator(".undo")).to_contain_text("La décision est annulée")
    await tab_to("^Refuser")
    await page.keyboard.press("Enter")
    await tab_to("Refuser le label")
    await page.keyboard.press("Enter")
    await expect(page.locator(".undo")).to_contain_text("Refus")
    await tab_to("Demander une correction")
    await page.keyboard.press("Enter")
    await page.get_by_role("radio", name="Dites comment s’inscrire").focus()
    await page.keyboard.press("Space")
    await tab_to("Demander cette correction")
    await page.keyboard.press("Enter")
    await expect(page.locator(".undo")).to_contain_text("Correction demandée")
    await tab_to("Note interne")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Vu.")
    await tab_to("^Noter")
    await page.keyboard.press("Enter")
    await expect(page.locator("#notes")).to_contain_text("Vu.")
    await page.goto("/relecture/aide")
    await expect(a_title(page)).to_have_text("L’aide de la relecture")
    assert await minute() == 2
    assert sorted(kind for kind, _ in await told()) == ["CorrectionRequested", "EventRejected"]
