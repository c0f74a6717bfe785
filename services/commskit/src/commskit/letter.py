"""The mail that brings a kit: a folder of plain files, filled in."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from uuid import UUID

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from backbone.contracts import PublicEvent

from .domain.look import Look
from .domain.pieces import Kit
from .store import Organiser

DOMAIN = "kit.semaine-industrie.example"


def write_letter(
    kit_id: UUID, event: PublicEvent, kit: Kit, to: Organiser, *, look: Look, page_url: str, sender: str
) -> EmailMessage:
    """The mail with the kit attached. The same kit is always the same mail: its Message-ID comes from `kit_id`."""
    words = {"name": to.name, "event": event, "kit": kit, "look": look, "page_url": page_url}
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = Address(to.name, addr_spec=to.email)
    message["Subject"] = _fill("subject.txt", words).strip()
    message["Message-ID"] = f"<{kit_id}@{DOMAIN}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_fill("body.txt", words))
    message.add_alternative(_fill("body.html", words), subtype="html")
    message.add_attachment(kit.content, maintype="application", subtype="zip", filename=kit.filename)
    return message


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
