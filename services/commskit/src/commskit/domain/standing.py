"""Which mails an event is owed, by the newest word of labelling and of registration, and what became of them.

A revision that has the label is owed one kit, a decision that is no label one notice. A newer one that has it, or the
end of the label, ends the kit that has not left; a newer decision the notice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from uuid import NAMESPACE_URL, UUID, uuid5

from backbone.contracts import DecisionFact, EventLabelled, JudgedFact, Label, Mark, NoticeName, PublicEvent

from .dates import is_open
from .mailing import AT_REST, Mailed
from .notices import Addressee, Notice, Word, name_notice


@dataclass(frozen=True)
class Standing:
    """What was heard of an event, and how much was told of it."""

    event_id: UUID
    edition: str = ""
    sequence: int = 0
    """Of the last fact that was told of it."""
    decided_revision: int = 0
    decided_sequence: int = 0
    labelled_revision: int = 0
    """The revision that has the label; 0: none."""
    takes_place: bool = True
    """Whether one may come to that revision; of an event that is called off nobody hangs up a poster."""
    withdrawn_revision: int = 0
    """The revision in which its organiser took it back last; 0: never."""

    @property
    def decided(self) -> Mark:
        """How far labelling's story of it has come."""
        return Mark(self.decided_revision, self.decided_sequence)

    @property
    def owed(self) -> int:
        """The revision that is owed a kit; 0: none is."""
        is_owed = self.takes_place and self.labelled_revision > self.withdrawn_revision
        return self.labelled_revision if is_owed else 0


@dataclass(frozen=True, kw_only=True)
class RevisionKit(Mailed):
    """The kit of one revision. Of one that may have been seen, what it shows is kept: its openings are to be taken back
    one day."""

    event: str | None
    """What it shows, as JSON; None once it is not to be sent, or its organiser is erased."""
    labelled_at: datetime

    def stripped(self) -> Self:
        return replace(self, event=None, receipt=None)


@dataclass(frozen=True)
class EventKits(Standing):
    """An event, the kits of its revisions, and the notices of what was decided on them."""

    kits: tuple[RevisionKit, ...] = ()
    notices: tuple[Notice, ...] = ()

    def kit(self, revision: int) -> RevisionKit | None:
        return next((kit for kit in self.kits if kit.revision == revision), None)

    def keeping(self, kit: RevisionKit) -> Self:
        """The same with this kit in place of the one of its revision, or beside the others."""
        others = [other for other in self.kits if other.revision != kit.revision]
        return replace(self, kits=tuple(sorted([*others, kit], key=lambda kit: kit.revision)))

    def after_decision(self, decision: DecisionFact) -> Self:
        """Labelling has decided, later than all that was heard of it."""
        heard = replace(self, decided_revision=decision.revision, decided_sequence=decision.sequence)
        heard = replace(heard, edition=decision.edition or self.edition)
        if isinstance(decision, EventLabelled) and decision.label == Label.GRANTED:
            there = {"labelled_revision": decision.revision, "takes_place": _one_may_come(decision.event)}
            heard = replace(heard, edition=decision.event.edition, **there)  # type: ignore[arg-type]
        elif not (decision.label == Label.UNDER_REVIEW and decision.revision > self.labelled_revision):
            # under review is a newer revision: until that is settled, what has the label keeps it. Any other word, and
            # one that a later labelling may add, is no label
            heard = replace(heard, labelled_revision=0)
        return heard._without_unowed()

    def after_withdrawal(self, revision: int) -> Self:
        """The organiser has taken it back."""
        return replace(self, withdrawn_revision=revision)._without_unowed()

    def ordering(self, event: PublicEvent, labelled_at: datetime) -> tuple[Self, RevisionKit | None]:
        """With the kit of this revision to be made; None: it was ordered before, and nothing speaks for another."""
        known = self.kit(event.revision)
        if known and not known.may_be_ordered_again:
            return self, None
        told = event.model_dump_json()
        new = RevisionKit(
            id=kit_id(event.event_id, event.revision),
            revision=event.revision,
            organiser_id=event.organiser_id,
            event=told,
            labelled_at=labelled_at,
        )
        ordered = replace(known.ordered_again(), event=told) if known else new
        return self.keeping(ordered), ordered

    def noticing(self, decision: DecisionFact, before: Self) -> tuple[Self, Notice | None]:
        """With the notice of this decision to be mailed; None: it is owed none, or one that says the same was ordered.
        `before` is the state that the decision found."""
        kit = before.kit(decision.revision)
        has_kit, was_gone = kit is not None and kit.most_copies > 0, before.labelled_revision == 0
        is_kept = has_kit and decision.had_label and before._is_under_review(decision.revision)
        is_back = has_kit and was_gone
        name = name_notice(decision, is_appealed=before._is_appealed, is_back=is_back, is_kept=is_kept)
        to = before._writes_to(decision)
        if name is None or to is None or decision.revision <= self.withdrawn_revision:
            return self, None
        said = Word.of(decision, to.title, has_kit=has_kit)
        if told := before._told_already(said, decision.revision):
            return self.keeping_notice(replace(told, revision=decision.revision, sequence=decision.sequence)), None
        new = Notice.of(decision, name, said, to.organiser_id)
        known = self.notice(new.id)
        if known and not known.may_be_ordered_again:
            # told again, of another region: it is the same notice, and still owed
            return self.keeping_notice(replace(known, sequence=decision.sequence)), None
        ordered = replace(known.ordered_again(), sequence=new.sequence, word=new.word) if known else new
        return self.keeping_notice(ordered), ordered

    def notice(self, notice_id: UUID) -> Notice | None:
        return next((notice for notice in self.notices if notice.id == notice_id), None)

    def keeping_notice(self, notice: Notice) -> Self:
        """The same with this notice in place of the one of its id, or beside the others."""
        return replace(self, notices=(*(other for other in self.notices if other.id != notice.id), notice))

    def owes(self, notice: Notice) -> bool:
        """Whether what it says is labelling's newest word, on an event that was not taken back since."""
        is_newest = (notice.revision, notice.sequence) == (self.decided_revision, self.decided_sequence)
        return is_newest and notice.revision > self.withdrawn_revision

    def _told_already(self, said: Word, revision: int) -> Notice | None:
        """The notice of the newest decision, if it has left, and this later revision tells its organiser no more."""
        newest = next((one for one in self.notices if self.owes(one) and one.most_copies and one.word), None)
        if newest is None or newest.word is None or newest.revision == revision:
            return None
        return None if said.is_news_after(Word.model_validate_json(newest.word)) else newest

    @property
    def _is_appealed(self) -> bool:
        return any(one.name == NoticeName.APPEAL_RECEIVED and self.owes(one) for one in self.notices)

    def _is_under_review(self, revision: int) -> bool:
        """Whether what was written last of this revision is that a person looks at it, and that nothing is lost yet."""
        written = [one for one in self.notices if one.revision == revision and one.name != NoticeName.CORRECTION_ASKED]
        newest = max(written, key=lambda one: one.sequence, default=None)
        return newest is not None and newest.name == NoticeName.UNDER_REVIEW

    def _writes_to(self, decision: DecisionFact) -> Addressee | None:
        if isinstance(decision, JudgedFact):
            return Addressee(decision.event.organiser_id, decision.event.title)
        # it does not carry the event: whose it is, and how it is called, is known from the kit that the label brought
        newest = self.kits[-1] if self.kits else None
        event = PublicEvent.model_validate_json(newest.event) if newest and newest.event else None
        return Addressee(newest.organiser_id, event.title if event else "") if newest else None

    def _without_unowed(self) -> Self:
        kits = (kit.stopped() if kit.revision != self.owed and kit.state in AT_REST else kit for kit in self.kits)
        notices = (one.stopped() if one.state in AT_REST and not self.owes(one) else one for one in self.notices)
        return replace(self, kits=tuple(kits), notices=tuple(notices))


def kit_id(event_id: UUID, revision: int) -> UUID:
    """The id of the kit of a revision: always the same."""
    return uuid5(NAMESPACE_URL, f"kit:{event_id}:{revision}")


def _one_may_come(event: PublicEvent) -> bool:
    return event.takes_place and any(map(is_open, event.slots))
