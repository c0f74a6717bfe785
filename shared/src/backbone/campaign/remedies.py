"""What the law has people told of a decision on the label: whether a machine took it, on which rules, and what they may
do about a refusal. In French, once: pages, mails and the API all take it from here.

Sources: code des relations entre le public et l'administration (CRPA), L211-2 (a refusal says why), L311-3-1,
R311-3-1-1 and R311-3-1-2 (a decision by an algorithm says so, what it is for, and that its rules may be asked for; the
CADA if they are not given), L411-2 and L231-4 (a request to the administration, made in time, lets the time for the
court begin anew; two months of silence on it refuse it); code de justice administrative (CJA), R421-1 and R421-5 (two
months from the notification, opposable only if it names them); GDPR, article 22 (a person looks at it, one's own view,
a contest).
"""

from __future__ import annotations

from ..contracts import AppealReceived, DecidedBy, DecisionFact, EventRejected, Label
from .dates import moment
from .typography import in_french

BY_A_MACHINE = in_french(
    "Cette décision a été prise par un traitement algorithmique, sans intervention humaine : il compare ce que vous "
    "avez écrit et coché aux quatre conditions du label, et à rien d’autre. Vous pouvez demander communication de ses "
    "règles et de la façon dont elles ont été appliquées à votre événement (articles L. 311-3-1, R. 311-3-1-1 et "
    "R. 311-3-1-2 du code des relations entre le public et l’administration) ; sans réponse au bout d’un mois, vous "
    "pouvez saisir la Commission d’accès aux documents administratifs (cada.fr)."
)
BY_A_PERSON = "Cette décision a été prise par une personne."
ON_APPEAL = "Cette décision a été prise par une personne, qui n’avait pas pris part au refus contesté."
WITH_A_PERSON = in_french(
    "Cette décision a été prise par un traitement algorithmique, d’après ce qu’une personne a constaté auparavant."
)
BY_SILENCE = in_french(
    "Personne n’ayant répondu dans le délai, cette décision est celle que prévoit le règlement de l’édition."
)
NOT_YET = in_french(
    "Un traitement algorithmique a examiné votre événement et n’a pas su conclure : c’est une personne qui décide."
)
BY_THE_ORGANISER = "Cette étape fait suite à votre demande."

A_PERSON_AGAIN = in_french(
    "Demandez qu’une personne regarde votre événement : elle n’aura pas pris part au refus, lit ce que vous lui "
    "écrivez, et vous répond sous quatre jours ouvrés. C’est gratuit et tient en un clic. Faite dans les deux mois, "
    "cette demande (un recours gracieux) fait repartir à zéro le délai pour saisir le tribunal ; deux mois de silence "
    "vaudraient rejet (articles L. 411-2 et L. 231-4 du code des relations entre le public et l’administration)."
)
IN_COURT = in_french(
    "Vous pouvez saisir le tribunal administratif dans les deux mois qui suivent la réception de cette décision "
    "(articles R. 421-1 et R. 421-5 du code de justice administrative), par exemple sur www.telerecours.fr."
)


def who_decided(*, automated: bool) -> str:
    """The sentence that every decision carries."""
    return BY_A_MACHINE if automated else BY_A_PERSON


def how_decided(decision: DecisionFact) -> str:
    """The sentence that this decision carries: whether a machine took it, and with whom."""
    by_rules = decision.decided_by in (DecidedBy.RULES, DecidedBy.REJUDGEMENT)
    if by_rules and decision.label in (Label.UNDER_REVIEW, Label.SUSPENDED):
        return NOT_YET
    known = {
        DecidedBy.SILENCE: BY_SILENCE,
        DecidedBy.APPEAL: ON_APPEAL,
        DecidedBy.REVIEW: BY_A_PERSON,
        DecidedBy.ORGANISER: BY_THE_ORGANISER,
    }
    otherwise = BY_A_MACHINE if decision.automated else WITH_A_PERSON
    return next((words for by, words in known.items() if by == decision.decided_by), otherwise)


def remedies(*, may_appeal: bool) -> tuple[str, ...]:
    """What may be done against a refusal, the nearest first. `may_appeal`: whether a person may be asked to look again,
    which is once for each decision."""
    return (A_PERSON_AGAIN, IN_COURT) if may_appeal else (IN_COURT,)


def remedies_of(decision: DecisionFact, *, may_appeal: bool | None = None) -> tuple[str, ...]:
    """What may be done against this decision; nothing where its organiser has what they asked for, or is still to be
    answered. `may_appeal`: where it is known better than the decision tells."""
    is_refused = decision.label in (Label.REFUSED, Label.WITHDRAWN) and decision.decided_by != DecidedBy.ORGANISER
    if not is_refused:
        return ()
    if may_appeal is None:
        may_appeal = isinstance(decision, EventRejected) and decision.decided_by != DecidedBy.APPEAL
    return remedies(may_appeal=may_appeal)


def what_next(decision: DecisionFact) -> str:
    """Who decides, and by when, while a person is asked; empty where nobody is."""
    due_at = getattr(decision, "due_at", None)
    if due_at is None:
        return ""
    who = "Une personne qui n’a pas pris part au refus" if isinstance(decision, AppealReceived) else "Une personne"
    return f"{who} décide au plus tard le {moment(due_at)} (heure du lieu)."
