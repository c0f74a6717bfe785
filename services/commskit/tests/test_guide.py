from __future__ import annotations

import logging

import pytest

from commskit.domain import PIECES
from commskit.guide import GuidePrinter
from commskit.pdf import Press


@pytest.fixture(scope="module")
def printer() -> GuidePrinter:
    return GuidePrinter(Press())


def test_the_guide_is_two_pages_of_a4(printer, read_pdf, look):
    assert read_pdf(printer.print(look)).size_mm == [(210, 297)] * 2


def test_the_guide_tells_of_every_piece_of_the_kit(printer, read_pdf, look_2026):
    text = read_pdf(printer.print(look_2026)).text
    assert [piece for piece in PIECES if piece not in text] == []


def test_the_guide_speaks_of_welcome_safety_and_consent(printer, read_pdf, look_2026):
    text = read_pdf(printer.print(look_2026)).text
    for said in ("accueillir", "la sécurité", "Photographies et consentement", "Après", "15e édition"):
        assert said in text


def test_a_reader_aloud_knows_the_title_and_the_language(printer, read_pdf, look_2026):
    guide = read_pdf(printer.print(look_2026))
    assert guide.metadata["Title"] == "Guide de l’organisateur – La Semaine de l’industrie 2026"
    assert guide.language == "fr"


def test_the_guide_is_the_same_whenever_and_wherever_it_is_printed(look_2026):
    assert GuidePrinter(Press()).print(look_2026) == GuidePrinter(Press()).print(look_2026)


def test_the_renderer_understands_all_that_it_is_given(look_2026, caplog):
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        GuidePrinter(Press()).print(look_2026)
    assert [said.getMessage() for said in caplog.records if said.name.startswith("weasyprint")] == []


def test_the_guide_promises_what_there_is(printer, read_pdf, look_2026):
    text = read_pdf(printer.print(look_2026)).text
    assert "Jusqu’au 15 novembre 2026, modifiez votre événement" in text
    assert "La page « Contact » du site" in text
    for promised in ("dans votre région", "votre espace", "on vous le demandera", "agenda public"):
        assert promised not in text
