"""Sending mail: a mail server, or a Maildir in its place; chosen by MAIL_URL. Whatever leaves was sealed before.

MailError
├── MailDelayed      the server is away or says « later » (4xx): worth retrying
├── MailRefused      the server will never take it (5xx), or it would not arrive as it is meant: not worth it
└── MailUncertain    the connection broke after the text was handed over: it may have been accepted
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
from collections.abc import Collection
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from .letter import Letter, LetterMangled, seal

ANSWER_SECONDS = 20.0


class MailError(Exception):
    """A mail was not sent, or may not have been. The message names no address."""

    @property
    def detail(self) -> str:
        """What an operator reads of a mail that waits: in the log, and with its job."""
        return str(self)


class MailDelayed(MailError):
    """The server is away or says « later »."""


class MailRefused(MailError):
    """The server will never take this mail."""


class MailUncertain(MailError):
    """The mail may or may not have been accepted."""


class Mailer(Protocol):
    """Hands one mail to whatever delivers it."""

    async def send(self, letter: Letter) -> str:
        """The receipt (a queue id or a file's name). Raises MailError."""
        ...

    async def forget(self, message_ids: Collection[str]) -> None:
        """Removes the copies that are kept of these mails, if any are. Raises MailDelayed."""
        ...


async def _sealed(letter: Letter) -> bytes:
    try:
        return await asyncio.to_thread(seal, letter)  # a kit takes a tenth of a second
    except LetterMangled as mangled:
        raise MailRefused(f"the mail cannot be sent: {mangled}") from None


class MaildirMailer:
    """Writes mails into a Maildir, each once: the file's name comes from the Message-ID."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def send(self, letter: Letter) -> str:
        return await asyncio.to_thread(self._deliver, _file_name(letter.message_id), await _sealed(letter))

    async def forget(self, message_ids: Collection[str]) -> None:
        await asyncio.to_thread(self._remove, [_file_name(message_id) for message_id in message_ids])

    def _remove(self, names: Collection[str]) -> None:
        try:
            for name in names:
                # looked for again: a mail program may be moving it from `new` to `cur`
                while copies := list(self.folder.glob(f"*/{name}*")):
                    for file in copies:
                        file.unlink(missing_ok=True)
        except OSError as error:
            raise MailDelayed(f"the mailbox cannot be written: {error.strerror}") from None

    def _deliver(self, name: str, content: bytes) -> str:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for part in ("tmp", "new", "cur"):
                (self.folder / part).mkdir(mode=0o700, exist_ok=True)
            if (self.folder / "new" / name).exists() or any((self.folder / "cur").glob(f"{name}*")):
                return name
            with (self.folder / "tmp" / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            (self.folder / "tmp" / name).rename(self.folder / "new" / name)
        except OSError as error:
            raise MailDelayed(f"the mailbox cannot be written: {error.strerror}") from None
        return name


def _file_name(message_id: str) -> str:
    return hashlib.sha256(message_id.encode()).hexdigest()[:32] + ".semaine-industrie"


class SmtpMailer:
    """Sends through an SMTP server, one connection a mail."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        username: str | None,
        password: str | None,
        tls: bool,
        start_tls: bool,
        patience: float = ANSWER_SECONDS,
    ) -> None:
        """`patience` is for each of the server's answers, in seconds; a whole mail has three times as long."""
        self._patience = patience
        self._options = {
            "hostname": host,
            "port": port,
            "username": username,
            "password": password,
            "use_tls": tls,
            "start_tls": start_tls,
            "local_hostname": socket.gethostname(),  # aiosmtplib would look up the full name on the network
        }

    async def send(self, letter: Letter) -> str:
        content = await _sealed(letter)
        client = _Client(timeout=self._patience, **self._options)  # type: ignore[arg-type]
        try:
            # aiosmtplib's own time-out is per answer, not per mail
            async with asyncio.timeout(3 * self._patience), client:
                return (await client.sendmail(letter.sender_address, [letter.to], content))[1]
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _refusal(error.recipients[0].code) from None
        except (aiosmtplib.SMTPConnectError, aiosmtplib.SMTPHeloError):
            raise MailDelayed("the mail server cannot be reached") from None
        except aiosmtplib.SMTPResponseException as error:
            raise _refusal(error.code) from None
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError, TimeoutError, OSError):
            if client.has_handed_over:
                raise MailUncertain("the mail server broke off after the text") from None
            raise MailDelayed("the mail server broke off before the text") from None
        except (aiosmtplib.SMTPException, ValueError) as error:
            if not client.has_begun:  # no STARTTLS where it is required: the settings' fault, or an attack
                raise MailDelayed(f"the mail server offers no safe connection: {type(error).__name__}") from None
            raise MailRefused(f"the mail cannot be sent as it is: {type(error).__name__}") from None

    async def forget(self, message_ids: Collection[str]) -> None:
        """Nothing to do: a mail that left is its receiver's, and no copy is kept here."""


class _Client(aiosmtplib.SMTP):
    """Knows how far it has come with its one mail."""

    has_begun = has_handed_over = False

    async def sendmail(self, *args: Any, **kwargs: Any) -> tuple[dict[str, aiosmtplib.SMTPResponse], str]:
        self.has_begun = True
        return await super().sendmail(*args, **kwargs)

    async def data(self, *args: Any, **kwargs: Any) -> aiosmtplib.SMTPResponse:
        self.has_handed_over = True
        return await super().data(*args, **kwargs)


def _refusal(code: int) -> MailError:
    # a wrong password (535) is a fault of the settings, to be mended while the mail waits
    if 400 <= code < 500 or code in (530, 534, 535, 538):
        return MailDelayed(f"the mail server answered {code}")
    return MailRefused(f"the mail server answered {code}")


class NowhereMailer:
    """Hands mails to nobody and keeps none, once they are such as could leave: for the canary."""

    async def send(self, letter: Letter) -> str:
        await _sealed(letter)
        return "handed to nobody"

    async def forget(self, message_ids: Collection[str]) -> None:
        """Nothing is kept."""


class MemoryMailer:
    """Keeps mails in a list, as their receivers read them: for tests."""

    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []

    async def send(self, letter: Letter) -> str:
        content = (await _sealed(letter)).replace(b"\r\n", b"\n")  # as a mailbox on a disk has it
        self.sent.append(message_from_bytes(content, policy=policy.default))
        return f"memory-{len(self.sent)}"

    async def forget(self, message_ids: Collection[str]) -> None:
        self.sent[:] = [message for message in self.sent if str(message["Message-ID"]) not in message_ids]


def open_mailer(url: str) -> Mailer:
    """The mailer for a MAIL_URL: `maildir:/path`, `smtp://host:25` (a relay on this machine or network),
    `submission://user:password@host:587` (STARTTLS required), `smtps://user:password@host:465`, `memory:`.
    A server's answers are waited for 20 seconds, or as many as `?timeout=` says.

    Raises ValueError for any other.
    """
    parts = urlsplit(url)
    if parts.scheme == "maildir":
        return MaildirMailer(Path(unquote(parts.path)))
    if parts.scheme == "memory":
        return MemoryMailer()
    ports = {"smtp": 25, "submission": 587, "smtps": 465}
    if parts.scheme not in ports or not parts.hostname:
        raise ValueError("MAIL_URL is maildir:/path, smtp://host, submission://host, smtps://host or memory:")
    return SmtpMailer(
        parts.hostname,
        parts.port or ports[parts.scheme],
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=parts.scheme == "smtps",
        start_tls=parts.scheme == "submission",
        patience=float(parse_qs(parts.query).get("timeout", [ANSWER_SECONDS])[0]),
    )
