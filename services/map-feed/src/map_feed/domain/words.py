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
}


def typeset(text: str) -> str:
    """The text with French apostrophes, and spaces that do not break where French asks for them."""
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    text = re.sub(r" (?=[;!?])", "\u202f", text)
    return re.sub(r" (?=[:»])|(?<=«) ", "\u00a0", text)


def fold(text: str) -> str:
    """The text as it is compared in a search: without case, accents and ligatures, one kind of apostrophe."""
    text = text.casefold().replace("œ", "oe").replace("æ", "ae").replace("’", "'")
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
