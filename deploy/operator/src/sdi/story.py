"""The essential of a fact, in a few words for the person who follows an event's story."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from backbone.contracts import (
    AppealReceived,
    CorrectionRequested,
    DecisionFact,
    EventFact,
    EventLabelled,
    EventLocated,
    EventNotLocated,
    EventRejected,
    EventStatus,
    EventSubmitted,
    EventWithdrawn,
    Finding,
    JudgedFact,
    KitFailed,
    KitSent,
    LabelWithdrawn,
    NoticeFailed,
    NoticeSent,
    PublicEvent,
    ReviewRequested,
    Verdict,
)
from backbone.kafka.envelope import Record, read_fact

TOLD_OF_EVENTS: Mapping[type[EventFact], str] = {
    EventSubmitted: "submitted_at",
    EventWithdrawn: "withdrawn_at",
    EventLabelled: "decided_at",
    EventRejected: "decided_at",
    ReviewRequested: "decided_at",
    CorrectionRequested: "decided_at",
    AppealReceived: "decided_at",
    LabelWithdrawn: "decided_at",
    EventLocated: "located_at",
    EventNotLocated: "looked_up_at",
    KitSent: "sent_at",
    KitFailed: "failed_at",
    NoticeSent: "sent_at",
    NoticeFailed: "failed_at",
}
"""Each fact, and where it says when it happened."""
_KNOWN = {fact.ce_type: fact for fact in TOLD_OF_EVENTS}


def read_event_fact(record: Record) -> EventFact | None:
    """The fact, as every reader reads it; None for a type that is not known here. Raises Unreadable."""
    heard = read_fact(record, _KNOWN)
    return heard.fact if heard and isinstance(heard.fact, EventFact) else None


def happened_at(fact: EventFact) -> datetime:
    """When it happened by the campaign's clock (`NOW`), as the organiser's timeline shows it."""
    at: datetime = getattr(fact, TOLD_OF_EVENTS[type(fact)])
    return at


def essential(fact: EventFact) -> list[str]:
    """What matters of it, line by line."""
    match fact:
        case EventSubmitted():
            return _event(fact.event)
        case JudgedFact():
            return [*_decision(fact), *_asked(fact), *_verdicts(fact.verdicts)]
        case LabelWithdrawn():
            return [*_decision(fact), f"{fact.reason.code}: {fact.reason.message}"]
        case EventLocated():
            return _location(fact)
        case KitSent():
            return [f"kit {fact.kit_id}: {', '.join(piece.name for piece in fact.pieces)}"]
        case NoticeSent():
            return [f"mail {fact.notice} ({fact.notice_id})"]
        case EventNotLocated() | KitFailed() | NoticeFailed():
            about = f"mail {fact.notice}: " if isinstance(fact, NoticeFailed) else ""
            return [f"{about}{fact.reason.code}: {fact.reason.message}"]
    return []


def _event(event: PublicEvent) -> list[str]:
    starts = [f"{slot.starts_at:%Y-%m-%d %H:%M}" for slot in event.slots[:1]]
    venue = [f"{event.venue.address.postcode} {event.venue.address.city}"] if event.venue else []
    link = event.online_url or ("online, by a link that is not told" if event.has_private_link else None)
    when_and_where = " · ".join([*starts, *venue, *([link] if link else [])])
    if event.status == EventStatus.SCHEDULED:
        return [event.title, when_and_where]
    return [event.title, when_and_where, ": ".join(filter(None, [event.status, event.status_note]))]


def _decision(fact: DecisionFact) -> list[str]:
    who = fact.decided_by if fact.automated else f"{fact.decided_by}, a person"
    replaced = [f"in place of decision {fact.supersedes}"] if fact.supersedes else []
    return [f"label {fact.label.replace('_', ' ')} by {who} (ruleset {fact.ruleset or '?'})", *replaced]


def _asked(fact: JudgedFact) -> list[str]:
    if isinstance(fact, ReviewRequested | AppealReceived):
        return [f"a person of region {fact.region} decides until {fact.due_at:%Y-%m-%d %H:%M}"]
    if isinstance(fact, CorrectionRequested):
        return [f"the organiser is asked to mend it ({fact.correction.kind}): {fact.correction.message}"]
    return []


def _verdicts(verdicts: Iterable[Verdict]) -> list[str]:
    return [
        f"{verdict.condition}: {verdict.finding.replace('_', ' ')} ({verdict.rule}/{verdict.rule_version})"
        + ("" if verdict.finding == Finding.MET else f" {verdict.words}")
        for verdict in verdicts
    ]


def _location(fact: EventLocated) -> list[str]:
    place = fact.location
    by = " ".join(filter(None, [place.provider, place.vintage]))
    return [
        f"{place.latitude:.5f}, {place.longitude:.5f} ({place.precision}{', confirmed' if place.is_confirmed else ''})",
        f"{place.commune_name} ({place.commune_code}), by {by}",
    ]
