"""Where a mail stands, a kit's or a notice's, so that it is sent once, and at the very most twice under one Message-ID.

pending ──▶ sending ──▶ accepted
   ▲           │ cut off, or the worker died in the middle: it may have been accepted
   └─ delayed ─┤
               ▼
           uncertain ──▶ resending ──▶ accepted
             ▲ ▲             │ once more cut off, or dead: no third time by itself
             │ └── delayed ──┴──▶ failed
             └── an operator has it tried again ┘

From every one of them but accepted and failed a mail that is owed no more ends as superseded. One that never left is
pending again if an operator has it tried again, or if it is owed a second time: its revision has the label once more.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self
from uuid import UUID


class MailState(StrEnum):
    """Where a mail stands. `superseded`: what it would say is overtaken (a newer revision or decision, the event taken
    back or called off), or the organiser is erased."""

    PENDING = "pending"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    RESENDING = "resending"
    ACCEPTED = "accepted"
    FAILED = "failed"
    SUPERSEDED = "superseded"


MOST_COPIES = 2
"""How often a mail may have been taken, unless an operator wants it once more."""

AT_REST = frozenset({MailState.PENDING, MailState.UNCERTAIN})
"""States in which no worker has the mail in its hands: it can be stopped at once."""

ENDED = frozenset({MailState.ACCEPTED, MailState.FAILED, MailState.SUPERSEDED})


def before_sending(state: MailState) -> MailState | None:
    """The state to note before the mail is handed over; None if it must not be handed over again."""
    return {
        MailState.PENDING: MailState.SENDING,
        MailState.SENDING: MailState.RESENDING,  # found so: the worker before died in the middle
        MailState.UNCERTAIN: MailState.RESENDING,
    }.get(state)


def after_no(state: MailState) -> MailState:
    """The state after the server said « later », or « never »: what was before the try."""
    return MailState.PENDING if state is MailState.SENDING else MailState.UNCERTAIN


def after_break(state: MailState) -> MailState | None:
    """The state after the server broke off: it may have accepted the mail. None: for the second time, so that it must
    not be handed over again."""
    return MailState.UNCERTAIN if state is MailState.SENDING else None


def before_another(copies: int) -> MailState:
    """The state from which what had ended is tried again, if its mail may have been taken so often."""
    return MailState.UNCERTAIN if copies else MailState.PENDING


def copies_in(state: MailState) -> int:
    """How often a mail in this state may have been taken."""
    return {MailState.SENDING: 1, MailState.UNCERTAIN: 1, MailState.ACCEPTED: 1, MailState.RESENDING: 2}.get(state, 0)


@dataclass(frozen=True, kw_only=True)
class Mailed:
    """Something that is mailed once to the organiser of an event."""

    id: UUID
    revision: int
    organiser_id: UUID
    state: MailState = MailState.PENDING
    receipt: str | None = None
    """What the mail server answered, or why it failed."""
    copies: int = 0
    """How often its mail may have been taken, when it ended last."""
    orders: int = 1
    """How often it was ordered: a job of an earlier order has nothing to do any more."""

    @property
    def most_copies(self) -> int:
        """How many of it the organiser may have, for all that is known here."""
        return max(self.copies, copies_in(self.state))

    @abstractmethod
    def stripped(self) -> Self:
        """Without a word of its organiser's."""

    def stopped(self) -> Self:
        """Not to be sent (again). What it says is kept only if it may have been read."""
        left = self if self.most_copies else self.stripped()
        return replace(left, state=MailState.SUPERSEDED, receipt=None, copies=self.most_copies)

    def failed(self, why: str) -> Self:
        return replace(self, state=MailState.FAILED, receipt=why, copies=self.most_copies)

    def accepted(self, receipt: str) -> Self:
        return replace(self, state=MailState.ACCEPTED, receipt=receipt, copies=self.most_copies)

    @property
    def may_be_ordered_again(self) -> bool:
        """One that was stopped or has failed, unless its mail may have been taken as often as it ever may."""
        return self.state in (MailState.SUPERSEDED, MailState.FAILED) and self.copies < MOST_COPIES

    def ordered_again(self) -> Self:
        """The same once more, by a job of its own."""
        state = before_another(self.copies) if self.state in ENDED else self.state
        return replace(self, state=state, receipt=None, orders=self.orders + 1)
