"""What every contract is: frozen, open to new fields, and on exactly one topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict


@dataclass(frozen=True)
class Topic:
    """A Kafka topic with its one writer.

    `compacted` topics keep the newest fact per key for ever: a fresh reader rebuilds its state from them
    alone. `personal` topics hold personal data and are closed to all but the readers an ACL names.
    """

    name: str
    writer: str
    compacted: bool = True
    personal: bool = False


class Contract(BaseModel):
    """A value that crosses a service's border. Frozen; a reader ignores fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Fact(Contract):
    """Something that happened, told once by the one service that decides it.

    `topic` is where it is told. The class's name is its CloudEvents type, so a name is never reused for
    another meaning; a change that an old reader could not read takes a new name.
    """

    topic: ClassVar[Topic]
    is_tombstone: ClassVar[bool] = False
    """Told as a null value, so that compaction removes all that was told before under its key."""

    @classmethod
    def from_tombstone(cls, key: str) -> Self:
        """The fact that a null value under this key tells. Raises NotImplementedError where null means nothing."""
        raise NotImplementedError(f"{cls.__name__} is never told as a null value")

    @classmethod
    def ce_type(cls) -> str:
        """The value of the `ce_type` header, e.g. `fr.semaine-industrie.EventLabelled`."""
        return f"fr.semaine-industrie.{cls.__name__}"

    @property
    def key(self) -> str:
        """The Kafka key: what the fact is about. All facts with one key are read in the order told."""
        raise NotImplementedError


class EventFact(Fact):
    """A fact about one revision of one event, keyed by the event's id.

    `revision` starts at 1 and grows with every amendment and with a withdrawal. A fact about revision n
    never undoes one about n+1: a reader that has seen n+1 does nothing with n.
    """

    event_id: UUID
    revision: int

    @property
    def key(self) -> str:
        return str(self.event_id)
