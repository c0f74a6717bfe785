"""One's own account and organisation: seen, changed, shared with colleagues, and ended."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

PASSWORD = "quatre mots sans lien aucun"


@pytest.mark.parametrize("width", ["wide", "narrow"])
async def test_somebody_changes_their_name_and_password_and_reads_where_they_are_signed_in(visit, joins, look, width):
    page = await visit(width)
    await joins(page, f"{width}.compte@erdre.example")
    await page.get_by_role("link", name="Mon compte").click()
    await look(page, "compte")
    await page.get_by_label("Votre nom").fill("https://mechant.example")
    for _ in range(2):
        await page.get_by_role("button", name="Enregistrer ce nom").click()
        await expect(page.get_by_role("alert")).to_contain_text("Indiquez un nom, sans adresse du Web")
        await expect(page.get_by_label("Votre nom")).to_have_value("https://mechant.example")
    await page.get_by_label("Votre nom").fill("Inès Payet-Roux")
    await page.get_by_role("button", name="Enregistrer ce nom").click()
    await expect(page.get_by_role("status")).to_have_text("Votre nom est enregistré.")
    await page.get_by_text("Changer de mot de passe").click()
    await page.get_by_label("Votre mot de passe actuel").fill("ce n’est pas lui")
    await page.get_by_label("Votre nouveau mot de passe").fill("cinq mots sans aucun lien visible")
    await page.get_by_role("button", name="Enregistrer ce mot de passe").click()
    await expect(page.get_by_role("alert")).to_contain_text("Ce mot de passe n’est pas le vôtre.")
    await look(page, "compte-refuse")
    await page.get_by_label("Votre mot de passe actuel").fill(PASSWORD)
    await page.get_by_label("Votre nouveau mot de passe").fill("cinq mots sans aucun lien visible")
    await page.get_by_role("button", name="Enregistrer ce mot de passe").click()
    await expect(page.get_by_role("status")).to_contain_text("Votre nouveau mot de passe est enregistré.")
    # and is still signed in
    await page.get_by_role("link", name="Mes événements").first.click()
    await expect(page.locator("h1")).to_have_text("Mes événements")


async def test_somebody_takes_their_data_and_leaves(visit, joins):
    page = await visit()
    await joins(page, "part@erdre.example")
    await page.goto("/compte")
    await page.get_by_text("Recevoir tout ce qui est gardé de vous").click()
    await page.locator("#donnees-mot-de-passe").fill(PASSWORD)
    async with page.expect_download() as handed:
        await page.get_by_role("button", name="Télécharger mes données").click()
    assert (await handed.value).suggested_filename == "mes-donnees-2026-06-01.zip"
    await page.get_by_text("Effacer votre compte").click()
    await page.locator("#effacer-mot-de-passe").fill(PASSWORD)
    await page.get_by_role("button", name="Effacer mon compte").click()
    await expect(page.locator("h1")).to_have_text("Votre compte est effacé")
    await page.goto("/mes-evenements")
    await expect(page.locator("h1")).to_have_text("Connectez-vous")


async def test_a_colleague_is_invited_and_takes_over(visit, house, joins, has_submitted, look):
    ines, paul = await visit(), await visit("narrow")
    await joins(ines, "ines.partage@erdre.example")
    event_id = await has_submitted("ines.partage@erdre.example", title="La coulée continue, côté pont")
    await ines.get_by_role("link", name="Mon organisation").click()
    await look(ines, "organisation")
    await ines.get_by_label("L’adresse de votre collègue").fill("paul")
    await ines.get_by_role("button", name="Envoyer l’invitation").click()
    await expect(ines.get_by_role("alert")).to_contain_text("Indiquez une adresse électronique valable")
    await ines.get_by_label("L’adresse de votre collègue").fill("paul.partage@erdre.example")
    await ines.get_by_role("button", name="Envoyer l’invitation").click()
    await expect(ines.get_by_role("status")).to_contain_text("Un courriel part à cette adresse.")
    await paul.goto(f"/{await house.link_in_mail('paul.partage@erdre.example')}")
    await look(paul, "invitation")
    await paul.get_by_label("Votre nom").fill("Paul Durand")
    await paul.get_by_label("mot de passe").fill(PASSWORD)
    await paul.get_by_role("button").last.click()
    await paul.get_by_role("link", name="Me connecter").click()
    await paul.get_by_label("Votre adresse électronique").fill("paul.partage@erdre.example")
    await paul.get_by_label("Votre mot de passe").fill(PASSWORD)
    await paul.keyboard.press("Enter")
    await expect(paul.get_by_role("main")).to_contain_text("La coulée continue, côté pont")
    await ines.goto(f"/evenements/{event_id}/confier")
    await ines.get_by_role("button", name="Le confier").click()
    await expect(ines.get_by_role("alert")).to_have_text("Choisissez un collègue.")
    await look(ines, "confier")
    await ines.get_by_label("Paul Durand").check()
    await ines.get_by_role("button", name="Le confier").click()
    await expect(ines.get_by_role("status")).to_contain_text("Votre collègue s’en occupe désormais")
    await ines.get_by_role("link", name="Mon organisation").click()
    await ines.get_by_role("button", name="Rendre responsable : Paul Durand").click()
    await expect(ines.get_by_role("status")).to_have_text("Son rôle est enregistré.")
    await look(ines, "organisation-deux")
