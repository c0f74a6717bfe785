"""From the verdicts to the decision, and the clock of the review."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from backbone.campaign.geography import DEPARTMENTS, ONLINE, department_of
from backbone.contracts import (
    Condition,
    DecidedBy,
    EventLabelled,
    EventRejected,
    EventWithdrawn,
    Finding,
    JudgedFact,
    Label,
    LabelWithdrawn,
    PublicEvent,
    Reason,
    ReviewRequested,
    Verdict,
)

from .case import Case
from .ruleset import ruleset

PARIS = ZoneInfo("Europe/Paris")

REVIEW_DAYS = 4  # working days; service-public.fr, notice A16803
WITHDRAWN = Reason(code="event-withdrawn", message="L’organisateur a retiré l’événement.")
CHECKED = Reason(code="checked-by-a-person", message="Une personne de votre région a vérifié cette condition.")
REFUSED = "refused-by-a-person"

# what the rules and people read of an event; and its hours. A revision that changes nothing of it changes no decision
_JUDGED = ("edition", "organisation", "title", "description", "kind", "audiences", "admission", "is_free")


def decide(case: Case, event: PublicEvent, verdicts: tuple[Verdict, ...], now: datetime) -> JudgedFact:
    """All met: labelled. One not met: rejected. Otherwise a person decides, within four working days."""
    findings = {verdict.finding for verdict in verdicts}
    known = {**_about(case, event, now), "verdicts": verdicts, "decided_by": DecidedBy.RULES}
    if Finding.NOT_MET in findings:
        return EventRejected(**known, label=Label.REFUSED)
    if Finding.DOUBTFUL in findings:
        return ReviewRequested(**known, label=Label.UNDER_REVIEW, region=region_of(event), due_at=due_at(now))
    return EventLabelled(**known, label=Label.GRANTED)


def settle(
    case: Case, review: ReviewRequested, refused: Mapping[Condition, str], now: datetime
) -> EventLabelled | EventRejected:
    """A reviewer's word on a doubtful event: labelled if `refused` is empty; otherwise rejected for the
    conditions it names, with the reason the reviewer gives to the organiser for each."""
    settled = tuple(_settled(verdict, refused) for verdict in review.verdicts)
    known = {**_about(case, review.event, now), "verdicts": settled}
    by_a_person = {"automated": False, "decided_by": DecidedBy.REVIEW}
    if refused:
        return EventRejected(**known, **by_a_person, label=Label.REFUSED)
    return EventLabelled(**known, **by_a_person, label=Label.GRANTED)


def repeat(case: Case, before: JudgedFact, event: PublicEvent, now: datetime) -> JudgedFact:
    """What a person decided, on a revision that changes nothing of what they judged."""
    who = {"automated": before.automated, "decided_by": before.decided_by, "label": before.label}
    return type(before)(**_about(case, event, now), **who, verdicts=before.verdicts)


def withdraw(case: Case, withdrawn: EventWithdrawn) -> LabelWithdrawn:
    """The label that the event had goes with it."""
    about = {"event_id": withdrawn.event_id, "revision": withdrawn.revision, "edition": withdrawn.edition}
    by_the_organiser = {"automated": False, "decided_by": DecidedBy.ORGANISER, "label": Label.WITHDRAWN}
    decision = case.next_decision(withdrawn.withdrawn_at)
    return LabelWithdrawn(**about, **decision, **by_the_organiser, ruleset=ruleset(), reason=WITHDRAWN)


def reads_alike(one: PublicEvent, other: PublicEvent) -> bool:
    """Whether two revisions say the same in all that is judged."""
    return _as_judged(one) == _as_judged(other)


def _as_judged(event: PublicEvent) -> tuple[Any, ...]:
    # the hours as they are written: of two that are the same instant, one may be a day later at its place. Whether a
    # slot is full, or how it is called, is nothing to the label
    hours = [(slot.starts_at.isoformat(), slot.ends_at.isoformat()) for slot in event.slots]
    return (region_of(event), hours, *(getattr(event, name) for name in _JUDGED))  # its region: the same people judge


def _about(case: Case, event: PublicEvent, now: datetime) -> dict[str, Any]:
    about = {"event_id": event.event_id, "revision": event.revision, "edition": event.edition, "event": event}
    return {**about, **case.next_decision(now), "ruleset": ruleset()}


def _settled(verdict: Verdict, refused: Mapping[Condition, str]) -> Verdict:
    by_a_person = {"hint": None, "rule": "review", "rule_version": "1"}
    for condition, sentence in refused.items():
        if condition == verdict.condition:
            told = {"finding": Finding.NOT_MET, "code": REFUSED, "message": sentence}
            return verdict.model_copy(update=told | by_a_person)
    if verdict.finding == Finding.DOUBTFUL:
        told = {"finding": Finding.MET, "code": CHECKED.code, "message": CHECKED.message}
        return verdict.model_copy(update=told | by_a_person)
    return verdict


def region_of(event: PublicEvent) -> str:
    """The INSEE code of the region that reviews the event; `00` for an event online."""
    department = department_of(event.venue.address.postcode) if event.venue else None
    return DEPARTMENTS[department].region if department else ONLINE


def due_at(asked_at: datetime) -> datetime:
    """The end (18:00 in Paris) of the fourth working day after the request. Saturdays, Sundays do not count;
    public holidays do: a reviewer has a day less then."""
    day, left = asked_at.astimezone(PARIS).date(), REVIEW_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return datetime.combine(day, time(18), PARIS)
