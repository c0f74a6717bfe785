"""Words of the list and of its search, beside those of the whole campaign."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from backbone.contracts import EventKind, EventStatus, Precision

PRECISIONS: Mapping[str, str] = {
    Precision.HOUSENUMBER: "localisation au numéro",
    Precision.STREET: "localisation à la rue",
    Precision.LOCALITY: "localisation au lieu-dit",
    Precision.MUNICIPALITY: "localisation à la commune",
}

CONFIRMED = "repère placé par l’organisateur"

WHAT_TO_KNOW: Mapping[str, str] = {
    EventStatus.CANCELLED: "Cet événement est annulé : il n’aura pas lieu.",
    EventStatus.POSTPONED: "Cet événement est reporté. Sa nouvelle date n’est pas encore connue.",
    EventStatus.RESCHEDULED: "Cet événement a changé de date : celle que vous lisez ici est la bonne.",
    EventStatus.MOVED_ONLINE: "Cet événement se tient désormais en ligne : inutile de vous déplacer.",
}
"""What a visitor is told first on the page of an event that does not take place as announced."""

OFFERED: Mapping[str, str] = {
    EventKind.COMPANY_VISIT: "proposée",
    EventKind.OPEN_DAY: "proposées",
    EventKind.CLASSROOM_TALK: "proposée",
    EventKind.VIRTUAL_VISIT: "proposée",
    EventKind.EXHIBITION: "proposée",
    EventKind.CONFERENCE: "proposée",
}
"""« Visite d’entreprise proposée par »: where it is not « proposé »."""


def fold(text: str) -> str:
    """The text as it is compared in a search: words between single spaces, without case, accents and ligatures.

    Hyphens, apostrophes and all that is neither letter nor digit part words; what cannot be seen (soft hyphens) does
    not. « St » and « Ste » are « saint » and « sainte » too.
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).casefold().replace("œ", "oe").replace("æ", "ae")
    return " ".join(_SAINTS.get(word, word) for word in _WORD.findall(_UNSEEN.sub("", plain)))


def spellings(word: str) -> tuple[str, ...]:
    """What stands for a folded word where it is looked for: itself, inside others too (« auto » in « automate »), or
    its singular or plural as a word of its own (« visite » for « visites », « métal » for « métaux »)."""
    others = [word[:-1]] if len(word) > len("des") and word[-1] in "sx" else []
    if word.endswith("aux"):
        others.append(f"{word[:-2]}l")
    if word.endswith("al"):
        others.append(f"{word[:-1]}ux")
    return word, *(f" {other} " for other in others)


_WORD = re.compile(r"[^\W_]+")
# what combines with the letter before it, selects its form, or takes no place at all
_UNSEEN = re.compile(
    "[\u00ad\u034f\u0300-\u036f\u061c\u180e\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e\u2060-\u2069"
    "\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]"
)
_SAINTS = {"st": "saint", "ste": "sainte"}
