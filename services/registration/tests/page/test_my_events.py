"""The list of one's events, where there are many of them."""

from __future__ import annotations

from playwright.async_api import expect


async def test_a_federation_finds_one_event_among_hundreds(visit, joins, has_drafted, has_submitted):
    page, email = await visit(), "beaucoup@erdre.example"
    await joins(page, email, organisation="Fédération du bois")
    for number in range(53):
        await has_drafted(email, title=f"Atelier du bois n° {number}")
    await has_submitted(email, title="Scierie : l’émondage à l’ancienne")
    await page.goto("/mes-evenements")
    await expect(page.get_by_role("heading", name="À terminer (53)")).to_be_visible()
    await page.get_by_role("link", name="Tous ceux à terminer").click()
    await expect(page.get_by_label("Lesquels")).to_have_value("brouillons")
    await expect(page.get_by_role("listitem").filter(has_text="Atelier du bois")).to_have_count(50)
    await page.get_by_role("link", name="Les suivants").click()
    await expect(page.get_by_role("listitem").filter(has_text="Atelier du bois")).to_have_count(3)
    for words, found in (("emondage SCIERIE", 1), ("l'ancienne", 1), ("bois 5%", 0), ("montoir 52", 1)):
        await page.get_by_label("Chercher").fill(words)
        await page.get_by_label("Lesquels").select_option("Tous")
        await page.get_by_role("button", name="Chercher").click()
        await expect(page.get_by_label("Chercher")).to_have_value(words)
        await expect(page.get_by_role("main").get_by_role("listitem")).to_have_count(found)
    await page.get_by_label("Lesquels").select_option("Labellisés")
    await page.get_by_role("button", name="Chercher").click()
    await expect(page.get_by_role("status")).to_contain_text("Aucun de vos événements ne correspond.")
    await page.get_by_role("link", name="Les voir tous").click()
    await expect(page.get_by_role("heading", name="Déposés")).to_be_visible()
