"""A mail as it is meant, and the bytes that say just that: every mail that leaves is written and read back here.

Python's own composer decodes an encoded word that somebody typed, and before 3.11.10, 3.12.5 and 3.13 wrote its line
breaks into the header as they are; any of them may unquote a long name when it folds the line. So the header is written
here, from plain parts and without a name in `To`; and what was written is read by both of Python's readers and compared
with what was meant before it may leave.

LetterMangled   the mail would not arrive as it is meant; says which part, never its words
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.header import Header, decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP, compat32, default
from email.utils import format_datetime, formataddr, getaddresses, parseaddr
from hashlib import sha256
from itertools import chain

from .mailbox import is_address

_FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.-]+@[A-Za-z0-9.-]+>")
_LINE = 76  # characters, as RFC 2047 has it for a line with encoded words
_LONGEST_LINE = 998  # bytes, RFC 5322
_SEVEN_BIT = SMTP.clone(cte_type="7bit")  # not every relay takes eight


class LetterMangled(Exception):
    """The mail would not arrive as it is meant."""


@dataclass(frozen=True)
class Attachment:
    """A file that comes with a mail. `kind` is its media type."""

    filename: str
    content: bytes
    kind: str


@dataclass(frozen=True)
class Letter:
    """A mail as it is meant: one receiver, whose bare address is `to`; the same text twice, plain and as HTML.

    `sender` is an address with or without a name. The Message-ID stays the same over retries.
    """

    message_id: str
    sender: str
    to: str
    subject: str
    text: str
    html: str
    dated: datetime
    attachments: tuple[Attachment, ...] = ()

    @property
    def sender_address(self) -> str:
        return parseaddr(self.sender)[1]


def seal(letter: Letter) -> bytes:
    """The letter as it travels. Raises LetterMangled if any reader would see another than was meant."""
    try:
        content = _header(letter) + _body(letter).as_bytes(policy=_SEVEN_BIT)
        read_back(content, letter)
    except LetterMangled:
        raise
    except Exception as error:  # whatever the library stumbles over: such a mail must not leave
        raise LetterMangled(f"it cannot be written: {type(error).__name__}") from None
    return content


def read_back(content: bytes, letter: Letter) -> None:
    """Compares what a receiver would read with what is meant. Raises LetterMangled, naming the first part that differs.

    Both of Python's readers are asked, as other programs resemble the one or the other: `default` decodes encoded words
    wherever they stand, `compat32` takes the header apart first.
    """
    meant = _meant(letter)
    for part, value in chain(_as_lines(content), _as_read(content), _as_read_of_old(content)):
        if value != meant[part]:
            raise LetterMangled(f"its {part} would not arrive as it is meant")


# --- written -----------------------------------------------------------------------------------


def _header(letter: Letter) -> bytes:
    name, address = parseaddr(letter.sender)
    if not is_address(letter.to) or not is_address(address):
        raise LetterMangled("it has no single, plain address")
    if not _MESSAGE_ID.fullmatch(letter.message_id):
        raise LetterMangled("its Message-ID is none")
    lines = {
        "From": formataddr((name, address)),
        "To": letter.to,
        "Subject": _encoded(letter.subject),
        "Date": format_datetime(letter.dated),
        "Message-ID": letter.message_id,
        "Auto-Submitted": "auto-generated",
    }
    return "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode("ascii")


def _encoded(subject: str) -> str:
    """The subject as a header's value: always in encoded words, whatever it holds that looks like one itself."""
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in subject):
        raise LetterMangled("its Subject is not one line of text")
    return Header(subject, "utf-8", maxlinelen=_LINE, header_name="Subject").encode(linesep="\r\n")


def _body(letter: Letter) -> EmailMessage:
    body = EmailMessage(policy=_SEVEN_BIT)
    body.set_content(letter.text)
    body.add_alternative(letter.html, subtype="html")
    for attached in letter.attachments:
        if not _FILENAME.fullmatch(attached.filename):
            raise LetterMangled("the name of an attached file is not plain")
        maintype, _, subtype = attached.kind.partition("/")
        body.add_attachment(attached.content, maintype=maintype, subtype=subtype, filename=attached.filename)
    for place, part in enumerate(part for part in body.walk() if part.is_multipart()):
        # sent again, it is the same to the byte
        part.set_boundary(f"={sha256(letter.message_id.encode()).hexdigest()[:32]}_{place}=")
    return body


# --- read --------------------------------------------------------------------------------------


def _meant(letter: Letter) -> dict[str, object]:
    name, address = parseaddr(letter.sender)
    alternative = [("multipart/alternative", None, None), ("text/plain", None, None), ("text/html", None, None)]
    files = [(attached.kind, "attachment", attached.filename) for attached in letter.attachments]
    return {
        "list of headers": ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", *_OF_THE_BODY],
        "From": [(_closed_up(name), address)],
        "To": [("", letter.to)],
        "Subject": letter.subject,
        "Date": letter.dated.replace(microsecond=0),
        "Message-ID": letter.message_id,
        "structure": [("multipart/mixed", None, None), *alternative, *files] if files else alternative,
        "text": _in_lines(letter.text),
        "HTML": _in_lines(letter.html),
        "attached files": [attached.content for attached in letter.attachments],
        "defects": [],
        "characters": True,
        "line ends": True,
        "line lengths": True,
    }


_OF_THE_BODY = ("MIME-Version", "Content-Type")


def _as_lines(content: bytes) -> Iterator[tuple[str, object]]:
    yield "characters", content.isascii() and b"\x00" not in content
    yield "line ends", content.count(b"\r") == content.count(b"\n") == content.count(b"\r\n")
    yield "line lengths", max(map(len, content.split(b"\r\n"))) <= _LONGEST_LINE


def _as_read(content: bytes) -> Iterator[tuple[str, object]]:
    message = message_from_bytes(content, policy=default)
    yield "list of headers", [*(n for n in message if n not in _OF_THE_BODY), *sorted(_OF_THE_BODY, reverse=True)]
    for name in ("From", "To"):
        yield name, [(_closed_up(one.display_name), one.addr_spec) for one in message[name].addresses]
    yield "Subject", str(message["Subject"])
    yield "Date", message["Date"].datetime
    yield "Message-ID", str(message["Message-ID"])
    parts = list(message.walk())
    yield "structure", [(p.get_content_type(), p.get_content_disposition(), p.get_filename()) for p in parts]
    texts = {p.get_content_type(): p.get_content() for p in parts if p.get_content_maintype() == "text"}
    yield "text", _in_lines(texts["text/plain"])
    yield "HTML", _in_lines(texts["text/html"])
    yield "attached files", [part.get_content() for part in message.iter_attachments()]
    yield "defects", [defect for part in parts for defect in part.defects]


def _as_read_of_old(content: bytes) -> Iterator[tuple[str, object]]:
    message = message_from_bytes(content, policy=compat32)
    yield "To", getaddresses(message.get_all("To", []))
    yield "Subject", str(make_header(decode_header(message["Subject"])))
    froms = getaddresses([str(make_header(decode_header(one))) for one in message.get_all("From", [])])
    yield "From", [(_closed_up(name), address) for name, address in froms]


def _closed_up(name: str) -> str:
    return "".join(name.split())  # readers differ in the blanks that they keep between two encoded words


def _in_lines(text: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", text.rstrip("\r\n"))
