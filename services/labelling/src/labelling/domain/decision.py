"""From the verdicts to the decision, and what people make of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from backbone.campaign.edition import Doubt, ReviewRules, Silence
from backbone.campaign.geography import DEPARTMENTS, ONLINE, department_of
from backbone.campaign.working_days import end_of_working_day
from backbone.contracts import (
    AppealReceived,
    Condition,
    Correction,
    CorrectionRequested,
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

from .case import PERSONS, Case, is_by_a_person
from .ruleset import ruleset

WITHDRAWN = Reason(code="event-withdrawn", message="L’organisateur a retiré l’événement.")
CHECKED = Reason(code="checked-by-a-person", message="Une personne de votre région a vérifié cette condition.")
REFUSED = "refused-by-a-person"
GRANTED_BY_SILENCE = Reason(
    code="granted-by-silence",
    message="Personne n’a répondu dans le délai : selon la règle de l’édition, la condition est tenue pour remplie.",
)
REFUSED_BY_SILENCE = Reason(
    code="refused-by-silence",
    message="Personne n’a répondu dans le délai : selon la règle de l’édition, le label n’est pas accordé.",
)

Waiting: TypeAlias = ReviewRequested | AppealReceived
"""What a person is to decide, and by when."""
Open: TypeAlias = Waiting | CorrectionRequested
"""What nobody has decided yet."""
Said = TypeVar("Said", bound=JudgedFact)

# what the rules and people read of an event, besides its hours and where it is. A revision that changes nothing of all
# that changes no decision
_READ = ("organisation", "title", "description", "kind", "audiences", "admission", "is_free")
_TOUCHED_BY_WORDS = frozenset({Condition.PUBLIC, Condition.INDUSTRY, Condition.FREE})


def decide(
    case: Case,
    event: PublicEvent,
    verdicts: tuple[Verdict, ...],
    now: datetime,
    rules: ReviewRules = ReviewRules(),  # noqa: B008 (frozen: what holds where an edition says nothing)
) -> JudgedFact:
    """All met: labelled. One not met: rejected, and a label that the event had is gone. Otherwise a person decides; a
    label that the event had is kept until then, or suspended, as the edition has it."""
    findings = {verdict.finding for verdict in verdicts}
    is_by_rules_alone = not any(verdict.rule in PERSONS for verdict in verdicts)
    known = {**_about(case, event, now), "verdicts": verdicts, "decided_by": DecidedBy.RULES}
    known["automated"] = is_by_rules_alone
    if Finding.NOT_MET in findings:
        return EventRejected(**known, label=Label.REFUSED)
    if Finding.DOUBTFUL in findings:
        is_suspended = case.granted and rules.doubtful_amendment == Doubt.SUSPENDED
        label = Label.SUSPENDED if is_suspended else Label.UNDER_REVIEW
        return ReviewRequested(**known, label=label, region=region_of(event), due_at=due_at(now, event, rules))
    return EventLabelled(**known, label=Label.GRANTED)


def settle(case: Case, asked: Open, refused: Mapping[Condition, str], now: datetime) -> EventLabelled | EventRejected:
    """A person's word on what they were asked: labelled if `refused` is empty; otherwise rejected for the conditions it
    names, with the reason that the person gives to the organiser for each. All others are met, whatever was found."""
    by = DecidedBy.APPEAL if isinstance(asked, AppealReceived) else DecidedBy.REVIEW
    settled = tuple(_settled(verdict, refused, by) for verdict in asked.verdicts)
    known = {**_about(case, asked.event, now), "verdicts": settled, "automated": False, "decided_by": by}
    if refused:
        return EventRejected(**known, label=Label.REFUSED)
    return EventLabelled(**known, label=Label.GRANTED)


def to_correct(case: Case, review: ReviewRequested, correction: Correction, now: datetime) -> CorrectionRequested:
    """The organiser is to mend the text before a person decides."""
    known = {**_about(case, review.event, now), "verdicts": review.verdicts, "label": review.label}
    by_a_person = {"automated": False, "decided_by": DecidedBy.REVIEW}
    return CorrectionRequested(**known, **by_a_person, region=review.region, correction=correction)


def receive_appeal(case: Case, refusal: EventRejected, now: datetime, rules: ReviewRules) -> AppealReceived:
    """A refusal is to be judged again, by a clock of its own."""
    event = refusal.event
    known = {**_about(case, event, now), "ruleset": refusal.ruleset, "verdicts": refusal.verdicts}
    by_the_organiser = {"automated": False, "decided_by": DecidedBy.ORGANISER, "label": Label.REFUSED}
    return AppealReceived(**known, **by_the_organiser, region=region_of(event), due_at=due_at(now, event, rules))


def handed_over(case: Case, asked: Said, region: str, now: datetime) -> Said:
    """The same question to the people of another region, by the same clock."""
    again = {**_about(case, asked.event, now), "ruleset": asked.ruleset, "region": region}
    return asked.model_copy(update=again)


def fall_silent(case: Case, asked: Waiting, silence: Silence, now: datetime) -> EventLabelled | EventRejected:
    """Nobody has answered, and the edition says what that means: all that is open is met, or is not."""
    finding, reason = Finding.MET, GRANTED_BY_SILENCE
    if silence == Silence.REFUSED:
        finding, reason = Finding.NOT_MET, REFUSED_BY_SILENCE
    told = {"finding": finding, "code": reason.code, "message": reason.message, "hint": None}
    told |= {"rule": DecidedBy.SILENCE.value, "rule_version": "1"}
    found = tuple(v if v.finding == Finding.MET else v.model_copy(update=told) for v in asked.verdicts)
    known = {**_about(case, asked.event, now), "verdicts": found, "decided_by": DecidedBy.SILENCE}
    if silence == Silence.REFUSED:
        return EventRejected(**known, label=Label.REFUSED)
    return EventLabelled(**known, label=Label.GRANTED)


def stands(before: JudgedFact, event: PublicEvent) -> bool:
    """Whether what was decided, or asked, is said again of a revision: it touches nothing that is judged. A label is
    not looked at again for a new telephone number, and an open question goes on by its own clock. What the rules alone
    refused is judged anew, since they may have learned; and so is what its organiser was asked to correct."""
    if isinstance(before, CorrectionRequested) or not reads_alike(before.event, event):
        return False
    is_open = isinstance(before, ReviewRequested | AppealReceived)
    return is_open or before.label == Label.GRANTED or is_by_a_person(before)


def repeat(case: Case, before: Said, event: PublicEvent, now: datetime) -> Said:
    """What was decided, or asked, on a revision that changes nothing of what is judged."""
    return before.model_copy(update={**_about(case, event, now), "ruleset": before.ruleset})


def with_words_of_persons(before: JudgedFact, event: PublicEvent, verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    """What the rules find of a revision; but of each condition that it does not touch, what a person found before."""
    touched = touches(before.event, event)
    found = {v.condition: v for v in before.verdicts if v.rule in PERSONS and v.condition not in touched}
    return tuple(found.get(verdict.condition, verdict) for verdict in verdicts)


def withdraw(case: Case, withdrawn: EventWithdrawn) -> LabelWithdrawn:
    """The label that the event had goes with it."""
    about = {"event_id": withdrawn.event_id, "revision": withdrawn.revision, "edition": withdrawn.edition}
    by_the_organiser = {"automated": False, "decided_by": DecidedBy.ORGANISER, "label": Label.WITHDRAWN}
    decision = case.next_decision(withdrawn.withdrawn_at)
    return LabelWithdrawn(**about, **decision, **by_the_organiser, ruleset=ruleset(), reason=WITHDRAWN)


def reads_alike(one: PublicEvent, other: PublicEvent) -> bool:
    """Whether two revisions say the same in all that is judged."""
    return not touches(one, other)


def touches(one: PublicEvent, other: PublicEvent) -> frozenset[Condition]:
    """The conditions that may be another's of two revisions: those that read what has changed. Where its place is in
    another region, other people judge all of it."""
    if (one.edition, region_of(one)) != (other.edition, region_of(other)):
        return frozenset(Condition)
    by_hours = frozenset({Condition.DATES}) if _hours(one) != _hours(other) else frozenset()
    is_reworded = any(getattr(one, name) != getattr(other, name) for name in _READ)
    return by_hours | (_TOUCHED_BY_WORDS if is_reworded else frozenset())


def _hours(event: PublicEvent) -> list[tuple[str, str]]:
    # as they are written: of two that are the same instant, one may be a day later at its place. Whether a slot is
    # full, or how it is called, is nothing to the label
    return [(slot.starts_at.isoformat(), slot.ends_at.isoformat()) for slot in event.slots]


def _about(case: Case, event: PublicEvent, now: datetime) -> dict[str, Any]:
    about = {"event_id": event.event_id, "revision": event.revision, "edition": event.edition, "event": event}
    return {**about, **case.next_decision(now), "ruleset": ruleset()}


def _settled(verdict: Verdict, refused: Mapping[Condition, str], by: str) -> Verdict:
    by_a_person = {"hint": None, "rule": str(by), "rule_version": "1"}
    for condition, sentence in refused.items():
        if condition == verdict.condition:
            told = {"finding": Finding.NOT_MET, "code": REFUSED, "message": sentence}
            return verdict.model_copy(update=told | by_a_person)
    if verdict.finding != Finding.MET:
        told = {"finding": Finding.MET, "code": CHECKED.code, "message": CHECKED.message}
        return verdict.model_copy(update=told | by_a_person)
    return verdict


def region_of(event: PublicEvent) -> str:
    """The INSEE code of the region that reviews the event; `00` for an event online."""
    department = department_of(event.venue.address.postcode) if event.venue else None
    return DEPARTMENTS[department].region if department else ONLINE


def due_at(asked_at: datetime, event: PublicEvent, rules: ReviewRules) -> datetime:
    """When a person must have decided: the end of the fourth working day after the request, unless the edition says
    otherwise, at the event's own place and by its public holidays."""
    postcode = event.venue.address.postcode if event.venue else None
    return end_of_working_day(asked_at, rules.working_days, postcode)
