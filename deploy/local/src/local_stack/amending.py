"""What organisers of an invented season tell of their events: what the form does not ask yet, and what they change."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from backbone.contracts import (
    Accessibility,
    Audience,
    Booking,
    Condition,
    EventStatus,
    Finding,
    JudgedFact,
    OrganisationKind,
    PublicEvent,
)

Change = Callable[[PublicEvent, random.Random], PublicEvent]

_KINDS = (
    (OrganisationKind.SCHOOL, r"lycée|école|iut|cfa|campus|université|institut|formation|collège"),
    (OrganisationKind.FEDERATION, r"fédération|union|alliance|groupement|cluster|chambre de commerce|collectif|réseau"),
    (OrganisationKind.PUBLIC_BODY, r"communauté|mairie|office|agence|mission|archives|observatoire|musée"),
    (OrganisationKind.ASSOCIATION, r"association|club|amis|cercle|amicale|comité"),
)
PLAINLY = (
    "Visite de l’atelier de production : les machines, les métiers, celles et ceux qui fabriquent. Gratuit et ouvert"
    " à tous, sur inscription par courriel."
)


def with_invented_fields(event: PublicEvent, sample: dict[str, Any], chance: random.Random) -> PublicEvent:
    """The event with what the contract has room for and the form of today does not ask."""
    words = sample["organisation"].lower()
    kind = next((kind for kind, pattern in _KINDS if re.search(pattern, words)), OrganisationKind.COMPANY)
    likely = {"skills": 0.5, "ecology": 0.3, "gender_balance": 0.14}
    told: dict[str, Any] = {
        "organisation_kind": kind.value if chance.random() < 0.92 else None,
        "themes": tuple(theme for theme, share in likely.items() if chance.random() < share),
        "accessibility": tuple(code.value for code in Accessibility if chance.random() < 0.2),
        "capacity": chance.choice((None, 12, 20, 30, 60)),
    }
    return event.model_copy(update=told)


def mended(event: PublicEvent, decision: JudgedFact, chance: random.Random) -> PublicEvent:
    """The event after its organiser has read why it has no label yet: half of them understand all of it."""
    wrong = {verdict.condition for verdict in decision.verdicts if verdict.finding != Finding.MET}
    if chance.random() < 0.4:
        wrong = {chance.choice(sorted(wrong))}
    told: dict[str, Any] = {}
    if wrong - {Condition.DATES}:
        told = {"description": PLAINLY, "is_free": True, "admission": "everyone"}
    if Condition.DATES in wrong:
        told |= _on_day(event, 16 + chance.randrange(5))
    return event.model_copy(update=told)


def _on_day(event: PublicEvent, day: int) -> dict[str, Any]:
    first = event.slots[0]
    starts = first.starts_at.replace(year=2026, month=11, day=day)
    moved = first.model_copy(update={"starts_at": starts, "ends_at": starts.replace(hour=min(starts.hour + 2, 23))})
    return {"slots": (moved,)}


def _hours(event: PublicEvent, chance: random.Random) -> PublicEvent:
    later = timedelta(minutes=chance.choice((-60, -30, 30, 60)))
    slots = [
        slot.model_copy(update={n: getattr(slot, n) + later for n in ("starts_at", "ends_at")}) for slot in event.slots
    ]
    return event.model_copy(update={"slots": tuple(slots)})


def _words(event: PublicEvent, chance: random.Random) -> PublicEvent:
    more = chance.choice(
        (" Chaussures fermées.", " Venez en train.", " Café à l’arrivée.", " Prévoyez une pièce d’identité.")
    )
    return event.model_copy(update={"description": event.description[: 1500 - len(more)] + more})


def _booking(event: PublicEvent, chance: random.Random) -> PublicEvent:
    number = chance.randrange(10, 99)
    return event.model_copy(update={"booking": Booking(email=f"visites{number}@entreprise.example")})


def _capacity(event: PublicEvent, chance: random.Random) -> PublicEvent:
    return event.model_copy(update={"capacity": (event.capacity or 20) + chance.randrange(5, 40)})


def _audiences(event: PublicEvent, chance: random.Random) -> PublicEvent:
    more = chance.choice(
        [one.value for one in Audience if one.value not in event.audiences] or [Audience.EVERYONE.value]
    )
    return event.model_copy(update={"audiences": tuple(dict.fromkeys((*event.audiences, more)))})


def _place(event: PublicEvent, chance: random.Random) -> PublicEvent:
    if event.venue is None:
        return _words(event, chance)
    address = event.venue.address.model_copy(update={"street": f"{chance.randrange(1, 200)} rue des Ateliers"})
    return event.model_copy(update={"venue": event.venue.model_copy(update={"address": address})})


def _called(status: EventStatus, note: str) -> Change:
    def change(event: PublicEvent, chance: random.Random) -> PublicEvent:
        online = {"online_url": "https://visio.example/salle"} if status == EventStatus.MOVED_ONLINE else {}
        return event.model_copy(update={"status": status.value, "status_note": note, **online})

    return change


AMENDMENTS: Sequence[tuple[Change, int]] = (
    (_hours, 30),
    (_words, 26),
    (_booking, 14),
    (_capacity, 12),
    (_audiences, 10),
    (_place, 8),
)
"""What is changed of a labelled event, and how often."""

CALLED_OFF: Sequence[tuple[Change, int]] = (
    (_called(EventStatus.CANCELLED, "L’atelier est à l’arrêt cette semaine-là."), 55),
    (_called(EventStatus.POSTPONED, "Reporté au printemps."), 27),
    (_called(EventStatus.MOVED_ONLINE, "La visite se fait à distance."), 18),
)
