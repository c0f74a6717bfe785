"""What registration tells: events as submitted, and (restricted) who organises them."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import UUID

from pydantic import AwareDatetime

from .base import EventFact, Fact, Topic
from .event import PublicEvent

REGISTRATION_EVENTS = Topic("registration.events", writer="registration")
REGISTRATION_ORGANISERS = Topic("registration.organisers", writer="registration", personal=True)


class EventSubmitted(EventFact):
    """An organiser tells a revision of an event, which is carried whole: a new one, an amendment, a cancellation."""

    topic: ClassVar[Topic] = REGISTRATION_EVENTS
    ce_type: ClassVar[str] = "fr.semaine-industrie.EventSubmitted"
    version: ClassVar[int] = 2
    event: PublicEvent
    submitted_at: AwareDatetime


class EventWithdrawn(EventFact):
    """The organiser takes the event back, labelled or not, as if it had never been. The withdrawal has a revision of
    its own. An event that will not take place is not withdrawn but submitted with that `status`: visitors must
    learn of it."""

    topic: ClassVar[Topic] = REGISTRATION_EVENTS
    ce_type: ClassVar[str] = "fr.semaine-industrie.EventWithdrawn"
    withdrawn_at: AwareDatetime


class OrganiserFact(Fact):
    """Who an organiser is and how to write to them. Personal data: restricted topic, erased by tombstone."""

    topic: ClassVar[Topic] = REGISTRATION_ORGANISERS
    organiser_id: UUID
    name: str
    email: str
    organisation: str

    @property
    def key(self) -> str:
        return str(self.organiser_id)


class OrganiserRegistered(OrganiserFact):
    """A person confirmed their address and may submit events."""

    ce_type: ClassVar[str] = "fr.semaine-industrie.OrganiserRegistered"


class OrganiserChanged(OrganiserFact):
    """A person's name, address or organisation is now this."""

    ce_type: ClassVar[str] = "fr.semaine-industrie.OrganiserChanged"


class OrganiserErased(Fact):
    """A person asked to be forgotten: a tombstone, which removes all earlier facts about them from the log."""

    topic: ClassVar[Topic] = REGISTRATION_ORGANISERS
    ce_type: ClassVar[str] = "fr.semaine-industrie.OrganiserErased"
    is_tombstone: ClassVar[bool] = True
    organiser_id: UUID

    @property
    def key(self) -> str:
        return str(self.organiser_id)

    @classmethod
    def from_tombstone(cls, key: str) -> Self:
        return cls(organiser_id=UUID(key))
