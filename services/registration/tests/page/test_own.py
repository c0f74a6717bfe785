"""One's own account and organisation: seen, changed, shared with colleagues, and ended."""

from __future__ import annotations

import time
from io import BytesIO
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import expect

from registration import store
from registration.domain.rights import Role
from registration.domain.second_factor import code_of, step_at

PASSWORD = "quatre mots sans lien aucun"


@pytest.mark.parametrize("width", ["wide", "narrow"])
async def test_somebody_changes_their_name_and_password_and_reads_where_they_are_signed_in(visit, joins, width):
    page = await visit(width)
    await joins(page, f"{width}.compte@erdre.example")
    await page.get_by_role("link", name="Mon compte").click()
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


@pytest.mark.parametrize(("inviting", "invited"), [("wide", "narrow"), ("narrow", "wide")])
async def test_a_colleague_is_invited_and_takes_over(visit, house, joins, has_submitted, look, inviting, invited):
    ines, paul = await visit(inviting), await visit(invited)
    colleague = f"paul.{invited}@erdre.example"
    await joins(ines, f"ines.{inviting}@erdre.example")
    event_id = await has_submitted(f"ines.{inviting}@erdre.example", title=f"La coulée continue, {inviting}")
    await ines.get_by_role("link", name="Mon organisation").click()
    await ines.get_by_label("L’adresse de votre collègue").fill("paul")
    await ines.get_by_role("button", name="Envoyer l’invitation").click()
    await expect(ines.get_by_role("alert")).to_contain_text("Indiquez une adresse électronique valable")
    await ines.get_by_label("L’adresse de votre collègue").fill(colleague)
    await ines.get_by_role("button", name="Envoyer l’invitation").click()
    await expect(ines.get_by_role("status")).to_contain_text("Un courriel part à cette adresse.")
    await paul.goto(f"/{await house.link_in_mail(colleague)}")
    await paul.get_by_label("Votre nom").fill("Paul Durand")
    await paul.get_by_label("mot de passe").fill(PASSWORD)
    await paul.get_by_role("button").last.click()
    await paul.get_by_role("link", name="Me connecter").click()
    await paul.get_by_label("Votre adresse électronique").fill(colleague)
    await paul.get_by_label("Votre mot de passe").fill(PASSWORD)
    await paul.keyboard.press("Enter")
    await expect(paul.get_by_role("main")).to_contain_text(f"La coulée continue, {inviting}")
    await ines.goto(f"/evenements/{event_id}/confier")
    await ines.get_by_role("button", name="Le confier").click()
    await expect(ines.get_by_role("alert")).to_have_text("Choisissez un collègue.")
    await ines.get_by_label("Paul Durand").check()
    await ines.get_by_role("button", name="Le confier").click()
    await expect(ines.get_by_role("status")).to_contain_text("Votre collègue s’en occupe désormais")
    await ines.get_by_role("link", name="Mon organisation").click()
    await ines.get_by_role("button", name="Rendre responsable : Paul Durand").click()
    await expect(ines.get_by_role("status")).to_have_text("Son rôle est enregistré.")
    await look(ines, "organisation-deux")
    await paul.goto(f"/evenements/{event_id}")
    await expect(paul.get_by_role("link", name="Le confier à un collègue")).to_be_visible()


async def test_a_key_is_made_shown_once_used_and_revoked(visit, house, joins, look):
    page = await visit("narrow")
    await joins(page, "cle@erdre.example")
    await page.get_by_role("link", name="Mon organisation").click()
    await page.get_by_role("button", name="Ouvrir mon organisation").click()
    await page.get_by_role("link", name="Les clés d’accès").click()
    await expect(page.get_by_role("main")).to_contain_text("Il n’y en a pas encore.")
    await page.get_by_label("Lire les événements de l’organisation").uncheck()
    for _ in range(2):
        await page.get_by_role("button", name="Créer la clé").click()
        await expect(page.get_by_role("alert")).to_contain_text("À quoi elle sert : Ce champ est obligatoire.")
        await expect(page.get_by_role("alert")).to_contain_text("Choisissez au moins un droit.")
    await page.get_by_label("À quoi elle sert").fill("L’agenda de notre site")
    await page.get_by_label("Lire les événements de l’organisation").check()
    await page.get_by_label("Elle vaut").select_option("Trois mois")
    await page.get_by_role("button", name="Créer la clé").click()
    secret = await page.locator("code.secret").inner_text()
    await look(page, "cle-montree")
    shown = await page.context.request.get("/v1/events", headers={"Authorization": f"Bearer {secret}"})
    assert (shown.status, (await shown.json())["total"]) == (200, 0)
    await page.goto(page.url)
    await expect(page.get_by_role("main")).to_contain_text("L’agenda de notre site")
    assert secret not in await page.content()
    await expect(page.get_by_role("main")).to_contain_text("servie le")
    await page.get_by_role("button", name="Révoquer : L’agenda de notre site").click()
    await expect(page.get_by_role("status")).to_have_text(
        "Cette clé est révoquée : plus aucun programme n’entre avec elle."
    )
    await expect(page.get_by_role("main")).to_contain_text("Il n’y en a pas encore.")
    shown = await page.context.request.get("/v1/events", headers={"Authorization": f"Bearer {secret}"})
    assert shown.status == 401


async def test_a_second_factor_is_set_by_its_picture_replaced_and_taken_away(visit, house, joins, look):
    page, email = await visit(), "deux.facteurs@erdre.example"
    await joins(page, email)
    await page.goto("/compte")
    await page.get_by_text("Activer la double authentification").click()
    await page.locator("#proteger-mot-de-passe").fill(PASSWORD)
    await page.get_by_role("button", name="Continuer").click()
    await look(page, "double-authentification")
    await expect(page.get_by_role("main")).not_to_contain_text("Votre compte relit des événements")
    picture = await page.get_by_role("img", name="QR code à faire lire à l’application").screenshot()
    [found] = zxingcpp.read_barcodes(Image.open(BytesIO(picture)))
    secret = parse_qs(urlsplit(found.text).query)["secret"][0]
    assert secret == await page.locator("main code").inner_text()

    def code(later=0):
        return code_of(secret, step_at(time.time()) + later)

    await page.get_by_label("Le code").fill("000000")
    await page.get_by_role("button", name="Activer").click()
    await expect(page.get_by_role("alert")).to_contain_text("Ce code n’est pas le bon")
    await page.get_by_label("Le code").fill(code(-1))
    await page.get_by_role("button", name="Activer").click()
    await expect(page.locator("h1")).to_have_text("Gardez ces codes de secours")
    codes = await page.locator("main code").all_inner_texts()
    assert len(codes) == 10
    await look(page, "codes-de-secours")
    await page.get_by_role("link", name="Continuer").click()
    await expect(page.get_by_role("main")).to_contain_text("La double authentification est active")
    await page.get_by_text("Recevoir d’autres codes de secours").click()
    await page.locator("#secours-mot-de-passe").fill(PASSWORD)
    await page.locator("#secours-code").fill(codes[0])
    await page.get_by_role("button", name="Montrer d’autres codes").click()
    others = await page.locator("main code").all_inner_texts()
    assert len(others) == 10
    assert not {*codes} & {*others}
    await page.get_by_role("link", name="Continuer").click()
    await page.get_by_text("Désactiver la double authentification").click()
    for spent in (codes[1], "000000"):
        await page.locator("#ouvrir-mot-de-passe").fill(PASSWORD)
        await page.locator("#ouvrir-code").fill(spent)
        await page.get_by_role("button", name="Désactiver").click()
        await expect(page.get_by_role("alert")).to_contain_text("Ce code n’est pas le bon")
    await page.locator("#ouvrir-mot-de-passe").fill(PASSWORD)
    await page.locator("#ouvrir-code").fill(others[0])
    await page.get_by_role("button", name="Désactiver").click()
    await expect(page.get_by_role("status")).to_contain_text("La double authentification est désactivée.")
    await expect(page.get_by_text("Activer la double authentification")).to_be_visible()


async def test_an_invitation_is_taken_back_a_colleague_goes_and_another_leaves(visit, house, joins, is_of):
    ines, paul = await visit(), await visit()
    await joins(ines, "ines.gere@erdre.example")
    await joins(paul, "paul.part@erdre.example")
    await ines.get_by_role("link", name="Mon organisation").click()
    await ines.get_by_role("button", name="Ouvrir mon organisation").click()
    await ines.get_by_label("L’adresse de votre collègue").fill("lea@erdre.example")
    await ines.get_by_role("button", name="Envoyer l’invitation").click()
    link = await house.link_in_mail("lea@erdre.example")
    await ines.get_by_role("button", name="Annuler l’invitation : lea@erdre.example").click()
    await expect(ines.get_by_role("status")).to_have_text("L’invitation est annulée : son lien ne vaut plus.")
    await paul.goto(f"/{link}")
    await expect(paul.locator("h1")).to_have_text("Ce lien n’est plus valable")
    organisation = ines.url.partition("?")[0]
    await is_of(organisation.rpartition("/")[2], "paul.part@erdre.example")
    await paul.goto(organisation)
    await expect(paul.get_by_role("button", name="Envoyer l’invitation")).to_have_count(0)
    # whoever alone manages it cannot go before somebody else does
    await ines.goto(organisation)
    await ines.get_by_text("Quitter cette organisation").click()
    await ines.get_by_role("button", name="Quitter").click()
    await expect(ines.locator("h1")).to_have_text("Il faut quelqu’un pour gérer l’organisation")
    await ines.goto(organisation)
    await ines.get_by_role("button", name="Retirer : Inès Payet").click()
    await expect(ines.get_by_role("status")).to_contain_text("Cette personne n’est plus de votre organisation")
    await paul.goto(organisation)
    await expect(paul.locator("h1")).to_have_text("Cette organisation n’est pas la vôtre")
    await is_of(organisation.rpartition("/")[2], "paul.part@erdre.example")
    await paul.goto(organisation)
    await paul.get_by_text("Quitter cette organisation").click()
    await paul.get_by_role("button", name="Quitter").click()
    await expect(paul.locator("h1")).to_have_text("Mes événements")
    await paul.goto(organisation)
    await expect(paul.locator("h1")).to_have_text("Cette organisation n’est pas la vôtre")


@pytest.fixture
def is_of(house):
    """Somebody is of an organisation."""

    async def go(organisation_id: str, email: str) -> None:
        async with house.service.engine.begin() as tx:
            account = await store.account_by_email(tx, email)
            await store.add_member(tx, UUID(organisation_id), account.id, Role.MEMBER)

    return go


async def test_who_left_a_browser_open_elsewhere_ends_it_from_here(visit, joins):
    here, elsewhere, email = await visit(), await visit("narrow"), "partout@erdre.example"
    await joins(elsewhere, email)
    await here.goto("/connexion?retour=/compte")
    await here.get_by_label("Votre adresse électronique").fill(email)
    await here.get_by_label("Votre mot de passe").fill(PASSWORD)
    await here.keyboard.press("Enter")
    await expect(here.get_by_role("listitem").filter(has_text="(ici)")).to_have_count(1)
    await here.get_by_role("button", name="Y mettre fin").click()
    await expect(here.get_by_role("status")).to_have_text("Cette connexion a pris fin.")
    await expect(here.get_by_role("button", name="Y mettre fin")).to_have_count(0)
    # what goes on there is the last quarter of an hour of its token, and no more
    answer = await elsewhere.context.request.post("/connexion/suite", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status == 401
    answer = await here.context.request.post("/connexion/suite", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status == 204
