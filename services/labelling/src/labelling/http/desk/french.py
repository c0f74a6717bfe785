"""What the pages call things, in French."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from backbone.campaign import dates
from backbone.campaign.geography import ONLINE, REVIEW_REGIONS
from backbone.campaign.typography import NO_BREAK
from backbone.campaign.words import ACCESSIBILITY, ADMISSIONS, AUDIENCES, KINDS, SLOT_STATUSES, STATUSES
from backbone.contracts import Slot, Venue

PARIS = ZoneInfo("Europe/Paris")

CONDITIONS: Mapping[str, str] = {
    "dates": "Les dates",
    "public": "L’ouverture au public",
    "industry": "Le lien avec l’industrie",
    "free": "La gratuité",
}
FINDINGS: Mapping[str, str] = {"met": "condition remplie", "not_met": "condition non remplie", "doubtful": "en doute"}
URGENCIES: Mapping[str, str] = {"retard": "En retard", "bientot": "À décider avant demain"}
ADVICE: Mapping[str, str] = {"label": "Plutôt le label", "refuse": "Plutôt un refus", "unsure": "Je ne sais pas"}
CORRECTIONS: Mapping[str, str] = {
    "incomplete": "Il manque quelque chose",
    "incoherent": "Le texte se contredit",
    "outdated": "Le texte n’est plus à jour",
}
LEFT: Mapping[str, str] = {
    "gone": "n’attend plus de décision",
    "another-region": "est d’une autre région",
    "own-cause": "est de votre propre organisation",
    "own-refusal": "est un recours contre votre propre refus",
    "in-appeal": "est un recours",
    "in-correction": "attend la correction demandée à son organisateur",
    "changed": "a changé depuis votre lecture",
    "claimed": "est réservé par un collègue",
    "held": "a déjà une décision, qui va être transmise",
    "not-in-doubt": "n’a pas de doute sur cette condition",
    "fault": "n’a pas pu être enregistré, par une faute de notre côté",
}
FIELDS: Mapping[str, str] = {
    "title": "Titre",
    "organisation": "Organisation",
    "description": "Description",
    "kind": "Type",
    "audiences": "Pour qui",
    "admission": "Accès",
    "is_free": "Gratuité",
    "slots": "Dates",
    "venue": "Lieu",
    "online_url": "En ligne",
    "has_private_link": "En ligne, lien communiqué après inscription",
    "website": "Site",
    "booking": "Inscription",
    "status": "Tenue",
    "status_note": "Mot aux visiteurs",
    "capacity": "Places",
    "access": "Pour venir",
    "accessibility": "Accessibilité",
    "accessibility_note": "Mot sur l’accessibilité",
    "themes": "Thèmes",
}
REGIONS: Mapping[str, str] = {code: name for code, name in REVIEW_REGIONS.items() if code != ONLINE} | {
    ONLINE: "Bureau national et en ligne"
}


def due(at: datetime, now: datetime) -> str:
    """« en retard de 2 jours », « aujourd’hui avant 18 h », « vendredi 6 mars avant 18 h »."""
    there, today = at.astimezone(PARIS), now.astimezone(PARIS).date()
    if at < now:
        late = (today - there.date()).days
        return f"en retard{f' de {late}{NO_BREAK}jour' + ('s' if late > 1 else '') if late else ''}"
    hour = dates.hour(there.time())
    if there.date() == today:
        return f"aujourd’hui avant {hour}"
    if there.date() == today + timedelta(days=1):
        return f"demain avant {hour}"
    return f"{dates.DAYS[there.weekday()]}{NO_BREAK}{dates.day_and_month(there.date())} avant {hour}"


def day(at: datetime) -> str:
    """« 2 mars »."""
    return dates.day_and_month(at.astimezone(PARIS).date())


def minutes(left: timedelta) -> str:
    """« 12 minutes », « moins d’une minute »."""
    number = int(left.total_seconds() // 60)
    return f"{number}{NO_BREAK}minute{'s' if number > 1 else ''}" if number else "moins d’une minute"


def ago(age: timedelta) -> str:
    """« à l’instant », « il y a 12 minutes », « il y a 3 jours »."""
    for number, word in ((age.days, "jour"), (age.seconds // 3600, "heure"), (age.seconds // 60, "minute")):
        if number:
            return f"il y a {number}{NO_BREAK}{word}{'s' if number > 1 else ''}"
    return "à l’instant"


def opening(slot: Slot) -> str:
    """« mardi 17 novembre 2026, de 9 h à 12 h 30 »."""
    first, last = slot.starts_at.date(), slot.ends_at.date()
    ends = dates.hour(slot.ends_at.time())
    until = ends if first == last else f"{ends} le {dates.whole_day(last)}"
    told = f"{dates.whole_day(first)}, de {dates.hour(slot.starts_at.time())} à {until}"
    return f"{told} ({SLOT_STATUSES[slot.status]})" if slot.status in SLOT_STATUSES else told


def address_of(venue: Venue) -> str:
    """The place, on a line."""
    at = venue.address
    return ", ".join(part for part in (venue.name, at.street, f"{at.postcode}{NO_BREAK}{at.city}") if part)


_VALUES: Mapping[str, Callable[[Any], str]] = {
    "kind": lambda code: KINDS.get(code, code),
    "admission": lambda code: ADMISSIONS.get(code, code),
    "status": lambda code: STATUSES.get(code, "Comme prévu"),
    "is_free": lambda is_free: "Gratuit" if is_free else "Payant",
    "has_private_link": lambda is_so: "Oui" if is_so else "Non",
    "audiences": lambda codes: ", ".join(AUDIENCES.get(code, code) for code in codes),
    "accessibility": lambda codes: ", ".join(ACCESSIBILITY.get(code, code) for code in codes),
    "slots": lambda slots: " ; ".join(map(opening, slots)),
    "venue": address_of,
    "booking": lambda way: ", ".join(part for part in (way.url, way.email, way.telephone) if part),
    "themes": ", ".join,
}


def value(field: str, given: Any) -> str:
    """What an organiser chose, as a reviewer reads it."""
    if given is None or given == ():
        return "rien"
    return _VALUES.get(field, str)(given)
