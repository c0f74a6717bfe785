"""The one home of the contracts: every fact that one service tells and another reads, and its topic."""

from .base import Bounds, Contract, EventFact, Fact, Mark, Reason, Topic
from .commskit import COMMSKIT_KITS, KitFailed, KitPiece, KitSent
from .event import (
    Accessibility,
    Address,
    Admission,
    Audience,
    Booking,
    EventKind,
    EventStatus,
    OrganisationKind,
    Position,
    PublicEvent,
    Slot,
    SlotStatus,
    Venue,
)
from .geocoding import GEOCODING_LOCATIONS, EventLocated, EventNotLocated, Location, Precision
from .labelling import (
    LABELLING_DECISIONS,
    Condition,
    DecidedBy,
    DecisionFact,
    EventLabelled,
    EventRejected,
    Evidence,
    Finding,
    JudgedFact,
    Label,
    LabelWithdrawn,
    ReviewRequested,
    Verdict,
)
from .registration import (
    REGISTRATION_EVENTS,
    REGISTRATION_ORGANISERS,
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
    "Accessibility",
    "Address",
    "Admission",
    "Audience",
    "Booking",
    "Bounds",
    "Condition",
    "Contract",
    "DecidedBy",
    "DecisionFact",
    "EventFact",
    "EventKind",
    "EventLabelled",
    "EventLocated",
    "EventNotLocated",
    "EventRejected",
    "EventStatus",
    "EventSubmitted",
    "EventWithdrawn",
    "Evidence",
    "Fact",
    "Finding",
    "JudgedFact",
    "KitFailed",
    "KitPiece",
    "KitSent",
    "Label",
    "LabelWithdrawn",
    "Location",
    "Mark",
    "OrganisationKind",
    "OrganiserChanged",
    "OrganiserErased",
    "OrganiserFact",
    "OrganiserRegistered",
    "Position",
    "Precision",
    "PublicEvent",
    "Reason",
    "ReviewRequested",
    "Slot",
    "SlotStatus",
    "Topic",
    "Venue",
    "Verdict",
    "dead_letters",
]
