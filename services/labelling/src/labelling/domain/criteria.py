"""The four conditions of the label, each a pure function from the event to a verdict.

Source: service-public.fr, notice A16803: inside the campaign's dates, open to the public, about industry, free.

No rule is sure of a text. A rejection asks for clear signs and none to the contrary, and so does a label; all that
lies between goes to a person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from backbone.campaign.dates import period
from backbone.campaign.edition import Edition, Period
from backbone.contracts import Admission, Condition, Evidence, Finding, PublicEvent, Reason, Slot, Verdict

from .lexicon import CLOSED, ELSEWHERE, INDUSTRY, NEIGHBOURS, OPEN, PAYING, TRADES
from .prices import entrance_price, other_payments, says_free
from .quoting import declared, quote_phrases, quote_terms
from .wording import affirmed, folded, found, of_this_time, without_denials

# « réservé au personnel », « réservée exclusivement à nos salariés »
_ONLY = "(?:exclusive|unique|stricte)ment"
_RESERVED = re.compile(
    rf"\b(?P<only>{_ONLY} )?reserve\w* (?P<only_after>{_ONLY} )?(?:aux|au|a)(?: nos| notre| leurs| la| l')?(?: seuls)?"
    r" ?(?:salarie|personnel|collaborat|equipe|agent|adherent|membre|client|partenaire|fournisseur|distributeur)\w*"
)
# « les salariés montrent leur poste à leur famille »: perhaps to nobody else
_OF_THE_HOUSE = re.compile(r"\bsalaries?\b[^.;!?]{0,40}\b(?:leurs? familles?|leurs proches|ayants? droit)\b")
_MOST_EVIDENCE = 8
VERSION = "1"  # of each of the four rules
A_PERSON_LOOKS = "Une personne de votre région regarde."
OPEN_IT = "Ouvrez-le au public, avec inscription s’il le faut."


@dataclass(frozen=True)
class Reading:
    """An event as the rules read it: its texts are folded once, for all of them."""

    event: PublicEvent

    @cached_property
    def _title(self) -> str:
        return folded(self.event.title)

    @cached_property
    def _organisation(self) -> str:
        return folded(self.event.organisation)

    @cached_property
    def text(self) -> str:
        """All that the organiser wrote, but for what it says of other times of the year."""
        return of_this_time(f"{self._title} . {folded(self.event.description)} . {self._organisation}")

    @cached_property
    def affirmed(self) -> str:
        """The same without what it denies."""
        return without_denials(self.text)

    @cached_property
    def head(self) -> str:
        """What the title and the organisation's name affirm."""
        return affirmed(f"{self._title} . {self._organisation}")


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
        return _doubtful(Condition.DATES, "dates-partly-outside", message, A_PERSON_LOOKS, evidence)
    message = f"L’événement doit avoir lieu dans la période, {limits}."
    return _not_met(Condition.DATES, "dates-outside-window", message, "Modifiez ses dates.", evidence)


def public(reading: Reading) -> Verdict:
    """Anyone may come, if need be after registering."""
    event, text = reading.event, reading.text
    # patterns are dear: they are tried where they can match
    reserved = _RESERVED.search(text) if "reserve" in text else None
    family = _OF_THE_HOUSE.search(text) if "salarie" in text else None
    phrases, closed = [match.group(0) for match in (reserved, family) if match], found(CLOSED, text)
    number = len(phrases) + len(closed)
    is_sure = number > 1 or (reserved is not None and any(reserved.group("only", "only_after")))
    chosen = declared("admission", event.admission)

    def signs() -> tuple[Evidence, ...]:
        return (*quote_phrases(event, phrases), *quote_terms(event, closed))

    if event.admission == Admission.INVITATION_ONLY:
        message = "Un événement sur invitation n’est pas ouvert au public."
        return _not_met(Condition.PUBLIC, "public-invitation-only", message, OPEN_IT, (*chosen, *signs()))
    if is_sure and not found(OPEN, text):
        message = "Le texte dit que l’événement est réservé."
        return _not_met(Condition.PUBLIC, "public-reserved", message, OPEN_IT, signs())
    if number:
        message = "Le texte laisse penser que l’événement est réservé."
        return _doubtful(Condition.PUBLIC, "public-perhaps-reserved", message, "Précisez qui peut venir.", signs())
    if event.admission in (Admission.EVERYONE, Admission.ON_REGISTRATION):
        return _met(Condition.PUBLIC, "public-open", "L’événement est ouvert au public.")
    message = "L’événement s’adresse à un groupe désigné."
    hint = "Une personne de votre région regarde s’il est ouvert au public."
    return _doubtful(Condition.PUBLIC, "public-named-group", message, hint, chosen)


def industry(reading: Reading) -> Verdict:
    """The event informs about industry: enough words of its branches and trades, few of leisure or of others.

    A branch counts two points, a trade one, a branch in the title or in the organisation's name one more; so do
    words from elsewhere, against.
    """
    event, head, text = reading.event, reading.head, reading.affirmed
    branches, trades, others = found(INDUSTRY, text), found(TRADES, text), found(ELSEWHERE, text)
    beside = found(NEIGHBOURS, head)
    speaks_for = 2 * len(branches) + len(trades) + bool(found(branches, head))
    speaks_against = len(others) + 2 * len(found(others, head))
    evidence = quote_terms(event, (*branches, *trades, *beside, *others)[:_MOST_EVIDENCE])
    if speaks_for >= 3 + 3 * speaks_against and not beside:
        return _met(Condition.INDUSTRY, "industry-told", "L’événement parle d’industrie.", evidence)
    if not branches and not beside and speaks_against >= 2 + len(trades):
        message = "L’événement ne semble pas parler d’industrie."
        hint = "Dites ce qu’on y apprend des métiers ou des produits."
        return _not_met(Condition.INDUSTRY, "industry-absent", message, hint, quote_terms(event, others))
    message = "Le lien avec l’industrie n’est pas clair."
    return _doubtful(Condition.INDUSTRY, "industry-unclear", message, A_PERSON_LOOKS, evidence)


def free(reading: Reading) -> Verdict:
    """Nobody pays to come in, and nothing in the text says otherwise."""
    event, text = reading.event, reading.affirmed
    price, hints = entrance_price(text), other_payments(text)
    if not event.is_free or (price and not says_free(text)):
        code = "free-price-stated" if event.is_free else "free-declared-paying"
        message, said = "L’événement doit être gratuit pour les visiteurs.", [price] if price else []
        return _not_met(Condition.FREE, code, message, "Supprimez le prix d’entrée.", quote_phrases(event, said))
    if hints:
        advice = "Précisez que la participation est gratuite, ou ce qui est payant."
        terms = [hint for hint in hints if hint in PAYING]
        named = (*quote_terms(event, terms), *quote_phrases(event, (words for words in hints if words not in terms)))
        return _doubtful(Condition.FREE, "free-perhaps-paying", "Le texte parle d’un paiement.", advice, named)
    return _met(Condition.FREE, "free-of-charge", "L’événement est gratuit.")


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
