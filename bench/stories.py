"""Facts in the proportions and at the times of a campaign, in any number: what an export is measured on.

An event is told as registration tells it, judged, placed, and its organiser written to; some are amended, doubted,
refused, withdrawn. Each record has the time at which it would have been told, spread over the days of the campaign.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import islice
from typing import Any
from uuid import UUID

from confluent_kafka import Producer

from backbone.contracts import (
    AppealReceived,
    CorrectionRequested,
    EventLabelled,
    EventLocated,
    EventNotLocated,
    EventRejected,
    EventSubmitted,
    EventWithdrawn,
    Fact,
    KitFailed,
    KitSent,
    LabelWithdrawn,
    NoticeSent,
    ReviewRequested,
)
from backbone.contracts.schema import FOLDER, address_of, broken_promises, name_of
from geocoding.domain import centre
from geocoding.gazetteer import Gazetteer

from .world import submissions

BEGIN, DAYS = datetime(2026, 2, 1, tzinfo=UTC), 280
DIFFERENT = 1500
"""Events with words of their own; the others are these, by other organisers."""
CHECKED = 3000
"""Of so many facts it is made sure that their writers may tell them."""
IN_FLIGHT = 50_000
_PERSON = {"automated": False, "decided_by": "review"}


@dataclass(frozen=True, order=True)
class Told:
    """A fact at the moment at which it is told."""

    at: datetime
    number: int
    kind: type[Fact] = field(compare=False)
    value: dict[str, Any] = field(compare=False)


@dataclass(frozen=True)
class _Model:
    event: dict[str, Any]
    location: dict[str, Any] | None
    region: str


def stories(number: int, seed: int = 2026) -> Iterator[Told]:
    """So many facts, in the order of their times."""
    return islice(_all_stories(number, random.Random(seed)), number)  # noqa: S311 (no secret)


def _all_stories(number: int, chance: random.Random) -> Iterator[Told]:
    models, waiting = _models(), list[Told]()
    # more events in autumn than in spring; of each there are 4.3 facts in the mean
    for place, day in enumerate(sorted(DAYS * max(chance.random(), chance.random()) for _ in range(int(number / 4.2)))):
        begin = BEGIN + timedelta(days=day)
        while waiting and waiting[0].at <= begin:
            yield heappop(waiting)
        for fact in _Story(chance, chance.choice(models), place).told(begin):
            heappush(waiting, fact)
    while waiting:
        yield heappop(waiting)


def _models() -> list[_Model]:
    gazetteer, models = Gazetteer.load(), []
    for told in submissions(DIFFERENT):
        found = gazetteer.find(told.event.venue.address) if told.event.venue else None
        location = centre(found.commune, provider="gazetteer", score=1.0) if found else None
        shown = location.model_dump(mode="json") if location else None
        models.append(_Model(told.event.model_dump(mode="json"), shown, location.region_code if location else "00"))
    return models


def _sample(kind: type[Fact]) -> dict[str, Any]:
    sample = json.loads((FOLDER / "samples" / f"{name_of(kind)}.{kind.version}.json").read_text())
    value: dict[str, Any] = sample["value"]
    return value


_SAMPLES: dict[type[Fact], dict[str, Any]] = {
    kind: _sample(kind)
    for kind in (
        EventLabelled,
        EventRejected,
        ReviewRequested,
        CorrectionRequested,
        AppealReceived,
        LabelWithdrawn,
        EventNotLocated,
        KitSent,
        KitFailed,
        NoticeSent,
    )
}


class _Story:
    """What is told of one event, from its first submission on."""

    def __init__(self, chance: random.Random, model: _Model, place: int) -> None:
        self._chance, self._model, self._place = chance, model, place
        self._event_id, self._organiser = self._id(), self._id()
        self._revision = self._sequence = 0
        self._had_label = False

    def told(self, at: datetime) -> Iterator[Told]:
        for _ in range(2 if self._chance.random() < 0.2 else 1):
            self._revision += 1
            yield from self._submitted(at)
            decided = at + timedelta(seconds=0.4 + self._chance.random())
            for fact in self._judged(decided):
                yield fact
                decided = max(decided, fact.at)
            at = decided + self._some(400_000)
        if self._chance.random() < 0.04:
            yield from self._withdrawn(at)

    def _submitted(self, at: datetime) -> Iterator[Told]:
        yield self._fact(EventSubmitted, at, when="submitted_at", sequence=self._revision, event=self._event)
        soon = at + timedelta(seconds=0.8 + self._chance.random())
        if self._model.location:
            yield self._fact(EventLocated, soon, when="located_at", location=self._model.location)
        elif self._event["venue"]:
            yield self._fact(EventNotLocated, soon, when="looked_up_at")

    def _judged(self, at: datetime) -> Iterator[Told]:
        luck, by, region = self._chance.random(), {}, {"region": self._model.region}
        if luck < 0.3:
            yield self._decision(ReviewRequested, at, label="under_review", **region)
            by, at = dict(_PERSON), at + self._some(90_000)
        if luck < 0.03:
            yield self._decision(CorrectionRequested, at, label="under_review", **region, **by)
            at += self._some(90_000)
        if self._chance.random() < 0.8:
            yield self._decision(EventLabelled, at, label="granted", **by)
            self._had_label = True
            yield self._kit(at)
            return
        yield self._decision(EventRejected, at, label="refused", **by)
        yield self._fact(NoticeSent, at + timedelta(seconds=5), when="sent_at", notice_id=self._id())
        if self._chance.random() < 0.1:
            appeal, by = at + self._some(90_000), {"automated": False, "decided_by": "organiser"}
            yield self._decision(AppealReceived, appeal, label="refused", **region, **by)
            word = {**_PERSON, "decided_by": "appeal"}
            yield self._decision(EventLabelled, appeal + self._some(90_000), label="granted", **word)

    def _kit(self, at: datetime) -> Told:
        if self._chance.random() < 0.01:
            return self._fact(KitFailed, at + timedelta(hours=1), when="failed_at")
        return self._fact(KitSent, at + timedelta(seconds=5) + self._some(15), when="sent_at", kit_id=self._id())

    def _withdrawn(self, at: datetime) -> Iterator[Told]:
        self._revision += 1
        yield self._fact(EventWithdrawn, at, when="withdrawn_at", sequence=self._revision)
        if self._had_label:
            gone = {"label": "withdrawn", "decided_by": "organiser", "supersedes": None, "decision_id": self._id()}
            self._sequence += 1
            yield self._fact(LabelWithdrawn, at, when="decided_at", sequence=self._sequence, **gone)

    @property
    def _event(self) -> dict[str, Any]:
        mine = {"event_id": self._event_id, "revision": self._revision, "organiser_id": self._organiser}
        return {**self._model.event, **mine}

    def _decision(self, kind: type[Fact], at: datetime, **more: Any) -> Told:
        self._sequence += 1
        about = {"decision_id": self._id(), "supersedes": None, "had_label": self._had_label, "event": self._event}
        told = {**about, "automated": True, "decided_by": "rules", **more}
        return self._fact(kind, at, when="decided_at", sequence=self._sequence, **told)

    def _fact(self, kind: type[Fact], at: datetime, *, when: str, sequence: int = 1, **more: Any) -> Told:
        about = {"event_id": self._event_id, "revision": self._revision, "sequence": sequence, "edition": "2026"}
        return Told(at, self._place, kind, {**_SAMPLES.get(kind, {}), **about, **more, when: at.isoformat()})

    def _id(self) -> str:
        return str(UUID(int=self._chance.getrandbits(128), version=4))

    def _some(self, seconds: float) -> timedelta:
        return timedelta(seconds=self._chance.expovariate(1 / seconds))


def fill(servers: str, number: int) -> int:
    """Writes so many facts on their topics; how many bytes their values are."""
    producer = Producer({"bootstrap.servers": servers, "linger.ms": 50, "compression.type": "zstd", "acks": "all"})
    size = 0
    for place, told in enumerate(stories(number)):
        text = json.dumps(told.value, ensure_ascii=False, separators=(",", ":"))
        if place < CHECKED and (broken := [*broken_promises(told.kind.model_validate(told.value), text)]):
            raise RuntimeError(f"no writer may tell this {told.kind.__name__}: {broken[:3]}")
        size += len(value := text.encode())
        record = {"key": told.value["event_id"], "headers": _headers(told, place)}
        while len(producer) > IN_FLIGHT:
            producer.poll(0.1)
        at = int(told.at.timestamp() * 1000)
        producer.produce(told.kind.topic.name, value, **record, timestamp=at)
    if producer.flush(120):
        raise RuntimeError("Kafka did not take all of it")
    return size


def _headers(told: Told, place: int) -> list[tuple[str, bytes]]:
    headers = {
        "ce_specversion": "1.0",
        "ce_type": told.kind.ce_type,
        "ce_source": f"/services/{told.kind.topic.writer}",
        "ce_subject": told.value["event_id"],
        "ce_dataschema": address_of(told.kind),
        "content-type": "application/json",
        "traceparent": f"00-{place + 1:032x}-00f067aa0ba902b7-01",
        "ce_id": str(UUID(int=place)),
        "ce_time": told.at.isoformat(),
    }
    return [(name, value.encode()) for name, value in headers.items()]
