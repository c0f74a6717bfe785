from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from uuid import UUID

import pytest

from backbone.mail.letter import seal
from commskit.domain import Kit, piece_of
from commskit.domain.mailing import MailState
from commskit.domain.organiser import Organiser
from commskit.letter import AddressMalformed, Pages, write_letter
from commskit.store import KitOrder

KIT = Kit("kit-semaine-industrie-visite.zip", (piece_of("affiche-a4.pdf", b"%PDF"),), b"PK\x03\x04 the kit")
KIT_ID = UUID("5e2f4b9a-9f0c-5a63-9b0e-3d8f5e1c7a11")


@pytest.fixture
def letter(an_event, look_2026, page_url, stamp):
    """A letter as it arrives: written, sent as bytes, and read."""

    def write(name="Inès Payet", email="ines@fonderie.example", replaces=False, dated=stamp, **changes):
        event = an_event(**changes)
        organiser = Organiser(event.organiser_id, name, email)
        earlier = (event.slots,) if replaces else ()
        order = KitOrder(KIT_ID, 1, event, MailState.PENDING, stamp, organiser, earlier)
        sender = "La Semaine de l'industrie <ne-pas-repondre@semaine-industrie.example>"
        pages = Pages(page_url, "https://carte.semaine-industrie.example/contact")
        written = write_letter(order, KIT, look_2026, pages, sender=sender, dated=dated)
        return message_from_bytes(seal(written), policy=default)

    return write


def test_the_headers_say_who_writes_to_whom_and_which_mail_it_is(letter):
    assert {name: str(value) for name, value in letter().items() if name not in ("Content-Type", "MIME-Version")} == {
        "From": "La Semaine de l'industrie <ne-pas-repondre@semaine-industrie.example>",
        "To": "ines@fonderie.example",
        "Date": "Tue, 01 Sep 2026 08:30:00 +0000",
        "Subject": "Votre événement est labellisé : voici votre kit de communication",
        "Message-ID": "<5e2f4b9a9f0c5a639b0e3d8f5e1c7a11@kit.semaine-industrie.example>",
        "Auto-Submitted": "auto-generated",
    }


def test_the_kit_is_attached_under_its_name(letter):
    [attached] = letter().iter_attachments()
    assert (attached.get_content_type(), attached.get_filename()) == (
        "application/zip",
        "kit-semaine-industrie-visite.zip",
    )
    assert attached.get_content() == KIT.content


def test_both_parts_tell_the_event_and_its_page(letter, page_url):
    message = letter(title="Visite")
    for kind in ("plain", "html"):
        text = message.get_body((kind,)).get_content()
        assert "Visite" in text
        assert page_url in text
        assert "Semaine de l’industrie 2026" in text


def test_the_text_is_as_people_wrote_it_and_the_page_is_escaped(letter):
    message = letter(name="Inès <b>Payet</b>", title="Métal & <i>verre</i> : « l'été »")
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "Bonjour Inès <b>Payet</b>," in text
    assert "« Métal & <i>verre</i> : « l'été » »" in text
    assert "Inès &lt;b&gt;Payet&lt;/b&gt;" in html
    assert "Métal &amp; &lt;i&gt;verre&lt;/i&gt;" in html
    assert "<b>Payet" not in html


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Inès\r\nBcc: tous@x.example", "Inès Bcc: tous@x.example"),
        ("Inès\nPayet", "Inès Payet"),
        ("Inès\x00\x0b Payet\u2028", "Inès Payet"),
        ("Inès\x85Payet", "Inès Payet"),
        ('Payet, Inès "la Forge"; <chef@x.example>', 'Payet, Inès "la Forge"; <chef@x.example>'),
        ("=?utf-8?q?A=0D=0ASubject=3A_x=0D=0A=0D=0Atext?=", "=?utf-8?q?A=0D=0ASubject=3A_x=0D=0A=0D=0Atext?="),
        ("Direction de la communication, service des visites, " * 3, "Direction de la communication, "),
        ("É" * 120, "É" * 120),
        ("\u202eteyaP", "teyaP"),
    ],
)
def test_a_hostile_name_stands_in_the_greeting_alone(letter, name, shown):
    message = letter(name=name)
    assert str(message["To"]) == "ines@fonderie.example"
    assert message["Subject"] == "Votre événement est labellisé : voici votre kit de communication"
    assert message["Bcc"] is None
    assert f"Bonjour {shown}" in message.get_body(("plain",)).get_content()


def test_who_gave_no_name_is_greeted_all_the_same(letter):
    assert letter(name="").get_body(("plain",)).get_content().startswith("Bonjour,\r\n")


@pytest.mark.parametrize(
    "email",
    [
        "",
        "pas une adresse",
        "ines@fonderie.example\r\nBcc: tous@x.example",
        "a@b.example, c@d.example",
        "=?utf-8?q?a?=@b.example",
    ],
)
def test_an_address_that_is_none_is_refused_without_being_repeated(letter, email):
    with pytest.raises(AddressMalformed) as refused:
        letter(email=email)
    assert str(refused.value) == ""


def words(message, kind) -> str:
    """What a person reads in one of the two parts, tags and typography aside."""
    text = html.unescape(re.sub(r"<[^>]+>", " ", message.get_body((kind,)).get_content()))
    return " ".join(text.replace("\u00a0", " ").split()).replace(" ,", ",")


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_kit_that_replaces_another_says_that_the_old_poster_goes(letter, kind):
    message = letter(replaces=True, title="Visite")
    assert message["Subject"] == "Votre événement a changé : voici votre nouveau kit de communication"
    text = words(message, kind)
    for said in (
        "« Visite » porte le label de la Semaine de l’industrie 2026",
        "Ce kit remplace le précédent",
        "retirez les affiches déjà posées, et remplacez-les par la nouvelle affiche",
        "met à jour leur agenda et y annule les créneaux supprimés",
    ):
        assert said in text
    assert "Bonne nouvelle" not in text


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_first_kit_speaks_of_no_other(letter, kind):
    text = words(letter(title="Visite"), kind)
    assert "Bonne nouvelle : « Visite » est labellisé" in text
    assert [word for word in ("remplace", "retirez", "nouveau kit de communication") if word in text] == []


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_what_the_poster_sets_otherwise_is_said(letter, kind):
    text = words(letter(title="Tubes ⌀ 20 mm ① 工場 🏭"), kind)
    assert "« ⌀ » s’écrit « Ø », « ① » s’écrit « (1) »" in text
    assert "L’affiche s’imprime sans 工 場 🏭, que nos caractères d’imprimerie n’ont pas" in text
    assert "Tubes ⌀ 20 mm ① 工場 🏭" in text  # the mail itself has them all
    assert "n’ont pas ces signes." in text
    assert "n’ont pas ce signe." in words(letter(title="Tubes ⌀ 20 mm"), kind)


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_of_what_looks_the_same_nothing_is_said(letter, kind):
    text = words(letter(title="Porte\u2011à\u2011porte : 𝗩𝗶𝘀𝗶𝘁𝗲\u2009!"), kind)
    assert "imprimerie" not in text


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_mail_says_until_when_one_amends_and_whom_one_asks(letter, kind):
    text = letter().get_body((kind,)).get_content()
    assert "Jusqu’au 15 novembre 2026" in text.replace("\u00a0", " ")
    assert "https://carte.semaine-industrie.example/contact" in text


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_who_can_amend_no_more_is_not_told_to(letter, kind):
    text = words(letter(dated=datetime(2026, 11, 16, 9, tzinfo=UTC)), kind)
    assert "Jusqu’au" not in text
    assert "Gardez ce message" in text


@pytest.mark.parametrize("kind", ["plain", "html"])
@pytest.mark.parametrize(
    ("admission", "said"),
    [
        ("everyone", "Le lien de connexion est dans evenement.ics."),
        ("on_registration", "Ils ne portent pas le lien de connexion : donnez-le à ceux qui s’inscrivent."),
        ("a code of the years to come", "Ils ne portent pas le lien de connexion"),
    ],
)
def test_of_an_event_in_a_place_and_online_the_mail_says_both_and_who_gives_the_link(letter, kind, admission, said):
    text = words(letter(online_url="https://visio.example/fonderie", admission=admission), kind)
    assert "On peut venir à votre événement ou s’y connecter" in text
    assert said in text.replace(" .", ".")
    assert "visio.example" not in text


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_of_an_event_in_a_place_alone_nothing_is_said_of_connecting(letter, kind):
    assert "connect" not in words(letter(), kind)
