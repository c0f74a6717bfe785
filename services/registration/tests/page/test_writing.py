"""An event is written step by step: kept as it goes, checked beside, submitted, and found again."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Page, expect

from backbone.postgres.switches import READ_ONLY

TITLE = "Du métal en fusion à la pièce finie"


async def says(page: Page, words: str) -> None:
    await expect(page.get_by_role("main")).to_contain_text(words)


def an_event(page: Page) -> str:
    found = re.search(r"/evenements/([0-9a-f-]{36})", page.url)
    assert found
    return found[1]


async def goes_on(page: Page) -> None:
    await page.get_by_role("button", name="Enregistrer et continuer").last.click()


async def writes_what(page: Page, title: str = TITLE) -> None:
    await page.get_by_label("Le titre de l’événement").fill(title)
    await page.get_by_label("Le genre d’événement").select_option(label="Visite d’entreprise")
    await page.get_by_label("Ce qui attend le public").fill(
        "Suivez une pièce de fonderie, du four à l’emballage, avec qui la fabrique."
    )


async def writes_when(page: Page) -> None:
    await page.get_by_label("Le jour").fill("2026-11-17")
    await page.get_by_label("De", exact=True).fill("09:00")
    await page.get_by_label("À", exact=True).fill("11:30")


async def writes_where(page: Page) -> None:
    await page.get_by_label("Le numéro et la rue").fill("12 rue de l’Industrie")
    await page.get_by_label("Le code postal").fill("44 550")
    await page.get_by_label("La commune").fill("Montoir-de-Bretagne")


async def writes_for_whom(page: Page) -> None:
    await page.get_by_label("Familles").check()
    await page.get_by_label("Ouvert à tous").check()
    await page.get_by_label("Oui", exact=True).check()


@pytest.mark.parametrize("width", ["wide", "narrow"])
async def test_a_first_event_from_the_door_to_its_submission(visit, joins, look, width):
    page = await visit(width)
    await joins(page, f"{width}.ecrit@erdre.example")
    await page.get_by_role("link", name="Déposer un événement").click()
    await expect(page.get_by_label("Le nom que le public lit")).to_have_value("Fonderie de l’Erdre")
    title = TITLE if width == "wide" else "Portes ouvertes de la chaudronnerie"  # which resemble each other in nothing
    await writes_what(page, title)
    await expect(page.get_by_role("status")).to_have_text(re.compile("Enregistré à 11.h"))
    await goes_on(page)
    await expect(page.locator("h1")).to_have_text("Quand")
    await writes_when(page)
    await goes_on(page)
    await expect(page.locator("h1")).to_have_text("Où")
    await writes_where(page)
    await page.get_by_label("La commune").press("Tab")
    await page.get_by_role("button", name="Placer le repère au centre").click()
    await expect(page.get_by_label("Latitude")).to_have_value(re.compile(r"^4[67]\.\d{5}$"))  # of Loire-Atlantique
    await expect(page.get_by_role("link", name="Vérifier la rue sur OpenStreetMap")).to_be_visible()
    await expect(page.get_by_role("status")).to_have_text(re.compile("Enregistré à 11.h"))
    await look(page, "ecrire-ou")
    await goes_on(page)
    await expect(page.locator("h1")).to_have_text("Pour qui, et comment venir")
    await writes_for_whom(page)
    await expect(page.locator("#essai")).to_contain_text("Tout y est")
    await goes_on(page)
    await expect(page.locator("h1")).to_have_text("Vérifier et déposer")
    await says(page, "mardi 17 novembre 2026, de 9 h à 11 h 30")
    await says(page, "Vous pouvez le modifier et le déposer de nouveau jusqu’au 15 novembre 2026.")
    await page.get_by_role("link", name="Voir ce que le public lira").click()
    await says(page, "Aperçu : voici ce que le public lira.")
    await page.go_back()
    await page.get_by_role("button", name="Déposer l’événement").click()
    await says(page, "Il est déposé, et son examen est en cours.")
    await look(page, "depose")
    await page.get_by_role("link", name="Mes événements").first.click()
    await says(page, title)
    await says(page, "17 novembre 2026")


async def test_without_scripts_wrong_values_stay_as_typed_and_what_is_right_is_kept(visit, joins, look):
    page = await visit(scripts=False)
    await joins(page, "sans.scripts@erdre.example")
    await page.goto("/evenements/nouveau?kind=open_day&organisation=Forge+du+Marais")
    await expect(page.get_by_label("Le genre d’événement")).to_have_value("open_day")
    await expect(page.get_by_label("Le nom que le public lit")).to_have_value("Forge du Marais")
    await page.get_by_label("Le titre de l’événement").fill("Du")
    await page.get_by_label("Ce qui attend le public").fill("Venez voir la forge, et forgez votre clou.")
    for _ in range(2):
        await goes_on(page)
        await expect(page.get_by_role("alert")).to_contain_text("Indiquez au moins 3 caractères.")
        await expect(page.get_by_label("Le titre de l’événement")).to_be_focused()
        await expect(page.get_by_label("Le titre de l’événement")).to_have_value("Du")
        await says(page, "Le reste est enregistré.")
    await look(page, "ecrire-quoi-refuse")
    await page.goto("/mes-evenements")
    await says(page, "Événement sans titre")
    await expect(page.get_by_role("listitem").filter(has_text="sans titre")).to_have_count(1)
    await page.get_by_role("link", name="Continuer").click()
    await expect(page.get_by_label("Ce qui attend le public")).to_have_value(
        "Venez voir la forge, et forgez votre clou."
    )
    await page.get_by_label("Le titre de l’événement").fill("La forge vous ouvre ses portes")
    await goes_on(page)
    # sessions come and go without scripts
    await writes_when(page)
    for number in (2, 3):
        await page.get_by_role("button", name="Ajouter un créneau").click()
        await expect(page.get_by_role("group", name=f"Créneau {number}").get_by_label("Le jour")).to_be_focused()
        await page.get_by_role("group", name=f"Créneau {number}").get_by_label("Le jour").fill(f"2026-11-{16 + number}")
    await page.get_by_role("button", name="Retirer le créneau 2").click()
    await expect(page.get_by_role("group", name=re.compile(r"^Créneau \d"))).to_have_count(2)
    await expect(page.get_by_role("group", name="Créneau 2").get_by_label("Le jour")).to_have_value("2026-11-19")
    await page.get_by_role("group", name="Créneau 2").get_by_label("À", exact=True).fill("08:00")
    await goes_on(page)
    await expect(page.get_by_role("alert")).to_contain_text("Créneau 2 : La fin du créneau doit venir après son début.")
    await look(page, "ecrire-quand-refuse")
    await page.get_by_role("group", name="Créneau 2").get_by_label("À", exact=True).fill("12:00")
    await page.get_by_role("button", name="Étape précédente").click()
    await expect(page.locator("h1")).to_have_text("Quoi")
    await page.goto(page.url.replace("quoi", "quand"))
    await expect(page.get_by_role("group", name=re.compile(r"^Créneau \d"))).to_have_count(2)
    # and a submission says what is missing, with the way there
    await page.get_by_role("link", name="5. Vérifier et déposer").click()
    for _ in range(2):
        await page.get_by_role("button", name="Déposer l’événement").click()
        await expect(page.get_by_role("alert")).to_contain_text("Il n’est pas encore déposé")
    await page.get_by_role("link", name="À qui il s’adresse").click()
    await expect(page.locator("h1")).to_have_text("Pour qui, et comment venir")


async def test_who_goes_back_finds_what_they_had_written_and_has_begun_one_event(visit, joins):
    page = await visit()
    await joins(page, "revient@erdre.example")
    await page.goto("/evenements/nouveau")
    await writes_what(page)
    await goes_on(page)
    await expect(page.locator("h1")).to_have_text("Quand")
    await page.go_back()
    await expect(page.get_by_label("Le titre de l’événement")).to_have_value(TITLE)
    await goes_on(page)
    await page.goto("/mes-evenements")
    await expect(page.get_by_role("listitem").filter(has_text=TITLE)).to_have_count(1)


async def test_a_step_that_was_changed_meanwhile_is_not_overwritten_but_told(visit, joins, look):
    page = await visit(scripts=False)
    await joins(page, "deux.onglets@erdre.example")
    await page.goto("/evenements/nouveau")
    await writes_what(page)
    await goes_on(page)
    address = page.url.replace("quand", "quoi")
    other = await page.context.new_page()
    await page.goto(address)
    await other.goto(address)
    await other.get_by_label("Le titre de l’événement").fill("La coulée, vue du pont")
    await goes_on(other)
    await page.get_by_label("Le titre de l’événement").fill("La coulée, vue du four")
    await goes_on(page)
    await expect(page.get_by_role("alert")).to_contain_text("Cette étape a été modifiée entre-temps")
    await expect(page.get_by_role("alert")).to_contain_text("La coulée, vue du pont")
    await expect(page.get_by_label("Le titre de l’événement")).to_have_value("La coulée, vue du four")
    await look(page, "ecrire-conflit")
    # whoever saves again knows of it; another step was never in the way
    await goes_on(page)
    await expect(page.locator("h1")).to_have_text("Quand")
    await other.goto(address)
    await expect(other.get_by_label("Le titre de l’événement")).to_have_value("La coulée, vue du four")


async def test_what_becomes_public_and_what_resembles_another_is_asked_about_before(visit, joins, look):
    page = await visit()
    await joins(page, "confirme@erdre.example")
    for _ in range(2):
        await page.goto("/evenements/nouveau")
        await writes_what(page, "La coulée de bronze, de près")
        await page.get_by_label("Ce qui attend le public").fill("Visite du four. Renseignements au 02 40 12 34 56.")
        steps = {"Quand": writes_when, "Où": writes_where, "Pour qui, et comment venir": writes_for_whom}
        for step, writes in steps.items():
            await goes_on(page)
            await expect(page.locator("h1")).to_have_text(step)
            await writes(page)
        await goes_on(page)
        await page.get_by_role("button", name="Déposer l’événement").click()
        await expect(page.get_by_role("alert")).to_contain_text("confirmez ce qui devient public")
        await page.get_by_label("Oui, c’est celui ou celle de mon organisation").check()
        await page.get_by_role("button", name="Déposer l’événement").click()
    # the second one looks like the first
    await expect(page.get_by_role("alert")).to_contain_text("un événement déjà déposé lui ressemble")
    await expect(page.get_by_label("Oui, c’est celui ou celle de mon organisation")).to_be_checked()
    await look(page, "verifier-confirmer")
    await page.get_by_label("C’est un autre événement que le mien").check()
    await page.get_by_role("button", name="Déposer l’événement").click()
    await says(page, "Il est déposé, et son examen est en cours.")


async def test_while_a_door_is_closed_the_form_says_that_it_waits_and_keeps_it_afterwards(visit, joins, closes):
    page = await visit()
    await joins(page, "porte.close@erdre.example")
    await page.goto("/evenements/nouveau")
    await writes_what(page, "Le haut fourneau, porte close")
    await expect(page.get_by_role("status")).to_have_text(re.compile("Enregistré à 11.h"))
    opens = await closes(READ_ONLY)
    await page.get_by_label("Le titre de l’événement").fill("Le haut fourneau, porte ouverte")
    await expect(page.get_by_role("status")).to_contain_text("n’est pas encore enregistré. Nous réessayons")
    await expect(page.locator("#essai h2")).to_have_text("Avant le dépôt")  # and no page within the page
    await opens()
    await expect(page.get_by_role("status")).to_have_text(re.compile("Enregistré à 11.h"))
    await page.goto("/mes-evenements")
    await says(page, "Le haut fourneau, porte ouverte")


async def test_who_goes_on_while_the_form_is_being_kept_is_in_no_conflict_with_themselves(visit, joins):
    page = await visit()
    await joins(page, "plus.vite@erdre.example")
    is_kept, may_be_told = asyncio.Event(), asyncio.Event()

    async def slowly(route):
        if await route.request.header_value("hx-request") is None:
            return await route.continue_()
        answer = await route.fetch()
        is_kept.set()
        await may_be_told.wait()
        return await route.fulfill(response=answer)

    await page.goto("/evenements/nouveau")
    await page.route("**/modifier/quoi", slowly)
    await page.get_by_label("Le titre de l’événement").fill("La forge, plus vite")
    await is_kept.wait()
    await page.get_by_label("Ce qui attend le public").fill("Forgez votre clou, et emportez-le.")
    await goes_on(page)
    may_be_told.set()
    await expect(page.locator("h1")).to_have_text("Quand")
    await page.goto("/mes-evenements")
    await says(page, "La forge, plus vite")
