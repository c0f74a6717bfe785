"""What an organiser is written about the label, but for the kit: which decision is told in which mail, and its words.

One mail for each decision that is no label: a machine's or a person's no, a doubt, a correction asked for, an appeal.
A decision that only goes to another region is told already, and so is one that is said again since the event was called
off, or on again, in a crisis. Of what organisers do themselves they are not written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, NamedTuple, Self
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import AwareDatetime

from backbone.campaign.remedies import how_decided, remedies_of
from backbone.contracts import (
    AppealReceived,
    Contract,
    Correction,
    CorrectionRequested,
    DecidedBy,
    DecisionFact,
    Finding,
    JudgedFact,
    Label,
    LabelWithdrawn,
    NoticeName,
    PublicEvent,
    Reason,
    ReviewRequested,
    Verdict,
)

from .mailing import Mailed


class Addressee(NamedTuple):
    """Who is written to, and how their event is called; without a title where nobody kept it."""

    organiser_id: UUID
    title: str


class Word(Contract):
    """What a notice says of a decision: no more than that is kept until it has left."""

    title: str
    text: str = ""
    """A hash of all that its organiser told of the event, whether it takes place left aside."""
    timezone: str = "Europe/Paris"
    label: str
    decided_by: str = ""
    decided_at: AwareDatetime
    how: str = ""
    """Who or what decided, as the law has it told."""
    remedies: tuple[str, ...] = ()
    """What may be done against it."""
    reasons: tuple[Verdict, ...] = ()
    """The verdicts that stand in the way, in the order of the conditions."""
    reason: Reason | None = None
    correction: Correction | None = None
    due_at: AwareDatetime | None = None
    keeps_label: bool = False
    """Whether visitors still see the revision that has the label."""
    is_asked_once_more: bool = False
    """Whether the label was given to this very text, and a person looks again: the rules or the window have changed."""
    has_kit: bool = False
    """Whether the kit of this revision may have been received before."""

    @classmethod
    def of(cls, decision: DecisionFact, title: str, *, has_kit: bool) -> Self:
        judged = decision if isinstance(decision, JudgedFact) else None
        return cls(
            title=title,
            text=_hash_of(judged.event) if judged else "",
            timezone=judged.event.timezone if judged else "Europe/Paris",
            label=decision.label,
            decided_by=decision.decided_by,
            decided_at=decision.decided_at,
            how=how_decided(decision),
            remedies=remedies_of(decision),
            reasons=tuple(one for one in judged.verdicts if one.finding != Finding.MET) if judged else (),
            reason=decision.reason if isinstance(decision, LabelWithdrawn) else None,
            correction=decision.correction if isinstance(decision, CorrectionRequested) else None,
            due_at=decision.due_at if isinstance(decision, ReviewRequested | AppealReceived) else None,
            keeps_label=decision.label == Label.UNDER_REVIEW and decision.had_label,
            is_asked_once_more=decision.had_label and decision.decided_by == DecidedBy.REJUDGEMENT,
            has_kit=has_kit,
        )

    def is_news_after(self, earlier: Word) -> bool:
        """Whether it tells its organiser anything: it is of another text of theirs, or says something else of it. In a
        crisis events are called off, and on again, of which they did nothing, and nothing else is decided."""
        if not self.text or self.text != earlier.text:
            return True
        return any(getattr(self, name) != getattr(earlier, name) for name in _SAID)


_SAID = ("label", "keeps_label", "reasons", "reason", "correction", "due_at")
_OF_THE_CRISIS: Any = {"revision": True, "status": True, "status_note": True, "slots": {"__all__": {"status"}}}


def _hash_of(event: PublicEvent) -> str:
    return sha256(event.model_dump_json(exclude=_OF_THE_CRISIS).encode()).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class Notice(Mailed):
    """A mail about one decision."""

    sequence: int
    """Of the decision; of the last of several that say the same."""
    name: str
    word: str | None
    """What it says, as JSON; None once it is not to be sent, or its organiser is erased."""

    @classmethod
    def of(cls, decision: DecisionFact, name: NoticeName, said: Word, organiser_id: UUID) -> Self:
        return cls(
            id=notice_id(decision, name),
            revision=decision.revision,
            organiser_id=organiser_id,
            sequence=decision.sequence,
            name=name.value,
            word=said.model_dump_json(),
        )

    def stripped(self) -> Self:
        return replace(self, word=None, receipt=None)


def name_notice(
    decision: DecisionFact, *, is_appealed: bool, is_back: bool, is_kept: bool = False
) -> NoticeName | None:
    """Which mail tells of this decision; None if none does: the label itself brings the kit. `is_appealed`: whether a
    person was looking again, at the organiser's request; `is_back`: whether it is a label that was gone, and whose kit
    was received; `is_kept`: whether it was only looked at once more, and never gone."""
    if isinstance(decision, CorrectionRequested) and decision.label in (Label.UNDER_REVIEW, Label.SUSPENDED):
        return NoticeName.CORRECTION_ASKED
    if isinstance(decision, AppealReceived) and decision.label == Label.REFUSED:
        return NoticeName.APPEAL_RECEIVED
    if is_appealed and decision.decided_by == DecidedBy.APPEAL and decision.label in (Label.GRANTED, Label.REFUSED):
        return NoticeName.APPEAL_DECIDED
    if decision.label == Label.GRANTED and is_kept:
        return NoticeName.LABEL_KEPT
    if decision.label == Label.GRANTED and is_back:
        return NoticeName.LABEL_RETURNED
    if decision.label == Label.REFUSED and decision.had_label:
        return NoticeName.LABEL_WITHDRAWN
    # of what they took back themselves nobody is written
    return None if decision.decided_by == DecidedBy.ORGANISER else _NAMES.get(decision.label)


_NAMES: Mapping[str, NoticeName] = {
    Label.REFUSED: NoticeName.NOT_LABELLED,
    Label.UNDER_REVIEW: NoticeName.UNDER_REVIEW,
    Label.SUSPENDED: NoticeName.LABEL_SUSPENDED,
    Label.WITHDRAWN: NoticeName.LABEL_WITHDRAWN,
}


def notice_id(decision: DecisionFact, name: NoticeName) -> UUID:
    """The id of the notice that tells of this decision: always the same, and the same for one that only goes to another
    region, whose clock goes on."""
    return uuid5(NAMESPACE_URL, f"notice:{decision.event_id}:{decision.revision}:{name}:{_occasion(decision)}")


def _occasion(decision: DecisionFact) -> str:
    match decision:
        case ReviewRequested() | AppealReceived():
            return decision.due_at.isoformat()
        case CorrectionRequested():
            return f"{decision.correction.kind} {decision.correction.message}"
    return str(decision.sequence)
