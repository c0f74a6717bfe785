"""What commskit tells: whether a kit, or a notice about the label, reached the mail server. Never to whom."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from .base import Bounds, Contract, EventFact, Reason, Topic

COMMSKIT_KITS = Topic("commskit.kits", writer="commskit")


class KitPiece(Contract):
    """One file of a kit."""

    name: str = Field(description="E.g. « affiche-a4.pdf »")
    media_type: str = Field("application/octet-stream", description="E.g. « application/pdf »")
    bytes: Annotated[int, Bounds(minimum=1)] = 0
    sha256: Annotated[str, Bounds(pattern="^[0-9a-f]{64}$")] = ""


class KitSent(EventFact):
    """The mail server accepted the kit of this revision."""

    topic: ClassVar[Topic] = COMMSKIT_KITS
    ce_type: ClassVar[str] = "fr.semaine-industrie.KitSent"
    kit_id: UUID
    pieces: Annotated[tuple[KitPiece, ...], Bounds(minItems=1)]
    sent_at: AwareDatetime


class KitFailed(EventFact):
    """The kit of this revision could not be made or sent; an operator sees why in commskit."""

    topic: ClassVar[Topic] = COMMSKIT_KITS
    ce_type: ClassVar[str] = "fr.semaine-industrie.KitFailed"
    reason: Reason
    failed_at: AwareDatetime


class NoticeName(StrEnum):
    """What commskit writes to an organiser about the label, besides the kit. Readers accept others."""

    NOT_LABELLED = "not-labelled"
    UNDER_REVIEW = "under-review"
    CORRECTION_ASKED = "correction-asked"
    LABEL_WITHDRAWN = "label-withdrawn"
    LABEL_SUSPENDED = "label-suspended"
    LABEL_RETURNED = "label-returned"
    LABEL_KEPT = "label-kept"
    APPEAL_RECEIVED = "appeal-received"
    APPEAL_DECIDED = "appeal-decided"


class NoticeSent(EventFact):
    """The mail server accepted a mail that tells the organiser what was decided on this revision."""

    topic: ClassVar[Topic] = COMMSKIT_KITS
    ce_type: ClassVar[str] = "fr.semaine-industrie.NoticeSent"
    notice_id: UUID
    notice: Annotated[str, Bounds(enum=[*NoticeName])]
    sent_at: AwareDatetime


class NoticeFailed(EventFact):
    """Such a mail could not be sent; an operator sees why in commskit."""

    topic: ClassVar[Topic] = COMMSKIT_KITS
    ce_type: ClassVar[str] = "fr.semaine-industrie.NoticeFailed"
    notice_id: UUID
    notice: Annotated[str, Bounds(enum=[*NoticeName])]
    reason: Reason
    failed_at: AwareDatetime
