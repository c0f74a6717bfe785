"""What is done with a submitted event, each on a page that says what it means, and is seen on the event's own page."""

from __future__ import annotations

import pytest
from playwright.async_api import expect


@pytest.mark.parametrize("width", ["wide", "narrow"])
async def test_an_event_is_cancelled_and_takes_place_after_all(visit, joins, has_submitted, look, width):
    page, email = await visit(width), f"{width}.agit@erdre.example"
    await joins(page, email)
    event_id = await has_submitted(email)
    await page.goto(f"/evenements/{event_id}")
    await look(page, "evenement-depose-actions")
    await page.get_by_role("link", name="L’annuler").click()
    # to look changes nothing
    await page.go_back()
    await expect(page.get_by_role("link", name="L’annuler")).to_be_visible()
    await page.get_by_role("link", name="L’annuler").click()
    # a word that would make a number public is asked about, twice if need be
    await page.get_by_label("Un mot aux visiteurs").fill("La ligne est en travaux. Renseignements : 02 40 12 34 56.")
    for _ in range(2):
        await page.get_by_role("button", name="Annoncer l’annulation").click()
        await expect(page.get_by_label("Oui, c’est celui ou celle de mon organisation")).to_be_visible()
    await page.get_by_label("Oui, c’est celui ou celle de mon organisation").check()
    await page.get_by_role("button", name="Annoncer l’annulation").click()
    await expect(page.get_by_role("status")).to_have_text("L’annulation est annoncée.")
    await expect(page.get_by_role("link", name="L’annuler")).to_have_count(0)
    await page.get_by_role("link", name="Il a lieu, après tout").click()
    await page.get_by_role("button", name="Annoncer qu’il a lieu").click()
    await expect(page.get_by_role("status")).to_have_text("Il est de nouveau annoncé comme ayant lieu.")
    await look(page, "evenement-retabli")


async def test_it_is_put_off_moved_online_and_a_session_is_full(visit, joins, has_submitted):
    page, email = await visit(), "reporte@erdre.example"
    await joins(page, email)
    event_id = await has_submitted(email)
    await page.goto(f"/evenements/{event_id}/creneaux")
    await page.get_by_label("Complet").check()
    await page.get_by_role("button", name="Annoncer").click()
    await expect(page.get_by_role("status")).to_have_text("Ses créneaux sont annoncés ainsi.")
    await page.goto(f"/evenements/{event_id}/creneaux")
    await expect(page.get_by_label("Complet")).to_be_checked()
    await page.goto(f"/evenements/{event_id}/reporter")
    await page.get_by_label("Le jour").fill("2026-11-18")
    await page.get_by_label("De", exact=True).fill("10:00")
    for _ in range(2):
        await page.get_by_role("button", name="Annoncer le report").click()
        await expect(page.get_by_role("alert")).to_contain_text("Indiquez l’heure de fin")
        await expect(page.get_by_label("De", exact=True)).to_have_value("10:00")
    await page.get_by_label("À", exact=True).fill("12:00")
    await page.get_by_role("button", name="Annoncer le report").click()
    await expect(page.get_by_role("status")).to_have_text("Le report est annoncé.")
    await page.goto(f"/evenements/{event_id}/modifier/verifier")
    await expect(page.get_by_role("main")).to_contain_text("mercredi 18 novembre 2026, de 10 h à 12 h")
    await page.goto(f"/evenements/{event_id}/en-ligne")
    await page.get_by_label("L’adresse de connexion").fill("visio")
    await page.get_by_role("button", name="Annoncer qu’il a lieu en ligne").click()
    await expect(page.get_by_role("alert")).to_contain_text("Indiquez une adresse complète")
    await page.get_by_label("L’adresse de connexion").fill("https://visio.example/four")
    await page.get_by_role("button", name="Annoncer qu’il a lieu en ligne").click()
    await expect(page.get_by_role("status")).to_have_text("Il est annoncé en ligne.")


async def test_it_is_taken_back_once_and_a_draft_has_nothing_to_announce(visit, joins, has_submitted):
    page, email = await visit(), "retire@erdre.example"
    await joins(page, email)
    event_id = await has_submitted(email)
    await page.goto(f"/evenements/{event_id}/retirer")
    await page.get_by_role("button", name="Retirer l’événement").click()
    await expect(page.get_by_role("status")).to_have_text("Votre événement est retiré.")
    await expect(page.get_by_role("link", name="Le retirer")).to_have_count(0)
    await page.goto(f"/evenements/{event_id}/annuler")
    await page.get_by_role("button", name="Annoncer l’annulation").click()
    await expect(page.locator("h1")).to_have_text("Cet événement n’est pas déposé")


async def test_an_event_is_copied_and_gets_a_picture(visit, joins, has_submitted, look, a_picture):
    page, email = await visit("narrow"), "copie@erdre.example"
    await joins(page, email)
    event_id = await has_submitted(email, title="Le laminoir, de nuit")
    await page.goto(f"/evenements/{event_id}")
    await page.get_by_role("link", name="Le copier").click()
    await page.get_by_role("button", name="En faire une copie").click()
    await expect(page.get_by_role("status")).to_contain_text("Voici sa copie")
    assert event_id not in page.url
    await page.get_by_role("link", name="Lui donner une image").click()
    for _ in range(2):
        await page.get_by_role("button", name="Enregistrer").click()
        await expect(page.get_by_role("alert")).to_contain_text("Choisissez une image")
    told = {"name": "four.png", "mimeType": "image/png", "buffer": a_picture}
    await page.get_by_label("L’image", exact=True).set_input_files(told)
    await page.get_by_label("De qui est-elle ?").fill("Photo : Fonderie de l’Erdre")
    await page.get_by_label("Ce qu’elle montre").fill("Une fondeuse verse le métal.")
    await page.get_by_role("button", name="Enregistrer").click()
    await expect(page.get_by_role("status")).to_contain_text("L’image est enregistrée")
    # what is written afterwards leaves it where it is
    await page.get_by_role("link", name="Continuer").click()
    await page.get_by_role("link", name="1. Quoi").click()
    await page.get_by_label("Le titre de l’événement").fill("Le laminoir, de jour")
    await page.get_by_role("button", name="Enregistrer et continuer").last.click()
    await page.goto(page.url.split("/modifier")[0] + "/image")
    await expect(page.get_by_role("img", name="Une fondeuse verse le métal.")).to_be_visible()
    await look(page, "image")
    await page.get_by_role("button", name="Retirer l’image").click()
    await expect(page.get_by_role("status")).to_have_text("L’événement n’a plus d’image.")
