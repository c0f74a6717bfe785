"""How an event's fields are told on paper."""

from __future__ import annotations

from collections.abc import Callable

from backbone.campaign.typography import capital, listed, uncapital
from backbone.campaign.words import ADMISSIONS, AUDIENCES, KINDS
from backbone.contracts.event import Admission, PublicEvent, Venue

from .text import typeset


def name_kind(kind: str) -> str:
    """« Visite d’entreprise »; a kind that we do not know yet is an « Événement »."""
    return KINDS.get(kind, "Événement")


def name_audiences(audiences: tuple[str, ...]) -> str:
    """« Tout public et familles »; nothing if we know none of them."""
    return capital(listed(*(uncapital(label) for audience, label in AUDIENCES.items() if audience in audiences)))


def name_admission(admission: str, *, is_free: bool) -> str:
    """« Gratuit, sur inscription »: what it costs and who may come in."""
    words = ["gratuit"] if is_free else []
    words += [uncapital(ADMISSIONS[admission])] if admission in ADMISSIONS else []
    return capital(", ".join(words))


def name_door(admission: str) -> str:
    """What one finds on the event’s page: where nobody is asked to register, no registration is promised."""
    return "Programme et inscription" if admission == Admission.ON_REGISTRATION else "Programme et accès"


def name_place(event: PublicEvent, write: Callable[[str], str] = typeset) -> tuple[str, ...]:
    """The lines of the place, as on an envelope; « En ligne » if one connects. `write` makes them fit for where they
    are shown: on paper, unless another is given."""
    return ("En ligne",) if event.venue is None else _envelope(event.venue, write)


def _envelope(venue: Venue, write: Callable[[str], str]) -> tuple[str, ...]:
    address = venue.address
    city = f"{address.postcode} {write(address.city)}".strip()
    return tuple(line for line in (write(venue.name or ""), write(address.street or ""), city) if line)


def show_url(url: str) -> str:
    """An address as one reads it aloud: without scheme, `www.` and the last slash."""
    return url.split("://", 1)[-1].removeprefix("www.").rstrip("/")


def ordinal_ending(number: int) -> str:
    """« re » of « 1re édition », « e » of « 15e édition »."""
    return "re" if number == 1 else "e"
