"""A mail arrives as it is meant, whatever stands in it, or it does not leave."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import compat32, default

import pytest

from backbone.mail.letter import Attachment, Letter, LetterMangled, read_back, seal
from backbone.mail.mailbox import a_sender, is_address

HOSTILE = "=?utf-8?q?A=0D=0ASubject=3A_x=0D=0A=0D=0Atext?="
LONG = "Direction de la communication, service des relations avec les etablissements scolaires, pole Nord"


@pytest.fixture
def letter():
    return Letter(
        message_id="<1@semaine.example>",
        sender="La Semaine de l'industrie <ne-pas-repondre@semaine.example>",
        to="ines@fonderie.example",
        subject="Votre kit",
        text="Bonjour,\n\nvoici l’affiche.\n",
        html="<p>Voici l’affiche.</p>\n",
        dated=datetime(2026, 9, 1, 8, 30, tzinfo=UTC),
        attachments=(Attachment("kit.zip", bytes(range(256)) * 40, "application/zip"),),
    )


def received(content):
    """The mail as a mailbox on a disk has it."""
    return message_from_bytes(content.replace(b"\r\n", b"\n"), policy=default)


def test_a_letter_is_the_same_to_the_byte_each_time_it_is_sent(letter):
    assert seal(letter) == seal(letter)


@pytest.mark.parametrize(
    "title",
    [
        HOSTILE,
        LONG,
        f"{LONG}, {LONG}, {LONG}",
        "=?utf-8?b?QQ==?= et la suite",
        "Visite =?us-ascii?q?A?= =?utf-8?q?B?=",
        "« L’Étau », Forge & Fils <tous@x.example>",
        'a, b; "c" (d) <e@f.example>',
        "É" * 200,
        "🏭" * 60,
        "Deux  blancs, et un à la fin ",
        "王秀英, Μαρία",
        "=?",
        "x" * 400,
        "",
    ],
)
def test_a_subject_arrives_letter_by_letter_and_adds_nothing(letter, title):
    content = seal(replace(letter, subject=title))
    mail = received(content)
    assert mail["Subject"] == title
    assert [one.addr_spec for one in mail["To"].addresses] == ["ines@fonderie.example"]
    assert mail.keys() == [
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    ]  # fmt: skip
    assert message_from_bytes(content, policy=compat32).keys() == mail.keys()
    assert mail.get_body(("plain",)).get_content() == "Bonjour,\n\nvoici l’affiche.\n"
    assert [part.get_content() for part in mail.iter_attachments()] == [bytes(range(256)) * 40]


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\r", "\x00", "\x0b", "\x85", "\u2028", "\u2029", "\ud800"])
def test_a_subject_of_more_than_one_line_does_not_leave(letter, sign):
    with pytest.raises(LetterMangled, match=r"^its Subject is not one line of text$"):
        seal(replace(letter, subject=f"Votre kit{sign}Bcc: tous@x.example"))


@pytest.mark.parametrize(
    "to",
    [
        "",
        "ines",
        "ines@fonderie",
        "Inès <ines@fonderie.example>",
        "ines@fonderie.example, tous@x.example",
        "ines@fonderie.example\r\nBcc: tous@x.example",
        "ines@fonderie.example\n",
        "inès@fonderie.example",
        "ines@fonderie.example;",
        "(ines)ines@fonderie.example",
        '"ines"@fonderie.example',
        "=?utf-8?q?ines?=@fonderie.example",
        f"{'i' * 65}@fonderie.example",
    ],
)
def test_what_is_not_one_bare_address_is_written_to_nobody(letter, to):
    assert not is_address(to)
    with pytest.raises(LetterMangled, match=r"^it has no single, plain address$"):
        seal(replace(letter, to=to))


@pytest.mark.parametrize("sender", ["", "La Semaine", f"{HOSTILE} <a@x.example>", "A, B <a@x.example>"])
def test_a_sender_in_the_settings_that_is_none_sends_nothing(letter, sender):
    with pytest.raises(LetterMangled):
        seal(replace(letter, sender=sender))


@pytest.mark.parametrize(
    "sender", ["a@x.example", f'"{LONG}" <a@x.example>', f"{'É' * 90} <a@x.example>", '"A, B" <a@x.example>']
)
def test_any_honest_sender_arrives_as_one_address(letter, sender):
    mail = message_from_bytes(seal(replace(letter, sender=sender)), policy=default)
    assert [one.addr_spec for one in mail["From"].addresses] == ["a@x.example"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\nÉté",
        "From là\n.\n..\n",
        "x" * 3000,
        "Visite\r\nBcc: tous@x.example\r\n\r\ntexte",
        "a\rb\x0cc\u2028d\x85e",
    ],
)
def test_a_text_arrives_as_it_was_written(letter, text):
    mail = received(seal(replace(letter, text=text, html=f"<p>{text}</p>")))
    arrived = re.split(r"\r\n|[\r\n]", mail.get_body(("plain",)).get_content().rstrip())
    assert arrived == re.split(r"\r\n|[\r\n]", text.rstrip())  # how lines end is the mailbox's affair
    assert mail["Bcc"] is None


@pytest.mark.parametrize("text", ["\x00", "\ud800"])
def test_a_text_that_no_mail_can_carry_does_not_leave(letter, text):
    with pytest.raises(LetterMangled):
        seal(replace(letter, text=text))


@pytest.mark.parametrize("filename", ["", "../kit.zip", "kit zip", "kit.zip\r\nX: y", "=?utf-8?q?kit?=", "k" * 101])
def test_a_file_with_a_name_that_is_not_plain_does_not_leave(letter, filename):
    with pytest.raises(LetterMangled, match=r"^the name of an attached file is not plain$"):
        seal(replace(letter, attachments=(Attachment(filename, b"PK", "application/zip"),)))


@pytest.mark.parametrize(
    ("honest", "changed", "part"),
    [
        (b"To: ines@", b"To: Tous <tous@x.example>, ines@", "To"),
        (b"To: ines@", b"To: Ines <x@y.example>\r\nTo: ines@", "list of headers"),
        (b"To: ines@fonderie.example", b"To: =?utf-8?q?ines?= <ines@fonderie.example>", "To"),
        (b"Auto-Submitted: ", b"Bcc: tous@x.example\r\nAuto-Submitted: ", "list of headers"),
        (b"Auto-Submitted: ", b"\r\nAuto-Submitted: ", "list of headers"),
        (b"Subject: ", b"Subject: Re: ", "Subject"),
        (b"Subject: ", b"Subject: x\nBcc: tous@x.example\n ", "line ends"),
        (b"Date: Tue, 01", b"Date: Wed, 02", "Date"),
        (b"From: La", b"From: tous@x.example, La", "From"),
        (b"<1@semaine", b"<2@semaine", "Message-ID"),
        (b"multipart/mixed", b"multipart/related", "structure"),
        (b'filename="kit.zip"', b'filename="kit.exe"', "structure"),
        (b"voici l=E2=80=99", b"voila l=E2=80=99", "text"),
        (b"<p>Voici", b"<p>Voila", "HTML"),
        (b"AAECAwQF", b"AAECAwQG", "attached files"),
        (b"voici", "voïci".encode(), "characters"),
        (b"voici", b"voici" * 200, "line lengths"),
    ],
)
def test_a_mail_that_reads_otherwise_than_it_is_meant_is_noticed(letter, honest, changed, part):
    content = seal(letter)
    assert content.count(honest) >= 1
    read_back(content, letter)
    with pytest.raises(LetterMangled, match=rf"^its {part} would not arrive as it is meant$"):
        read_back(content.replace(honest, changed, 1), letter)


@pytest.mark.parametrize(
    "sender",
    [
        "Préfecture, pôle Nord <ne@x.example>",
        "=?utf-8?q?x?= <ne@x.example>",
        "ne@x.example, autre@x.example",
        '"Préfecture, pôle Nord" <ne@x.example>',
        "La Semaine",
        "",
        "La Semaine <ne@aciérie.example>",
    ],
)
def test_a_sender_in_whose_name_no_mail_would_leave_is_refused_at_the_start(sender: str) -> None:
    with pytest.raises(ValueError, match=r"^not one address"):
        a_sender(sender)


@pytest.mark.parametrize(
    "sender",
    [
        "ne@x.example",
        "La Semaine de l'industrie <ne@x.example>",
        '"Pole Nord, communication" <ne@x.example>',
        "Préfecture <ne@x.example>",
    ],
)
def test_a_sender_that_is_let_in_is_read_as_it_is_meant(letter, sender: str) -> None:
    [read] = received(seal(replace(letter, sender=a_sender(sender))))["From"].addresses
    assert read.addr_spec == "ne@x.example"
    assert read.display_name in sender
