"""The four conditions of the label, each a pure function from the event to a verdict.

Source: service-public.fr, notice A16803: inside the campaign's dates, open to the public, about industry, free.

No rule is sure of a text. A rejection asks for clear signs and none to the contrary, and so does a label; all that
lies between goes to a person.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from backbone.campaign.dates import period
from backbone.campaign.edition import Edition, Period
from backbone.contracts import Admission, Condition, Finding, PublicEvent, Slot, Verdict

from .lexicon import CLOSED, ELSEWHERE, INDUSTRY, NEIGHBOURS, OPEN, TRADES
from .prices import entrance_price, other_payments, says_free
from .wording import affirmed, folded, found, of_this_time

# « réservé au personnel », « réservée exclusivement à nos salariés »
_ONLY = "(?:exclusive|unique|stricte)ment"
_RESERVED = re.compile(
    rf"\b(?P<only>{_ONLY} )?reserve\w* (?P<only_after>{_ONLY} )?(?:aux|au|a)(?: nos| notre| leurs| la| l')?(?: seuls)?"
    r" ?(?:salarie|personnel|collaborat|equipe|agent|adherent|membre|client|partenaire|fournisseur|distributeur)\w*"
)
# « les salariés montrent leur poste à leur famille »: perhaps to nobody else
_OF_THE_HOUSE = re.compile(r"\bsalaries?\b[^.;!?]{0,40}\b(?:leurs? familles?|leurs proches|ayants? droit)\b")
_MOST_EVIDENCE = 8


def judge(event: PublicEvent, edition: Edition) -> tuple[Verdict, ...]:
    """The verdicts on all four conditions, in the order in which they are shown."""
    return dates(event, edition), public(event), industry(event), free(event)


def dates(event: PublicEvent, edition: Edition) -> Verdict:
    """Every slot lies inside the labelling window, by the local dates of the event's place."""
    window = edition.labelling_window
    outside = tuple(slot for slot in event.slots if not all(day in window for day in _days(slot)))
    evidence = tuple(slot.starts_at.date().isoformat() for slot in outside)
    limits = period(window.first, window.last)
    if not outside:
        return _verdict(Condition.DATES, Finding.MET, f"Toutes les dates sont dans la période, {limits}.")
    if any(_touches(slot, window) for slot in event.slots):
        reason = f"Une partie des dates est hors de la période, {limits} : une personne de votre région regarde."
        return _verdict(Condition.DATES, Finding.DOUBTFUL, reason, evidence)
    reason = f"L’événement doit avoir lieu dans la période, {limits} : modifiez ses dates."
    return _verdict(Condition.DATES, Finding.NOT_MET, reason, evidence)


def public(event: PublicEvent) -> Verdict:
    """Anyone may come, if need be after registering."""
    text = of_this_time(_text(event))
    reserved, family = _RESERVED.search(text), _OF_THE_HOUSE.search(text)
    signs = (*(match.group(0) for match in (reserved, family) if match), *found(CLOSED, text))
    is_sure = len(signs) > 1 or (reserved is not None and any(reserved.group("only", "only_after")))
    if event.admission == Admission.INVITATION_ONLY:
        reason = "Un événement sur invitation n’est pas ouvert au public : ouvrez-le, avec inscription s’il le faut."
        return _verdict(Condition.PUBLIC, Finding.NOT_MET, reason, (event.admission, *signs))
    if is_sure and not found(OPEN, text):
        reason = "Le texte dit que l’événement est réservé : ouvrez-le au public, avec inscription s’il le faut."
        return _verdict(Condition.PUBLIC, Finding.NOT_MET, reason, signs)
    if signs:
        reason = "Le texte laisse penser que l’événement est réservé : précisez qui peut venir."
        return _verdict(Condition.PUBLIC, Finding.DOUBTFUL, reason, signs)
    if event.admission in (Admission.EVERYONE, Admission.ON_REGISTRATION):
        return _verdict(Condition.PUBLIC, Finding.MET, "L’événement est ouvert au public.")
    reason = (
        "L’événement s’adresse à un groupe désigné : une personne de votre région regarde s’il est ouvert au public."
    )
    return _verdict(Condition.PUBLIC, Finding.DOUBTFUL, reason, (event.admission,))


def industry(event: PublicEvent) -> Verdict:
    """The event informs about industry: enough words of its branches and trades, few of leisure or of others.

    A branch counts two points, a trade one, a branch in the title or in the organisation's name one more; so do
    words from elsewhere, against.
    """
    head, text = affirmed(folded(f"{event.title} . {event.organisation}")), affirmed(_text(event))
    branches, trades, others = found(INDUSTRY, text), found(TRADES, text), found(ELSEWHERE, text)
    beside = found(NEIGHBOURS, head)
    speaks_for = 2 * len(branches) + len(trades) + bool(found(branches, head))
    speaks_against = len(others) + 2 * len(found(others, head))
    evidence = (*branches, *trades, *beside, *others)[:_MOST_EVIDENCE]
    if speaks_for >= 3 + 3 * speaks_against and not beside:
        return _verdict(Condition.INDUSTRY, Finding.MET, "L’événement parle d’industrie.", evidence)
    if not branches and not beside and speaks_against >= 2 + len(trades):
        reason = "L’événement ne semble pas parler d’industrie : dites ce qu’on y apprend des métiers ou des produits."
        return _verdict(Condition.INDUSTRY, Finding.NOT_MET, reason, others)
    reason = "Le lien avec l’industrie n’est pas clair : une personne de votre région regarde."
    return _verdict(Condition.INDUSTRY, Finding.DOUBTFUL, reason, evidence)


def free(event: PublicEvent) -> Verdict:
    """Nobody pays to come in, and nothing in the text says otherwise."""
    text = affirmed(_text(event))
    price, hints = entrance_price(text), other_payments(text)
    if not event.is_free or (price and not says_free(text)):
        reason = "L’événement doit être gratuit pour les visiteurs : supprimez le prix d’entrée."
        return _verdict(Condition.FREE, Finding.NOT_MET, reason, (price,) if price else ())
    if hints:
        reason = "Le texte parle d’un paiement : précisez que la participation est gratuite, ou ce qui est payant."
        return _verdict(Condition.FREE, Finding.DOUBTFUL, reason, hints)
    return _verdict(Condition.FREE, Finding.MET, "L’événement est gratuit.")


def _text(event: PublicEvent) -> str:
    return folded(f"{event.title} . {event.description} . {event.organisation}")


def _days(slot: Slot) -> tuple[date, date]:
    # until midnight is until the end of the day before
    return slot.starts_at.date(), (slot.ends_at - timedelta(microseconds=1)).date()


def _touches(slot: Slot, window: Period) -> bool:
    first, last = _days(slot)
    return first <= window.last and last >= window.first


def _verdict(condition: Condition, finding: Finding, reason: str, evidence: tuple[str, ...] = ()) -> Verdict:
    return Verdict(condition=condition, finding=finding, reason=reason, evidence=evidence, rule=f"{condition}/1")
