"""The mail that brings a kit: a folder of plain files, filled in.

AddressMalformed   no mail can be addressed so: the same every time
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import NamedTuple
from uuid import UUID

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from backbone.campaign.dates import in_full
from backbone.mail.letter import Attachment, Letter
from backbone.mail.mailbox import is_address

from .domain.look import Look
from .domain.pieces import Kit
from .domain.printed import printed_otherwise
from .domain.text import tidy_line
from .domain.words import is_on_site, is_online, open_link
from .store import KitOrder

DOMAIN = "kit.semaine-industrie.example"


def message_id(kit_id: UUID) -> str:
    """The Message-ID of the mail that brings this kit: always the same."""
    return f"<{kit_id.hex}@{DOMAIN}>"  # in hexadecimal it fits on one line


class AddressMalformed(Exception):
    """The organiser's address cannot stand in a mail."""


class Pages(NamedTuple):
    """The public pages that a mail leads to."""

    event: str
    contact: str


def write_letter(order: KitOrder, kit: Kit, look: Look, pages: Pages, *, sender: str, dated: datetime) -> Letter:
    """The mail with the kit attached. The same kit is always the same mail: its Message-ID comes from the order's id.
    One that takes the place of an earlier one says that the old poster goes.

    Raises AddressMalformed.
    """
    event, to = order.event, order.organiser
    if to.email is None or not is_address(to.email):
        raise AddressMalformed  # without the address: reasons are shown to operators
    words = {
        "name": tidy_line(to.name or ""),
        "title": tidy_line(event.title),
        "kit": kit,
        "look": look,
        "amendable_until": in_full(look.amendable_until) if dated.date() <= look.amendable_until else "",
        "page_url": pages.event,
        "contact_url": pages.contact,
        "replaces": bool(order.earlier),
        "is_hybrid": is_on_site(event) and is_online(event),
        "link_is_told": open_link(event) is not None,
        "printed": printed_otherwise(event),
    }
    return Letter(
        message_id=message_id(order.id),
        sender=sender,
        to=to.email,
        subject=_fill("subject.txt", words).strip(),
        text=_fill("body.txt", words),
        html=_fill("body.html", words),
        dated=dated,
        attachments=(Attachment(kit.filename, kit.content, "application/zip"),),
    )


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
