"""What labelling tells: the decision on each revision, with its reasons."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from .base import Bounds, Carried, Contract, EventFact, Reason, Topic
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


class Label(StrEnum):
    """Where the label of an event stands. What a reader does not know here is no label."""

    GRANTED = "granted"
    REFUSED = "refused"
    UNDER_REVIEW = "under_review"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


class DecidedBy(StrEnum):
    """Who or what decided. An open list."""

    RULES = "rules"
    REVIEW = "review"
    APPEAL = "appeal"
    REJUDGEMENT = "rejudgement"
    ORGANISER = "organiser"
    """Who took the event back, and its label with it; or asks that a person judge again."""
    SILENCE = "silence"
    """Nobody answered in time, and the rules of the edition say what that means."""


class CorrectionKind(StrEnum):
    """What a reviewer misses in a text. Readers accept others."""

    INCOMPLETE = "incomplete"
    INCOHERENT = "incoherent"
    OUTDATED = "outdated"


class Correction(Contract):
    """What a person asks the organiser to mend before they decide."""

    kind: Annotated[str, Bounds(enum=[*CorrectionKind])]
    message: Annotated[str, Bounds(minLength=1)] = Field(description="French, for the organiser: what is to be mended")


class Evidence(Contract):
    """The organiser's own words that led to a finding, and where they stand; or what they declared, without a place."""

    text: str
    field: str = Field("", description="The field of the event, e.g. « description »")
    start: int | None = Field(None, description="The place of the first character in that field, from 0")
    end: int | None = Field(None, description="The place behind the last one")


class Verdict(Reason):
    """The finding on one condition: why, on what evidence, by which version of which rule."""

    condition: Annotated[str, Bounds(enum=[*Condition])]
    finding: Annotated[str, Bounds(enum=[*Finding])]
    hint: str | None = Field(None, description="One French sentence: what the organiser may mend; none if it is met")
    evidence: tuple[Evidence, ...] = ()
    rule: str = Field("", description="The rule's name, e.g. « dates »; « review » where a person settled it")
    rule_version: Annotated[str, Bounds(minLength=1)] = ""

    @property
    def words(self) -> str:
        """What an organiser is told of it: why, and what to mend."""
        return f"{self.message} {self.hint}" if self.hint else self.message


class DecisionFact(EventFact):
    """A decision on one revision of an event. It says the state of the label, so that nobody infers it."""

    topic: ClassVar[Topic] = LABELLING_DECISIONS
    decision_id: UUID
    label: Annotated[str, Bounds(enum=[*Label])]
    decided_by: Annotated[str, Bounds(enum=[*DecidedBy])]
    automated: bool = Field(True, description="Whether no person took part")
    ruleset: Annotated[str, Bounds(minLength=1)] = Field(
        "", description="Which rules and lexicons were at hand: a short hash of them"
    )
    supersedes: UUID | None = Field(None, description="The decision on this event that it replaces")
    had_label: bool = Field(
        False, description="Whether a revision of the event had the label until this decision: it is kept, or goes"
    )
    decided_at: AwareDatetime


class JudgedFact(DecisionFact):
    """A decision by the four conditions. The event is carried whole so that no reader calls back."""

    carries: ClassVar[tuple[type[Carried], ...]] = (PublicEvent,)
    event: PublicEvent
    verdicts: Annotated[tuple[Verdict, ...], Bounds(minItems=1)]


class EventLabelled(JudgedFact):
    """The event has the label: all conditions are met, by the rules or by a person's word."""

    ce_type: ClassVar[str] = "fr.semaine-industrie.EventLabelled"
    version: ClassVar[int] = 2


class EventRejected(JudgedFact):
    """The event has no label: at least one condition is not met. The verdicts say how to mend it. If it `had_label`,
    that is gone with this."""

    ce_type: ClassVar[str] = "fr.semaine-industrie.EventRejected"
    version: ClassVar[int] = 2


class ReviewRequested(JudgedFact):
    """The rules are in doubt: a person of the event's region decides until `due_at`; told again, with the same
    `due_at`, when another region is asked. A label that an earlier revision has is kept until then, and visitors are
    still shown what was labelled (`under_review`); unless the edition lets doubt suspend it (`suspended`): then they
    are shown nothing."""

    ce_type: ClassVar[str] = "fr.semaine-industrie.ReviewRequested"
    version: ClassVar[int] = 2
    region: str = Field(
        description="INSEE code of the region that reviews, e.g. « 84 »; « 00 »: the national desk, as of events online"
    )
    due_at: AwareDatetime = Field(description="Four working days after the request, where the event takes place")


class CorrectionRequested(JudgedFact):
    """A person cannot decide on the text as it is and asks its organiser to mend it. The clock stands still: the next
    revision is judged anew. The label stays `under_review`, or `suspended`."""

    ce_type: ClassVar[str] = "fr.semaine-industrie.CorrectionRequested"
    region: str = Field(description="INSEE code of the region that asks, e.g. « 84 »; « 00 »: the national desk")
    correction: Correction


class AppealReceived(JudgedFact):
    """The organiser of a refused event asks that a person judge it again: another one than who refused it. The refusal
    stands until they have; the verdicts are the refusal's. Their word is an `EventLabelled` or an `EventRejected`,
    decided by `appeal`."""

    ce_type: ClassVar[str] = "fr.semaine-industrie.AppealReceived"
    region: str = Field(
        description="INSEE code of the region that judges again, e.g. « 84 »; « 00 »: the national desk"
    )
    due_at: AwareDatetime = Field(description="Four working days after it was received, where the event takes place")


class LabelWithdrawn(DecisionFact):
    """A label once given is gone, and no revision of the event has it."""

    ce_type: ClassVar[str] = "fr.semaine-industrie.LabelWithdrawn"
    version: ClassVar[int] = 2
    reason: Reason
