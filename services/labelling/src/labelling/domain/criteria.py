"""The four conditions of the label, each a pure function from the event to a verdict.

Source: service-public.fr, notice A16803: inside the campaign's dates, open to the public, about industry, free.

No rule is sure of a text. A rejection asks for clear signs and none to the contrary, and so does a label; all that
lies between goes to a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from backbone.campaign.dates import period
from backbone.campaign.edition import Edition, Period
from backbone.contracts import (
    Admission,
    Audience,
    Condition,
    EventKind,
    Evidence,
    Finding,
    PublicEvent,
    Reason,
    Slot,
    Verdict,
)

from .access import access_in
from .doors import SURE
from .money import Money, money_in
from .reading import Reading, Span
from .subject import subject_of

_MOST_EVIDENCE = 8
_MOST_QUOTED = 2
_LISTED = frozenset({Audience.PUPILS, Audience.STUDENTS, Audience.TEACHERS, Audience.JOB_SEEKERS})
"""Publics that the campaign is for: a class, or those who seek work, come by name and are no closed house."""
VERSION = "3"  # of each of the four rules
A_PERSON_LOOKS = "Une personne de votre région regarde."
KEEP_INSIDE = "Retirez les séances qui sont en dehors, ou changez leurs dates."
OPEN_IT = "Ouvrez-le au public, sur inscription s’il le faut, et dites-le dans le texte."
SAY_WHO = "Précisez dans le texte qui peut venir, et comment s’inscrire."
TELL_MORE = "Dites ce qui est fabriqué, et ce que l’on y apprend des métiers et des produits."
MEND = "Si l’entrée est gratuite, corrigez-le\u202f; sinon, rendez-la gratuite pour tous."
MAKE_IT_FREE = "Rendez-le gratuit pour tous, ou corrigez votre réponse s’il l’est déjà."


def judge(event: PublicEvent, edition: Edition | None) -> tuple[Verdict, ...]:
    """The verdicts on all four conditions, in the order in which they are shown. `edition` is the event's own; None
    if nobody here knows it."""
    reading = Reading(event)
    return dates(event, edition), public(reading), industry(reading), free(reading)


def dates(event: PublicEvent, edition: Edition | None) -> Verdict:
    """Every slot lies inside the labelling window, by the local dates of the event's place."""
    if edition is None:
        message = f"Les dates de l’édition {event.edition} ne sont pas encore connues ici."
        found_there = declared("edition", event.edition)
        return _doubtful(Condition.DATES, "dates-edition-unknown", message, A_PERSON_LOOKS, found_there)
    window = edition.labelling_window
    outside = tuple(slot for slot in event.slots if not all(day in window for day in _days(slot)))
    evidence = declared("slots", *(slot.starts_at.date().isoformat() for slot in outside))
    limits = period(window.first, window.last)
    if not outside:
        return _met(Condition.DATES, "dates-inside-window", f"Toutes les dates sont dans la période, {limits}.")
    if any(_touches(slot, window) for slot in event.slots):
        message = f"Une partie des dates est hors de la période, {limits}."
        tell = _not_met if window.partly_outside == "not_met" else _doubtful
        return tell(Condition.DATES, "dates-partly-outside", message, KEEP_INSIDE, evidence)
    message = f"L’événement doit avoir lieu dans la période, {limits}."
    return _not_met(Condition.DATES, "dates-outside-window", message, "Modifiez ses dates.", evidence)


def public(reading: Reading) -> Verdict:
    """Anyone may come, if need be after registering; or one of the publics that the campaign is for."""
    event, access = reading.event, access_in(reading)
    chosen, signs = declared("admission", event.admission), _quotes(reading, access.signs)
    if event.admission == Admission.INVITATION_ONLY:
        message = "Un événement sur invitation n’est pas ouvert au public."
        return _not_met(Condition.PUBLIC, "public-invitation-only", message, OPEN_IT, (*chosen, *signs))
    if access.weight >= SURE and not access.is_open:
        message = f"Votre texte indique {_in_words(signs)}."
        return _not_met(Condition.PUBLIC, "public-reserved", message, OPEN_IT, signs)
    is_listed_group = event.admission == Admission.NAMED_GROUP and _LISTED.issuperset(event.audiences)
    is_in_class = is_listed_group and event.kind == EventKind.CLASSROOM_TALK  # whose school lets nobody else in
    if signs and not (is_in_class and access.weight < SURE):
        message = f"Votre texte indique {_in_words(signs)} : tout le monde ne peut peut-être pas venir."
        return _doubtful(Condition.PUBLIC, "public-perhaps-reserved", message, SAY_WHO, signs)
    if _is_for_professionals_alone(event):
        message = "L’événement ne s’adresse qu’à des professionnels."
        audiences = declared("audiences", *event.audiences)
        return _doubtful(Condition.PUBLIC, "public-professionals-only", message, SAY_WHO, audiences)
    if event.admission in (Admission.EVERYONE, Admission.ON_REGISTRATION):
        return _met(Condition.PUBLIC, "public-open", "L’événement est ouvert au public.")
    if is_listed_group:
        message = "L’événement s’adresse à un public de la campagne."
        return _met(Condition.PUBLIC, "public-listed-group", message, chosen)
    message = "L’événement s’adresse à un groupe désigné."
    hint = "Dites dans la description quel est ce groupe, et si d’autres peuvent venir."
    return _doubtful(Condition.PUBLIC, "public-named-group", message, hint, chosen)


def industry(reading: Reading) -> Verdict:
    """The event informs about industry: cues of two families, louder than those of leisure or of other branches."""
    subject = subject_of(reading)
    told = _quotes(reading, ((each.cue.first, each.cue.last) for each in subject.core))
    others = _quotes(reading, ((each.cue.first, each.cue.last) for each in subject.others))
    if subject.is_industry:
        return _met(Condition.INDUSTRY, "industry-told", "L’événement parle d’industrie.", told)
    if subject.is_elsewhere:
        message = f"Votre texte parle de {_in_words(others)}, et pas d’industrie."
        return _not_met(Condition.INDUSTRY, "industry-absent", message, TELL_MORE, others)
    if not told and not others:
        message = "Votre texte ne dit pas encore de quelle industrie il s’agit."
        return _doubtful(Condition.INDUSTRY, "industry-not-told", message, TELL_MORE, ())
    if subject.is_drowned and others:
        message = f"Votre texte parle aussi de {_in_words(others)} : le lien avec l’industrie n’est pas clair."
        return _doubtful(Condition.INDUSTRY, "industry-among-others", message, TELL_MORE, (*told, *others))
    message = "Votre texte dit peu de choses de l’industrie."
    return _doubtful(Condition.INDUSTRY, "industry-unclear", message, TELL_MORE, told)


def free(reading: Reading) -> Verdict:
    """Nobody pays to come in, and nothing in the text says otherwise."""
    event, money = reading.event, money_in(reading)
    prices = _quotes(reading, money.prices)
    if not event.is_free:
        message = "Vous avez déclaré l’événement payant ; pour le label, il doit être gratuit pour les visiteurs."
        return _not_met(Condition.FREE, "free-declared-paying", message, MAKE_IT_FREE, prices)
    if prices and not money.is_said_free:
        return _not_met(Condition.FREE, "free-price-stated", f"Votre texte indique {_in_words(prices)}.", MEND, prices)
    shown = _quotes(reading, _in_order(money))
    if not shown:
        return _met(Condition.FREE, "free-of-charge", "L’événement est gratuit.")
    code = "free-for-some" if money.for_some and not money.prices and not money.hints else "free-perhaps-paying"
    return _doubtful(Condition.FREE, code, f"Votre texte indique {_in_words(shown)}.", MEND, shown)


def _in_order(money: Money) -> list[Span]:
    return sorted({*money.prices, *money.hints, *money.for_some})


def _is_for_professionals_alone(event: PublicEvent) -> bool:
    return set(event.audiences) == {Audience.HR_PROFESSIONALS}


def _quotes(reading: Reading, spans: Iterable[Span]) -> tuple[Evidence, ...]:
    """The organiser's words, each once, the longest of those that share a place, and no more than one can take in."""
    distinct: dict[str, Span] = {}
    spans = tuple(spans)
    for first, last in spans:
        if not any(a <= first and last <= b and (a, b) != (first, last) for a, b in spans):
            distinct.setdefault(" ".join(reading.words[first : last + 1]), (first, last))
    return tuple(reading.quote(*span) for span in list(distinct.values())[:_MOST_EVIDENCE])


def _in_words(shown: tuple[Evidence, ...]) -> str:
    """« entrée : 8 € » et « caution »: two of them at the most, in French quotes."""
    texts = [f"«\u00a0{' '.join(each.text.split())}\u00a0»" for each in shown[:_MOST_QUOTED]]
    return " et ".join(texts)


def _days(slot: Slot) -> tuple[date, date]:
    # until midnight is until the end of the day before
    return slot.starts_at.date(), (slot.ends_at - timedelta(microseconds=1)).date()


def _touches(slot: Slot, window: Period) -> bool:
    first, last = _days(slot)
    return first <= window.last and last >= window.first


def _met(condition: Condition, code: str, message: str, evidence: tuple[Evidence, ...] = ()) -> Verdict:
    return _verdict(condition, Finding.MET, Reason(code=code, message=message), None, evidence)


def _not_met(condition: Condition, code: str, message: str, hint: str, evidence: tuple[Evidence, ...]) -> Verdict:
    return _verdict(condition, Finding.NOT_MET, Reason(code=code, message=message), hint, evidence)


def _doubtful(condition: Condition, code: str, message: str, hint: str, evidence: tuple[Evidence, ...]) -> Verdict:
    return _verdict(condition, Finding.DOUBTFUL, Reason(code=code, message=message), hint, evidence)


def _verdict(
    condition: Condition, finding: Finding, why: Reason, hint: str | None, evidence: tuple[Evidence, ...]
) -> Verdict:
    return Verdict(
        condition=condition,
        finding=finding,
        code=why.code,
        message=why.message,
        hint=hint,
        evidence=evidence,
        rule=condition,
        rule_version=VERSION,
    )


def declared(field: str, *values: str) -> tuple[Evidence, ...]:
    """What the organiser chose or filled in, rather than wrote."""
    return tuple(Evidence(text=value, field=field) for value in values)
