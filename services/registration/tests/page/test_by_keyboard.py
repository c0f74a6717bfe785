"""A first event from the door to its submission by Tab, Enter, Space and letters alone, with scripts and without."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from playwright.async_api import Locator, Page, expect

PASSWORD = "quatre mots sans lien aucun"
MOST_TABS = 90


async def reaches(page: Page, target: Locator) -> None:
    """Tab until it has the focus."""
    await expect(target).to_be_visible()
    for _ in range(MOST_TABS):
        if await target.evaluate("one => one === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {target}")


async def types(page: Page, label: str, text: str, *, exact: bool = False) -> None:
    await reaches(page, page.get_by_label(label, exact=exact))
    await page.keyboard.type(text)


async def presses(page: Page, role: str, name: str, key: str = "Enter") -> None:
    await reaches(page, page.get_by_role(role, name=name, exact=True).last)
    await page.keyboard.press(key)


async def is_at(page: Page, heading: str) -> None:
    await expect(page.locator("h1")).to_have_text(heading)


async def types_day(page: Page, label: str, day: str) -> None:
    """Its parts in the order in which the browser asks for them."""
    field = page.get_by_label(label)
    await reaches(page, field)
    year, month, number = day.split("-")
    await page.keyboard.type(f"{number}{month}{year}")
    if await field.input_value() != day:  # a browser in English
        for _ in range(3):
            await page.keyboard.press("ArrowLeft")
        await page.keyboard.type(f"{month}{number}{year}")
    await expect(field).to_have_value(day)


async def types_hour(page: Page, label: str, hour: str) -> None:
    """One of the morning."""
    field = page.get_by_label(label, exact=True)
    await reaches(page, field)
    await page.keyboard.type(hour.replace(":", ""))
    if await field.input_value() != hour:  # a browser in English
        await page.keyboard.type("A")
    await expect(field).to_have_value(hour)


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_first_event_is_submitted_without_a_mouse(visit, house, scripts):
    page, rest = await visit(scripts=scripts), f".clavier.{scripts}@erdre.example".lower()
    email = f"ines{rest}"
    await page.goto("/inscription")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    await types(page, "Votre nom", "Inès Payet")
    await types(page, "Votre organisation", "Fonderie de l’Erdre")
    await types(page, "Votre adresse électronique", "ines")
    await types(page, "Un mot de passe", PASSWORD)
    await page.keyboard.press("Enter")
    # the first fault has the focus, and what was typed is there
    await expect(page.get_by_label("Votre adresse électronique")).to_be_focused()
    await page.keyboard.press("End")
    await page.keyboard.type(rest)
    await types(page, "Un mot de passe", PASSWORD)
    await page.keyboard.press("Enter")
    await is_at(page, "Regardez vos courriels")
    await page.goto(f"/{await house.link_in_mail(email)}")
    await presses(page, "button", "Confirmer mon adresse")
    await presses(page, "link", "Me connecter")
    await expect(page.get_by_label("Votre adresse électronique")).to_be_focused()
    await page.keyboard.type(email)
    await types(page, "Votre mot de passe", PASSWORD)
    await page.keyboard.press("Enter")
    await is_at(page, "Mes événements")
    await presses(page, "link", "Déposer un événement")

    await is_at(page, "Quoi")
    await types(page, "Le titre de l’événement", "La")
    await types(page, "Le genre d’événement", "Visite d")
    await types(page, "Ce qui attend le public", f"Suivez une pièce, du four à l’emballage. {scripts}.")
    await presses(page, "button", "Enregistrer et continuer")
    await expect(page.get_by_label("Le titre de l’événement")).to_be_focused()
    await expect(page.get_by_role("alert")).to_contain_text("Indiquez au moins 3 caractères.")
    await page.keyboard.press("End")
    await page.keyboard.type(" visite du four" if scripts else " forge, de très près")
    await presses(page, "button", "Enregistrer et continuer", "Space")

    await is_at(page, "Quand")
    await types_day(page, "Le jour", "2026-11-17")
    await types_hour(page, "De", "09:00")
    await types_hour(page, "À", "11:30")
    await presses(page, "button", "Ajouter un créneau")
    await expect(page.get_by_role("group", name="Créneau 2").get_by_label("Le jour")).to_be_focused()
    await presses(page, "button", "Retirer le créneau 2", "Space")
    await expect(page.get_by_role("group", name=re.compile(r"^Créneau \d"))).to_have_count(1)
    await presses(page, "button", "Enregistrer et continuer")

    await is_at(page, "Où")
    await types(page, "Le numéro et la rue", f"{12 if scripts else 14} rue de l’Industrie")
    await types(page, "Le code postal", "44550")
    await types(page, "La commune", "Montoir-de-Bretagne")
    await presses(page, "button", "Enregistrer et continuer")

    await is_at(page, "Pour qui, et comment venir")
    await reaches(page, page.get_by_label("Familles"))
    await page.keyboard.press("Space")
    for group, answer in (("Comment on entre", "Ouvert à tous"), ("Est-ce gratuit", "Oui")):
        of = page.get_by_role("group", name=re.compile(group))
        await reaches(page, of.get_by_role("radio").first)
        await page.keyboard.press("Space")
        while not await of.get_by_label(answer, exact=True).is_checked():
            await page.keyboard.press("ArrowDown")
    await presses(page, "button", "Enregistrer et continuer")
    await is_at(page, "Vérifier et déposer")
    await presses(page, "button", "Déposer l’événement")
    await expect(page.get_by_role("status").first).to_have_text("Votre événement est déposé.")
    # one heading of the first rank, and none that leaves out a rank; the same places on each page
    ranks = [int(tag[1]) for tag in await page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(e => e.tagName)")]
    assert ranks.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(ranks))
    for place in ("banner", "main", "contentinfo"):
        await expect(page.get_by_role(place)).to_have_count(1)
