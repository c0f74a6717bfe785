"""The case of one event: what was heard of it, what is decided, and the chain of all decisions on it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from backbone.contracts import (
    AppealReceived,
    CorrectionRequested,
    DecidedBy,
    DecisionFact,
    JudgedFact,
    Label,
    Mark,
    ReviewRequested,
    Written,
)

PERSONS = (DecidedBy.REVIEW, DecidedBy.APPEAL)
"""A person decided: their word, and the verdicts that rest on it."""

GENESIS = ""
"""What stands for the hash before the first decision."""


class Asks(StrEnum):
    """Whom the case waits for, and why: a person who reviews it, a person who judges it again, or its organiser."""

    REVIEW = "review"
    APPEAL = "appeal"
    CORRECTION = "correction"


@dataclass(frozen=True)
class Decision:
    """A decision as it stands in the log: the text of its fact as it was told, the account of the person who took it,
    and a hash over both and the hash of the decision before it on this event. Whoever alters, removes or inserts one
    breaks the chain."""

    event_id: UUID
    sequence: int
    decision_id: UUID
    fact: str
    reviewer: UUID | None
    previous: str
    hash: str


@dataclass(frozen=True)
class Case:
    """What labelling knows of one event.

    `heard_*`: registration's newest word on it. `sequence`: of the last fact that labelling told of it. `revision`,
    `label`, `decision_id`: the newest decision; `fact` is that as it was told, in JSON, none where the event was
    withdrawn. `granted`: the revision that has the label, 0 if there is none: while an amendment is under review, that
    is the one before it, and visitors are shown it unless the label is suspended. `hash`: of the last decision logged.

    `asks`: what is open, None if nothing is. `region`: whose people are asked; `overdue_in`: the region that let it
    wait until the national desk was asked as well. `reviewer`: whose word the newest decision is, or rests on.
    """

    event_id: UUID
    heard_revision: int = 0
    heard_sequence: int = 0
    sequence: int = 0
    revision: int = 0
    label: str | None = None
    granted: int = 0
    decision_id: UUID | None = None
    hash: str = GENESIS
    asks: str | None = None
    region: str | None = None
    overdue_in: str | None = None
    due_at: datetime | None = None
    fact: str | None = None
    reviewer: UUID | None = None

    @property
    def heard(self) -> Mark:
        return Mark(self.heard_revision, self.heard_sequence)

    def hearing(self, mark: Mark) -> Case:
        """The case after a word of registration's."""
        return replace(self, heard_revision=mark.revision, heard_sequence=mark.sequence)

    def closed(self, revision: int) -> Case:
        """The case of an event that was taken back before it had a label: nobody is asked any more."""
        gone = replace(self, revision=revision, label=Label.WITHDRAWN.value, fact=None, reviewer=None)
        return replace(gone, asks=None, region=None, overdue_in=None, due_at=None)

    def next_decision(self, now: datetime) -> dict[str, Any]:
        """What every decision says of itself, for the next one on this case."""
        sequence = self.sequence + 1
        numbers = {"sequence": sequence, "decision_id": uuid5(self.event_id, f"decision {sequence}")}
        return {**numbers, "supersedes": self.decision_id, "had_label": self.granted > 0, "decided_at": now}


@dataclass(frozen=True)
class Taken:
    """A decision that is taken now: as it is entered in the log, and what it is counted by."""

    entry: Decision
    decision: DecisionFact

    @property
    def told(self) -> Written:
        """As it is told: the very text that the log has."""
        return Written(self.decision, self.entry.fact)


def entered(
    case: Case, decision: DecisionFact, reviewer: UUID | None = None, *, overdue_in: str | None = None
) -> tuple[Case, Taken]:
    """The case with a decision taken, and the decision."""
    fact = decision.as_json()
    entry = Decision(
        event_id=case.event_id,
        sequence=decision.sequence,
        decision_id=decision.decision_id,
        fact=fact,
        reviewer=reviewer,
        previous=case.hash,
        hash=hash_of(case.hash, fact, reviewer),
    )
    new = replace(
        case,
        sequence=decision.sequence,
        revision=decision.revision,
        label=decision.label,
        granted=_granted(case, decision),
        decision_id=decision.decision_id,
        hash=entry.hash,
        asks=_ASKS.get(type(decision)),
        region=getattr(decision, "region", None),
        overdue_in=overdue_in,
        due_at=getattr(decision, "due_at", None),
        fact=fact if isinstance(decision, JudgedFact) else None,
        reviewer=reviewer,
    )
    return new, Taken(entry, decision)


def hash_of(previous: str, fact: str, reviewer: UUID | None) -> str:
    """The hash of a decision: SHA-256 over the hash before it, who took it, and its text."""
    return hashlib.sha256(f"{previous}\n{reviewer or ''}\n{fact}".encode()).hexdigest()


def _granted(case: Case, decision: DecisionFact) -> int:
    if decision.label == Label.GRANTED:
        return decision.revision
    return case.granted if decision.label in (Label.UNDER_REVIEW, Label.SUSPENDED) else 0


def is_by_a_person(decision: DecisionFact) -> bool:
    """Whether a person decided, so that a machine does not decide the same again."""
    return decision.decided_by in PERSONS


_ASKS: Mapping[type[DecisionFact], str] = {
    ReviewRequested: Asks.REVIEW.value,
    AppealReceived: Asks.APPEAL.value,
    CorrectionRequested: Asks.CORRECTION.value,
}
