"""The four conditions of the label, each a pure function from the event to a verdict.

Source: service-public.fr, notice A16803: inside the campaign's dates, open to the public, about industry, free.
"""

from __future__ import annotations

import re
from datetime import date

from backbone.contracts import Admission, Condition, EventKind, Finding, PublicEvent, Verdict
from backbone.edition import Edition

from .lexicon import CLOSED, ELSEWHERE, INDUSTRY, PAYING
from .wording import folded, found

# an amount right after a word that makes it a price to pay: « entrée : 8 € », « tarif plein 12 euros »
_ENTRANCE_PRICE = re.compile(
    r"\b(?:entree|tarif|billet|place|participation|inscription|ticket)s?\b"
    r"[^.;!?]{0,25}?(\d+(?:[,.]\d{1,2})?) ?(?:€|euros?\b)"
)
_AMOUNT = re.compile(r"\d+(?:[,.]\d{1,2})? ?(?:€|euros?\b)")


def judge(event: PublicEvent, edition: Edition) -> tuple[Verdict, ...]:
    """The verdicts on all four conditions, in the order in which they are shown."""
    return dates(event, edition), public(event), industry(event), free(event)


def dates(event: PublicEvent, edition: Edition) -> Verdict:
    """Every slot lies inside the labelling window, by the local dates of the event's place."""
    window = edition.labelling_window
    outside = tuple(
        slot.starts_at.date().isoformat()
        for slot in event.slots
        if slot.starts_at.date() not in window or slot.ends_at.date() not in window
    )
    limits = f"du {_day(window.first)} au {_day(window.last)}"
    if not outside:
        return _verdict(Condition.DATES, Finding.MET, f"Toutes les dates sont dans la période, {limits}.")
    if len(outside) < len(event.slots):
        reason = f"Une partie des dates est hors de la période, {limits} : une personne de votre région regarde."
        return _verdict(Condition.DATES, Finding.DOUBTFUL, reason, outside)
    reason = f"L’événement doit avoir lieu dans la période, {limits} : modifiez ses dates."
    return _verdict(Condition.DATES, Finding.NOT_MET, reason, outside)


def public(event: PublicEvent) -> Verdict:
    """Anyone may come, if need be after registering; a school's talk to its classes counts as open."""
    closed = found(CLOSED, _text(event))
    if event.admission == Admission.INVITATION_ONLY:
        reason = "Un événement sur invitation n’est pas ouvert au public : ouvrez-le, avec inscription s’il le faut."
        return _verdict(Condition.PUBLIC, Finding.NOT_MET, reason, (event.admission, *closed))
    if closed:
        reason = "Le texte laisse penser que l’événement est réservé : précisez qui peut venir."
        return _verdict(Condition.PUBLIC, Finding.DOUBTFUL, reason, closed)
    if event.admission in (Admission.EVERYONE, Admission.ON_REGISTRATION):
        return _verdict(Condition.PUBLIC, Finding.MET, "L’événement est ouvert au public.")
    if event.admission == Admission.NAMED_GROUP and event.kind == EventKind.CLASSROOM_TALK:
        return _verdict(Condition.PUBLIC, Finding.MET, "Une intervention en classe est ouverte à ses élèves.")
    reason = (
        "L’événement s’adresse à un groupe désigné : une personne de votre région regarde s’il est ouvert au public."
    )
    return _verdict(Condition.PUBLIC, Finding.DOUBTFUL, reason, (event.admission,))


def industry(event: PublicEvent) -> Verdict:
    """The event informs about industry: enough words of its trades, in the title or the text."""
    text = _text(event)
    terms, others = found(INDUSTRY, text), found(ELSEWHERE, text)
    in_title = found(terms, folded(f"{event.title} {event.organisation}"))
    if len(terms) >= 2 and len(terms) + len(in_title) > 2 * len(others):
        return _verdict(Condition.INDUSTRY, Finding.MET, "L’événement parle d’industrie.", terms[:8])
    if not terms and others:
        reason = "L’événement ne semble pas parler d’industrie : dites ce qu’on y apprend des métiers ou des produits."
        return _verdict(Condition.INDUSTRY, Finding.NOT_MET, reason, others)
    reason = "Le lien avec l’industrie n’est pas clair : une personne de votre région regarde."
    return _verdict(Condition.INDUSTRY, Finding.DOUBTFUL, reason, (*terms, *others))


def free(event: PublicEvent) -> Verdict:
    """Nobody pays to come in, and nothing in the text says otherwise."""
    text = _text(event)
    price = _ENTRANCE_PRICE.search(text)
    if not event.is_free or price:
        reason = "L’événement doit être gratuit pour les visiteurs : supprimez le prix d’entrée."
        return _verdict(Condition.FREE, Finding.NOT_MET, reason, (price.group(0),) if price else ())
    hints = found(PAYING, text)
    if hints:
        reason = "Le texte parle d’un paiement : précisez que la participation est gratuite, ou ce qui est payant."
        return _verdict(Condition.FREE, Finding.DOUBTFUL, reason, (*hints, *_AMOUNT.findall(text)))
    return _verdict(Condition.FREE, Finding.MET, "L’événement est gratuit.")


def _text(event: PublicEvent) -> str:
    return folded(f"{event.title} . {event.description} . {event.organisation}")


def _verdict(condition: Condition, finding: Finding, reason: str, evidence: tuple[str, ...] = ()) -> Verdict:
    return Verdict(condition=condition, finding=finding, reason=reason, evidence=evidence, rule=f"{condition}/1")


MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def _day(day: date) -> str:
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"
