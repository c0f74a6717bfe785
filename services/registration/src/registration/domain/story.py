"""Where an event stands, as registration knows it: by what it tells itself, and by what the others tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from backbone.contracts import (
    AppealReceived,
    CorrectionRequested,
    DecidedBy,
    DecisionFact,
    EventFact,
    EventLocated,
    EventNotLocated,
    Label,
    Mark,
)

from .pin import Pin
from .timeline import Step
from .word import Word


class State(StrEnum):
    """Where an event stands for its organiser."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    LABELLED = "labelled"
    REJECTED = "rejected"
    IN_REVIEW = "in_review"
    CORRECTION_ASKED = "correction_asked"
    IN_APPEAL = "in_appeal"
    SUSPENDED = "suspended"
    LABEL_WITHDRAWN = "label_withdrawn"
    WITHDRAWN = "withdrawn"


LABELS: Mapping[str, State] = MappingProxyType(
    {
        Label.GRANTED: State.LABELLED,
        Label.REFUSED: State.REJECTED,
        Label.UNDER_REVIEW: State.IN_REVIEW,
        Label.SUSPENDED: State.SUSPENDED,
        Label.WITHDRAWN: State.LABEL_WITHDRAWN,
    }
)


_STATES = {state.value: state for state in State}


def state_of(kept: str) -> State:
    """The state as it was kept. One that another version knows, and this one does not, is at least that of an event
    that was submitted."""
    return _STATES.get(kept, State.SUBMITTED)


def state_after(decision: DecisionFact) -> State:
    """Where a decision leaves an event: what its label says, and whose turn it is while that is open. A label that is
    not known here is none."""
    if isinstance(decision, CorrectionRequested) and decision.label in (Label.UNDER_REVIEW, Label.SUSPENDED):
        return State.CORRECTION_ASKED
    if isinstance(decision, AppealReceived) and decision.label == Label.REFUSED:
        return State.IN_APPEAL
    if decision.label == Label.WITHDRAWN and decision.decided_by == DecidedBy.ORGANISER:
        return State.WITHDRAWN
    return LABELS.get(decision.label, State.SUBMITTED)


NOTHING = Mark(0, 0)
"""Before the first word of a writer."""


@dataclass(frozen=True)
class Story:
    """What is known of one event, its texts left aside."""

    event_id: UUID
    revision: int = 0
    """0: never submitted."""
    state: State = State.DRAFT
    sequence: int = 0
    """Of the last fact that registration told of it."""
    edition: str = ""
    """For which it was last submitted."""
    heard: Mapping[str, Mark] = field(default_factory=dict)
    """How far each of the other writers' stories of it has come."""
    word: str | None = None
    """The newest decision on its revision, as its organiser reads it, in JSON."""
    pin: str | None = None
    """Where it was placed last, in JSON."""
    steps: tuple[Step, ...] = ()
    """Those that are not written down yet."""

    def heard_of(self, fact: EventFact) -> Story:
        """The story once another service has told this.

        Told twice, it is the same story. Told late, it is a step among the others, and changes nothing: neither does
        what concerns a revision before the present one.
        """
        writer = fact.topic.writer
        known = self.heard.get(writer, NOTHING)
        if fact.mark == known:
            return self
        story = replace(self, steps=(*self.steps, Step.of(fact)))
        if fact.mark < known:
            return story
        story = replace(story, heard={**self.heard, writer: fact.mark})
        if fact.revision > self.revision:
            story = story._taken_over(fact)
        if isinstance(fact, EventLocated | EventNotLocated):
            placed = Pin.of(fact).model_dump_json() if isinstance(fact, EventLocated) else None
            return replace(story, pin=placed)
        return story._decided(fact) if isinstance(fact, DecisionFact) else story

    def _taken_over(self, fact: EventFact) -> Story:
        # That revision was lost when the database was restored from before it. Its number is told: told again, it would
        # be passed over. Each revision was told by one fact at least: the sequence goes on behind these as well
        return replace(
            self,
            revision=fact.revision,
            state=State.SUBMITTED,
            sequence=max(self.sequence, fact.revision),
            edition=fact.edition or self.edition,
        )

    def _decided(self, decision: DecisionFact) -> Story:
        # what its organiser took back stays so, whatever is decided on it, until it is submitted again
        if decision.revision < self.revision or self.state is State.WITHDRAWN:
            return self
        return replace(self, state=state_after(decision), word=Word.of(decision).model_dump_json())
