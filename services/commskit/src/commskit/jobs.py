"""What commskit is to do in the world, as it lies in its table until then."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import UUID, uuid4

from pydantic import Field

from backbone.postgres.jobs import Job

from .domain.notices import Notice
from .domain.standing import RevisionKit
from .store import KIT, NOTICE


class MakeKit(Job):
    """A revision's kit is to be made and mailed. `order`: how often it was ordered by then; the job of an earlier order
    has nothing to do any more."""

    kind: ClassVar[str] = KIT
    kit_id: UUID
    event_id: UUID
    revision: int
    order: int = 1

    @classmethod
    def ordered(cls, event_id: UUID, kit: RevisionKit) -> Self:
        """The job that makes the kit as it is ordered now."""
        return cls(kit_id=kit.id, event_id=event_id, revision=kit.revision, order=kit.orders)

    @property
    def key(self) -> str:
        return _key(self.kit_id, self.order)

    @property
    def about(self) -> str:
        return str(self.event_id)


class SendNotice(Job):
    """A notice is to be mailed; `order` as for a kit."""

    kind: ClassVar[str] = NOTICE
    notice_id: UUID
    event_id: UUID
    order: int = 1

    @classmethod
    def ordered(cls, event_id: UUID, notice: Notice) -> Self:
        """The job that sends the notice as it is ordered now."""
        return cls(notice_id=notice.id, event_id=event_id, order=notice.orders)

    @property
    def key(self) -> str:
        return _key(self.notice_id, self.order)

    @property
    def about(self) -> str:
        return str(self.event_id)


def _key(mail_id: UUID, order: int) -> str:
    return str(mail_id) if order == 1 else f"{mail_id}:{order}"


def read_key(key: str) -> tuple[UUID, int]:
    """Which kit or notice the job with this key sends, and in which order of it."""
    mail_id, _, order = key.partition(":")
    return UUID(mail_id), int(order or 1)


class ForgetMails(Job):
    """The copies of an erased organiser's mails are to be removed. Each time it is told anew: what a process that was
    frozen wrote late is found by the next time."""

    kind: ClassVar[str] = "forgetting"
    organiser_id: UUID
    time: UUID = Field(default_factory=uuid4)

    @property
    def key(self) -> str:
        return f"{self.organiser_id}:{self.time}"
