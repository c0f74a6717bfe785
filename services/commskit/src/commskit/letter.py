"""The mail that brings a kit: a folder of plain files, filled in.

AddressMalformed   no mail can be addressed so: the same every time
"""

from __future__ import annotations

from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from uuid import UUID

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from backbone.contracts import PublicEvent

from .domain.look import Look
from .domain.pieces import Kit
from .domain.text import clean
from .store import Organiser

DOMAIN = "kit.semaine-industrie.example"


def message_id(kit_id: UUID) -> str:
    """The Message-ID of the mail that brings this kit: always the same."""
    return f"<{kit_id.hex}@{DOMAIN}>"  # in hexadecimal it fits on one line


class AddressMalformed(Exception):
    """The organiser's address cannot stand in a mail."""


def write_letter(
    kit_id: UUID,
    event: PublicEvent,
    kit: Kit,
    to: Organiser,
    *,
    look: Look,
    page_url: str,
    sender: str,
    dated: datetime,
) -> EmailMessage:
    """The mail with the kit attached. The same kit is always the same mail: its Message-ID comes from `kit_id`.

    Raises AddressMalformed.
    """
    name = clean(to.name)
    words = {"name": name, "event": event, "kit": kit, "look": look, "page_url": page_url}
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = _address(name, to.email)
    message["Date"] = dated
    message["Subject"] = _fill("subject.txt", words).strip()
    message["Message-ID"] = message_id(kit_id)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_fill("body.txt", words))
    message.add_alternative(_fill("body.html", words), subtype="html")
    message.add_attachment(kit.content, maintype="application", subtype="zip", filename=kit.filename)
    return message


def _address(name: str, email: str) -> Address:
    try:
        return Address(name, addr_spec=email)
    except (ValueError, HeaderParseError, IndexError):  # the last for an empty one, in Python 3.11
        raise AddressMalformed from None  # without the address: reasons are shown to operators


@cache
def _templates() -> Environment:
    # the kit's own templates escape everything; the text part of a mail must not
    return Environment(
        loader=PackageLoader("commskit"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
    )


def _fill(part: str, words: dict[str, object]) -> str:
    return _templates().get_template(f"kit/{part}").render(words)
