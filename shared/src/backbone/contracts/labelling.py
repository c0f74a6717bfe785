"""What labelling tells: the decision on each revision, with its reasons."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from .base import Contract, EventFact, Topic
from .event import PublicEvent

LABELLING_DECISIONS = Topic("labelling.decisions", writer="labelling")


class Condition(StrEnum):
    """The four conditions of the label, all of which must be met (service-public.fr, notice A16803)."""

    DATES = "dates"
    PUBLIC = "public"
    INDUSTRY = "industry"
    FREE = "free"


class Finding(StrEnum):
    """What a rule found about a condition. Only a person settles a doubt."""

    MET = "met"
    NOT_MET = "not_met"
    DOUBTFUL = "doubtful"


class Verdict(Contract):
    """The finding on one condition: why, on what evidence, by which version of which rule."""

    condition: Condition
    finding: Finding
    reason: str = Field(description="One French sentence for the organiser; says what to mend if not met")
    evidence: tuple[str, ...] = Field((), description="The words or dates of the event that led to it")
    rule: str = Field(description="Name and version of the rule, e.g. « dates/1 »")


class DecisionFact(EventFact):
    """A decision on one revision of an event, which is carried whole so that no reader calls back."""

    topic: ClassVar[Topic] = LABELLING_DECISIONS
    event: PublicEvent
    verdicts: tuple[Verdict, ...]
    decided_at: AwareDatetime


class EventLabelled(DecisionFact):
    """The event has the label: all four conditions are met, by the rules or by a reviewer's word."""

    decided_by: Literal["rules", "review"]


class EventRejected(DecisionFact):
    """The event has no label: at least one condition is not met. The reasons say how to mend it."""

    decided_by: Literal["rules", "review"]


class ReviewRequested(DecisionFact):
    """The rules are in doubt: a person of the event's region decides until `due_at`."""

    region: str = Field(description="INSEE code of the region that reviews, e.g. « 84 »; « 00 » for online events")
    due_at: AwareDatetime = Field(description="Four working days after the request")


class LabelWithdrawn(EventFact):
    """A label once given is gone: the event was withdrawn, or an amendment no longer meets the conditions."""

    topic: ClassVar[Topic] = LABELLING_DECISIONS
    reason: str
    withdrawn_at: AwareDatetime
