"""How an event's fields are told on paper."""

from __future__ import annotations

from collections.abc import Callable

from backbone.campaign.typography import capital, listed, uncapital
from backbone.campaign.words import ADMISSIONS, AUDIENCES, KINDS
from backbone.contracts.event import Admission, EventStatus, PublicEvent, Venue

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


def is_on_site(event: PublicEvent) -> bool:
    """Whether one may go there. An event that has moved online may still name the place that it was to be at."""
    return event.venue is not None and event.status != EventStatus.MOVED_ONLINE


def is_online(event: PublicEvent) -> bool:
    """Whether one may connect, from anywhere."""
    return event.is_online


def open_link(event: PublicEvent) -> str | None:
    """The address to connect to, if it may be told to anybody: one that is given to those who register is not, nor that
    of an admission that is not known here."""
    is_open = event.admission in ADMISSIONS and event.admission != Admission.ON_REGISTRATION
    return event.online_url if is_open else None


def name_place(event: PublicEvent, write: Callable[[str], str] = typeset) -> tuple[str, ...]:
    """The lines of the place, as on an envelope; « En ligne » if one connects, « En ligne aussi » if one may do either.
    `write` makes them fit for where they are shown: on paper, unless another is given."""
    envelope = _envelope(event.venue, write) if event.venue and is_on_site(event) else ()
    if not is_online(event):
        return envelope
    return (*envelope, "En ligne aussi") if envelope else ("En ligne",)


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
