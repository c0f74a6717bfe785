"""A service takes back its own words from a real Kafka, before or among what it hears, and its group goes on behind."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from backbone.contracts import (
    EventNotLocated,
    EventWithdrawn,
    OrganiserErased,
    OrganiserRegistered,
    Reason,
)
from backbone.kafka.cluster import Cluster
from backbone.kafka.past import GroupAtWork
from backbone.kafka.publisher import KafkaPublisher, Outgoing
from backbone.service.catching_up import Recall, catch_up
from backbone.service.folding import in_transaction
from backbone.service.listener import Ears, Listener, open_broker
from backbone.service.settings import ServiceSettings

EDITION = Path(__file__).parents[2] / "editions" / "2026.toml"
HEARD = "registration.events"


class Settings(ServiceSettings):
    service = "geocoding"


@pytest.fixture
async def since():
    """What others told on the same Kafka is before."""
    return datetime.now(UTC)


@pytest.fixture
async def tell(kafka_bootstrap, since):
    publisher = KafkaPublisher(Cluster(kafka_bootstrap), "teller")
    await publisher.start()

    async def write(*facts):
        for fact in facts:
            value = None if fact.is_tombstone else fact.as_json().encode()
            headers = [("ce_id", str(uuid4()).encode()), ("ce_type", fact.ce_type.encode())]
            await publisher.publish([Outgoing(fact.topic.name, fact.key.encode(), value, headers)])

    yield write
    await publisher.stop()


@pytest.fixture
def catches_up(kafka_bootstrap, database_url, engine, note, since):
    """Catches up by these ways to take back its own words; what it hears is noted too."""

    async def do(recall):
        settings = Settings(database_url=database_url, kafka_bootstrap_servers=kafka_bootstrap, edition=EDITION)
        broker, publisher = open_broker("geocoding", settings.kafka), KafkaPublisher(settings.kafka, "geocoding")
        hears = {EventWithdrawn: in_transaction(noted("heard"))}
        listener = Listener(Ears("geocoding", broker, publisher), engine, hears)
        return await catch_up(settings, engine, listener, recall(noted), since)

    def noted(how):
        async def handle(fact, tx, _):
            await note(tx, f"{how} {type(fact).__name__} {getattr(fact, 'revision', '')}".strip())

        return handle

    return do


@pytest.fixture
def not_located(withdrawn):
    def make(fact):
        about = fact.model_dump(include={"event_id", "revision", "sequence", "edition"})
        return EventNotLocated(**about, reason=Reason(code="x", message="Une phrase."), looked_up_at=datetime.now(UTC))

    return make


async def ends(kafka_bootstrap):
    """How far the group has come, and where the partitions end."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka_bootstrap, group_id="geocoding", enable_auto_commit=False)
    await consumer.start()
    try:
        places = [TopicPartition(HEARD, number) for number in range(6)]
        at = {place: await consumer.committed(place) for place in places}
        return at, await consumer.end_offsets(places)
    finally:
        await consumer.stop()


async def test_own_words_come_before_what_is_heard_and_the_group_goes_on_behind(
    kafka_bootstrap, tell, catches_up, effects, withdrawn, not_located
):
    first = withdrawn(1, uuid4())
    await tell(first, not_located(first))
    before = lambda noted: Recall(before=[{EventNotLocated: in_transaction(noted("own"))}])  # noqa: E731
    done = await catches_up(before)
    assert await effects() == ["own EventNotLocated 1", "heard EventWithdrawn 1"]
    assert (dict(done.taken_back), done.heard) == ({"EventNotLocated": 1}, 1)
    at, end = await ends(kafka_bootstrap)
    assert at == end
    # done again, what was heard is known
    await catches_up(before)
    assert (await effects()).count("heard EventWithdrawn 1") == 1


async def test_own_words_lie_among_what_is_heard_as_they_were_told_and_come_once_more_at_the_end(
    tell, catches_up, effects, withdrawn, not_located
):
    first, second = (withdrawn(number, event) for event in [uuid4()] for number in (1, 2))
    await tell(first, not_located(first), second, not_located(second))
    await catches_up(lambda noted: Recall(among={EventNotLocated: in_transaction(noted("own"))}))
    told = ["heard EventWithdrawn 1", "own EventNotLocated 1", "heard EventWithdrawn 2", "own EventNotLocated 2"]
    assert await effects() == [*told, told[1], told[3]]


async def test_an_own_word_that_was_told_late_comes_before_what_is_heard_of_a_later_revision(
    tell, catches_up, effects, withdrawn, not_located
):
    first, second = (withdrawn(number, event) for event in [uuid4()] for number in (1, 2))
    await tell(first, second, not_located(first), not_located(second))
    await catches_up(lambda noted: Recall(among={EventNotLocated: in_transaction(noted("own"))}))
    told = ["heard EventWithdrawn 1", "own EventNotLocated 1", "heard EventWithdrawn 2", "own EventNotLocated 2"]
    assert (await effects())[:4] == told


async def test_of_people_only_the_newest_word_counts(tell, catches_up, effects):
    gone, here = uuid4(), uuid4()
    known = {"name": "Inès Payet", "email": "ines@fonderie.example", "organisation": "Fonderie"}
    await tell(
        OrganiserRegistered(organiser_id=gone, **known),
        OrganiserErased(organiser_id=gone),
        OrganiserRegistered(organiser_id=here, **known),
    )
    people = (OrganiserRegistered, OrganiserErased)
    await catches_up(lambda noted: Recall(before=[{kind: in_transaction(noted("own"))} for kind in people]))
    assert await effects() == ["own OrganiserRegistered", "own OrganiserErased"]


@asynccontextmanager
async def a_replica(kafka_bootstrap):
    consumer = AIOKafkaConsumer(HEARD, bootstrap_servers=kafka_bootstrap, group_id="geocoding")
    await consumer.start()
    try:
        yield
    finally:
        await consumer.stop()


async def test_nothing_is_done_while_a_replica_is_at_work(kafka_bootstrap, tell, catches_up, effects, withdrawn):
    await tell(withdrawn(1, uuid4()))
    async with a_replica(kafka_bootstrap):
        with pytest.raises(GroupAtWork):
            await catches_up(lambda _: Recall())
    assert await effects() == []
