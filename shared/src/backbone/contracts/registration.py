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
    """An organiser asks for the label for this revision; the event is carried whole."""

    topic: ClassVar[Topic] = REGISTRATION_EVENTS
    event: PublicEvent
    submitted_at: AwareDatetime


class EventWithdrawn(EventFact):
    """The organiser takes the event back, labelled or not. The withdrawal has a revision of its own."""

    topic: ClassVar[Topic] = REGISTRATION_EVENTS
    withdrawn_at: AwareDatetime


class EventCancelled(EventFact):
    """A labelled event will not take place; visitors who noted it must learn so."""

    topic: ClassVar[Topic] = REGISTRATION_EVENTS
    cancelled_at: AwareDatetime


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


class OrganiserChanged(OrganiserFact):
    """A person's name, address or organisation is now this."""


class OrganiserErased(Fact):
    """A person asked to be forgotten: a tombstone, which removes all earlier facts about them from the log."""

    topic: ClassVar[Topic] = REGISTRATION_ORGANISERS
    is_tombstone: ClassVar[bool] = True
    organiser_id: UUID

    @property
    def key(self) -> str:
        return str(self.organiser_id)

    @classmethod
    def from_tombstone(cls, key: str) -> Self:
        return cls(organiser_id=UUID(key))
