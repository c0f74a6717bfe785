from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest
import zxingcpp
from icalendar import Calendar
from PIL import Image

from commskit.domain import PIECES
from commskit.kit import make_kit


@pytest.fixture
def files(an_event, page_url, look_2026, stamp) -> dict[str, bytes]:
    with ZipFile(BytesIO(make_kit(an_event(), page_url, look_2026, stamp).content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_kit_holds_its_pieces_and_says_of_each_what_it_is(an_event, page_url, look_2026, stamp, pieces_in):
    kit = make_kit(an_event(), page_url, look_2026, stamp)
    assert kit.filename == ("kit-semaine-industrie-du-metal-en-fusion-a-la-piece-finie-visite-de-la-fonderie.zip")
    assert kit.pieces == pieces_in(kit.content)
    assert tuple(piece.name for piece in kit.pieces) == PIECES


def test_the_pieces_are_what_they_are_called(files, read_pdf):
    assert read_pdf(files["affiche-a4.pdf"]).pages == 1
    assert read_pdf(files["guide.pdf"]).pages == 2
    assert files["qr.svg"].startswith(b"<svg")
    assert len(Calendar.from_ical(files["evenement.ics"]).events) == 2


def test_the_code_alone_leads_to_the_page(files, page_url):
    image = Image.open(BytesIO(files["qr.png"]))
    assert [code.text for code in zxingcpp.read_barcodes(image)] == [page_url]


def test_the_code_has_white_around_it(files):
    image = Image.open(BytesIO(files["qr.png"])).convert("L")
    module = 20
    quiet = 4 * module
    assert image.crop((0, 0, image.width, quiet)).getextrema() == (255, 255)
    assert image.getpixel((quiet, quiet)) == 0


def test_the_same_event_makes_the_same_bytes(an_event, page_url, look_2026, stamp):
    assert make_kit(an_event(), page_url, look_2026, stamp) == make_kit(an_event(), page_url, look_2026, stamp)


def test_a_kit_fits_any_mailbox(an_event, page_url, look_2026, stamp):
    assert len(make_kit(an_event(), page_url, look_2026, stamp).content) < 500_000


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "carte.example/e"])
def test_a_poster_leads_to_a_web_page_only(an_event, look_2026, stamp, url):
    with pytest.raises(ValueError, match="web page"):
        make_kit(an_event(), url, look_2026, stamp)
