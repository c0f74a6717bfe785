from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import product

import pytest

from backbone.campaign.palette import mix
from backbone.contracts.event import Address, Venue
from commskit.composition import DETAILS, HEADLINE, compose
from commskit.domain import typeset
from commskit.pdf import Press, colours
from commskit.poster import PosterPrinter
from commskit.qr import QrCode

# left, top, width, height in mm
PLATE, STICKER = (15, 30, 105, 60), (182, 62, 26, 26)
TITLES = (10, HEADLINE.top, HEADLINE.width + 5, HEADLINE.height)
FACT_SHEET = (15, DETAILS.top - 1, DETAILS.label + DETAILS.width, DETAILS.height + 1)
DOOR, FOOT = (144, 207, 50, 62), (15, 276, 180, 21)
AREAS = (PLATE, STICKER, TITLES, FACT_SHEET, DOOR, FOOT)

LONG_TITLE = (
    "Portes ouvertes des métiers de la mécanique, de la maintenance industrielle et de la robotique "
    ": à vous les commandes !"
)
LONG_VENUE = Venue(
    name="Pôle formation des industries technologiques, bâtiment C, amphithéâtre Gustave-Eiffel",
    address=Address(
        street="10 rue de l'Atome, parc d'activités de la Chantrerie Nord", postcode="44550", city="Saint-Rémy"
    ),
)
BARE_VENUE = Venue(address=Address(postcode="63300", city="Thiers"))


@pytest.fixture(scope="module")
def printer() -> PosterPrinter:
    return PosterPrinter(Press())


@pytest.fixture
def print_poster(printer, page_url, stamp, read_pdf) -> Callable:
    def make(event, look):
        return read_pdf(printer.print(compose(event, page_url), look, QrCode(page_url).svg(), stamp))

    return make


def plain(text: str) -> str:
    return " ".join(typeset(text).split())


def test_a_poster_is_one_page_of_a4(print_poster, an_event, look):
    poster = print_poster(an_event(), look)
    assert poster.size_mm == [(210, 297)]


def test_a_poster_says_what_when_where_and_for_whom(print_poster, an_event, look_2026):
    text = print_poster(an_event(), look_2026).text
    for said in (
        "La Semaine de l’industrie",
        "15e édition · du 16 au 22 novembre 2026",
        "Avec l’industrie, construis ton avenir",
        "Visite d’entreprise",
        plain(an_event().title),
        "Fonderie de l’Erdre",
        "Suivez une pièce, du four à l’emballage.",
        "Mardi 17 et jeudi 19 novembre 2026",
        "9 h – 11 h 30",
        "Fonderie de l’Erdre, portail B",
        "12 rue de l’Industrie",
        "44550 Montoir-de-Bretagne",
        "Gratuit, sur inscription",
        "Familles et collégiens et lycéens",
        "Programme et inscription",
        "carte.semaine-industrie.example/ evenements/",
        "Ne pas jeter sur la voie publique",
    ):
        assert said in text


@pytest.mark.parametrize("admission", ["everyone", "named_group"])
def test_where_nobody_must_register_no_registration_is_promised(print_poster, an_event, look_2026, admission):
    text = print_poster(an_event(admission=admission), look_2026).text
    assert "Programme et accès" in text
    assert "inscription" not in text


def test_an_online_poster_says_that_one_connects(print_poster, an_online_event, look_2026):
    text = print_poster(an_online_event(), look_2026).text
    assert "En ligne" in text
    assert "visio.example" not in text  # one registers first


@pytest.mark.parametrize("admission", ["everyone", "on_registration"])
def test_a_poster_of_an_event_in_a_place_and_online_says_both(print_poster, an_event, look_2026, admission):
    event = an_event(online_url="https://visio.example/fonderie", admission=admission, timezone="Indian/Reunion")
    poster = print_poster(event, look_2026)
    for said in ("Fonderie de l’Erdre, portail B", "44550 Montoir-de-Bretagne En ligne aussi", "(heure de La Réunion)"):
        assert said in poster.text
    assert "visio.example" not in poster.text
    assert poster.letters_outside(AREAS) == ""


def test_a_poster_tells_nothing_of_an_opening_that_is_called_off(print_poster, an_event, look_2026):
    first, second = an_event().slots
    off = first.model_copy(update={"status": "cancelled"})
    text = print_poster(an_event(slots=(off, second)), look_2026).text
    assert "Jeudi 19 novembre 2026" in text
    assert "17 novembre" not in text


@pytest.mark.parametrize("length", [121, 2000])
def test_a_title_longer_than_today_s_stays_in_its_box(print_poster, an_event, look_2026, length):
    poster = print_poster(an_event(title=("Découvrir la fonderie " * 100)[:length]), look_2026)
    assert (poster.pages, poster.letters_outside(AREAS)) == (1, "")


def test_what_a_later_version_may_say_is_printed_or_passed_over(print_poster, an_event, look_2026):
    event = an_event(kind="escape_game", audiences=("astronauts", "pupils"), admission="by_lot", status="hoped_for")
    text = print_poster(event, look_2026).text
    for said in ("Événement", "Collégiens et lycéens", "Programme et accès"):
        assert said in text
    assert [code for code in ("escape_game", "astronauts", "by_lot", "hoped_for") if code in text] == []


def test_a_telephone_reads_the_way_to_the_page(print_poster, an_event, look, page_url):
    assert print_poster(an_event(), look).codes == [page_url]


@pytest.mark.parametrize(
    ("title", "venue"), list(product(["Forge", "jouer", "Îles et industrie", LONG_TITLE], [LONG_VENUE, BARE_VENUE]))
)
def test_the_whole_title_and_place_stand_in_their_boxes(print_poster, an_event, look_2026, title, venue):
    poster = print_poster(an_event(title=title, venue=venue), look_2026)
    assert poster.pages == 1
    assert plain(title) in poster.text
    for line in (venue.name, venue.address.street, venue.address.city):
        assert plain(line or "") in poster.text
    assert poster.letters_outside(AREAS) == ""


def test_everything_at_its_longest_stays_in_its_box(print_poster, an_event, a_slot, look_2026):
    slots = tuple(
        a_slot(f"2026-11-{day}", f"{hour}:{day}", f"{hour + 1}:{day}") for day in range(16, 22) for hour in (10, 13)
    )
    event = an_event(
        title=LONG_TITLE,
        organisation="Union des industries et métiers de la métallurgie " * 4,
        description="Une phrase sans fin " * 70,
        venue=Venue(
            name="Bâtiment " * 40,
            address=Address(street="Avenue " * 40, postcode="44550", city="Saint-" * 30),
        ),
        slots=slots,
        audiences=("pupils", "students", "job_seekers", "teachers", "families", "everyone"),
    )
    poster = print_poster(event, look_2026)
    assert poster.pages == 1
    assert poster.letters_outside(AREAS) == ""
    assert plain(LONG_TITLE) in poster.text


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script><img src=file:///etc/passwd>",
        "{{ 7 * 7 }} {% raw %} ${7*7}",
        "W" * 110,
        "\u202egro.live\u202c \u2066\u200f\x1b[31m",
        "🔥👩‍🏭🎉 Forge ❤️",
        "Z" + "\u0335\u0489\u030d" * 30,
        "</h1></div><style>* { display: none }</style>",
        "工业周 אסבוע أسبوع",
    ],
)
def test_hostile_text_is_but_text(print_poster, an_event, look_2026, page_url, text):
    venue = Venue(name=text, address=Address(street=text, postcode="44550", city=text))
    event = an_event(title=text, organisation=text, description=text * 9, venue=venue)
    poster = print_poster(event, look_2026)
    assert poster.pages == 1
    assert poster.codes == [page_url]
    assert "Ne pas jeter sur la voie publique" in poster.text
    assert "49" not in poster.text.replace("44550", "")
    assert poster.letters_outside(AREAS) == ""


def test_markup_is_printed_as_it_was_typed(print_poster, an_event, look_2026):
    assert "<b>Forge</b> & {{ feu }}" in print_poster(an_event(title="<b>Forge</b> & {{ feu }}"), look_2026).text


def test_an_event_that_is_not_free_does_not_say_so(print_poster, an_event, look_2026):
    assert "Gratuit" not in print_poster(an_event(is_free=False), look_2026).text


def test_a_reader_aloud_knows_the_title_and_the_language(print_poster, an_event, look_2026):
    poster = print_poster(an_event(), look_2026)
    assert poster.metadata["Title"] == f"{typeset(an_event().title)} – La Semaine de l’industrie 2026"
    assert poster.language == "fr"


def test_the_renderer_understands_all_that_it_is_given(print_poster, an_event, look_2026, caplog):
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        print_poster(an_event(), look_2026)
    assert [said.getMessage() for said in caplog.records if said.name.startswith("weasyprint")] == []


def test_every_colour_of_the_sheet_comes_from_the_edition(look):
    assert {look.ink, look.accent, look.paper} <= set(colours(look).values())
    assert mix(look.ink, look.paper, 0) == look.ink


def test_the_same_event_makes_the_same_poster(printer, an_event, look_2026, page_url, stamp):
    one, other = (
        printer.print(compose(an_event(), page_url), look_2026, QrCode(page_url).svg(), stamp) for _ in range(2)
    )
    assert one == other
