"""The bus on a real Kafka: what is taken is committed, nothing is skipped, and one goes on where another stopped."""

from __future__ import annotations

import asyncio
import secrets
from typing import ClassVar

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import NewTopic
from aiokafka.errors import MessageSizeTooLargeError

from backbone.contracts import EventFact, Topic, dead_letters, topics
from backbone.kafka.cluster import Cluster
from backbone.kafka.publisher import Outgoing
from backbone.runtime.waiting import close_for_good
from backbone.service.folding import in_transaction
from backbone.service.listener import Ears, Listener, open_broker


@pytest.fixture
def committed(admin, service):
    async def read():
        offsets = await admin.list_consumer_group_offsets(service)
        return {place.partition: told.offset for place, told in offsets.items()}

    return read


@pytest.fixture
def ends(kafka_bootstrap):
    async def read(topic, partitions=2):
        consumer = AIOKafkaConsumer(bootstrap_servers=kafka_bootstrap)
        await consumer.start()
        try:
            found = await consumer.end_offsets([TopicPartition(topic, number) for number in range(partitions)])
        finally:
            await consumer.stop()
        return {place.partition: offset for place, offset in found.items()}

    return read


@pytest.fixture
def letters(kafka_bootstrap, service, ends):
    """All dead letters of the service."""

    async def read():
        place = TopicPartition(dead_letters(service).name, 0)
        left = (await ends(place.topic, 1))[0]
        consumer = AIOKafkaConsumer(bootstrap_servers=kafka_bootstrap, max_partition_fetch_bytes=16 * 1024 * 1024)
        await consumer.start()
        try:
            consumer.assign([place])
            await consumer.seek_to_beginning(place)
            return [await consumer.getone() for _ in range(left)]
        finally:
            await consumer.stop()

    return read


@pytest.fixture
def all_heard(effects, eventually):
    async def wait(*expected):
        async def heard():
            return len(await effects()) >= len(expected)

        await eventually(heard)
        assert await effects() == [str(revision) for revision in expected]

    return wait


async def test_the_offsets_committed_at_a_stop_are_those_of_what_was_taken(
    topic, send, listening, all_heard, committed, ends
):
    await send(1, 2, 3, 4, 5)
    async with listening():
        await all_heard(1, 2, 3, 4, 5)
    assert sum((await ends(topic)).values()) == 5
    assert {place: offset for place, offset in (await ends(topic)).items() if offset} == {
        place: offset for place, offset in (await committed()).items() if offset
    }


async def test_another_of_the_group_goes_on_where_the_first_stopped(topic, send, listening, all_heard, note):
    heard_again = []

    async def hear(told, tx):
        heard_again.append(told.revision)
        await note(tx, told.revision)

    await send(1, 2, 3)
    async with listening():
        await all_heard(1, 2, 3)
    await send(4, 5)
    async with listening(hear):
        await all_heard(1, 2, 3, 4, 5)
    assert heard_again == [4, 5]


async def test_records_with_odd_headers_are_not_silently_skipped(topic, send, fact, listening, all_heard, letters):
    named = [("ce_id", b"odd"), ("ce_type", fact.ce_type.encode())]
    await send(1)
    await send(2, headers=[*named, ("x", None), ("y", b"\xff\xfe")])
    await send(3, headers=[("ce_id", None), ("ce_type", b"\xff")])
    await send(4)
    async with listening() as listener:
        await all_heard(1, 2, 4)
        assert listener.set_aside == 1
    [letter] = await letters()
    assert fact.model_validate_json(letter.value).revision == 3
    assert dict(letter.headers)["dlq.reason"] == b"the header ce_type or ce_id is missing or is not UTF-8"


async def test_poison_is_set_aside_and_what_follows_is_taken(topic, send, listening, all_heard, letters, committed):
    await send(1)
    await send(2, value=b"")
    await send(3, value=None)
    await send(4, value=b"{" * 2 * 1024 * 1024)
    await send(5, value=(large := secrets.token_bytes(2 * 1024 * 1024)))
    await send(6)
    async with listening() as listener:
        await all_heard(1, 6)
        assert listener.set_aside == 4
    set_aside = await letters()
    # what compresses fits; what does not is named
    assert [letter.value for letter in set_aside] == [b"", None, b"{" * 2 * 1024 * 1024, b""]
    assert dict(set_aside[3].headers)["dlq.offset"] == b"4"
    assert len(large) == 2 * 1024 * 1024
    assert max((await committed()).values()) == 6


async def test_a_handler_that_fails_for_a_while_neither_loses_nor_reorders(
    topic, send, listening, all_heard, note, letters
):
    failures = [ConnectionError(), TimeoutError()]

    async def hear(told, tx):
        await note(tx, told.revision)
        if told.revision == 3 and failures:
            raise failures.pop()

    await send(*range(1, 8))
    async with listening(hear):
        await all_heard(1, 2, 3, 4, 5, 6, 7)
    assert await letters() == []


async def test_a_poll_that_is_given_back_is_taken_again_from_its_beginning(
    monkeypatch, topic, send, listening, all_heard, note, letters
):
    monkeypatch.setattr("backbone.service.listener.PATIENCE_SECONDS", 0.0)
    failures = [ConnectionError(), ConnectionError()]

    async def hear(told, tx):
        await note(tx, told.revision)
        if told.revision == 2 and failures:
            raise failures.pop()

    await send(1, 2, 3)
    async with listening(hear):
        await all_heard(1, 2, 3)
    assert await letters() == []


async def test_a_service_that_stops_while_the_world_is_away_commits_nothing_and_the_next_takes_all(
    topic, send, listening, all_heard, committed, letters, eventually
):
    tried = []

    async def hear(told, tx):
        tried.append(told.revision)
        raise ConnectionError

    await send(1, 2)
    async with listening(hear):

        async def has_tried():
            return tried

        await eventually(has_tried)
    assert sum((await committed()).values()) <= 0
    async with listening():
        await all_heard(1, 2)
    assert await letters() == []


async def test_a_service_that_starts_before_kafka_waits_for_it(service, engine, kafka, fact, note, eventually, caplog):
    async def hear(told, tx, _):
        await note(tx, told.revision)

    broker = open_broker(service, Cluster("127.0.0.1:1"))
    listener, stopping = (
        Listener(Ears(service, broker, kafka), engine, {fact: in_transaction(lambda told, tx, _: hear(told, tx))}),
        asyncio.Event(),
    )
    task = asyncio.create_task(listener.run(stopping))

    async def says_so():
        return "Kafka is not up yet: waiting" in caplog.text

    await eventually(says_so)
    assert await listener.is_connected() is False
    assert not task.done()
    stopping.set()
    async with asyncio.timeout(60):
        await task


async def test_a_listener_is_connected_only_while_kafka_answers(topic, listening, eventually):
    async with listening() as listener:
        await eventually(listener.is_connected)
    assert await listener.is_connected() is False


async def test_a_record_with_neither_key_nor_value_can_be_written_too(topic, kafka, ends):
    await kafka.publish([Outgoing(topic, None, None, [("x", b"1")])])
    assert sum((await ends(topic)).values()) == 1


async def test_a_publisher_that_was_refused_a_record_can_be_used_again(topic, kafka, send, ends):
    await send(1)
    with pytest.raises(MessageSizeTooLargeError):
        await send(2, value=secrets.token_bytes(9 * 1024 * 1024))
    await send(3)
    assert sum((await ends(topic)).values()) == 2


async def test_a_publisher_whose_broker_does_not_answer_says_so_and_can_be_used_again(
    monkeypatch, kafka_bootstrap, topic, send, ends, kafka
):
    monkeypatch.setattr("backbone.kafka.publisher.PATIENCE_SECONDS", 0.5)
    with pytest.raises(TimeoutError):
        await kafka.publish([Outgoing("there-is-no-such-topic", b"k", b"v", [])])
    await send(1)
    assert sum((await ends(topic)).values()) == 1


async def test_a_task_that_is_cancelled_while_it_closes_a_consumer_ends_there(kafka_bootstrap, topic):
    async def close_and_go_on(consumer):
        await close_for_good("a consumer", consumer.stop())
        gone_on.append(consumer)

    gone_on, cancelled = [], 0
    for steps in range(1, 12):  # wherever in the closing it comes
        consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka_bootstrap)
        await consumer.start()
        closing = asyncio.create_task(close_and_go_on(consumer))
        for _ in range(steps):
            await asyncio.sleep(0)
        cancelled += closing.cancel()
        await asyncio.wait([closing])
    assert cancelled
    assert len(gone_on) == 11 - cancelled


@pytest.fixture
async def two_kinds(admin, service):
    """Two kinds of facts, each on a topic of its own."""

    class First(EventFact):
        """Something that one service tells of an event."""

        topic: ClassVar[Topic] = Topic(f"{service}.first", writer="test")
        ce_type: ClassVar[str] = "fr.semaine-industrie.First"

    class Second(EventFact):
        """Something that another tells of it."""

        topic: ClassVar[Topic] = Topic(f"{service}.second", writer="test")
        ce_type: ClassVar[str] = "fr.semaine-industrie.Second"

    await admin.create_topics([NewTopic(kind.topic.name, topics.PARTITIONS, 1) for kind in (First, Second)])
    return First, Second


@pytest.mark.parametrize("replicas", [2, 3, 4, 5, 6])
async def test_all_that_is_told_of_one_event_is_read_by_one_replica(
    replicas, two_kinds, service, kafka_bootstrap, engine, kafka, note, eventually
):
    async def hear(told, tx, _):
        await note(tx, told.revision)

    stopping, subscribers, running = asyncio.Event(), [], []
    for _ in range(replicas):
        broker = open_broker(service, Cluster(kafka_bootstrap))
        listener = Listener(Ears(service, broker, kafka), engine, dict.fromkeys(two_kinds, in_transaction(hear)))
        subscribers += broker.subscribers
        running.append(asyncio.create_task(listener.run(stopping)))

    def shares():
        places = [one.consumer.assignment() if one.consumer else set() for one in subscribers]
        return [sorted((place.topic, place.partition) for place in share) for share in places]

    async def are_dealt_out():
        return all(shares()) and sum(map(len, shares())) == 2 * topics.PARTITIONS

    try:
        await eventually(are_dealt_out)
        names = [kind.topic.name for kind in two_kinds]
        for share in shares():
            first, second = ({partition for name, partition in share if name == topic} for topic in names)
            assert first == second, share
    finally:
        stopping.set()
        async with asyncio.timeout(60):
            await asyncio.gather(*running)
