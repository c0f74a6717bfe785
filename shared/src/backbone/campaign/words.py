"""What the fields of an event are called in French, wherever people read them: on pages, on paper, in mails.

The order is that in which they are offered. Each reader says itself what it does with a code that is not here: what a
later version of the contracts adds must not be shown raw.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..contracts.event import Accessibility, Admission, Audience, EventKind, EventStatus, SlotStatus
from ..contracts.labelling import Condition

KINDS: Mapping[str, str] = MappingProxyType(
    {
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
)

AUDIENCES: Mapping[str, str] = MappingProxyType(
    {
        Audience.EVERYONE: "Tout public",
        Audience.FAMILIES: "Familles",
        Audience.PUPILS: "Collégiens et lycéens",
        Audience.STUDENTS: "Étudiants",
        Audience.JOB_SEEKERS: "Demandeurs d’emploi",
        Audience.TEACHERS: "Enseignants",
        Audience.HR_PROFESSIONALS: "Professionnels des ressources humaines",
    }
)

ADMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        Admission.EVERYONE: "Ouvert à tous",
        Admission.ON_REGISTRATION: "Sur inscription",
        Admission.NAMED_GROUP: "Réservé à un groupe désigné par l’organisateur",
        Admission.INVITATION_ONLY: "Sur invitation",
    }
)

STATUSES: Mapping[str, str] = MappingProxyType(
    {
        EventStatus.CANCELLED: "Annulé",
        EventStatus.POSTPONED: "Reporté",
        EventStatus.RESCHEDULED: "Nouvelle date",
        EventStatus.MOVED_ONLINE: "Déplacé en ligne",
    }
)
"""What is said of an event that does not take place as it was first announced; nothing of one that does."""

SLOT_STATUSES: Mapping[str, str] = MappingProxyType({SlotStatus.CANCELLED: "annulé", SlotStatus.FULL: "complet"})
"""The same of one of its openings, behind its hours."""

ACCESSIBILITY: Mapping[str, str] = MappingProxyType(
    {
        Accessibility.MOTOR: "Handicap moteur",
        Accessibility.VISUAL: "Handicap visuel",
        Accessibility.HEARING: "Handicap auditif",
        Accessibility.INTELLECTUAL: "Handicap intellectuel",
        Accessibility.PSYCHIC: "Handicap psychique",
    }
)
"""For whom a place is fitted, in OpenAgenda's words."""

CONDITIONS: Mapping[str, str] = MappingProxyType(
    {
        Condition.DATES: "Les dates",
        Condition.PUBLIC: "L’ouverture au public",
        Condition.INDUSTRY: "Le lien avec l’industrie",
        Condition.FREE: "La gratuité",
    }
)
"""The four conditions of the label, as a heading."""

ZONES: Mapping[str, str] = MappingProxyType(
    {
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
        "Pacific/Noumea": "heure de la Nouvelle-Calédonie",
        "Pacific/Marquesas": "heure des Marquises",
        "Pacific/Gambier": "heure des Gambier",
    }
)
"""Whose clock the hours are told by: all zones of `geography`."""
