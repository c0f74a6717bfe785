"""The timeline of an event: what has become of it, step by step, as its organiser reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Self

from backbone.contracts import (
    Contract,
    DecidedBy,
    DecisionFact,
    EventFact,
    EventLabelled,
    EventLocated,
    EventNotLocated,
    EventRejected,
    EventSubmitted,
    EventWithdrawn,
    Finding,
    JudgedFact,
    KitFailed,
    KitSent,
    Label,
    LabelWithdrawn,
    ReviewRequested,
)


class Step(Contract):
    """One step of the timeline. `kind` names the fact that it tells of, `sequence` its place in its writer's story."""

    kind: str
    revision: int
    sequence: int = 0
    at: datetime
    text: str

    @classmethod
    def of(cls, fact: EventFact) -> Self:
        """The step that a fact adds, in the organiser's language. Raises KeyError for a fact not told to them."""
        at, text = SENTENCES[type(fact)](fact)
        return cls(kind=type(fact).__name__, revision=fact.revision, sequence=fact.sequence, at=at, text=text)


def _submitted(fact: EventSubmitted) -> tuple[datetime, str]:
    return fact.submitted_at, "Votre événement est déposé ; l’examen commence."


def _withdrawn(fact: EventWithdrawn) -> tuple[datetime, str]:
    return fact.withdrawn_at, "Vous avez retiré votre événement."


def _decided(fact: DecisionFact) -> tuple[datetime, str]:
    # by the label that it says, whatever its type is called
    return fact.decided_at, LABELS[fact.label](fact).strip() if fact.label in LABELS else ANOTHER_DECISION


ANOTHER_DECISION = "Une décision a été prise sur votre événement ; notre équipe vous dira ce qu’elle change."
"""What is said of a label that a later version knows, and this one does not."""


def _granted(fact: DecisionFact) -> str:
    return f"{_yours(fact)} événement est labellisé. Le kit de communication arrive par courriel."


def _refused(fact: DecisionFact) -> str:
    return f"{_yours(fact)} événement n’est pas labellisé en l’état. {_reasons(fact, Finding.NOT_MET)}"


def _under_review(fact: DecisionFact) -> str:
    due = f", au plus tard le {fact.due_at:%d/%m/%Y}" if isinstance(fact, ReviewRequested) else ""
    return f"Une personne de votre région relit votre événement{due}. {_reasons(fact, Finding.DOUBTFUL)}"


def _suspended(fact: DecisionFact) -> str:
    return f"Le label de votre événement est suspendu. {_reasons(fact, Finding.NOT_MET, Finding.DOUBTFUL)}"


def _label_withdrawn(fact: DecisionFact) -> str:
    return f"Le label est retiré. {_reasons(fact, Finding.NOT_MET)}"


LABELS: dict[str, Callable[[DecisionFact], str]] = {
    Label.GRANTED: _granted,
    Label.REFUSED: _refused,
    Label.UNDER_REVIEW: _under_review,
    Label.SUSPENDED: _suspended,
    Label.WITHDRAWN: _label_withdrawn,
}


AFTER: dict[str, str] = {
    DecidedBy.REVIEW: "Après relecture, votre",
    DecidedBy.APPEAL: "Après recours, votre",
    DecidedBy.REJUDGEMENT: "Après un nouvel examen, votre",
}
"""How a second word on one revision is told from the first."""


def _yours(fact: DecisionFact) -> str:
    return AFTER.get(fact.decided_by, "Votre")


def _reasons(fact: DecisionFact, *findings: str) -> str:
    if isinstance(fact, JudgedFact):
        return " ".join(verdict.words for verdict in fact.verdicts if verdict.finding in findings)
    return fact.reason.message if isinstance(fact, LabelWithdrawn) else ""


def _located(fact: EventLocated) -> tuple[datetime, str]:
    return fact.located_at, f"Votre lieu est placé sur la carte ({fact.location.commune_name})."


def _not_located(fact: EventNotLocated) -> tuple[datetime, str]:
    return fact.looked_up_at, fact.reason.message


def _kit_sent(fact: KitSent) -> tuple[datetime, str]:
    return fact.sent_at, "Le kit de communication est parti par courriel."


def _kit_failed(fact: KitFailed) -> tuple[datetime, str]:
    return fact.failed_at, "Le kit de communication n’a pas pu partir ; notre équipe en est informée."


SENTENCES: dict[type[EventFact], Callable[[Any], tuple[datetime, str]]] = {
    EventSubmitted: _submitted,
    EventWithdrawn: _withdrawn,
    EventLabelled: _decided,
    EventRejected: _decided,
    ReviewRequested: _decided,
    LabelWithdrawn: _decided,
    EventLocated: _located,
    EventNotLocated: _not_located,
    KitSent: _kit_sent,
    KitFailed: _kit_failed,
}
