"""The timeline of an event: what has become of it, step by step, as its organiser reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from backbone.contracts import (
    Contract,
    EventFact,
    EventLabelled,
    EventLocated,
    EventNotLocated,
    EventRejected,
    EventSubmitted,
    EventWithdrawn,
    Finding,
    KitFailed,
    KitSent,
    LabelWithdrawn,
    ReviewRequested,
)


class State(StrEnum):
    """Where an event stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    LABELLED = "labelled"
    REJECTED = "rejected"
    IN_REVIEW = "in_review"
    WITHDRAWN = "withdrawn"


STATE_AFTER: dict[type[EventFact], State] = {
    EventSubmitted: State.SUBMITTED,
    EventWithdrawn: State.WITHDRAWN,
    EventLabelled: State.LABELLED,
    EventRejected: State.REJECTED,
    ReviewRequested: State.IN_REVIEW,
    LabelWithdrawn: State.WITHDRAWN,
}
"""The facts that move an event to another state; the others only add to its timeline."""


class Step(Contract):
    """One step of the timeline. `kind` names the fact that it tells of."""

    kind: str
    revision: int
    at: datetime
    text: str

    @classmethod
    def of(cls, fact: EventFact) -> Self:
        """The step that a fact adds, in the organiser's language. Raises KeyError for a fact not told to them."""
        at, text = SENTENCES[type(fact)](fact)
        return cls(kind=type(fact).__name__, revision=fact.revision, at=at, text=text)


def _submitted(fact: EventSubmitted) -> tuple[datetime, str]:
    return fact.submitted_at, "Votre événement est déposé ; l’examen commence."


def _withdrawn(fact: EventWithdrawn) -> tuple[datetime, str]:
    return fact.withdrawn_at, "Vous avez retiré votre événement."


def _labelled(fact: EventLabelled) -> tuple[datetime, str]:
    return fact.decided_at, "Votre événement est labellisé. Le kit de communication arrive par courriel."


def _rejected(fact: EventRejected) -> tuple[datetime, str]:
    reasons = " ".join(verdict.reason for verdict in fact.verdicts if verdict.finding == Finding.NOT_MET)
    return fact.decided_at, f"Votre événement n’est pas labellisé en l’état. {reasons}"


def _in_review(fact: ReviewRequested) -> tuple[datetime, str]:
    reasons = " ".join(verdict.reason for verdict in fact.verdicts if verdict.finding == Finding.DOUBTFUL)
    due = fact.due_at.strftime("%d/%m/%Y")
    return fact.decided_at, f"Une personne de votre région relit votre événement, au plus tard le {due}. {reasons}"


def _label_withdrawn(fact: LabelWithdrawn) -> tuple[datetime, str]:
    return fact.withdrawn_at, f"Le label est retiré. {fact.reason}"


def _located(fact: EventLocated) -> tuple[datetime, str]:
    return fact.located_at, f"Votre lieu est placé sur la carte ({fact.location.commune_name})."


def _not_located(fact: EventNotLocated) -> tuple[datetime, str]:
    return fact.looked_up_at, fact.reason


def _kit_sent(fact: KitSent) -> tuple[datetime, str]:
    return fact.sent_at, "Le kit de communication est parti par courriel."


def _kit_failed(fact: KitFailed) -> tuple[datetime, str]:
    return fact.failed_at, "Le kit de communication n’a pas pu partir ; notre équipe en est informée."


SENTENCES: dict[type[EventFact], Callable[[Any], tuple[datetime, str]]] = {
    EventSubmitted: _submitted,
    EventWithdrawn: _withdrawn,
    EventLabelled: _labelled,
    EventRejected: _rejected,
    ReviewRequested: _in_review,
    LabelWithdrawn: _label_withdrawn,
    EventLocated: _located,
    EventNotLocated: _not_located,
    KitSent: _kit_sent,
    KitFailed: _kit_failed,
}
