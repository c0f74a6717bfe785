"""The campaign's words in French. A code that is not known here is left out rather than shown raw."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from backbone.contracts import Admission, Audience, EventKind, Precision

KINDS: Mapping[str, str] = {
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

AUDIENCES: Mapping[str, str] = {
    Audience.EVERYONE: "Tout public",
    Audience.FAMILIES: "Familles",
    Audience.PUPILS: "Collégiens et lycéens",
    Audience.STUDENTS: "Étudiants",
    Audience.JOB_SEEKERS: "Demandeurs d’emploi",
    Audience.TEACHERS: "Enseignants",
}

ADMISSIONS: Mapping[str, str] = {
    Admission.EVERYONE: "Entrée libre",
    Admission.ON_REGISTRATION: "Sur inscription",
    Admission.NAMED_GROUP: "Réservé à un groupe désigné par l’organisateur",
    Admission.INVITATION_ONLY: "Sur invitation",
}

PRECISIONS: Mapping[str, str] = {
    Precision.HOUSENUMBER: "localisation au numéro",
    Precision.STREET: "localisation à la rue",
    Precision.LOCALITY: "localisation au lieu-dit",
    Precision.MUNICIPALITY: "localisation à la commune",
}

TIMES: Mapping[str, str] = {
    "Europe/Paris": "heure de Paris",
    "America/Guadeloupe": "heure de la Guadeloupe",
    "America/Martinique": "heure de la Martinique",
    "America/Cayenne": "heure de la Guyane",
    "Indian/Reunion": "heure de La Réunion",
    "Indian/Mayotte": "heure de Mayotte",
    "America/Miquelon": "heure de Saint-Pierre-et-Miquelon",
    "America/St_Barthelemy": "heure de Saint-Barthélemy",
    "America/Marigot": "heure de Saint-Martin",
    "Pacific/Wallis": "heure de Wallis-et-Futuna",
    "Pacific/Tahiti": "heure de Tahiti",
    "Pacific/Noumea": "heure de Nouvelle-Calédonie",
    "Pacific/Marquesas": "heure des Marquises",
    "Pacific/Gambier": "heure des Gambier",
}

OFFERED: Mapping[str, str] = {
    EventKind.COMPANY_VISIT: "proposée",
    EventKind.OPEN_DAY: "proposées",
    EventKind.CLASSROOM_TALK: "proposée",
    EventKind.VIRTUAL_VISIT: "proposée",
    EventKind.EXHIBITION: "proposée",
    EventKind.CONFERENCE: "proposée",
}
"""« Visite d’entreprise proposée par »: where it is not « proposé »."""


def typeset(text: str) -> str:
    """The text with French apostrophes, and spaces that do not break where French asks for them."""
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    text = re.sub(r" (?=[;!?])", "\u202f", text)
    return re.sub(r" (?=[:»])|(?<=«) ", "\u00a0", text)


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


def capital(text: str) -> str:
    """The text with a capital at its beginning, and the others left as they are: « Heure de La Réunion »."""
    return text[:1].upper() + text[1:]


def uncapital(text: str) -> str:
    """The text as it stands inside a sentence."""
    return text[:1].lower() + text[1:]
