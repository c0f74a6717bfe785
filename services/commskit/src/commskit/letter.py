"""The mail that brings a kit, and what all our mails share: a folder of plain files, filled in.

AddressMalformed   no mail can be addressed so: the same every time
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from typing import NamedTuple
from uuid import UUID

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape

from backbone.campaign.dates import in_full
from backbone.mail.letter import Attachment, Letter
from backbone.mail.mailbox import is_address

from .domain.look import Look
from .domain.organiser import Organiser
from .domain.pieces import Kit
from .domain.printed import printed_otherwise
from .domain.text import tidy_line
from .domain.words import is_on_site, is_online, open_link
from .store import KitOrder

DOMAIN, NOTICES_DOMAIN = "kit.semaine-industrie.example", "avis.semaine-industrie.example"


def message_id(mail_id: UUID, domain: str = DOMAIN) -> str:
    """The Message-ID of the mail that brings this kit, or of this notice: always the same."""
    return f"<{mail_id.hex}@{domain}>"  # in hexadecimal it fits on one line


_GAPS = re.compile("\n{3,}")  # what a part of a template leaves where it says nothing


class AddressMalformed(Exception):
    """The organiser's address cannot stand in a mail."""


class Pages(NamedTuple):
    """The public pages that a mail leads to."""

    event: str
    contact: str
    own: str = ""
    """Its organiser's own page, where they sign in."""


def write_letter(order: KitOrder, kit: Kit, look: Look, pages: Pages, *, sender: str, dated: datetime) -> Letter:
    """The mail with the kit attached. The same kit is always the same mail: its Message-ID comes from the order's id.
    One that takes the place of an earlier one says that the old poster goes.

    Raises AddressMalformed.
    """
    event, to = order.event, order.organiser
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
    attached = Attachment(kit.filename, kit.content, "application/zip")
    return fill_letter("kit", words, message_id(order.id), to, sender=sender, dated=dated, attachments=(attached,))


def fill_letter(
    folder: str,
    words: dict[str, object],
    name: str,
    to: Organiser,
    *,
    sender: str,
    dated: datetime,
    attachments: tuple[Attachment, ...] = (),
) -> Letter:
    """The mail whose words stand in this folder of the templates; `name` is its Message-ID. Raises AddressMalformed."""
    if to.email is None or not is_address(to.email):
        raise AddressMalformed  # without the address: reasons are shown to operators
    return Letter(
        message_id=name,
        sender=sender,
        to=to.email,
        subject=_fill(folder, "subject.txt", words).strip(),
        text=_GAPS.sub("\n\n", _fill(folder, "body.txt", words)),
        html=_fill(folder, "body.html", words),
        dated=dated,
        attachments=attachments,
    )


@cache
def _templates() -> Environment:
    # the kit's own templates escape everything; the text part of a mail must not
    return Environment(
        loader=ChoiceLoader([PackageLoader("commskit"), PackageLoader("backbone.mail")]),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
    )


def _fill(folder: str, part: str, words: dict[str, object]) -> str:
    return _templates().get_template(f"{folder}/{part}").render(words)
