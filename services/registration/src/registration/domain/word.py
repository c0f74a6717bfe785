"""What labelling decided last on an event, kept as its organiser reads it: why, how to mend it, what they may do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from pydantic import AwareDatetime

from backbone.campaign.remedies import A_PERSON_AGAIN, how_decided, remedies_of
from backbone.campaign.typography import in_french
from backbone.campaign.words import CONDITIONS
from backbone.contracts import (
    AppealReceived,
    Contract,
    CorrectionRequested,
    DecidedBy,
    DecisionFact,
    EventStatus,
    Finding,
    JudgedFact,
    Label,
    LabelWithdrawn,
    ReviewRequested,
)


class Why(Contract):
    """One thing that stands in the way of the label, or may."""

    about: str = ""
    message: str
    hint: str = ""


class Word(Contract):
    """A decision, without the text of the event that it was taken on."""

    revision: int
    label: str
    had_label: bool = False
    is_asked_once_more: bool = False
    """Whether a person looks again at a label that this very text has: the rules or the window have changed."""
    whys: tuple[Why, ...] = ()
    how: str = ""
    remedies: tuple[str, ...] = ()
    due_at: AwareDatetime | None = None
    region: str = ""
    """Whose people decide until then."""
    timezone: str = "Europe/Paris"
    is_on_site: bool = True
    """Whether one may go there."""
    takes_place: bool = True

    @classmethod
    def of(cls, decision: DecisionFact) -> Self:
        event = decision.event if isinstance(decision, JudgedFact) else None
        return cls(
            revision=decision.revision,
            label=decision.label,
            had_label=decision.had_label,
            is_asked_once_more=decision.had_label and decision.decided_by == DecidedBy.REJUDGEMENT,
            whys=tuple(_whys(decision)),
            how=how_decided(decision),
            remedies=remedies_of(decision),
            due_at=decision.due_at if isinstance(decision, ReviewRequested | AppealReceived) else None,
            region=decision.region if isinstance(decision, ReviewRequested | AppealReceived) else "",
            timezone=event.timezone if event else "Europe/Paris",
            is_on_site=event is None or (event.venue is not None and event.status != EventStatus.MOVED_ONLINE),
            takes_place=event is None or event.takes_place,
        )

    @property
    def may_appeal(self) -> bool:
        """Whether a person may be asked to look again."""
        return A_PERSON_AGAIN in self.remedies


def _whys(decision: DecisionFact) -> Iterator[Why]:
    if isinstance(decision, CorrectionRequested):
        yield Why(message=in_french(decision.correction.message))
    elif isinstance(decision, LabelWithdrawn):
        yield Why(message=in_french(decision.reason.message))
    elif isinstance(decision, JudgedFact):
        wanted = (Finding.NOT_MET,) if decision.label == Label.REFUSED else (Finding.NOT_MET, Finding.DOUBTFUL)
        for verdict in decision.verdicts:
            if verdict.finding in wanted:
                about = CONDITIONS.get(verdict.condition, "")
                yield Why(about=about, message=in_french(verdict.message), hint=in_french(verdict.hint or ""))
