"""What every contract is: frozen, tolerant to readers, strict to its writer, and on exactly one topic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, NamedTuple, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


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


class Bounds:
    """Keywords of JSON Schema that a writer keeps to: `Annotated[str, Bounds(maxLength=120)]`.

    They stand in the schema of what is told (`schema.told`) and check nothing when a fact is read, so that tomorrow's
    writer may be less strict without a reader of today losing a message.
    """

    def __init__(self, **keywords: Any) -> None:
        self._keywords = keywords

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        described = handler(core)
        return described | self._keywords if handler.mode == "serialization" else described


EDITION = Bounds(pattern=r"^\d{4}$")
"""The name of an edition is its year."""


class Contract(BaseModel):
    """A value that crosses a service's border. Frozen; a reader ignores fields it does not know.

    A field's type says what a reader cannot do without, its `Bounds` what a writer promises besides.
    """

    # what is told is written whole: a field with a default stands in the value all the same
    model_config = ConfigDict(frozen=True, extra="ignore", json_schema_serialization_defaults_required=True)

    def contradictions(self) -> Iterator[str]:
        """What in it cannot be so, where no schema can say it; without quoting its content. Only a writer asks."""
        for value in self.__dict__.values():
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, Contract):
                    yield from part.contradictions()


class Carried(Contract):
    """A value that others carry on as it was told: what they do not know of it they carry too. Whoever tells it first
    tells no field that is not in its schema."""

    model_config = ConfigDict(extra="allow")

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        described = handler(core)
        if handler.mode == "serialization":
            handler.resolve_ref_schema(described)["additionalProperties"] = False
        return described


class Reason(Contract):
    """Why something is as it is: a code for machines, which stays, and a sentence for people, which may be reworded."""

    code: str
    """In small letters with hyphens, e.g. « address-unknown »; an open list."""
    message: str
    """One French sentence for the organiser, without personal data."""


class Fact(Contract):
    """Something that happened, told once by the one service that decides it.

    `topic` is where it is told; `ce_type` names it on the wire for ever, whatever its class is called, and is never
    reused for another meaning. A change that an old reader could not read takes a new type; any other takes the next
    `version`, whose schema and sample join those before it under `contracts/`.
    """

    topic: ClassVar[Topic]
    ce_type: ClassVar[str]
    version: ClassVar[int] = 1
    carries: ClassVar[tuple[type[Carried], ...]] = ()
    """Whose words it carries on: its writer promises nothing of them, since who said them may be newer than it is."""
    is_tombstone: ClassVar[bool] = False
    """Told as a null value, so that compaction removes all that was told before under its key."""

    @classmethod
    def from_tombstone(cls, key: str) -> Self:
        """The fact that a null value under this key tells. Raises NotImplementedError where null means nothing."""
        raise NotImplementedError(f"{cls.__name__} is never told as a null value")

    @property
    def key(self) -> str:
        """The Kafka key: what the fact is about. All facts with one key are read in the order told."""
        raise NotImplementedError

    def as_json(self) -> str:
        """The text that is told. Raises PydanticSerializationError where a field holds what its type does not say."""
        return self.model_dump_json(warnings="error")


class Written(NamedTuple):
    """A fact with its text (`as_json`): for who keeps the text as well, so that a fact is written once and what is
    kept is what is told."""

    fact: Fact
    text: str


class Mark(NamedTuple):
    """How far one writer's story of an event has come. Of two marks of one writer, the greater is the later."""

    revision: int
    sequence: int


class EventFact(Fact):
    """A fact about one revision of one event, keyed by the event's id.

    `revision` starts at 1 and grows with every amendment and with a withdrawal; `sequence` grows with each fact that
    one writer tells of one event. A reader keeps the newest `mark` of each writer and does nothing with an older one:
    a second word on the same revision (a review, an appeal, a finer location) is news, a late or doubled fact is not.
    """

    event_id: UUID
    revision: Annotated[int, Bounds(minimum=1)]
    sequence: Annotated[int, Bounds(minimum=1)] = 0
    edition: Annotated[str, EDITION] = ""

    @property
    def key(self) -> str:
        return str(self.event_id)

    @property
    def mark(self) -> Mark:
        return Mark(self.revision, self.sequence)

    @property
    def is_torn(self) -> bool:
        """Whether the event that it carries, if it does, is another than it speaks of: nobody can read that."""
        carried = getattr(self, "event", None)
        return carried is not None and (carried.event_id, carried.revision) != (self.event_id, self.revision)

    def contradictions(self) -> Iterator[str]:
        if not self.carries:
            yield from super().contradictions()
        carried = getattr(self, "event", None)
        if self.is_torn or (carried and carried.edition != self.edition):
            yield "the event that it carries is another than it speaks of"
