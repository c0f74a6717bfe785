"""Where the mail of a kit stands, so that it is sent once, and at the very most twice under one Message-ID.

pending ──▶ sending ──▶ accepted
   ▲           │ cut off, or the worker died in the middle: it may have been accepted
   └─ delayed ─┤
               ▼
           uncertain ──▶ resending ──▶ accepted
             ▲ ▲             │ once more cut off, or dead: no third time by itself
             │ └── delayed ──┴──▶ failed
             └── an operator has it tried again ┘

From every one of them but accepted and failed a kit that is owed no more ends as superseded. One that never left is
pending again if an operator has it tried again, or if its revision is granted the label a second time.
"""

from __future__ import annotations

from enum import StrEnum


class KitState(StrEnum):
    """Where the mail of a kit stands. `superseded`: a newer revision has the label, or none has any more, or the event
    does not take place, or the organiser is erased."""

    PENDING = "pending"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    RESENDING = "resending"
    ACCEPTED = "accepted"
    FAILED = "failed"
    SUPERSEDED = "superseded"


MOST_COPIES = 2
"""How often a mail may have been taken, unless an operator wants it once more."""

AT_REST = frozenset({KitState.PENDING, KitState.UNCERTAIN})
"""States in which no worker has the mail in its hands: it can be stopped at once."""

ENDED = frozenset({KitState.ACCEPTED, KitState.FAILED, KitState.SUPERSEDED})


def before_sending(state: KitState) -> KitState | None:
    """The state to note before the mail is handed over; None if it must not be handed over again."""
    return {
        KitState.PENDING: KitState.SENDING,
        KitState.SENDING: KitState.RESENDING,  # found so: the worker before died in the middle
        KitState.UNCERTAIN: KitState.RESENDING,
    }.get(state)


def after_no(state: KitState) -> KitState:
    """The state after the server said « later », or « never »: what was before the try."""
    return KitState.PENDING if state is KitState.SENDING else KitState.UNCERTAIN


def after_break(state: KitState) -> KitState | None:
    """The state after the server broke off: it may have accepted the mail. None: for the second time, so that it must
    not be handed over again."""
    return KitState.UNCERTAIN if state is KitState.SENDING else None


def before_another(copies: int) -> KitState:
    """The state from which a kit that had ended is tried again, if its mail may have been taken so often."""
    return KitState.UNCERTAIN if copies else KitState.PENDING


def copies_in(state: KitState) -> int:
    """How often a mail in this state may have been taken."""
    return {KitState.SENDING: 1, KitState.UNCERTAIN: 1, KitState.ACCEPTED: 1, KitState.RESENDING: 2}.get(state, 0)
