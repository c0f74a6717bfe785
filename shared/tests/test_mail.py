"""A mail is handed over once, or it is said why not; and no error names an address."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP

from backbone.mail.letter import Letter
from backbone.mail.mailers import (
    MailDelayed,
    MaildirMailer,
    MailError,
    MailRefused,
    MailUncertain,
    MemoryMailer,
    SmtpMailer,
    open_mailer,
)


@pytest.fixture
def letter():
    return Letter(
        message_id="<kit-1@exemple.fr>",
        sender="La Semaine <semaine@exemple.fr>",
        to="marie@exemple.fr",
        subject="Votre kit : « Portes ouvertes »",
        text="Bonjour,\n\nvoici votre kit.\n",
        html="<p>Bonjour, voici votre kit.</p>\n",
        dated=datetime(2026, 9, 1, 8, 30, tzinfo=UTC),
    )


class Postman:
    """What aiosmtpd asks at each step of a mail; answers 250 unless told otherwise."""

    def __init__(self) -> None:
        self.delivered: list[EmailMessage] = []
        self.answers: dict[str, str] = {}
        self.hangs_up_at: str | None = None

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        envelope.mail_from = address
        return self._answer("MAIL", server)

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if (answer := self._answer("RCPT", server)).startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if (answer := self._answer("DATA", server)).startswith("250"):
            self.delivered.append(message_from_bytes(envelope.content))
        return answer

    def _answer(self, step, server):
        if step == self.hangs_up_at:
            server.transport.abort()
        return self.answers.get(step, "250 OK queued as 4711" if step == "DATA" else "250 OK")


@pytest.fixture
async def postman():
    postman = Postman()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(postman, hostname="mail.test", loop=loop), "127.0.0.1", 0)
    postman.port = server.sockets[0].getsockname()[1]
    yield postman
    server.close()


@pytest.fixture
def smtp(postman):
    return open_mailer(f"smtp://127.0.0.1:{postman.port}")


async def test_a_mail_that_the_server_accepts_gives_a_receipt(smtp, postman, letter):
    assert await smtp.send(letter) == "OK queued as 4711"
    [mail] = postman.delivered
    assert (mail["To"], mail["Message-ID"]) == ("marie@exemple.fr", "<kit-1@exemple.fr>")


@pytest.mark.parametrize(
    ("step", "answer", "error", "words"),
    [
        ("RCPT", "450 <marie@exemple.fr> greylisted", MailDelayed, "the mail server answered 450"),
        ("DATA", "452 disk full for marie@exemple.fr", MailDelayed, "the mail server answered 452"),
        ("MAIL", "421 semaine@exemple.fr too busy", MailDelayed, "the mail server answered 421"),
        ("RCPT", "550 no marie@exemple.fr here", MailRefused, "the mail server answered 550"),
        ("DATA", "554 marie@exemple.fr says it is spam", MailRefused, "the mail server answered 554"),
        ("MAIL", "530 semaine@exemple.fr must log in", MailDelayed, "the mail server answered 530"),
    ],
)
async def test_what_the_server_answers_decides_whether_to_try_again(smtp, postman, letter, step, answer, error, words):
    postman.answers = {step: answer}
    with pytest.raises(error) as refused:
        await smtp.send(letter)
    assert str(refused.value) == words
    assert postman.delivered == []


async def test_a_connection_that_breaks_after_the_text_leaves_it_open_whether_the_mail_was_sent(smtp, postman, letter):
    postman.hangs_up_at = "DATA"
    with pytest.raises(MailUncertain, match=r"^the mail server broke off after the text$"):
        await smtp.send(letter)
    assert len(postman.delivered) == 1


@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
async def test_a_connection_that_breaks_before_the_text_sent_nothing_for_certain(smtp, postman, letter, step):
    postman.hangs_up_at = step
    with pytest.raises(MailDelayed, match=r"^the mail server broke off before the text$"):
        await smtp.send(letter)
    assert postman.delivered == []


async def test_a_server_that_is_not_there_is_waited_for(letter):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused
        mailer = open_mailer(f"smtp://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(MailDelayed, match=r"^the mail server cannot be reached$"):
            await mailer.send(letter)


@pytest.mark.parametrize("greeting", [b"554 no service for you\r\n", b"421 later\r\n", b""])
async def test_a_server_that_takes_no_mail_at_all_says_nothing_about_this_one(letter, greeting):
    async def greet(_, writer):
        writer.write(greeting)
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    mailer = open_mailer(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    with pytest.raises(MailDelayed):
        await mailer.send(letter)
    server.close()


async def test_where_starttls_is_required_nothing_is_sent_without_it(postman, letter):
    mailer = open_mailer(f"submission://semaine:secret@127.0.0.1:{postman.port}")
    with pytest.raises(MailDelayed, match=r"^the mail server offers no safe connection: SMTPException$"):
        await mailer.send(letter)
    assert postman.delivered == []


@pytest.mark.parametrize("to", ["marie", "", "marie@exemple.fr, paul@exemple.fr", "=?utf-8?q?marie?=@exemple.fr"])
async def test_a_mail_without_one_plain_address_reaches_no_server_and_its_refusal_names_nobody(
    smtp, postman, letter, tmp_path, to
):
    for mailer in (smtp, MaildirMailer(tmp_path / "box"), MemoryMailer()):
        with pytest.raises(MailRefused) as refused:
            await mailer.send(replace(letter, to=to))
        assert str(refused.value) == "the mail cannot be sent: it has no single, plain address"
    assert (postman.delivered, list(tmp_path.iterdir())) == ([], [])


async def test_a_mail_that_would_arrive_changed_is_never_handed_over(smtp, postman, letter, tmp_path, monkeypatch):
    """Whatever the next fault of the library is: what was written is read back before it leaves."""
    monkeypatch.setattr("backbone.mail.letter.Header", lambda *_, **__: Rewritten())
    for mailer in (smtp, MaildirMailer(tmp_path / "box"), MemoryMailer()):
        with pytest.raises(
            MailRefused, match=r"^the mail cannot be sent: its \w+( \w+)* would not arrive as it is meant$"
        ):
            await mailer.send(letter)
    assert (postman.delivered, list(tmp_path.iterdir())) == ([], [])


class Rewritten:
    """A subject that brings a header of its own, as Python 3.11.7 made them."""

    def encode(self, **_):
        return "Votre kit\r\nBcc: tous@x.example"


def mails_in(folder: Path) -> list[Path]:
    return sorted(path for part in ("new", "cur") for path in (folder / part).iterdir())


async def test_a_maildir_takes_a_mail_once_however_often_it_is_sent(tmp_path, letter):
    mailer = MaildirMailer(tmp_path / "box")
    receipts = {await mailer.send(letter) for _ in range(3)}
    [mail] = mails_in(mailer.folder)
    assert receipts == {mail.name}
    read = message_from_bytes(mail.read_bytes())
    assert (read["To"], read["Message-ID"]) == ("marie@exemple.fr", "<kit-1@exemple.fr>")
    await mailer.send(replace(letter, message_id="<kit-2@exemple.fr>"))
    assert len(mails_in(mailer.folder)) == 2


async def test_a_mail_that_was_read_already_is_not_written_again(tmp_path, letter):
    mailer = MaildirMailer(tmp_path)
    receipt = await mailer.send(letter)
    (tmp_path / "new" / receipt).rename(tmp_path / "cur" / f"{receipt}:2,S")
    assert await mailer.send(letter) == receipt
    assert [mail.name for mail in mails_in(tmp_path)] == [f"{receipt}:2,S"]


async def test_the_same_mail_sent_twice_at_once_is_there_once(tmp_path, letter):
    mailer = MaildirMailer(tmp_path)
    await asyncio.gather(*(mailer.send(letter) for _ in range(8)), return_exceptions=True)
    await mailer.send(letter)
    assert len(mails_in(tmp_path)) == 1


async def test_a_mail_half_written_is_never_seen(tmp_path, letter):
    mailer = MaildirMailer(tmp_path)
    receipt = await mailer.send(letter)
    whole = (tmp_path / "new" / receipt).read_bytes()
    (tmp_path / "new" / receipt).unlink()
    (tmp_path / "tmp" / receipt).write_bytes(whole[:40])  # the process was killed while it wrote
    assert mails_in(tmp_path) == []
    await mailer.send(letter)
    assert [mail.read_bytes() for mail in mails_in(tmp_path)] == [whole]
    assert list((tmp_path / "tmp").iterdir()) == []


async def test_a_mailbox_is_closed_to_others(tmp_path, letter):
    await MaildirMailer(tmp_path / "box").send(letter)
    modes = {
        folder.name: oct(folder.stat().st_mode & 0o777) for folder in [tmp_path / "box", *(tmp_path / "box").iterdir()]
    }
    assert modes == dict.fromkeys(("box", "tmp", "new", "cur"), "0o700")


async def test_a_mailbox_that_cannot_be_written_is_waited_for(tmp_path, letter):
    (tmp_path / "box").write_text("a file where the folder should be")
    with pytest.raises(MailDelayed):
        await MaildirMailer(tmp_path / "box").send(letter)


@pytest.mark.parametrize("place", ["tmp/{}", "new/{}", "cur/{}:2,S", "cur/{}"])
async def test_a_mail_that_is_to_be_forgotten_is_removed_wherever_it_lies_and_no_other(tmp_path, letter, place):
    mailer = MaildirMailer(tmp_path)
    receipt = await mailer.send(letter)
    (tmp_path / "new" / receipt).rename(tmp_path / place.format(receipt))
    other = await mailer.send(replace(letter, message_id="<kit-2@exemple.fr>"))
    for _ in range(2):
        await mailer.forget(["<kit-1@exemple.fr>", "<kit-3@exemple.fr>"])
        assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == [other]


async def test_a_mailbox_that_is_not_there_holds_nothing_to_forget(tmp_path):
    await MaildirMailer(tmp_path / "box").forget(["<kit-1@exemple.fr>"])
    assert list(tmp_path.iterdir()) == []


async def test_a_mail_that_cannot_be_removed_is_waited_for(tmp_path, letter):
    mailer = MaildirMailer(tmp_path)
    place = tmp_path / "new" / await mailer.send(letter)
    place.unlink()
    place.mkdir()  # no file, and so not to be unlinked
    with pytest.raises(MailDelayed):
        await mailer.forget(["<kit-1@exemple.fr>"])


async def test_what_a_mail_server_took_is_its_own(postman, smtp, letter):
    await smtp.send(letter)
    await smtp.forget(["<kit-1@exemple.fr>"])
    assert len(postman.delivered) == 1


async def test_a_mail_in_memory_is_forgotten(letter):
    mailer = MemoryMailer()
    await mailer.send(letter)
    await mailer.forget(["<kit-2@exemple.fr>"])
    assert [mail["Message-ID"] for mail in mailer.sent] == ["<kit-1@exemple.fr>"]
    await mailer.forget(["<kit-1@exemple.fr>"])
    assert mailer.sent == []


async def test_mail_in_memory_is_kept(letter):
    mailer = open_mailer("memory:")
    assert isinstance(mailer, MemoryMailer)
    await mailer.send(letter)
    assert [mail["Subject"] for mail in mailer.sent] == ["Votre kit : « Portes ouvertes »"]


def test_a_mailer_is_chosen_by_its_url(tmp_path):
    maildir = open_mailer(f"maildir:{tmp_path}/bo%20ite")
    assert isinstance(maildir, MaildirMailer)
    assert maildir.folder == tmp_path / "bo ite"
    found = {}
    for url in ("smtp://relay", "submission://u:p%40ss@relay", "smtps://relay:4465"):
        mailer = open_mailer(url)
        assert isinstance(mailer, SmtpMailer)
        names = ("hostname", "port", "username", "password", "use_tls", "start_tls")
        found[url] = [mailer._options[name] for name in names]
    assert found == {
        "smtp://relay": ["relay", 25, None, None, False, False],
        "submission://u:p%40ss@relay": ["relay", 587, "u", "p@ss", False, True],
        "smtps://relay:4465": ["relay", 4465, None, None, True, False],
    }


@pytest.mark.parametrize("url", ["", "relay:25", "http://relay", "smtp:", "sendmail:/usr/sbin/sendmail"])
def test_another_url_is_refused(url):
    with pytest.raises(ValueError, match="MAIL_URL is maildir:/path"):
        open_mailer(url)


def test_every_mail_error_is_one_of_three():
    assert {kind.__name__ for kind in MailError.__subclasses__()} == {"MailDelayed", "MailRefused", "MailUncertain"}
