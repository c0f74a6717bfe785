"""The essential of a fact, in a few words for the person who follows an event's story."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from backbone.contracts import (
    EventCancelled,
    EventFact,
    EventLabelled,
    EventLocated,
    EventNotLocated,
    EventRejected,
    EventSubmitted,
    EventWithdrawn,
    Finding,
    KitFailed,
    KitSent,
    LabelWithdrawn,
    PublicEvent,
    ReviewRequested,
    Verdict,
)
from backbone.kafka.envelope import Record, open_letter

TOLD_OF_EVENTS: Mapping[type[EventFact], str] = {
    EventSubmitted: "submitted_at",
    EventWithdrawn: "withdrawn_at",
    EventCancelled: "cancelled_at",
    EventLabelled: "decided_at",
    EventRejected: "decided_at",
    ReviewRequested: "decided_at",
    LabelWithdrawn: "withdrawn_at",
    EventLocated: "located_at",
    EventNotLocated: "looked_up_at",
    KitSent: "sent_at",
    KitFailed: "failed_at",
}
"""Each fact, and where it says when it happened."""
_KNOWN = {fact.ce_type(): fact for fact in TOLD_OF_EVENTS}


def read_fact(record: Record) -> EventFact | None:
    """The fact, as every reader reads it; None for a type that is not known here. Raises Unreadable."""
    letter = open_letter(record, _KNOWN)
    return letter.fact if letter and isinstance(letter.fact, EventFact) else None


def happened_at(fact: EventFact) -> datetime:
    """When it happened by the campaign's clock (`NOW`), as the organiser's timeline shows it."""
    at: datetime = getattr(fact, TOLD_OF_EVENTS[type(fact)])
    return at


def essential(fact: EventFact) -> list[str]:
    """What matters of it, line by line."""
    match fact:
        case EventSubmitted():
            return _event(fact.event)
        case EventLabelled():
            return [f"label given by {fact.decided_by}", *_verdicts(fact.verdicts)]
        case EventRejected():
            return [f"no label, by {fact.decided_by}", *_verdicts(fact.verdicts)]
        case ReviewRequested():
            asked = f"a person of region {fact.region} decides until {fact.due_at:%Y-%m-%d %H:%M}"
            return [asked, *_verdicts(fact.verdicts)]
        case EventLocated():
            return _location(fact)
        case KitSent():
            return [f"kit {fact.kit_id}: {', '.join(fact.pieces)}"]
        case LabelWithdrawn() | EventNotLocated() | KitFailed():
            return [fact.reason]
    return []


def _event(event: PublicEvent) -> list[str]:
    where = event.online_url or (event.venue and f"{event.venue.address.postcode} {event.venue.address.city}")
    return [event.title, f"{event.slots[0].starts_at:%Y-%m-%d %H:%M} · {where}"]


def _verdicts(verdicts: Iterable[Verdict]) -> list[str]:
    return [
        f"{verdict.condition}: {verdict.finding.replace('_', ' ')} ({verdict.rule})"
        + ("" if verdict.finding is Finding.MET else f" {verdict.reason}")
        for verdict in verdicts
    ]


def _location(fact: EventLocated) -> list[str]:
    place = fact.location
    return [
        f"{place.latitude:.5f}, {place.longitude:.5f} ({place.precision})",
        f"{place.commune_name} ({place.commune}), by {place.source}",
    ]
