"""Somebody who has never been here, in a real browser, from the public map to the kit of their event: all five services
at work, a mail server between, nothing broken. At two widths."""

from __future__ import annotations

import re
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pypdfium2
import pytest
from playwright.async_api import Browser, Download, Page, async_playwright, expect

from backbone.testing.browser import BROWSER
from backbone.testing.waiting import until

from .drafts import LABELLED, Draft
from .invariants import hold
from .organiser import Client, in_one_line
from .platform import Platform

expect.set_options(timeout=90_000)  # a machine that is busy with other tests shows a page later, not another one
SCREENSHOTS = Path(__file__).parents[1] / ".local" / "screenshots"
WIDTHS = {"wide": (1280, 860), "narrow": (390, 844)}
LINK = re.compile(r"https?://[\w.:-]+/confirmer\?jeton=[\w.-]+")
ABOUT = "Suivez une pièce de fonderie, du four à l’emballage, avec qui la fabrique. {}."


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**BROWSER)
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Browser, width: str) -> AsyncIterator[Page]:
    wide, high = WIDTHS[width]
    context = await browser.new_context(viewport={"width": wide, "height": high}, locale="fr-FR")
    context.set_default_timeout(90_000)
    yield await context.new_page()
    await context.close()


def a_draft(width: str) -> Draft:
    """What is typed: unlike all other events, and at a place of its own."""
    word = f"Zurtolimba{uuid4().hex[:8]}"
    street, postcode, city = {
        "wide": ("12 rue de l’Industrie", "44550", "Montoir-de-Bretagne"),
        "narrow": ("8 rue des Forges", "42100", "Saint-Étienne"),
    }[width]
    body = {
        "title": f"Du métal en fusion à la pièce finie {word}",
        "organisation": "Fonderie de l’Erdre",
        "description": ABOUT.format(word),
        "slots": [{"starts_at": "2026-11-17T09:00", "ends_at": "2026-11-17T11:30"}],
        "venue": {"street": street, "postcode": postcode, "city": city},
    }
    return Draft(body, word, LABELLED)


@pytest.mark.parametrize("width", ["wide", "narrow"])
async def test_who_comes_from_the_map_for_the_first_time_goes_from_its_link_to_the_kit(
    platform: Platform, page: Page, width: str
) -> None:
    client, draft = platform.somebody_new(), a_draft(width)
    await opens_an_account(platform, page, client, draft.body["organisation"])
    event = await writes(page, draft.body)
    await keeps_a_picture(page, f"parcours-verifier-{width}")
    await page.get_by_role("button", name="Déposer l’événement").click()
    await says(page, "Votre événement est déposé.")
    client.note_up_to(event, 1, draft)
    await client.sign_in()
    platform.clients.append(client)
    await is_labelled_before_their_eyes(page)
    await keeps_a_picture(page, f"parcours-label-{width}")
    holds_the_event(await has_the_kit(page), draft.body)
    await is_found_by_visitors(platform, page, event, draft)
    await keeps_a_picture(page, f"parcours-carte-{width}")
    assert (await mails_of(platform, draft)) == {"Votre événement est labellisé : voici votre kit de communication": 1}
    await hold(platform)


async def says(page: Page, words: str) -> None:
    await expect(page.get_by_role("main")).to_contain_text(words)


async def keeps_a_picture(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


async def opens_an_account(platform: Platform, page: Page, client: Client, organisation: str) -> None:
    """From the public map, and by the link in a mail."""
    who, mail = client.who, platform.mail
    await page.goto(platform.replicas["map-feed"][0].url)
    await page.get_by_role("link", name="Déposer un événement").click()
    await expect(page.locator("h1")).to_have_text("Ouvrez votre compte d’organisateur")
    await page.get_by_label("Votre nom").fill(who.name)
    await page.get_by_label("Votre organisation").fill(organisation)
    await page.get_by_label("Votre adresse électronique").fill(who.email)
    await page.get_by_label("Un mot de passe").fill(who.password)
    await page.get_by_role("button", name="Ouvrir mon compte").click()
    await expect(page.locator("h1")).to_have_text("Regardez vos courriels")

    async def has_come() -> bool:
        return mail.token_for(who.email) is not None

    await until("the mail with the link has come", has_come)
    token = mail.token_for(who.email)
    [link] = {link for text in mail.texts.values() for link in LINK.findall(text) if token and token in link}
    await page.goto(link)
    await page.get_by_role("button", name="Confirmer mon adresse").click()
    await page.get_by_role("link", name="Me connecter").click()
    await page.get_by_label("Votre adresse électronique").fill(who.email)
    await page.get_by_label("Votre mot de passe").fill(who.password)
    await page.get_by_role("button", name="Me connecter").click()
    await expect(page.locator("h1")).to_have_text("Mes événements")


async def writes(page: Page, body: dict[str, Any]) -> str:
    """The form, step by step, up to the last look and what the rules would say; the id of the event."""
    await page.get_by_role("main").get_by_role("link", name="Déposer un événement").click()
    await expect(page.get_by_label("Le nom que le public lit")).to_have_value(body["organisation"])
    await page.get_by_label("Le titre de l’événement").fill(body["title"])
    await page.get_by_label("Le genre d’événement").select_option(label="Visite d’entreprise")
    await page.get_by_label("Ce qui attend le public").fill(body["description"])
    await goes_on(page, "Quand")
    [slot] = body["slots"]
    day, starts = slot["starts_at"].split("T")
    await page.get_by_label("Le jour").fill(day)
    await page.get_by_label("De", exact=True).fill(starts)
    await page.get_by_label("À", exact=True).fill(slot["ends_at"].split("T")[1])
    await goes_on(page, "Où")
    await page.get_by_label("Le numéro et la rue").fill(body["venue"]["street"])
    await page.get_by_label("Le code postal").fill(body["venue"]["postcode"])
    await page.get_by_label("La commune").fill(body["venue"]["city"])
    await goes_on(page, "Pour qui, et comment venir")
    await page.get_by_label("Familles").check()
    await page.get_by_label("Ouvert à tous").check()
    await page.get_by_label("Oui", exact=True).check()
    await goes_on(page, "Vérifier et déposer")
    await says(page, "mardi 17 novembre 2026, de 9 h à 11 h 30")
    await is_said(page, "D’après ce qui est écrit, les règles lui donneraient le label aussitôt.")
    found = re.search(r"/evenements/([0-9a-f-]{36})", page.url)
    assert found
    return found[1]


async def goes_on(page: Page, to: str) -> None:
    await page.get_by_role("button", name="Enregistrer et continuer").last.click()
    await expect(page.locator("h1")).to_have_text(to)


async def is_labelled_before_their_eyes(page: Page) -> None:
    """The story goes on as the services speak: each look at it has more."""
    await is_said(page, "Il a le label de la Semaine de l’industrie.")
    await is_said(page, "Est-il sur la carte ? Oui")


async def is_said(page: Page, words: str) -> None:
    """Sooner or later: who asks again is answered by services that were too busy."""

    async def is_said_now() -> bool:
        await page.reload()
        await page.wait_for_load_state("networkidle")
        return words in in_one_line(await page.get_by_role("main").inner_text())

    await until(f"its page says « {words} »", is_said_now, 60.0, pace=1.0)


async def has_the_kit(page: Page) -> dict[str, bytes]:
    """What is in it, by name."""

    async def is_handed_out() -> bool:
        await page.reload()
        return await page.get_by_role("link", name="Télécharger le kit").count() == 1

    await until("the kit is handed out on its page", is_handed_out, 120.0, pace=1.0)
    async with page.expect_download() as handed:
        await page.get_by_role("link", name="Télécharger le kit").click()
    got: Download = await handed.value
    with zipfile.ZipFile(await got.path()) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def holds_the_event(kit: dict[str, bytes], body: dict[str, Any]) -> None:
    assert set(kit) == {"affiche-a4.pdf", "guide.pdf", "qr.svg", "qr.png", "evenement.ics"}
    poster = in_one_line(pypdfium2.PdfDocument(kit["affiche-a4.pdf"])[0].get_textpage().get_text_bounded())
    for words in (body["title"], body["organisation"], "17 novembre", "9 h", "11 h 30", body["venue"]["city"]):
        assert in_one_line(words) in poster, poster


async def is_found_by_visitors(platform: Platform, page: Page, event: str, draft: Draft) -> None:
    """Its own page bears its title; a search finds it, and again."""
    await page.get_by_role("link", name="Voir sa page", exact=True).click()
    await expect(page.locator("h1")).to_contain_text(draft.body["title"])
    for _ in range(2):
        await page.goto(f"{platform.replicas['map-feed'][0].url}/?q={draft.word}")
        card = page.get_by_role("main").locator(f"a[href*='{event}']").first
        await expect(card).to_contain_text(draft.body["title"])


async def mails_of(platform: Platform, draft: Draft) -> dict[str, int]:
    """How often each mail about it came, by its subject."""
    mail = platform.mail
    own = [name for name, text in mail.texts.items() if draft.word in text]
    return {in_one_line(mail.texts[name].split("\n", 1)[0]): mail.accepted[name] for name in own}
