"""How a visitor registers, from all that the organiser tells of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from backbone.campaign.typography import NO_BREAK
from backbone.contracts import Admission, PublicEvent

from . import addresses

_NUMBER = re.compile(r"(?:\+|\b0)\d(?:[\s./-]{0,2}\d){8,11}\b")


class Way(NamedTuple):
    """A way to register: in words, with the link that takes one there; `shown`: what is read of it behind the words."""

    words: str
    href: str | None = None
    shown: str | None = None


def ways(event: PublicEvent) -> list[Way]:
    """All of them, the easiest first; none where one need not, or may not."""
    if event.admission != Admission.ON_REGISTRATION:
        return []
    return list(_told(event)) or [_in_the_description(event.description)]


def _told(event: PublicEvent) -> Iterator[Way]:
    booking = event.booking
    if site := addresses.web(booking.url if booking else None):
        yield Way("en ligne", site)
    elif site := addresses.web(event.website):
        yield Way("sur le site de l’organisateur", site)
    if mailbox := addresses.mail(booking.email if booking else None):
        yield Way("par courriel", f"mailto:{mailbox}", mailbox)
    if number := addresses.telephone(booking.telephone if booking else None):
        yield Way("par téléphone", f"tel:{number.replace(' ', '')}", number.replace(" ", NO_BREAK))


def _in_the_description(description: str) -> Way:
    contact = next((part.href for part in addresses.parts(description) if part.href), None)
    if contact:
        is_mail = contact.startswith("mailto:")
        return Way("par courriel" if is_mail else "à l’adresse que donne la description", contact)
    if _NUMBER.search(description):
        return Way("au numéro que donne la description")
    return Way("l’organisateur n’a pas indiqué où s’inscrire")
