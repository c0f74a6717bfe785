"""A federation hands in a file of two hundred events with seven faults, mends nothing yet, and keeps the others."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from registration.handlers.uploads import Uploading

HEADINGS = "Référence;Titre;Description;Type d'événement;Publics;Accès;Gratuit;Date;Heure de début;Heure de fin"
HEADINGS += ";Adresse;Code postal;Ville"


def a_file(rows: int, faulty: int, series: str = "Forge") -> bytes:
    lines = [HEADINGS]
    for number in range(rows):
        day = "31/02/2026" if number < faulty else "17/11/2026"
        lines.append(
            f"{series}-{number};Visite de l’atelier {number};Suivez une pièce, du four à l’emballage.;visite d'usine;"
            f"Familles;Ouvert à tous;oui;{day};9h;11h30;{number + 1} rue de {series};44550;Montoir-de-Bretagne"
        )
    return "\r\n".join(lines).encode("cp1252", "replace")


async def works(house, page: Page) -> None:
    worker = next(worker for worker in house.service.workers if worker.kind == Uploading.kind)
    assert await worker.run_due() == 1


@pytest.mark.parametrize("width", ["wide", "narrow"])
async def test_two_hundred_rows_with_seven_faults(visit, house, joins, look, width):
    page = await visit(width)
    await joins(page, f"{width}.federation@erdre.example", organisation="Fédération de la forge")
    await page.get_by_role("link", name="Importer un fichier").click()
    await page.get_by_role("button", name="Lire ce fichier").click()
    await expect(page.get_by_text("Choisissez un fichier.")).to_be_visible()
    told = {"name": "événements.csv", "mimeType": "text/csv", "buffer": a_file(200, 7)}
    await page.get_by_label("Le fichier, XLSX ou CSV").set_input_files(told)
    await page.get_by_role("button", name="Lire ce fichier").click()
    await expect(page.get_by_role("status")).to_contain_text("Lecture en cours")
    await look(page, "import-lecture")
    await works(house, page)
    # the page goes on by itself
    await expect(page.get_by_role("status")).to_contain_text("Lu et vérifié : à vous de décider")
    await expect(page.get_by_role("main")).to_contain_text("7 avec une faute")
    await expect(page.get_by_role("main")).to_contain_text("193 prêtes à être déposées")
    await look(page, "import-verifie")
    async with page.expect_download() as handed:
        await page.get_by_role("link", name="Télécharger le compte rendu").click()
    assert (await handed.value).suggested_filename == "compte-rendu.xlsx"
    await page.get_by_role("button", name="Enregistrer").click()
    await expect(page.get_by_role("status")).to_contain_text("Enregistrement en cours")
    await works(house, page)
    await expect(page.get_by_role("main")).to_contain_text("193 brouillons enregistrés")
    await expect(page.get_by_role("main")).to_contain_text("7 lignes laissées de côté")
    await look(page, "import-fait")
    await page.get_by_role("link", name="Voir mes événements").click()
    await expect(page.get_by_role("main")).to_contain_text("Visite de l’atelier")


async def test_a_file_withdraws_what_is_gone_of_its_own_series_alone(visit, house, joins, look):
    page = await visit()
    await joins(page, "deux.series@erdre.example", organisation="Fédération de l’acier")

    async def hands_in(series, rows, *, withdraws=False):
        await page.goto("/import")
        told = {"name": f"{series}.csv", "mimeType": "text/csv", "buffer": a_file(rows, 0, series)}
        await page.get_by_label("Le fichier, XLSX ou CSV").set_input_files(told)
        await page.get_by_label("Sa série").fill(series)
        await page.get_by_role("button", name="Lire ce fichier").click()
        await works(house, page)
        await expect(page.get_by_role("status")).to_contain_text("Lu et vérifié")
        await page.get_by_label("et déposer celles qui sont prêtes").check()
        await page.get_by_label("Celles qui ressemblent").check()
        if withdraws:
            await look(page, "import-retrait")
            await page.get_by_label("Retirer 2 événements d’un fichier précédent").check()
        else:
            await expect(page.get_by_label("d’un fichier précédent")).to_have_count(0)
        await page.get_by_role("button", name="Enregistrer").click()
        await works(house, page)
        await expect(page.get_by_role("status")).to_contain_text("C’est fait")

    await hands_in("Loire", 3)
    await hands_in("Vendée", 2)
    await hands_in("Loire", 1, withdraws=True)
    await page.goto("/import")
    await expect(page.get_by_role("main")).to_contain_text("· Vendée")
    await page.goto("/mes-evenements")
    await expect(page.get_by_role("listitem").filter(has_text="retiré")).to_have_count(2)
    await expect(page.get_by_role("heading", name="Déposés (5)")).to_be_visible()
