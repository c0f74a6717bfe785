"""What a draft still needs before it can be submitted. Pure; whether what it has is right, `domain.draft` says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backbone.contracts import Admission

from .contacts import says_how_to_register
from .draft import EventDraft
from .picture import NO_CREDIT, NO_WORDS

NO_PLACE = "Indiquez un lieu (venue), une adresse de connexion (online_url), ou les deux."
NO_WAY_IN = (
    "Les visiteurs doivent s’inscrire : dites-leur où, par un lien (booking_url, website), une adresse électronique de "
    "votre organisation (booking_email) ou un numéro (booking_telephone)."
)
NO_LINK = (
    "Indiquez l’adresse de connexion (online_url) : l’événement est en ligne et ouvert à tous. Si vous la donnez "
    "vous-même à qui s’inscrit, choisissez l’entrée sur inscription (admission)."
)
NEEDED: Mapping[str, str] = {
    "organisation": "Indiquez l’entreprise, l’école ou l’organisme qui invite.",
    "title": "Donnez un titre à l’événement.",
    "description": "Dites en quelques phrases ce qui attend le public.",
    "kind": "Choisissez le genre d’événement.",
    "audiences": "Dites à qui l’événement s’adresse.",
    "admission": "Dites comment on entre : librement, sur inscription…",
    "is_free": "Dites si l’événement est gratuit.",
    "slots": "Indiquez au moins un créneau : un jour, une heure de début et une heure de fin.",
}
"""The fields that no event can do without, and what is asked of their organiser."""
NEEDED_OF_A_PLACE: Mapping[str, str] = {
    "postcode": "Indiquez le code postal du lieu.",
    "city": "Indiquez la commune du lieu.",
}


@dataclass(frozen=True)
class Missing:
    """A field that is not there yet, and in French what to give."""

    field: str
    message: str


def missing(draft: EventDraft) -> list[Missing]:
    """All of it, in the order of a form."""
    return list(_missing(draft))


def _missing(draft: EventDraft) -> Iterator[Missing]:
    yield from (Missing(name, asked) for name, asked in NEEDED.items() if getattr(draft, name) is None)
    if draft.venue is None and not draft.takes_part_online:
        yield Missing("venue", NO_PLACE)
    if draft.takes_part_online and not (draft.online_url or draft.status_url) and draft.admission == Admission.EVERYONE:
        yield Missing("online_url", NO_LINK)
    if draft.venue:
        of_it = NEEDED_OF_A_PLACE.items()
        yield from (Missing(f"venue.{name}", asked) for name, asked in of_it if getattr(draft.venue, name) is None)
    if draft.picture and not draft.picture.credit:
        yield Missing("picture.credit", NO_CREDIT)
    if draft.picture and not draft.picture.alternative_text:
        yield Missing("picture.alternative_text", NO_WORDS)
    if draft.admission == Admission.ON_REGISTRATION and not _tells_the_way_in(draft):
        yield Missing("website", NO_WAY_IN)


def _tells_the_way_in(draft: EventDraft) -> bool:
    told = (draft.booking_url, draft.booking_email, draft.booking_telephone, draft.website)
    return any(told) or says_how_to_register(draft.description or "")
