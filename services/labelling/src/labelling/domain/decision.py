"""From the verdicts to the decision, and the clock of the review."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from backbone.campaign.geography import DEPARTMENTS, ONLINE, department_of
from backbone.contracts import (
    Condition,
    DecisionFact,
    EventLabelled,
    EventRejected,
    Finding,
    PublicEvent,
    ReviewRequested,
    Verdict,
)

PARIS = ZoneInfo("Europe/Paris")

REVIEW_DAYS = 4  # working days; service-public.fr, notice A16803


def decide(event: PublicEvent, verdicts: tuple[Verdict, ...], now: datetime) -> DecisionFact:
    """All met: labelled. One not met: rejected. Otherwise a person decides, within four working days."""
    findings = {verdict.finding for verdict in verdicts}
    known = {"event_id": event.event_id, "revision": event.revision, "event": event, "verdicts": verdicts}
    if Finding.NOT_MET in findings:
        return EventRejected.model_validate({**known, "decided_at": now, "decided_by": "rules"})
    if Finding.DOUBTFUL in findings:
        due = {"region": region_of(event), "due_at": due_at(now)}
        return ReviewRequested.model_validate({**known, **due, "decided_at": now})
    return EventLabelled.model_validate({**known, "decided_at": now, "decided_by": "rules"})


def settle(
    event: PublicEvent, verdicts: tuple[Verdict, ...], refused: dict[Condition, str], now: datetime
) -> EventLabelled | EventRejected:
    """A reviewer's word on a doubtful event: labelled if `refused` is empty; otherwise rejected for the
    conditions it names, with the reason the reviewer gives to the organiser for each."""
    settled = tuple(_settled(verdict, refused.get(verdict.condition)) for verdict in verdicts)
    known = {"event_id": event.event_id, "revision": event.revision, "event": event, "verdicts": settled}
    fact = EventRejected if refused else EventLabelled
    return fact.model_validate({**known, "decided_at": now, "decided_by": "review"})


def _settled(verdict: Verdict, refusal: str | None) -> Verdict:
    if refusal:
        return verdict.model_copy(update={"finding": Finding.NOT_MET, "reason": refusal, "rule": "review/1"})
    if verdict.finding == Finding.DOUBTFUL:
        reason = "Une personne de votre région a vérifié cette condition."
        return verdict.model_copy(update={"finding": Finding.MET, "reason": reason, "rule": "review/1"})
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
