"""Facts told in a transaction leave the outbox in order, at least once, and never without their change."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from aiokafka.errors import KafkaTimeoutError
from sqlalchemy import Integer, cast, func, inspect, select, text, update

from backbone.contracts import OrganiserErased
from backbone.kafka.envelope import Untellable
from backbone.postgres.bell import Bell
from backbone.postgres.database import open_database, outbox
from backbone.postgres.outbox import Relay, tell, tell_now
from backbone.postgres.purge import published_facts
from backbone.postgres.upkeep import Upkeep
from backbone.runtime.trace import trace

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def running(engine):
    """Runs a relay with its bell, on connections of its own, for the length of the block."""

    @asynccontextmanager
    async def run(publisher):
        own = open_database(engine.url.render_as_string(hide_password=False))
        bell, stopping = Bell(own), asyncio.Event()
        relay = Relay(own, publisher, bell)
        tasks = [asyncio.create_task(part.run(stopping)) for part in (relay, bell)]
        try:
            yield relay
        finally:
            stopping.set()
            await asyncio.gather(*tasks)
            await own.dispose()

    return run


@pytest.fixture
def tell_one(engine, withdrawn):
    async def write(revision):
        async with engine.begin() as tx:
            await tell_now(tx, withdrawn(revision))

    return write


@pytest.fixture
def unpublished(engine):
    async def count():
        async with engine.connect() as connection:
            query = select(func.count()).where(outbox.c.published_at.is_(None))
            return await connection.scalar(query)

    return count


def revisions(publisher):
    return [json.loads(record.value)["revision"] for record in publisher.records]


async def test_a_fact_told_in_a_transaction_that_is_rolled_back_is_never_published(
    engine, withdrawn, running, publisher, tell_one, unpublished, eventually
):
    async with engine.connect() as tx:
        await tell_now(tx, withdrawn(1))
        await tx.rollback()
    await tell_one(2)

    async def all_told():
        return await unpublished() == 0

    async with running(publisher):
        await eventually(all_told)
    assert revisions(publisher) == [2]


async def test_a_fact_that_its_readers_would_refuse_is_not_written_and_nothing_of_its_transaction_is(
    engine, withdrawn, note, effects, unpublished
):
    without_offset = withdrawn(2).withdrawn_at.replace(tzinfo=None)
    wrong = withdrawn(2).model_copy(update={"withdrawn_at": without_offset})

    async def act():
        async with engine.begin() as tx:
            await note(tx, "withdrawn")
            await tell_now(tx, withdrawn(1), wrong)

    with pytest.raises(Untellable, match=r"^a EventWithdrawn that its readers would refuse: withdrawn_at: timezone"):
        await act()
    assert (await effects(), await unpublished()) == ([], 0)


async def test_facts_are_published_once_in_order_with_their_headers(
    engine, withdrawn, running, publisher, unpublished, eventually
):
    async with engine.begin() as tx:
        with trace(TRACE):
            await tell_now(tx, withdrawn(1), withdrawn(2))
        await tell(tx, [(withdrawn(revision), TRACE) for revision in range(3, 1500)])

    async def all_told():
        return await unpublished() == 0

    async with running(publisher):
        await eventually(all_told)
    async with running(publisher) as second:

        async def leads():
            return second.leads

        await eventually(leads)

    assert revisions(publisher) == list(range(1, 1500))
    first = publisher.records[0]
    assert (first.topic, first.key) == ("registration.events", str(withdrawn(1).event_id).encode())
    assert json.loads(first.value) == json.loads(withdrawn(1).model_dump_json())
    async with engine.connect() as connection:
        row = (await connection.execute(select(outbox).order_by(outbox.c.seq).limit(1))).one()
    assert dict(first.headers) == {
        "ce_specversion": b"1.0",
        "ce_id": str(row.id).encode(),
        "ce_type": b"fr.semaine-industrie.EventWithdrawn",
        "ce_source": b"/services/registration",
        "ce_dataschema": b"https://semaine-industrie.example/contracts/EventWithdrawn.1.json",
        "ce_subject": str(withdrawn(1).event_id).encode(),
        "ce_time": row.occurred_at.isoformat().encode(),
        "content-type": b"application/json",
        "traceparent": TRACE.encode(),
    }
    assert row.published_at >= row.occurred_at


async def test_a_fact_written_first_and_committed_last_is_published_too(
    engine, withdrawn, running, publisher, tell_one, eventually
):
    async with running(publisher), engine.begin() as slow:
        await tell_now(slow, withdrawn(1))  # has the smaller number, and nobody sees it yet
        await tell_one(2)

        async def told():
            return revisions(publisher)

        await eventually(told)
        assert revisions(publisher) == [2]
        await slow.commit()

        async def both_told():
            return len(revisions(publisher)) == 2

        await eventually(both_told)
    assert revisions(publisher) == [2, 1]


async def test_facts_are_published_in_order_however_they_lie_on_the_disk(
    engine, withdrawn, running, publisher, tell_one, unpublished, eventually
):
    for revision in range(1, 7):
        await tell_one(revision)
    async with engine.begin() as tx:
        for revision in (1, 3, 2):  # a row that is written again moves to the end of its table
            moved = text("UPDATE outbox SET type = type WHERE (payload ->> 'revision')::int = :revision")
            await tx.execute(moved, {"revision": revision})
    async with engine.connect() as connection:
        await connection.execute(text("ANALYZE outbox"))  # so few rows are read as they lie, not by an index
        found = await connection.scalars(text("SELECT payload ->> 'revision' FROM outbox ORDER BY ctid"))
        assert list(found) == ["4", "5", "6", "1", "3", "2"]
        await connection.commit()

    async def all_told():
        return await unpublished() == 0

    async with running(publisher):
        await eventually(all_told)
    assert revisions(publisher) == [1, 2, 3, 4, 5, 6]


async def test_a_tombstone_goes_out_as_a_null_value(engine, running, publisher, eventually):
    async with engine.begin() as tx:
        await tell_now(tx, OrganiserErased(organiser_id=UUID(int=7)))

    async def told():
        return publisher.records

    async with running(publisher):
        await eventually(told)
    [record] = publisher.records
    assert (record.topic, record.key, record.value) == ("registration.organisers", str(UUID(int=7)).encode(), None)


async def test_of_two_relays_one_leads_and_the_other_takes_over_when_it_stops(
    engine, running, publisher, tell_one, unpublished, eventually
):
    async with running(publisher) as first:

        async def first_leads():
            return first.leads

        await eventually(first_leads)
        async with running(publisher) as second:
            await tell_one(1)

            async def told():
                return await unpublished() == 0

            await eventually(told)
            assert (first.leads, second.leads) == (True, False)

            await close_connections_holding_the_lock(engine)

            async def one_leads_again():
                return first.leads != second.leads

            await eventually(one_leads_again)
            await tell_one(2)
            await eventually(told)
            assert [first.leads, second.leads].count(True) == 1
    assert revisions(publisher) == [1, 2]


async def test_the_standby_leads_once_the_leader_has_stopped(running, publisher, tell_one, eventually):
    leader = running(publisher)
    first = await leader.__aenter__()

    async def first_leads():
        return first.leads

    await eventually(first_leads)
    async with running(publisher) as second:
        await leader.__aexit__(None, None, None)
        await tell_one(1)

        async def told():
            return publisher.records

        await eventually(told)
        assert (first.leads, second.leads) == (False, True)
    assert revisions(publisher) == [1]


async def close_connections_holding_the_lock(engine):
    async with engine.connect() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
                " WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database()"
            )
        )


async def test_a_relay_that_stops_leaves_no_lock_in_the_pool(engine, publisher, eventually):
    bell, stopping = Bell(engine), asyncio.Event()
    relay = Relay(engine, publisher, bell)
    tasks = [asyncio.create_task(part.run(stopping)) for part in (relay, bell)]

    async def leads():
        return relay.leads

    await eventually(leads)
    stopping.set()
    await asyncio.gather(*tasks)
    assert (relay.leads, publisher.is_started) == (False, False)

    async def nobody_holds_it():
        query = "SELECT count(*) = 0 FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
        async with engine.connect() as connection:
            ours = text(f"{query} WHERE locktype = 'advisory' AND datname = current_database()")
            return await connection.scalar(ours)

    await eventually(nobody_holds_it, 10)
    assert engine.pool.checkedout() == 0


@pytest.mark.parametrize("error", [ConnectionError, KafkaTimeoutError])
async def test_a_broker_that_fails_is_tried_again_in_order_and_nothing_is_marked_before(
    error, running, publisher, tell_one, unpublished, eventually
):
    publisher.failures = [error(), error()]
    for revision in range(1, 6):
        await tell_one(revision)
    async with running(publisher):

        async def failed_once():
            return len(publisher.failures) < 2

        await eventually(failed_once)

        async def told():
            return await unpublished() == 0

        await eventually(told)
    assert revisions(publisher) == [1, 2, 3, 4, 5]


class SilentPublisher:
    """A broker that takes a connection and never answers."""

    def __init__(self) -> None:
        self.asked = 0

    async def start(self):
        return None

    async def publish(self, records):
        self.asked += 1
        await asyncio.Event().wait()

    async def stop(self):
        return None


async def test_a_relay_stops_though_its_broker_does_not_answer_and_keeps_what_it_had(
    monkeypatch, running, tell_one, unpublished, eventually
):
    monkeypatch.setattr("backbone.postgres.outbox.GRACE_SECONDS", 0.1)
    silent = SilentPublisher()
    await tell_one(1)
    async with asyncio.timeout(30), running(silent):

        async def asked():
            return silent.asked

        await eventually(asked)
    assert await unpublished() == 1


async def test_a_fact_is_published_at_once_when_it_is_told(running, publisher, tell_one, eventually):
    async with running(publisher) as relay:

        async def leads():
            return relay.leads

        await eventually(leads)
        for revision in range(1, 21):
            await tell_one(revision)

            async def told(so_far=revision):
                return len(publisher.records) == so_far

            # polling alone would take two seconds for each
            await eventually(told, 10)
    assert revisions(publisher) == list(range(1, 21))


async def test_a_connector_of_debezium_finds_the_columns_it_expects(engine):
    async with engine.connect() as connection:
        columns = await connection.run_sync(lambda sync: inspect(sync).get_columns("outbox"))
    found = {column["name"]: (str(column["type"]), column["nullable"]) for column in columns}
    expected = {
        "id": ("UUID", False),
        "aggregatetype": ("VARCHAR(255)", False),
        "aggregateid": ("VARCHAR(255)", False),
        "type": ("VARCHAR(255)", False),
        "payload": ("JSONB", True),
    }
    assert expected.items() <= found.items()


@pytest.fixture
def age(engine):
    """Lets facts be as many days old, and published then, or not at all."""

    async def set_to(days, revisions, *, published=True):
        then = func.now() - timedelta(days=days)
        these = cast(outbox.c.payload["revision"].astext, Integer).in_(revisions)
        values = {"occurred_at": then, "published_at": then if published else None}
        async with engine.begin() as tx:
            await tx.execute(update(outbox).where(these).values(values))

    return set_to


@pytest.fixture
def kept(engine):
    async def read():
        async with engine.connect() as connection:
            return list(
                await connection.scalars(select(outbox.c.payload["revision"].as_integer()).order_by(outbox.c.seq))
            )

    return read


@pytest.fixture
def tell_many(engine, withdrawn):
    async def write(*revisions):
        async with engine.begin() as tx:
            await tell_now(tx, *[withdrawn(revision) for revision in revisions])

    return write


async def test_facts_published_long_ago_are_purged_and_the_unpublished_kept_whatever_their_age(
    engine, publisher, tell_many, age, kept
):
    await tell_many(1, 2, 3, 4)
    await age(15, [1])
    await age(13, [2])
    await age(400, [3], published=False)
    assert not await Upkeep(engine, [published_facts(timedelta(days=14))]).purge_some()
    assert await kept() == [2, 3, 4]


async def test_many_old_facts_are_purged_in_batches_while_new_ones_are_published(
    monkeypatch, engine, running, publisher, tell_many, age, kept, eventually
):
    monkeypatch.setattr("backbone.postgres.purge.BATCH", 10)
    await tell_many(*range(1, 46))
    await age(15, range(1, 46))
    await tell_many(46)
    upkeep = Upkeep(engine, [published_facts(timedelta(days=14))])
    assert await upkeep.purge_some()
    assert len(await kept()) == 36

    async def published():
        return revisions(publisher) == [46]

    async with running(publisher):
        await upkeep.purge_all()
        assert await kept() == [46]
        await eventually(published)


async def test_while_one_replica_tidies_the_others_do_nothing(engine, tell_many, age, kept, eventually):
    await tell_many(1)
    await age(15, [1])
    stopping = asyncio.Event()
    async with engine.begin() as tidying:
        await tidying.execute(select(func.pg_advisory_xact_lock(Upkeep(engine, []).lock)))
        assert not await Upkeep(engine, [published_facts(timedelta(days=14))]).purge_some()
        assert await kept() == [1]
    running = asyncio.create_task(Upkeep(engine, [published_facts(timedelta(days=14))]).run(stopping))

    async def purged():
        return await kept() == []

    await eventually(purged)
    stopping.set()
    await running
