"""What an organiser is asked before a text becomes public: whose number, whose mailbox stands in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .contacts import reachable
from .draft import EventDraft
from .fields import as_dialled

ASKED = (
    "Ce texte devient public, et on y trouve {what}. Est-ce celui ou celle de votre organisation, et non d’une "
    "personne ? Si oui, confirmez ce champ au dépôt (confirmed) ; sinon, retirez-le du texte."
)


@dataclass(frozen=True)
class Question:
    """A field with something that its organiser is asked about before it becomes public, in French."""

    field: str
    message: str


def questions(draft: EventDraft) -> list[Question]:
    """What is asked of a draft before it becomes public: for each field, the numbers and mailboxes in it.

    Nothing is asked about the fields that are made for them: visitors must be able to register.
    """
    asked = ((field, list(dict.fromkeys(reachable(text)))) for field, text in public_texts(draft))
    known = {draft.booking_email, draft.booking_telephone and _dialled(draft.booking_telephone)}
    return [
        Question(field, ASKED.format(what=_listed(found)))
        for field, all_found in asked
        if (found := [one for one in all_found if not {one, _dialled(one)} & known])
    ]


def _dialled(found: str) -> str:
    """A number in one writing; what is none, as it is."""
    try:
        return as_dialled(found)
    except ValueError:
        return found


def public_texts(draft: EventDraft) -> Iterator[tuple[str, str]]:
    """The texts that become public, by the name of their field."""
    yield "organisation", draft.organisation or ""
    yield "title", draft.title or ""
    yield "description", draft.description or ""
    if draft.venue:
        yield "venue.name", draft.venue.name or ""
        yield "venue.street", draft.venue.street or ""
        yield "venue.city", draft.venue.city or ""
    if draft.picture:
        yield "picture.credit", draft.picture.credit or ""
        yield "picture.alternative_text", draft.picture.alternative_text or ""
    yield "access", draft.access or ""
    yield "accessibility_note", draft.accessibility_note or ""
    yield "status_note", draft.status_note or ""


def _listed(found: list[str]) -> str:
    return " et ".join(f"« {one} »" for one in found)
