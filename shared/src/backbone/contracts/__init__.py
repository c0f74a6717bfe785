"""The one home of the contracts: every fact that one service tells and another reads, and its topic."""

from .base import Contract, EventFact, Fact, Topic
from .commskit import COMMSKIT_KITS, KitFailed, KitSent
from .event import Address, Admission, Audience, EventKind, PublicEvent, Slot, Venue
from .geocoding import GEOCODING_LOCATIONS, EventLocated, EventNotLocated, Location, Precision
from .labelling import (
    LABELLING_DECISIONS,
    Condition,
    DecisionFact,
    EventLabelled,
    EventRejected,
    Finding,
    LabelWithdrawn,
    ReviewRequested,
    Verdict,
)
from .registration import (
    REGISTRATION_EVENTS,
    REGISTRATION_ORGANISERS,
    EventCancelled,
    EventSubmitted,
    EventWithdrawn,
    OrganiserChanged,
    OrganiserErased,
    OrganiserFact,
    OrganiserRegistered,
)

FACT_TOPICS = (
    REGISTRATION_EVENTS,
    REGISTRATION_ORGANISERS,
    LABELLING_DECISIONS,
    GEOCODING_LOCATIONS,
    COMMSKIT_KITS,
)


def dead_letters(service: str) -> Topic:
    """The topic where `service` sets aside what it can never read: not compacted, as personal as its sources."""
    return Topic(f"{service}.dead-letters", writer=service, compacted=False, personal=True)


__all__ = [
    "COMMSKIT_KITS",
    "FACT_TOPICS",
    "GEOCODING_LOCATIONS",
    "LABELLING_DECISIONS",
    "REGISTRATION_EVENTS",
    "REGISTRATION_ORGANISERS",
    "Address",
    "Admission",
    "Audience",
    "Condition",
    "Contract",
    "DecisionFact",
    "EventCancelled",
    "EventFact",
    "EventKind",
    "EventLabelled",
    "EventLocated",
    "EventNotLocated",
    "EventRejected",
    "EventSubmitted",
    "EventWithdrawn",
    "Fact",
    "Finding",
    "KitFailed",
    "KitSent",
    "LabelWithdrawn",
    "Location",
    "OrganiserChanged",
    "OrganiserErased",
    "OrganiserFact",
    "OrganiserRegistered",
    "Precision",
    "PublicEvent",
    "ReviewRequested",
    "Slot",
    "Topic",
    "Venue",
    "Verdict",
    "dead_letters",
]
