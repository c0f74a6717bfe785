"""Where the mail of a kit stands, so that it is sent once, and at the very most twice under one Message-ID.

pending ──▶ sending ──▶ accepted
   ▲           │ cut off, or the worker died in the middle: it may have been accepted
   └─ delayed ─┤
               ▼
           uncertain ──▶ resending ──▶ accepted
             ▲ ▲             │ once more cut off, or dead: no third time by itself
             │ └── delayed ──┴──▶ failed
             └── an operator has it tried again ┘
"""

from __future__ import annotations

from enum import StrEnum


class KitState(StrEnum):
    """Where the mail of a kit stands. `superseded`: a newer revision has the label, or none has any more,
    or the organiser is erased."""

    PENDING = "pending"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    RESENDING = "resending"
    ACCEPTED = "accepted"
    FAILED = "failed"
    SUPERSEDED = "superseded"


def before_sending(state: KitState) -> KitState | None:
    """The state to note before the mail is handed over; None if it must not be handed over again."""
    return {
        KitState.PENDING: KitState.SENDING,
        KitState.SENDING: KitState.RESENDING,  # found so: the worker before died in the middle
        KitState.UNCERTAIN: KitState.RESENDING,
    }.get(state)


def after_delay(state: KitState) -> KitState:
    """The state after the server said « later »: what was before the try."""
    return KitState.PENDING if state is KitState.SENDING else KitState.UNCERTAIN


def after_break(state: KitState) -> KitState:
    """The state after the server broke off: it may have accepted the mail."""
    return KitState.UNCERTAIN if state is KitState.SENDING else KitState.FAILED
