"""A whole season of an edition, invented: what the topics would say if the demonstration's events were submitted from
the first day to the last, amended, called off, reviewed and appealed.

The rules and the log of labelling are its own, places are the gazetteer's. Invented is when organisers and reviewers
did something, and what: nothing in it is a finding about the real campaign. One seed, one season.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from backbone.campaign.clock import StoppedClock
from backbone.campaign.edition import Edition, load_editions
from backbone.contracts import (
    AppealReceived,
    Condition,
    CorrectionRequested,
    DecisionFact,
    EventLabelled,
    EventLocated,
    EventNotLocated,
    EventRejected,
    EventSubmitted,
    EventWithdrawn,
    Fact,
    Finding,
    JudgedFact,
    KitFailed,
    KitPiece,
    KitSent,
    PublicEvent,
    Reason,
    ReviewRequested,
    Verdict,
)
from backbone.contracts.labelling import Correction
from geocoding.domain import at_pin, centre
from geocoding.gazetteer import PROVIDER, VINTAGE, Gazetteer
from geocoding.handlers import UNKNOWN
from labelling.desk import Desk
from labelling.domain.case import Case, entered
from labelling.domain.decision import receive_appeal, settle, to_correct
from labelling.handlers import judge_event, withdraw_label
from labelling.store import OpenCase
from registration.domain.draft import EventDraft

from .amending import AMENDMENTS, CALLED_OFF, mended, with_invented_fields
from .generator import draft_of, generate

PARIS = ZoneInfo("Europe/Paris")
MAIL_IS_DOWN = (datetime(2026, 10, 13, 8, 40, tzinfo=PARIS), datetime(2026, 10, 13, 11, 25, tzinfo=PARIS))
KIT = (KitPiece(name="affiche-a4.pdf", media_type="application/pdf", bytes=184_220, sha256=f"{7:064x}"),)
TOO_LATE = Reason(code="mail-refused", message="Le serveur de messagerie a refusé le courriel.")
REFUSED_BECAUSE = "Le déroulé ne montre pas d’activité industrielle ouverte à tous."
CORRECTION = Correction(kind="incomplete", message="Dites qui peut venir, et ce que l’on voit sur place.")


@dataclass(frozen=True)
class Told:
    """A fact, and the instant at which it was told."""

    at: datetime
    fact: Fact


def season(number: int, edition_file: Path, seed: int = 2026) -> list[Told]:
    """What all topics say of `number` events, in the order in which it was told."""
    editions, gazetteer = load_editions(edition_file), Gazetteer.load()
    told: list[Told] = []
    for event_id, sample in generate(number, seed):
        chance = random.Random(f"{seed}:{event_id}")  # noqa: S311 (no secret)
        clock = StoppedClock(_submitted_at(editions.current, chance))
        # the rules ask the desk for the clock and the edition alone
        desk = Desk(
            engine=cast(Any, None), clock=clock, editions=editions, keys=cast(Any, None), switches=cast(Any, None)
        )
        draft = EventDraft.model_validate(draft_of(sample, editions.current))
        organiser = uuid5(NAMESPACE_URL, f"organiser:{sample['organisation']}")
        event = draft.as_event(event_id, 1, editions.current.name, organiser)
        story = _Story(event_id, clock, desk, gazetteer, chance)
        told += story.told_of(with_invented_fields(event, sample, chance), editions.current)
    return sorted(told, key=lambda one: one.at)


class _Story:
    """What the services tell of one event, one after the other."""

    def __init__(
        self, event_id: UUID, clock: StoppedClock, desk: Desk, gazetteer: Gazetteer, chance: random.Random
    ) -> None:
        self._clock, self._desk, self._gazetteer, self._chance = clock, desk, gazetteer, chance
        self._case = OpenCase(Case(event_id))
        self._said: dict[str, int] = {}
        self._told: list[Told] = []

    def told_of(self, event: PublicEvent, edition: Edition) -> list[Told]:
        ends = datetime.combine(edition.week.last, time(18), PARIS)
        decision = self._answered(self._submit(event, self._clock.at))
        for change, at in sorted(self._changes(edition), key=lambda planned: planned[1]):
            if self._clock.at < at < ends and isinstance(decision, EventLabelled):
                decision = self._answered(self._submit(change(decision.event, self._chance), at))
        if self._chance.random() < 0.025 and (at := _in_office(self._clock.at, 12, self._chance)) < ends:
            self._withdraw(decision.event, at)
        return [one for one in self._told if one.at < ends]

    def _changes(self, edition: Edition) -> Iterator[tuple[Callable[[PublicEvent, random.Random], PublicEvent], Any]]:
        """What will happen to a labelled event, and when: few are called off in spring, most of them near the week."""
        chance, first = self._chance, self._clock.at
        left = datetime.combine(edition.week.first, time(9), PARIS) - first
        while chance.random() < 0.17:
            (amend,) = chance.choices([way for way, _ in AMENDMENTS], [weight for _, weight in AMENDMENTS])
            yield amend, _in_office(first + left * chance.random(), 0, chance)
        if chance.random() < 0.055:
            (call_off,) = chance.choices([way for way, _ in CALLED_OFF], [weight for _, weight in CALLED_OFF])
            yield call_off, _in_office(first + left * 1.02 * chance.betavariate(5, 1.2), 0, chance)

    def _submit(self, event: PublicEvent, at: datetime) -> JudgedFact:
        about = self._about("registration", event)
        event = event.model_copy(update={"revision": about["revision"]})
        submitted = EventSubmitted(**about, event=event, submitted_at=at)
        self._tell(submitted, at)
        self._locate(event, at)
        self._clock.at = at + timedelta(seconds=self._chance.lognormvariate(-0.9, 0.7))
        then = judge_event(self._case, submitted, self._desk)
        self._case = OpenCase(then.state.now)
        return self._decided(then.state.taken[-1].decision)

    def _answered(self, decision: JudgedFact) -> JudgedFact:
        """What people make of it, in turns, until nobody has anything more to say."""
        for _ in range(4):
            if isinstance(decision, ReviewRequested) and self._chance.random() < 0.97:
                decision = self._review(decision)
            elif isinstance(decision, CorrectionRequested):
                decision = self._submit(mended(decision.event, decision, self._chance), self._later(2))
            elif isinstance(decision, EventRejected) and self._chance.random() < 0.5:
                decision = self._protest(decision)
            else:
                return decision
        return decision

    def _protest(self, refusal: EventRejected) -> JudgedFact:
        if refusal.decided_by == "appeal" or self._chance.random() < 0.7:
            return self._submit(mended(refusal.event, refusal, self._chance), self._later(1.5))
        self._clock.at = self._later(1)
        self._enter(receive_appeal(self._case.now, refusal, self._clock.at, self._desk.review_rules(refusal.edition)))
        refused = {} if self._chance.random() < 0.45 else _not_met(refusal.verdicts, Finding.NOT_MET)
        return self._settle(cast(AppealReceived, self._told[-1].fact), refused)

    def _review(self, asked: ReviewRequested) -> JudgedFact:
        if self._chance.random() < 0.12:
            self._clock.at = self._later(1.2)
            return self._enter(to_correct(self._case.now, asked, CORRECTION, self._clock.at))
        refused = {} if self._chance.random() < 0.8 else _not_met(asked.verdicts, Finding.DOUBTFUL)
        return self._settle(asked, refused)

    def _settle(self, asked: ReviewRequested | AppealReceived, refused: dict[Condition, str]) -> JudgedFact:
        self._clock.at = self._later(1.4)
        return self._enter(settle(self._case.now, asked, refused, self._clock.at))

    def _enter(self, decision: JudgedFact) -> JudgedFact:
        case, taken = entered(self._case.now, decision)
        self._case = OpenCase(case)
        return self._decided(taken.decision)

    def _decided(self, decision: DecisionFact) -> JudgedFact:
        judged = cast(JudgedFact, decision)
        self._tell(judged, judged.decided_at)
        if isinstance(judged, EventLabelled) and (not judged.had_label or self._chance.random() < 0.5):
            self._send_kit(judged)
        return judged

    def _send_kit(self, labelled: EventLabelled) -> None:
        at = labelled.decided_at + timedelta(seconds=self._chance.lognormvariate(math.log(6.5), 0.55))
        if self._chance.random() < 0.006:  # a mail server that says « later », once or twice
            at += timedelta(seconds=self._chance.uniform(60, 500))
        if MAIL_IS_DOWN[0] < at < MAIL_IS_DOWN[1]:
            at = MAIL_IS_DOWN[1] + timedelta(seconds=self._chance.uniform(5, 900))
        about = self._about("commskit", labelled.event, labelled.revision)
        if self._chance.random() < 0.003:
            self._tell(
                KitFailed(**about, reason=TOO_LATE, failed_at=at + timedelta(hours=20)), at + timedelta(hours=20)
            )
        else:
            kit = uuid5(labelled.event_id, f"kit {about['sequence']}")
            self._tell(KitSent(**about, kit_id=kit, pieces=KIT, sent_at=at), at)

    def _locate(self, event: PublicEvent, at: datetime) -> None:
        if event.venue is None:
            return
        found, at = self._gazetteer.find(event.venue.address), at + timedelta(seconds=self._chance.uniform(0.2, 2))
        about = self._about("geocoding", event, event.revision)
        if found is None:
            self._tell(EventNotLocated(**about, reason=UNKNOWN, looked_up_at=at), at)
            return
        place, pin = centre(found.commune, PROVIDER, found.score, vintage=VINTAGE), event.venue.position
        place = at_pin(place, pin) if pin and pin.is_confirmed else place
        self._tell(EventLocated(**about, location=place, located_at=at), at)

    def _withdraw(self, event: PublicEvent, at: datetime) -> None:
        withdrawn = EventWithdrawn(**self._about("registration", event), withdrawn_at=at)
        self._tell(withdrawn, at)
        for fact in withdraw_label(self._case, withdrawn, self._desk).facts:
            self._tell(cast(Any, fact).fact, at + timedelta(seconds=0.4))

    def _about(self, writer: str, event: PublicEvent, revision: int | None = None) -> dict[str, Any]:
        """Which event it is told of, its revision (registration's own count, where none is given), and the mark."""
        sequence = self._said[writer] = self._said.get(writer, 0) + 1
        known = {"event_id": event.event_id, "revision": revision or sequence, "edition": event.edition}
        return {**known, "sequence": sequence}

    def _tell(self, fact: Fact, at: datetime) -> None:
        self._told.append(Told(at.astimezone(UTC), fact))

    def _later(self, days: float) -> datetime:
        return _in_office(self._clock.at, days, self._chance)


def _not_met(verdicts: tuple[Verdict, ...], finding: Finding) -> dict[Condition, str]:
    return {Condition(verdict.condition): REFUSED_BECAUSE for verdict in verdicts if verdict.finding == finding}


def _submitted_at(edition: Edition, chance: random.Random) -> datetime:
    """Few in February, many in October, most on the last days; in working hours."""
    days = (edition.registration.last_day - edition.registration.opens).days
    share = chance.betavariate(9, 1.1) if chance.random() < 0.2 else chance.betavariate(2.6, 1.35)
    day = edition.registration.opens + timedelta(days=round(days * share))
    while day.weekday() > 4 and chance.random() < 0.85:
        day -= timedelta(days=1)
    return _hour_of(max(day, edition.registration.opens), chance)


def _in_office(after: datetime, days: float, chance: random.Random) -> datetime:
    """Some working days later (a few hours where `days` is small), in office hours; never before `after`."""
    later = after + timedelta(days=days * chance.lognormvariate(0, 0.55))
    day = later.astimezone(PARIS).date()
    while day.weekday() > 4:
        day += timedelta(days=1)
    found = _hour_of(day, chance)
    return found if found > after else _hour_of(day + timedelta(days=1 if day.weekday() < 4 else 3), chance)


def _hour_of(day: date, chance: random.Random) -> datetime:
    seconds = chance.triangular(8.5 * 3600, 18.5 * 3600, 10.5 * 3600)
    return datetime.combine(day, time(), PARIS) + timedelta(seconds=seconds)
