"""Who helps others: a federation enters an event for somebody, who claims it; and offers an organisation its help."""

from __future__ import annotations

from uuid import UUID

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import update

from registration import store
from registration.domain.organisation import OrganisationRequest
from registration.handlers import organisations
from registration.store import accounts

PASSWORD = "quatre mots sans lien aucun"


@pytest.fixture
def is_federation(house):
    """Somebody says on the page of their organisation that it is a federation."""

    async def go(page: Page, email: str) -> None:
        await page.get_by_role("link", name="Mon organisation").click()
        if await page.get_by_role("button", name="Ouvrir mon organisation").count():
            await page.get_by_role("button", name="Ouvrir mon organisation").click()
        await page.get_by_label("C’est").select_option("federation")
        await page.get_by_role("button", name="Enregistrer", exact=True).click()
        await expect(page.get_by_role("status")).to_have_text("C’est enregistré.")

    return go


@pytest.fixture
def accepts(house):
    """Somebody without an account takes up the invitation in their newest mail, opens one, and signs in."""

    async def go(page: Page, email: str, name: str, organisation: str = "") -> None:
        await page.goto(f"/{await house.link_in_mail(email)}")
        await page.get_by_label("Votre nom").fill(name)
        if organisation:
            await page.get_by_label("Votre organisation").fill(organisation)
        await page.get_by_label("Votre mot de passe").fill(PASSWORD)
        await page.get_by_role("button", name="Accepter").click()
        await page.get_by_role("link", name="Me connecter").click()
        await page.get_by_label("Votre adresse électronique").fill(email)
        await page.get_by_label("Votre mot de passe").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("Mes événements")

    return go


async def test_a_federation_enters_an_event_for_somebody_who_claims_it(
    visit, house, joins, is_federation, accepts, has_submitted
):
    union, zoe, email = await visit(), await visit("narrow"), "union@forge.example"
    await joins(union, email, organisation="Union de la forge")
    await union.goto("/accompagnes")
    await expect(union.get_by_role("main")).to_contain_text("Vous n’accompagnez personne pour l’instant.")
    await is_federation(union, email)
    event_id = await has_submitted(email, title="La forge du Marais, portes ouvertes")
    await union.goto(f"/evenements/{event_id}")
    await union.get_by_role("link", name="Le remettre à son organisateur").click()
    for _ in range(2):
        await union.get_by_label("Son adresse électronique").fill("zoe")
        await union.get_by_role("button", name="Envoyer le lien").click()
        await expect(union.get_by_role("alert")).to_contain_text("Indiquez une adresse électronique valable")
        await expect(union.get_by_label("Son adresse électronique")).to_have_value("zoe")
    await union.get_by_label("Son adresse électronique").fill("zoe@marais.example")
    await union.get_by_role("button", name="Envoyer le lien").click()
    await expect(union.get_by_role("status")).to_contain_text("Un lien part à cette adresse")
    await union.goto(f"/evenements/{event_id}/proposer")
    await expect(union.get_by_role("main")).to_contain_text("Un lien est déjà parti à zoe@marais.example")
    # until then it is the federation's
    await union.goto("/mes-evenements")
    await expect(union.get_by_role("main")).to_contain_text("La forge du Marais")
    await accepts(zoe, "zoe@marais.example", "Zoé Le Goff")
    await expect(zoe.get_by_role("main")).to_contain_text("La forge du Marais, portes ouvertes")
    await union.goto("/mes-evenements")
    await expect(union.get_by_role("main")).not_to_contain_text("La forge du Marais")


async def test_a_federation_offers_its_help_which_is_taken_and_ended(
    visit, house, joins, is_federation, accepts, has_submitted, look
):
    union, paul, email = await visit(), await visit("narrow"), "reseau@acier.example"
    await joins(union, email, organisation="Réseau de l’acier")
    await is_federation(union, email)
    await union.get_by_role("link", name="Ceux que vous accompagnez").click()
    await expect(union.get_by_role("main")).to_contain_text("Aucune organisation n’est encore accompagnée.")
    await union.get_by_text("Proposer d’accompagner une organisation").click()
    await union.get_by_label("L’adresse de qui la gère").fill("paul")
    await union.get_by_role("button", name="Envoyer la proposition").click()
    await expect(union.get_by_role("alert")).to_contain_text("Indiquez une adresse électronique valable")
    await union.get_by_label("L’adresse de qui la gère").fill("paul@acier.example")
    await union.get_by_role("button", name="Envoyer la proposition").click()
    await expect(union.get_by_role("status")).to_contain_text("Un courriel part à cette adresse.")
    await expect(union.get_by_role("main")).to_contain_text("proposition envoyée, valable jusqu’au")
    await accepts(paul, "paul@acier.example", "Paul Durand", "Aciérie du Port")
    await has_submitted("paul@acier.example", title="La coulée de nuit")
    await union.goto("/accompagnes")
    await expect(union.get_by_role("main")).to_contain_text("Aciérie du Port")
    await expect(union.get_by_role("link", name="La coulée de nuit")).to_be_visible()
    await look(union, "accompagnes")
    # they read it, and withdraw nothing
    await union.get_by_role("link", name="La coulée de nuit").click()
    await expect(union.get_by_role("link", name="Le modifier")).to_be_visible()
    await expect(union.get_by_role("link", name="Le retirer")).to_have_count(0)
    await paul.get_by_role("link", name="Mon organisation").click()
    await expect(paul.get_by_role("main")).to_contain_text("« Réseau de l’acier » vous accompagne")
    await paul.get_by_role("button", name="Ne plus être accompagné").click()
    await expect(paul.get_by_role("status")).to_have_text("Votre organisation n’est plus accompagnée.")
    await union.goto("/accompagnes")
    await expect(union.get_by_role("main")).not_to_contain_text("La coulée de nuit")


async def test_a_coordinator_finds_the_events_of_their_region(visit, house, joins, has_submitted):
    anne, ines = await visit(), await visit()
    await joins(anne, "anne@region.example")
    await joins(ines, "ines.region@erdre.example")
    await has_submitted("ines.region@erdre.example", title="L’émaillerie, à la lumière du jour")
    async with house.service.engine.begin() as tx:
        here = accounts.c.email == "anne@region.example"
        await tx.execute(update(accounts).where(here).values(role="organiser", coordinates=["52"]))
    await anne.goto("/mes-evenements")
    await anne.get_by_role("link", name="Ceux que vous accompagnez").click()
    await anne.get_by_label("Chercher").fill("emaillerie")
    await anne.keyboard.press("Enter")
    await expect(anne.get_by_role("link", name="L’émaillerie, à la lumière du jour")).to_be_visible()
    await anne.get_by_label("Chercher").fill("introuvable entre tous")
    await anne.keyboard.press("Enter")
    await expect(anne.get_by_role("main")).to_contain_text("Aucun ne correspond.")


async def test_who_is_of_two_organisations_says_which_takes_the_event(
    visit, house, joins, is_federation, has_submitted
):
    union, ines, email = await visit(), await visit(), "deux@maisons.example"
    await joins(union, "reseau@maisons.example", organisation="Réseau des maisons")
    await joins(ines, email, organisation="Première maison")
    await is_federation(union, "reseau@maisons.example")
    async with house.service.engine.begin() as tx:
        account = await store.account_by_email(tx, email)
        await organisations.found(tx, account, OrganisationRequest(name="Seconde maison"))
    event_id = await has_submitted("reseau@maisons.example", title="Le four à chaux")
    await union.goto(f"/evenements/{event_id}/proposer")
    await union.get_by_label("Son adresse électronique").fill(email)
    await union.get_by_role("button", name="Envoyer le lien").click()
    await ines.goto(f"/{await house.link_in_mail(email)}")
    await expect(ines.get_by_label("Première maison")).to_be_checked()
    await ines.get_by_label("Seconde maison").check()
    await ines.get_by_role("button", name="Accepter").click()
    await expect(ines.get_by_role("main")).to_contain_text("L’événement est à vous")
    async with house.service.engine.connect() as tx:
        event = await store.event_by_id(tx, UUID(event_id))
        assert (await store.organisation_by_id(tx, event.organisation_id)).name == "Seconde maison"
