"""What a service hears acts once, whole, in order; and what cannot be taken is set aside alone."""

from __future__ import annotations

import asyncio
import json
import secrets
from uuid import uuid4

import pytest
from aiokafka.errors import KafkaTimeoutError, MessageSizeTooLargeError
from sqlalchemy import func, select, text

from backbone.contracts import EventWithdrawn, OrganiserErased
from backbone.contracts.catalogue.messages import LETTERS
from backbone.kafka.cluster import Cluster
from backbone.postgres.database import inbox, open_database, outbox
from backbone.postgres.inbox import take_new
from backbone.runtime.trace import current_trace
from backbone.service.folding import in_transaction
from backbone.service.listener import Ears, Listener, open_broker

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def listener(engine, publisher, note):
    """A listener whose handler notes the revision; a revision of 0 and below is not to its taste."""

    async def hear(fact, tx):
        await note(tx, fact.revision)
        if fact.revision <= 0:
            raise ValueError("marie@exemple.fr")

    def make(handle=hear, service="geocoding"):
        broker = open_broker(service, Cluster("127.0.0.1:1"))
        heard = in_transaction(lambda fact, tx, _: handle(fact, tx))
        return Listener(Ears(service, broker, publisher), engine, {EventWithdrawn: heard})

    return make


@pytest.fixture
def count(engine):
    async def rows(table):
        async with engine.connect() as connection:
            return await connection.scalar(select(func.count()).select_from(table))

    return rows


async def test_a_message_delivered_twice_acts_once(listener, make_record, withdrawn, effects, count):
    record = make_record(withdrawn(1))
    heard = listener()
    await heard.take([record])
    await heard.take([record])
    await listener().take([record])  # another replica
    assert await effects() == ["1"]
    assert await count(inbox) == 1


async def test_the_same_id_twice_in_one_poll_acts_once(listener, make_record, withdrawn, effects):
    await listener().take([make_record(withdrawn(n), n, message_id=f"id-{n % 2}") for n in (1, 2, 3, 4)])
    assert await effects() == ["1", "2"]


async def test_what_is_new_is_told_apart_for_each_consumer(engine):
    async with engine.begin() as tx:
        assert await take_new(tx, "a", ["1", "2", "2"]) == {"1", "2"}
        assert await take_new(tx, "a", ["2", "3"]) == {"3"}
        assert await take_new(tx, "b", ["2"]) == {"2"}
        assert await take_new(tx, "b", []) == set()


async def test_effects_are_those_of_the_order_told_and_the_facts_that_follow_bear_the_trace(
    engine, listener, make_record, withdrawn, effects, note
):
    async def hear(fact, tx):
        await note(tx, fact.revision)
        return [withdrawn(fact.revision + 100)] if fact.revision < 3 else None

    records = [make_record(withdrawn(n), n) for n in (1, 2, 3)]
    headers = [*records[0].headers, ("traceparent", TRACE.encode())]
    records[0] = make_record(withdrawn(1), 1, headers=headers)
    await listener(hear).take(records)
    assert await effects() == ["1", "2", "3"]
    async with engine.connect() as connection:
        rows = (await connection.execute(select(outbox).order_by(outbox.c.seq))).all()
    assert [row.payload["revision"] for row in rows] == [101, 102]
    assert rows[0].headers["traceparent"] == TRACE
    assert rows[1].headers["traceparent"] != TRACE


async def test_a_handler_runs_within_the_trace_of_its_message(listener, make_record, withdrawn):
    traces = []

    async def hear(fact, tx):
        traces.append(current_trace())

    headers = [*make_record(withdrawn(1)).headers, ("traceparent", TRACE.encode())]
    await listener(hear).take([make_record(withdrawn(1), headers=headers)])
    assert traces == [TRACE]


async def test_effects_inbox_and_outbox_are_rolled_back_together(
    listener, make_record, withdrawn, effects, count, note, publisher
):
    async def hear(fact, tx):
        await note(tx, fact.revision)
        return [withdrawn(10), "no fact at all"]

    await listener(hear).take([make_record(withdrawn(1))])
    assert await effects() == []
    assert (await count(inbox), await count(outbox)) == (0, 0)
    assert len(publisher.records) == 1


async def test_one_message_that_fails_is_set_aside_alone_as_it_came(
    listener, make_record, withdrawn, effects, publisher
):
    revisions = [1, 2, 0, 3, 4]
    records = [make_record(withdrawn(revision), offset) for offset, revision in enumerate(revisions)]
    odd = [*records[2].headers, ("x-binary", b"\xff\x00"), ("x-null", None)]
    records[2] = make_record(withdrawn(0), 2, headers=odd)
    heard = listener()
    await heard.take(records)
    assert await effects() == ["1", "2", "3", "4"]
    assert heard.set_aside == 1
    [letter] = publisher.records
    assert letter.topic == "geocoding.dead-letters"
    assert (letter.key, letter.value) == (records[2].key, records[2].value)
    assert list(letter.headers) == [
        *((name, value) for name, value in odd if value is not None),
        ("dlq.topic", b"registration.events"),
        ("dlq.partition", b"0"),
        ("dlq.offset", b"2"),
        ("dlq.reason", b"ValueError while handling it"),
        ("dlq.group", b"geocoding"),
    ]
    added = {name for name, _ in letter.headers if name.startswith("dlq.")}
    assert added == set(LETTERS) - {"dlq.left_out", "dlq.settled"}  # as the catalogue has them


async def test_a_value_that_the_database_refuses_is_the_message_s_own_fault(
    listener, make_record, withdrawn, effects, publisher, note
):
    async def hear(fact, tx):
        await tx.execute(text("SELECT CAST(:n AS integer)"), {"n": fact.revision})
        await note(tx, fact.revision)

    ids = {2: "id\x00"}
    records = [make_record(withdrawn(n), n, message_id=ids.get(n, f"id-{n}")) for n in (1, 2, 2**40, 3)]
    await listener(hear).take(records)
    assert await effects() == ["1", "3"]
    assert [dict(letter.headers)["dlq.offset"] for letter in publisher.records] == [b"2", str(2**40).encode()]


@pytest.mark.parametrize("error", [FileNotFoundError(2, "No such file", "lexicon.json"), OSError("cannot open it")])
async def test_a_file_that_is_missing_holds_up_nobody(error, listener, make_record, withdrawn, effects, note):
    async def hear(fact, tx):
        await note(tx, fact.revision)
        if fact.revision == 2:
            raise error

    heard = listener(hear)
    async with asyncio.timeout(60):
        await heard.take([make_record(withdrawn(n), n) for n in (1, 2, 3)])
    assert await effects() == ["1", "3"]
    assert heard.set_aside == 1


async def test_a_world_that_goes_away_while_the_guilty_one_is_looked_for_sets_no_other_aside(
    monkeypatch, listener, make_record, withdrawn, effects, publisher, note
):
    monkeypatch.setattr("backbone.service.listener.PATIENCE_SECONDS", 0.0)
    is_away = []

    async def hear(fact, tx):
        await note(tx, fact.revision)
        if fact.revision == 0:
            is_away.append(True)
            raise ValueError
        if fact.revision == 3 and is_away:
            raise ConnectionError

    records = [make_record(withdrawn(revision), offset) for offset, revision in enumerate((1, 0, 3, 4))]
    heard = listener(hear)
    with pytest.raises(ConnectionError):
        await heard.take(records)
    assert await effects() == ["1"]
    assert [dict(letter.headers)["dlq.offset"] for letter in publisher.records] == [b"1"]


async def test_a_world_that_is_away_is_waited_for_and_nothing_is_set_aside(
    listener, make_record, withdrawn, effects, publisher, note
):
    failures = [ConnectionRefusedError(), TimeoutError(), OSError(28, "No space left on device")]

    async def hear(fact, tx):
        await note(tx, fact.revision)
        if fact.revision == 2 and failures:
            raise failures.pop()

    await listener(hear).take([make_record(withdrawn(n), n) for n in (1, 2, 3)])
    assert await effects() == ["1", "2", "3"]
    assert publisher.records == []


@pytest.fixture
async def server(postgres_admin_url, engine):
    """Opens and closes the test's database to connections; ends those that are there."""
    admin = open_database(postgres_admin_url.replace("postgresql://", "postgresql+asyncpg://"))

    async def allow(connections):
        async with admin.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            name = engine.url.database
            await connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {connections}'))
            end = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
            await connection.execute(end, {"name": name})

    yield allow
    await allow(True)
    await admin.dispose()


async def test_a_database_that_goes_away_in_the_middle_of_a_poll_is_waited_for(
    listener, make_record, withdrawn, effects, publisher, note, server
):
    tries, closed = [], asyncio.Event()

    async def hear(fact, tx):
        await note(tx, fact.revision)
        if fact.revision == 2:
            tries.append(fact)
            if len(tries) == 1:
                await server(False)
                closed.set()

    taking = asyncio.create_task(listener(hear).take([make_record(withdrawn(n), n) for n in (1, 2, 3)]))

    async with asyncio.timeout(60):
        await closed.wait()
    assert not taking.done()
    await server(True)
    async with asyncio.timeout(60):
        await taking
    assert len(tries) == 2
    assert await effects() == ["1", "2", "3"]
    assert publisher.records == []


async def test_a_database_that_is_not_migrated_yet_is_waited_for(
    engine, listener, make_record, withdrawn, effects, publisher, eventually
):
    async with engine.begin() as tx:
        await tx.execute(text("ALTER TABLE inbox RENAME TO not_yet"))
    taking = asyncio.create_task(listener().take([make_record(withdrawn(1))]))
    async with engine.begin() as tx:
        assert await tx.scalar(select(func.count()).select_from(text("not_yet"))) == 0
    done, _ = await asyncio.wait([taking], timeout=0.3)
    assert not done
    async with engine.begin() as tx:
        await tx.execute(text("ALTER TABLE not_yet RENAME TO inbox"))
    async with asyncio.timeout(60):
        await taking
    assert await effects() == ["1"]
    assert publisher.records == []


async def test_a_service_that_stops_while_the_world_is_away_takes_nothing_and_sets_nothing_aside(
    listener, make_record, withdrawn, publisher, effects
):
    async def hear(fact, tx):
        heard._stopping.set()
        raise ConnectionError

    heard = listener(hear)
    with pytest.raises(ConnectionError):
        async with asyncio.timeout(60):
            await heard.take([make_record(withdrawn(1))])
    assert publisher.records == []
    assert await effects() == []


async def test_patience_ends_before_kafka_s_and_the_poll_is_given_back(
    monkeypatch, listener, make_record, withdrawn, publisher
):
    monkeypatch.setattr("backbone.service.listener.PATIENCE_SECONDS", 0.0)

    async def hear(fact, tx):
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await listener(hear).take([make_record(withdrawn(1))])
    assert publisher.records == []


async def test_a_type_that_is_not_known_is_passed_over_and_counted(
    listener, make_record, withdrawn, effects, publisher
):
    stranger = make_record(OrganiserErased(organiser_id=uuid4()))
    heard = listener()
    await heard.take([stranger, make_record(withdrawn(1)), stranger])
    await heard.take([stranger])
    assert heard.passed_over == {"registration.organisers": 3}
    assert await effects() == ["1"]
    assert publisher.records == []


POISON = {
    "bad JSON": {"value": b'{"event_id": "marie@exemple.fr'},
    "another shape": {"value": b'{"what": "marie@exemple.fr"}'},
    "empty": {"value": b""},
    "null": {"value": None},
    "null without a key": {"value": None, "key": None},
    "two megabytes": {"value": b"x" * 2 * 1024 * 1024},
    "no headers": {"headers": []},
    "null header": {"headers": [("ce_id", None), ("ce_type", b"fr.semaine-industrie.EventWithdrawn")]},
    "header not UTF-8": {"headers": [("ce_id", b"1"), ("ce_type", b"\xff")]},
    "an id too long for an index": {"message_id": secrets.token_hex(50_000)},
    "a revision that is text": {"value": json.dumps({"revision": "un"}).encode()},
}


async def test_poison_is_set_aside_with_a_reason_that_quotes_nothing_and_the_rest_acts(
    listener, make_record, withdrawn, effects, publisher
):
    records = []
    for offset, parts in enumerate(POISON.values()):
        records.append(make_record(withdrawn(offset + 1), 2 * offset))
        records.append(make_record(withdrawn(99), 2 * offset + 1, **parts))
    heard = listener()
    await heard.take(records)
    assert await effects() == [str(revision) for revision in range(1, len(POISON) + 1)]
    assert heard.set_aside == len(POISON)
    assert [(letter.key, letter.value) for letter in publisher.records] == [
        (record.key, record.value) for record in sorted_by_reading(records[1::2])
    ]
    reasons = [dict(letter.headers)["dlq.reason"].decode() for letter in publisher.records]
    assert all(reasons)
    assert not [reason for reason in reasons if "marie" in reason or "xxx" in reason]


def sorted_by_reading(records):
    """What cannot be read is set aside before the poll acts; what the database refuses, when it does."""
    return sorted(records, key=lambda record: any(len(value or b"") > 10_000 for _, value in record.headers))


async def test_a_dead_letter_is_written_however_long_the_broker_is_away(
    listener, make_record, withdrawn, effects, publisher
):
    publisher.failures = [KafkaTimeoutError(), ConnectionError()]
    await listener().take([make_record(withdrawn(1), 1, value=b""), make_record(withdrawn(2), 2)])
    assert [letter.value for letter in publisher.records] == [b""]
    assert await effects() == ["2"]


async def test_a_message_that_the_dead_letters_do_not_take_is_named_there_without_its_value(
    listener, make_record, withdrawn, effects, publisher
):
    publisher.failures = [MessageSizeTooLargeError()]
    await listener().take([make_record(withdrawn(1), 1, value=b"too large"), make_record(withdrawn(2), 2)])
    [letter] = publisher.records
    assert (letter.key, letter.value) == (make_record(withdrawn(1)).key, b"")
    named = dict(letter.headers)
    assert (named["dlq.topic"], named["dlq.offset"]) == (b"registration.events", b"1")
    assert named["dlq.left_out"] == b"value and headers: too large"
    assert await effects() == ["2"]


async def test_an_error_of_the_database_quotes_no_row_in_the_logs(engine, listener, make_record, withdrawn, caplog):
    async def hear(fact, tx):
        await tx.execute(text("CREATE UNIQUE INDEX ON effects (what)"))
        for _ in range(2):
            await tx.execute(text("INSERT INTO effects (what) VALUES (:email)"), {"email": str(fact.revision)})

    heard = listener(hear)
    await heard.take([make_record(withdrawn(31_415_926))])
    assert heard.set_aside == 1
    assert "duplicate key value violates unique constraint" in caplog.text
    assert "31415926" not in caplog.text
