"""Handlers are folds: what a service keeps is loaded for a whole poll, folded in order, and saved at once."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, Uuid, select, text
from sqlalchemy.dialects.postgresql import JSONB

from backbone.contracts import EventWithdrawn, Mark, OrganiserErased
from backbone.kafka.cluster import Cluster
from backbone.postgres.database import jobs, open_database, outbox
from backbone.postgres.jobs import Job
from backbone.postgres.kept import KeptRows
from backbone.runtime.trace import current_trace
from backbone.service.folding import Later, Then, fold, in_transaction
from backbone.service.listener import Ears, Listener, open_broker

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
FIRST, SECOND = UUID(int=1), UUID(int=2)
TALLIES = Table(
    "tallies",
    MetaData(),
    Column("event_id", Uuid, primary_key=True),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("heard", Integer, nullable=False, server_default="0"),
    Column("words", JSONB),
    Column("who", Text),
)


@dataclass(frozen=True)
class Tally:
    """How often an event was heard of, and its newest revision."""

    event_id: UUID
    revision: int = 0
    heard: int = 0
    words: str | None = None
    who: str | None = None


KEPT = KeptRows(TALLIES, Tally)


class Look(Job):
    """Something to be done about a revision."""

    kind = "look"
    event_id: UUID
    revision: int

    @property
    def key(self) -> str:
        return f"{self.event_id}:{self.revision}"


def count(tally: Tally, fact: EventWithdrawn, desk: Any) -> Then[Tally]:
    """Counts; a revision of 0 and below is not to its taste."""
    if fact.revision <= 0:
        raise ValueError("marie@exemple.fr")
    return Then(replace(tally, revision=fact.revision, heard=tally.heard + 1, words='{"trace": true}', who=desk))


@pytest.fixture
async def tallies(engine):
    async with engine.begin() as tx:
        await tx.run_sync(TALLIES.create)

    async def read():
        async with engine.connect() as connection:
            rows = await connection.execute(select(TALLIES).order_by(TALLIES.c.event_id))
            return [tuple(row) for row in rows]

    return read


@pytest.fixture
def listener(engine, publisher, tallies):
    def make(hears=None):
        ears = Ears("geocoding", open_broker("geocoding", Cluster("127.0.0.1:1")), publisher)
        return Listener(ears, engine, hears or {EventWithdrawn: fold(count, into=KEPT)}, "the desk")

    return make


async def test_facts_on_one_key_in_one_poll_see_each_other_and_are_saved_once(
    listener, make_record, withdrawn, tallies
):
    told = [withdrawn(1), withdrawn(1, SECOND), withdrawn(2), withdrawn(3)]
    await listener().take([make_record(fact, offset) for offset, fact in enumerate(told)])
    assert await tallies() == [
        (FIRST, 3, 3, {"trace": True}, "the desk"),
        (SECOND, 1, 1, {"trace": True}, "the desk"),
    ]


class Written(KeptRows[Tally]):
    """Notes what is saved, in which order, and can be told to wait before it is."""

    def __init__(self) -> None:
        super().__init__(TALLIES, Tally)
        self.saved: list[str] = []
        self.may_save = asyncio.Event()
        self.may_save.set()

    async def save(self, tx, states):
        await self.may_save.wait()
        await super().save(tx, states)
        self.saved += states


async def test_what_a_lot_changed_is_written_while_the_next_is_folded_and_each_state_once(
    engine, listener, make_record, withdrawn, tallies
):
    """Of a poll of 350 messages on 300 events: those of the first 50 come again at its end."""
    events = [*map(UUID, [f"{number:032x}" for number in (*range(300), *range(50))])]
    kept, folded, behind = Written(), [], []

    def follow(tally: Tally, fact: EventWithdrawn, desk: Any) -> Then[Tally]:
        folded.append(fact.key)
        behind.append(len(folded) - len(kept.saved))
        return Then(count(tally, fact, desk).state, [withdrawn(len(folded), fact.event_id)])

    told = [withdrawn(offset + 1, event_id) for offset, event_id in enumerate(events)]
    heard = listener({EventWithdrawn: fold(follow, into=kept)})
    await heard.take([make_record(fact, offset) for offset, fact in enumerate(told)])
    assert sorted(kept.saved) == sorted(map(str, set(events)))
    assert max(behind) < 350  # something was written before the last one was folded
    assert [row[2] for row in await tallies()] == [2] * 50 + [1] * 250
    async with engine.connect() as connection:
        order = select(outbox.c.payload["revision"].as_integer()).order_by(outbox.c.seq)
        assert list(await connection.scalars(order)) == list(range(1, 351))


async def test_a_poll_that_fails_while_a_lot_of_it_is_being_written_leaves_nothing_of_it_and_waits_for_nobody(
    listener, make_record, withdrawn, tallies, publisher
):
    kept, looked = Written(), 0

    def stumble(tally: Tally, fact: EventWithdrawn, desk: Any) -> Then[Tally]:
        nonlocal looked
        looked += 1
        if looked == 150:  # the first lot is on its way
            raise ConnectionError
        return count(tally, fact, desk)

    records = [make_record(withdrawn(number, UUID(int=number)), number) for number in range(1, 301)]
    async with asyncio.timeout(60):
        await listener({EventWithdrawn: fold(stumble, into=kept)}).take(records)  # it tries again, in place
    assert [row[2] for row in await tallies()] == [1] * 300
    assert publisher.records == []


async def test_a_service_that_is_stopped_while_a_lot_is_being_written_commits_nothing(
    listener, make_record, withdrawn, tallies, engine
):
    kept, second_lot = Written(), asyncio.Event()
    kept.may_save.clear()

    def wait(tally: Tally, fact: EventWithdrawn, desk: Any) -> Then[Tally]:
        if fact.revision > 150:
            second_lot.set()
        return count(tally, fact, desk)

    records = [make_record(withdrawn(number, UUID(int=number)), number) for number in range(1, 301)]
    taking = asyncio.create_task(listener({EventWithdrawn: fold(wait, into=kept)}).take(records))
    async with asyncio.timeout(60):
        await second_lot.wait()
    taking.cancel()
    await asyncio.wait([taking], timeout=60)
    assert (taking.cancelled(), kept.saved, await tallies()) == (True, [], [])


async def test_what_was_kept_by_one_poll_is_there_for_the_next(listener, make_record, withdrawn, tallies):
    for revision in (1, 2):
        await listener().take([make_record(withdrawn(revision), revision)])
    assert [(row[1], row[2]) for row in await tallies()] == [(2, 2)]


async def test_a_state_that_is_given_back_as_it_was_is_not_written(engine, listener, make_record, withdrawn, tallies):
    heard = listener({EventWithdrawn: fold(lambda tally, fact, desk: Then(tally), into=KEPT)})
    await listener().take([make_record(withdrawn(1), 1)])
    async with engine.connect() as connection:
        before = await connection.scalar(text("SELECT xmin FROM tallies"))
    await heard.take([make_record(withdrawn(2), 2)])
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT xmin FROM tallies")) == before


async def test_one_message_that_fails_leaves_no_mark_on_what_the_others_keep(
    listener, make_record, withdrawn, tallies, publisher
):
    records = [make_record(withdrawn(n), offset) for offset, n in enumerate([1, 2, 0, 3])]
    heard = listener()
    await heard.take(records)
    assert [(row[1], row[2]) for row in await tallies()] == [(3, 3)]
    assert [dict(letter.headers)["dlq.offset"] for letter in publisher.records] == [b"2"]


async def test_what_follows_is_told_and_queued_in_order_within_the_trace_of_its_cause(
    engine, listener, make_record, withdrawn
):
    def follow(tally: Tally, fact: EventWithdrawn, desk: Any) -> Then[Tally]:
        job = Look(event_id=fact.event_id, revision=fact.revision)
        later = Later(Look(event_id=fact.event_id, revision=100), timedelta(days=2))
        return Then(tally, [withdrawn(fact.revision + 100)], [job, later])

    records = [make_record(withdrawn(n), n) for n in (1, 2)]
    headers = [*records[0].headers, ("traceparent", TRACE.encode())]
    records[0] = make_record(withdrawn(1), 1, headers=headers)
    await listener({EventWithdrawn: fold(follow, into=KEPT)}).take(records)
    async with engine.connect() as connection:
        told = (await connection.execute(select(outbox).order_by(outbox.c.seq))).all()
        queued = (await connection.execute(select(jobs).order_by(jobs.c.key))).all()
    assert [(row.payload["revision"], row.headers["traceparent"] == TRACE) for row in told] == [
        (101, True),
        (102, False),
    ]
    assert [(job.key, job.payload["revision"], job.traceparent == TRACE) for job in queued] == [
        (f"{FIRST}:1", 1, True),
        (f"{FIRST}:100", 100, True),  # wanted twice, queued once
        (f"{FIRST}:2", 2, False),
    ]
    assert queued[1].due_at - queued[0].due_at == timedelta(days=2)


async def test_a_handler_that_is_given_the_transaction_finds_all_that_was_before_it_and_is_seen_by_what_is_after(
    listener, make_record, withdrawn, tallies
):
    found = []

    async def forget(erased, tx, desk):
        found.extend((await tx.execute(text("SELECT heard, revision FROM tallies"))).all())
        await tx.execute(text("UPDATE tallies SET heard = 40"))
        assert current_trace() == TRACE

    erased = OrganiserErased(organiser_id=UUID(int=7))
    middle = make_record(erased, 3)
    middle = make_record(erased, 3, headers=[*middle.headers, ("traceparent", TRACE.encode())])
    records = [make_record(withdrawn(1), 1), make_record(withdrawn(2), 2), middle, make_record(withdrawn(3), 4)]
    heard = listener({EventWithdrawn: fold(count, into=KEPT), OrganiserErased: in_transaction(forget)})
    await heard.take(records)
    assert [tuple(row) for row in found] == [(2, 2)]
    assert [(row[1], row[2]) for row in await tallies()] == [(3, 41)]


async def test_the_loop_turns_while_a_long_poll_is_folded(listener, make_record, withdrawn):
    turns = 0

    async def breathe():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    folding, seen = asyncio.Event(), []

    def see(tally: Tally, fact: EventWithdrawn, desk: Any) -> Then[Tally]:
        folding.set()
        seen.append(turns)
        return Then(tally)

    breathing = asyncio.create_task(breathe())
    await listener({EventWithdrawn: fold(see, into=KEPT)}).take([make_record(withdrawn(n), n) for n in range(1, 400)])
    breathing.cancel()
    assert len(set(seen)) > 10


async def test_six_replicas_that_meet_on_the_same_events_lose_nothing_and_never_lock_each_other_out(
    database_url, publisher, make_record, withdrawn, tallies, engine
):
    """As in a rebalance, and worse: 10,000 messages about 100 events, of which no row is there yet, in six orders."""
    chance = random.Random(7)
    events = [UUID(int=chance.getrandbits(128)) for _ in range(100)]
    told = [withdrawn(number // 100 + 1, events[number % 100]) for number in range(10_002)]
    chance.shuffle(told)
    records = [make_record(fact, 0, message_id=str(number)) for number, fact in enumerate(told)]
    polls = [
        [records[first : first + 40] for first in range(replica, len(records), 240)] for replica in range(0, 240, 40)
    ]

    async def take_all(mine):
        own = open_database(database_url)
        ears = Ears("geocoding", open_broker("geocoding", Cluster("127.0.0.1:1")), publisher)
        heard = Listener(ears, own, {EventWithdrawn: fold(count, into=KEPT)}, "the desk")
        for poll in mine:
            await heard.take(poll)
        await own.dispose()
        return heard.set_aside

    async with asyncio.timeout(120):
        assert await asyncio.gather(*map(take_all, polls)) == [0] * 6
    async with engine.connect() as connection:
        locked_out = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        assert await connection.scalar(locked_out) == 0
    assert sum(row[2] for row in await tallies()) == len(told)


def test_of_two_marks_the_later_word_on_the_later_revision_is_the_greater():
    marks = [Mark(1, 1), Mark(1, 2), Mark(2, 1), Mark(10, 0)]
    assert sorted(random.Random(1).sample(marks, 4)) == marks


async def test_what_is_kept_is_loaded_as_it_was_saved(engine, tallies):
    kept = Tally(FIRST, revision=2, heard=1, words='{"trace": true}', who="marie")
    async with engine.begin() as tx:
        await KEPT.load(tx, [str(FIRST)])
        await KEPT.save(tx, {str(FIRST): kept})
    async with engine.begin() as tx:
        assert await KEPT.load(tx, [str(FIRST), str(SECOND)]) == {str(FIRST): kept, str(SECOND): Tally(SECOND)}
