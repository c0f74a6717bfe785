"""Every mail can be looked at, as an organiser would have it, without anything being sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from backbone.contracts import NoticeName
from backbone.testing.browser import BROWSER
from commskit.previews import PREVIEWS as OF_COMMSKIT
from registration.previews import PREVIEWS as OF_REGISTRATION

ROOT = Path(__file__).parents[3]
AXE = ROOT / "services" / "map-feed" / "node_modules" / "axe-core" / "axe.min.js"
PREVIEWS = [*OF_COMMSKIT, *OF_REGISTRATION]
EDITION = Path(__file__).parents[3] / "editions" / "2026.toml"


@pytest.fixture
def look(sdi, tmp_path):
    async def call(*words):
        return await sdi("mail", "preview", "--edition", EDITION, "--to", tmp_path, *words)

    return call


async def test_all_mails_are_listed_with_their_subjects(look):
    answer = await look()
    assert answer.exit_code == 0
    for name in PREVIEWS:
        assert any(line.startswith(name) for line in answer.text.splitlines())
    for name in NoticeName:
        assert any(listed.startswith(name) for listed in PREVIEWS)
    assert "not-labelled" in answer.text
    assert "Votre événement n’est pas labellisé en l’état" in answer.text
    assert "réponse au plus tard le lundi\u00a07\u00a0septembre 2026 à 18\u00a0h" in answer.text


def test_every_folder_of_a_mail_has_its_preview():
    folders = [file.parent.name for file in ROOT.glob("services/*/src/*/templates/*/subject.txt")]
    assert len(folders) >= 13
    assert [folder for folder in folders if not any(name.startswith(folder) for name in PREVIEWS)] == []


async def test_a_mail_is_written_as_text_and_as_a_page(look, tmp_path):
    answer = await look("label-withdrawn")
    assert answer.exit_code == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == ["label-withdrawn.html", "label-withdrawn.txt"]
    text, html = (tmp_path / f"label-withdrawn.{kind}" for kind in ("txt", "html"))
    assert text.read_text().startswith(
        "Le label de votre événement est retiré : voici pourquoi, et comment y remédier\n"
    )
    for said in (text.read_text(), html.read_text().replace("&nbsp;", " ")):
        assert "Du métal en fusion à la pièce finie" in said
        assert "Retirez les affiches du kit de communication" in said


@pytest.mark.parametrize("name", PREVIEWS)
async def test_no_mail_advises_to_hide_a_word_or_leaves_a_part_unfilled(look, tmp_path, name):
    await look(name)
    text, html = ((tmp_path / f"{name}.{kind}").read_text() for kind in ("txt", "html"))
    for said in (text, html):
        assert [mark for mark in ("{{", "{%", "None", "Undefined") if mark in said] == []
        assert [advice for advice in ("Supprimez", "supprimez", "Effacez", "enlevez le mot") if advice in said] == []


async def test_every_mail_fits_a_telephone_and_hinders_nobody(look, tmp_path):
    await look("--all")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**BROWSER)
        for scheme, names in (("light", "*.html"), ("dark", "not-labelled*.html")):  # all have one sheet
            page = await browser.new_page(viewport={"width": 390, "height": 800}, color_scheme=scheme)
            for file in sorted(tmp_path.glob(names)):
                await page.goto(file.as_uri())
                await page.add_script_tag(path=AXE)
                found = (await page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa']})"))["violations"]
                named = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
                assert (file.name, scheme, named) == (file.name, scheme, [])
                assert (file.name, await page.evaluate("document.documentElement.scrollWidth")) == (file.name, 390)
        await browser.close()


async def test_a_mail_that_there_is_not_is_said_so_with_all_that_there_are(look):
    answer = await look("love-letter")
    assert answer.exit_code == 2
    assert answer.errors.startswith("sdi: no mail is called love-letter: one of kit, kit-again, not-labelled,")


async def test_an_edition_that_cannot_be_read_is_said_so(sdi, tmp_path):
    answer = await sdi("mail", "preview", "kit", "--edition", tmp_path / "2099.toml")
    assert (
        answer.exit_code,
        answer.errors.endswith("cannot be read: No such file or directory; name it by --edition\n"),
    ) == (2, True)
