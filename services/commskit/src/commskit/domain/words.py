"""What an event's fields are called in French, on paper."""

from __future__ import annotations

from collections.abc import Callable

from backbone.contracts.event import Admission, Audience, EventKind, PublicEvent, Venue

from .text import typeset

KINDS: dict[str, str] = {
    EventKind.COMPANY_VISIT: "Visite d’entreprise",
    EventKind.OPEN_DAY: "Portes ouvertes",
    EventKind.JOB_DATING: "Job dating",
    EventKind.CAREERS_FORUM: "Forum des métiers",
    EventKind.WEBINAR: "Webinaire",
    EventKind.CLASSROOM_TALK: "Intervention en classe",
    EventKind.VIRTUAL_VISIT: "Visite virtuelle",
    EventKind.WORKSHOP: "Atelier",
    EventKind.EXHIBITION: "Exposition",
    EventKind.CONFERENCE: "Conférence",
    EventKind.GAME: "Jeu",
}
AUDIENCES: dict[str, str] = {
    Audience.PUPILS: "collégiens et lycéens",
    Audience.STUDENTS: "étudiants",
    Audience.JOB_SEEKERS: "personnes en recherche d’emploi",
    Audience.TEACHERS: "enseignants",
    Audience.FAMILIES: "familles",
    Audience.EVERYONE: "tout public",
}
ADMISSIONS: dict[str, str] = {
    Admission.EVERYONE: "ouvert à tous",
    Admission.ON_REGISTRATION: "sur inscription",
    Admission.NAMED_GROUP: "réservé à un groupe",
    Admission.INVITATION_ONLY: "sur invitation",
}


def name_kind(kind: str) -> str:
    """« Visite d’entreprise »; a kind that we do not know yet is an « Événement »."""
    return KINDS.get(kind, "Événement")


def name_audiences(audiences: tuple[str, ...]) -> str:
    """« Familles et tout public »; nothing if we know none of them."""
    return join([label for audience, label in AUDIENCES.items() if audience in audiences]).capitalize()


def name_admission(admission: str, *, is_free: bool) -> str:
    """« Gratuit, sur inscription »: what it costs and who may come in."""
    words = ["gratuit"] if is_free else []
    words += [ADMISSIONS[admission]] if admission in ADMISSIONS else []
    return ", ".join(words).capitalize()


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


def join(parts: list[str]) -> str:
    """« a, b et c »."""
    return " et ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)
