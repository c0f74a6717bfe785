"""Somebody who has never been here opens an account, and finds the way to their events."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

EMAIL = "ines.payet@erdre.example"


@pytest.mark.parametrize("width", ["wide", "narrow"])
async def test_a_first_time_organiser_opens_an_account_and_comes_to_their_events(visit, house, look, width):
    page, email = await visit(width), f"{width}.{EMAIL}"
    await page.goto("/inscription?organisation=Fonderie+de+l%E2%80%99Erdre&kind=open_day")
    await expect(page.get_by_label("Votre organisation")).to_have_value("Fonderie de l’Erdre")
    # refused twice: what was typed stays, but for the password, and the first fault has the focus
    await page.get_by_label("Votre nom").fill("Inès Payet")
    await page.get_by_label("Votre adresse électronique").fill("ines.payet")
    await page.get_by_label("Un mot de passe").fill("court")
    for _ in range(2):
        await page.get_by_role("button", name="Ouvrir mon compte").click()
        await expect(page).to_have_title("Erreur : Ouvrez votre compte d’organisateur – La Semaine de l’industrie 2026")
        await expect(page.get_by_role("alert")).to_contain_text("Indiquez une adresse électronique valable")
        await expect(page.get_by_label("Votre adresse électronique")).to_be_focused()
        await expect(page.get_by_label("Votre adresse électronique")).to_have_value("ines.payet")
        await expect(page.get_by_label("Votre nom")).to_have_value("Inès Payet")
        await expect(page.get_by_label("Un mot de passe")).to_have_value("")
    await page.get_by_role("alert").get_by_role("link", name="Un mot de passe").click()
    await expect(page.get_by_label("Un mot de passe")).to_be_focused()
    await page.get_by_label("Votre adresse électronique").fill(email)
    await page.get_by_label("Un mot de passe").fill("quatre mots sans lien aucun")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Regardez vos courriels")
    await look(page, "courriels")
    await page.goto(f"/{await house.link_in_mail(email)}")
    await page.get_by_role("button", name="Confirmer mon adresse").click()
    await look(page, "adresse-confirmee")
    await page.get_by_role("link", name="Me connecter").click()
    await page.get_by_label("Votre adresse électronique").fill(email)
    await page.get_by_label("Votre mot de passe").fill("quatre mots sans lien aucun")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Mes événements")
    await expect(page.get_by_role("main")).to_contain_text("Vous n’avez pas encore d’événement")


async def test_a_prefilled_link_brings_who_has_an_account_to_the_form(visit, joins):
    page = await visit(scripts=False)
    await joins(page, "revenue@erdre.example")
    await page.context.clear_cookies()
    await page.goto("/inscription?organisation=Forge+du+Marais&kind=open_day")
    await page.get_by_role("link", name="Connectez-vous").click()
    await page.get_by_label("Votre adresse électronique").fill("revenue@erdre.example")
    await page.get_by_label("Votre mot de passe").fill("quatre mots sans lien aucun")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Le genre d’événement")).to_have_value("open_day")
    await expect(page.get_by_label("Le nom que le public lit")).to_have_value("Forge du Marais")


async def test_nobody_learns_by_the_page_who_has_an_account(visit, house, joins):
    page, other = await visit(scripts=False), await visit(scripts=False)
    await joins(page, "deja@erdre.example")
    words = []
    for email in ("deja@erdre.example", "nouveau@erdre.example"):
        await other.goto("/inscription")
        await other.get_by_label("Votre nom").fill("Paul Durand")
        await other.get_by_label("Votre organisation").fill("Forge du Marais")
        await other.get_by_label("Votre adresse électronique").fill(email)
        await other.get_by_label("Un mot de passe").fill("quatre mots sans lien aucun")
        await other.get_by_role("button", name="Ouvrir mon compte").click()
        await expect(other.get_by_role("button", name="Ouvrir mon compte")).to_have_count(0)
        words.append((await other.get_by_role("main").inner_text()).replace(email, "…"))
    assert words[0] == words[1]


async def test_who_signs_out_finds_no_page_of_theirs_any_more(visit, joins):
    page = await visit("narrow")
    await joins(page, "sort@erdre.example")
    await page.get_by_role("button", name="Me déconnecter").click()
    await expect(page.locator("h1")).to_have_text("Vous êtes déconnecté")
    await page.goto("/mes-evenements")
    await expect(page.locator("h1")).to_have_text("Connectez-vous")
    assert page.url.endswith("/connexion?retour=/mes-evenements")
