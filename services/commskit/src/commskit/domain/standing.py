"""Which kit an event is owed, by the newest word of labelling and of registration, and what became of its kits.

A revision that has the label is owed one kit. A newer one that has it, or the end of the label, ends what has not left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from uuid import NAMESPACE_URL, UUID, uuid5

from backbone.contracts import DecisionFact, EventLabelled, Label, Mark, PublicEvent

from .dates import is_open
from .mailing import AT_REST, ENDED, MOST_COPIES, KitState, before_another, copies_in


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


@dataclass(frozen=True)
class RevisionKit:
    """The kit of one revision."""

    id: UUID
    revision: int
    organiser_id: UUID
    event: str | None
    """What it shows, as JSON; None once it is not to be sent, or its organiser is erased."""
    labelled_at: datetime
    state: KitState = KitState.PENDING
    receipt: str | None = None
    """What the mail server answered, or why the kit failed."""
    copies: int = 0
    """How often its mail may have been taken, when it ended last."""
    orders: int = 1
    """How often it was ordered: a job of an earlier order has nothing to do any more."""

    @property
    def most_copies(self) -> int:
        """How many of it the organiser may have, for all that is known here."""
        return max(self.copies, copies_in(self.state))

    def stopped(self) -> Self:
        """Not to be sent (again). What it shows is kept only if it may have been seen: its openings are to be taken
        back one day."""
        event = self.event if self.most_copies else None
        return replace(self, state=KitState.SUPERSEDED, event=event, receipt=None, copies=self.most_copies)

    def stripped(self) -> Self:
        """Without a word of its organiser's."""
        return replace(self, event=None, receipt=None)

    def failed(self, why: str) -> Self:
        return replace(self, state=KitState.FAILED, receipt=why, copies=self.most_copies)

    def accepted(self, receipt: str) -> Self:
        return replace(self, state=KitState.ACCEPTED, receipt=receipt, copies=self.most_copies)

    @property
    def may_be_ordered_again(self) -> bool:
        """One that was stopped or has failed, unless its mail may have been taken as often as it ever may."""
        return self.state in (KitState.SUPERSEDED, KitState.FAILED) and self.copies < MOST_COPIES

    def ordered_again(self, event: str | None) -> Self:
        """The same kit once more, by a job of its own."""
        state = before_another(self.copies) if self.state in ENDED else self.state
        return replace(self, state=state, event=event, receipt=None, orders=self.orders + 1)


@dataclass(frozen=True)
class EventKits(Standing):
    """An event and the kits of its revisions."""

    kits: tuple[RevisionKit, ...] = ()

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
        new = RevisionKit(kit_id(event.event_id, event.revision), event.revision, event.organiser_id, told, labelled_at)
        ordered = known.ordered_again(told) if known else new
        return self.keeping(ordered), ordered

    def _without_unowed(self) -> Self:
        stopped = (kit.stopped() if kit.revision != self.owed and kit.state in AT_REST else kit for kit in self.kits)
        return replace(self, kits=tuple(stopped))


def kit_id(event_id: UUID, revision: int) -> UUID:
    """The id of the kit of a revision: always the same."""
    return uuid5(NAMESPACE_URL, f"kit:{event_id}:{revision}")


def _one_may_come(event: PublicEvent) -> bool:
    return event.takes_place and any(map(is_open, event.slots))
