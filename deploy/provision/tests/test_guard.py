"""Who may do what on Kafka, as a real one answers: each principal tries, and is let or refused."""

import asyncio
import logging
import re
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import aiokafka
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    TopicAuthorizationFailedError,
)
from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    OffsetSpec,
    ResourcePatternType,
    ResourceType,
)
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

import commskit.handlers
import map_feed.handlers
from backbone.contracts import (
    FACT_TOPICS,
    EventLabelled,
    EventNotLocated,
    EventWithdrawn,
    Fact,
    LabelWithdrawn,
    OrganiserErased,
    OrganiserRegistered,
    dead_letters,
)
from backbone.contracts.grants import ANALYST, OPERATOR, PRINCIPALS, SCALER
from backbone.contracts.topics import HEARD, PARTITIONS, all_topics
from backbone.kafka.cluster import Cluster
from backbone.kafka.publisher import KafkaPublisher, Outgoing
from backbone.postgres.database import open_database
from backbone.service.listener import Ears, Listener, open_broker
from local_stack.jars import fetch_jars, jars_folder
from local_stack.kafka import LocalKafka
from local_stack.topics import make_topics
from provision.guard import ADMIN, filter_of, grant_rights, let_in
from provision.kafka_client import admin_client, client_options

TOPICS = [topic.name for topic in all_topics()]
SILENT = logging.Logger("librdkafka", level=logging.CRITICAL)
PUBLIC = {topic.name for topic in FACT_TOPICS if not topic.personal}


@pytest.fixture(scope="module")
def home(make_state_dir: Callable[[], Path]) -> Path:
    return make_state_dir()


@pytest.fixture(scope="module")
def guarded(home: Path) -> Iterator[LocalKafka]:
    """A node as the demonstration starts it, with its topics and one record in each."""
    with LocalKafka(home, fetch_jars(jars_folder())) as node:
        make_topics(node)
        asyncio.run(write(node.cluster(), *TOPICS))
        yield node


async def write(cluster: Cluster, *topics: str) -> None:
    publisher = KafkaPublisher(cluster, "test")
    try:
        await publisher.publish([Outgoing(topic, b"key", b"{}", []) for topic in topics])
    finally:
        await publisher.stop()


async def read(cluster: Cluster, topic: str) -> bytes:
    """The first record of a topic, read in no group. Raises KafkaException."""
    return await asyncio.to_thread(_read, cluster, topic)


def _read(cluster: Cluster, topic: str) -> bytes:
    options = {"group.id": "none", "enable.auto.commit": False, "auto.offset.reset": "earliest"}
    consumer = Consumer({**client_options(cluster), **options}, logger=SILENT)
    try:
        if refused := consumer.list_topics(topic, timeout=10).topics[topic].error:
            raise KafkaException(refused)  # the reader may not even know of it: it would ask and ask
        consumer.assign([TopicPartition(topic, number, 0) for number in range(PARTITIONS)])
        while message := consumer.poll(10):
            error = message.error()
            if error is None:
                return message.value()
            # it asks for its group's offsets too, though it is told where to begin
            if error.code() != KafkaError.GROUP_AUTHORIZATION_FAILED:
                raise KafkaException(error)
        raise TimeoutError(topic)
    finally:
        consumer.close()


async def may(attempt: Awaitable[object]) -> bool:
    try:
        await attempt
    except (TopicAuthorizationFailedError, ClusterAuthorizationFailedError):  # the latter: may write nowhere at all
        return False
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_AUTHORIZATION_FAILED:
            raise
        return False
    return True


async def readers_of(kafka: LocalKafka, topic: str) -> set[str]:
    return {name for name in PRINCIPALS if await may(read(kafka.cluster(name), topic))}


async def writers_of(kafka: LocalKafka, topic: str) -> set[str]:
    return {name for name in PRINCIPALS if await may(write(kafka.cluster(name), topic))}


async def test_who_is_behind_an_event_is_read_by_commskit_and_by_registration_which_alone_says_it(guarded):
    topic = "registration.organisers"
    readers, writers = await readers_of(guarded, topic), await writers_of(guarded, topic)
    assert (readers, writers) == ({"commskit", "registration"}, {"registration"})


@pytest.mark.parametrize("topic", sorted(PUBLIC))
async def test_a_public_topic_has_one_service_that_writes_it_beside_the_operator(guarded, topic):
    (writer,) = [fact.writer for fact in FACT_TOPICS if fact.name == topic]
    assert await writers_of(guarded, topic) == {writer, OPERATOR}


@pytest.mark.parametrize("topic", sorted(PUBLIC))
async def test_a_public_topic_is_read_by_those_who_hear_it_by_its_writer_by_analysts_and_by_operators(guarded, topic):
    hearers = {service for service, heard in HEARD.items() if topic in {fact.name for fact in heard}}
    (writer,) = [fact.writer for fact in FACT_TOPICS if fact.name == topic]
    assert await readers_of(guarded, topic) == hearers | {writer, ANALYST, OPERATOR}


@pytest.mark.parametrize("service", HEARD)
async def test_dead_letters_are_written_by_their_service_and_seen_by_operators_alone(guarded, service):
    topic = dead_letters(service).name
    assert await writers_of(guarded, topic) == {service, OPERATOR}
    assert await readers_of(guarded, topic) == {OPERATOR}


async def test_an_analyst_sees_the_public_topics_and_does_not_learn_of_others(guarded):
    shown = await asyncio.to_thread(admin_client(guarded.cluster(ANALYST)).list_topics, timeout=10)
    assert {name for name in shown.topics if not name.startswith("__")} == PUBLIC


async def test_a_service_reads_in_its_own_group_and_in_no_other(guarded):
    broker = open_broker("map-feed", guarded.cluster("map-feed"))
    broker.subscriber("registration.events", group_id="map-feed", batch=True)(nothing)
    await broker.start()
    pinged = await broker.ping(5)
    await broker.stop()
    intruder = open_broker("map-feed", guarded.cluster("map-feed"))
    intruder.subscriber("registration.events", group_id="labelling", batch=True)(nothing)
    try:
        with pytest.raises(GroupAuthorizationFailedError):
            await intruder.start()
    finally:
        await intruder.stop()
    assert pinged


async def lag_of(kafka: LocalKafka, principal: str, service: str, topic: str) -> int:
    """How much of a topic waits for a service, as this principal learns it. Raises KafkaException."""
    return await asyncio.to_thread(_lag_of, admin_client(kafka.cluster(principal)), service, topic)


def _lag_of(admin: AdminClient, service: str, topic: str) -> int:
    heard, asked = _heard(admin, service, topic), [TopicPartition(topic, number) for number in range(PARTITIONS)]
    ends = admin.list_offsets({at: OffsetSpec.latest() for at in asked})
    return sum(end.result(10).offset - heard[at.partition] for at, end in ends.items())


def _heard(admin: AdminClient, service: str, topic: str) -> dict[int, int]:
    asked = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    (group,) = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(service, asked)]).values()
    return {at.partition: max(at.offset, 0) for at in group.result(10).topic_partitions}


@pytest.mark.parametrize(("service", "topic"), [(service, topic.name) for service in HEARD for topic in HEARD[service]])
async def test_how_much_waits_for_each_service_is_learnt_by_the_scaler_without_a_right_to_read_it(
    guarded, service, topic
):
    assert await lag_of(guarded, SCALER, service, topic) >= 1
    assert not await may(read(guarded.cluster(SCALER), topic))
    assert not await may(write(guarded.cluster(SCALER), topic))


async def test_who_may_learn_how_far_a_service_has_read_is_the_operator_the_scaler_and_the_service_itself(guarded):
    async def learns(principal: str) -> bool:
        try:
            admin = admin_client(guarded.cluster(principal))
            return bool(await asyncio.to_thread(_heard, admin, "map-feed", "labelling.decisions"))
        except KafkaException as error:
            if error.args[0].code() != KafkaError.GROUP_AUTHORIZATION_FAILED:
                raise
            return False

    assert {name for name in PRINCIPALS if await learns(name)} == {"map-feed", OPERATOR, SCALER}


async def nothing(_: object) -> None:
    return None


# A right to write to one's own topic is none to speak for others: that is up to the readers.


@pytest.fixture
def hearing(guarded, make_database):
    """Has a service hear, as its own principal, until it has taken these facts, told last; its database."""

    @asynccontextmanager
    async def hear(service, handlers, *last: Fact):
        cluster, engine = guarded.cluster(service), open_database(await make_database(service))
        dead = KafkaPublisher(cluster, service)
        listener = Listener(Ears(service, open_broker(service, cluster), dead), engine, handlers)
        stopping = asyncio.Event()
        running = asyncio.create_task(listener.run(stopping))
        try:
            # of the same partition and told later: once it is taken, so is what came before
            told = {await tell(guarded.cluster(fact.topic.writer), fact, fact.topic.name) for fact in last}
            async with asyncio.timeout(60):
                while not told <= await taken(engine):
                    await asyncio.sleep(0.05)
            yield engine
        finally:
            stopping.set()
            await running
            await dead.stop()
            await engine.dispose()

    return hear


async def taken(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as tx:
        return set(await tx.scalars(text("SELECT message_id FROM inbox")))


async def tell(cluster: Cluster, fact: Fact, topic: str, key: str | None = None) -> str:
    """Tells the fact, as that principal, on that topic; the message's id."""
    message_id = str(uuid.uuid4())
    headers = [("ce_type", fact.ce_type.encode()), ("ce_id", message_id.encode())]
    value = None if fact.is_tombstone else fact.model_dump_json().encode()
    publisher = KafkaPublisher(cluster, "test")
    try:
        await publisher.publish([Outgoing(topic, (key or fact.key).encode(), value, headers)])
    finally:
        await publisher.stop()
    return message_id


async def reasons(guarded: LocalKafka, service: str) -> set[str]:
    """Why the service set aside what it did, as an operator sees it."""
    topic = dead_letters(service).name
    consumer = AIOKafkaConsumer(**guarded.cluster(OPERATOR).client_options(), auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [aiokafka.TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        found, ends = set(), await consumer.end_offsets(partitions)
        for partition in partitions:
            consumer.seek(partition, 0)
            while await consumer.position(partition) < ends[partition]:
                for record in (await consumer.getmany(partition, timeout_ms=1000)).get(partition, []):
                    found |= {value.decode() for name, value in record.headers if name == "dlq.reason"}
    finally:
        await consumer.stop()
    return found


def labelled(event_id: uuid.UUID) -> EventLabelled:
    about = {"event_id": event_id, "revision": 1}
    words = {"organisation": "Faux", "title": "Jamais déposé", "description": "…", "kind": "webinar"}
    slot = {"starts_at": "2026-11-17T09:00:00+01:00", "ends_at": "2026-11-17T12:00:00+01:00"}
    event = about | words | {"edition": "2026", "organiser_id": event_id, "audiences": (), "admission": "everyone"}
    event |= {"is_free": True, "slots": (slot,), "timezone": "Europe/Paris", "online_url": "https://visio.example"}
    decided = {"verdicts": (), "decided_at": "2026-03-01T09:00:00Z", "decided_by": "rules", "label": "granted"}
    decided |= {"decision_id": uuid.uuid4(), "sequence": 1, "edition": "2026"}
    return EventLabelled.model_validate(about | decided | {"event": event})


async def test_a_label_that_geocoding_or_registration_tells_is_on_no_map(guarded, hearing):
    forged, true = labelled(uuid.uuid4()), labelled(uuid.uuid4())
    why = {"code": "address-unknown", "message": "…"}
    not_located = EventNotLocated(event_id=forged.event_id, revision=1, reason=why, looked_up_at=datetime.now(UTC))
    withdrawn = EventWithdrawn(event_id=forged.event_id, revision=1, withdrawn_at=datetime.now(UTC))
    for writer, topic in (("geocoding", "geocoding.locations"), ("registration", "registration.events")):
        await tell(guarded.cluster(writer), forged, topic)
    # nor does labelling's own label under another event's key take its place in that one's story
    await tell(guarded.cluster("labelling"), labelled(uuid.uuid4()), "labelling.decisions", key=true.key)
    async with (
        hearing("map-feed", map_feed.handlers.HEARS, not_located, withdrawn, true) as engine,
        engine.connect() as tx,
    ):
        shown = list(await tx.scalars(text("SELECT event_id FROM events WHERE event IS NOT NULL")))
    assert shown == [true.event_id]
    assert await reasons(guarded, "map-feed") >= {
        "a EventLabelled on a topic that is not its own, labelling.decisions",
        "a EventLabelled under a key that is not its own",
    }


async def test_a_tombstone_that_labelling_tells_forgets_nobody(guarded, hearing):
    person = uuid.uuid4()
    known = OrganiserRegistered(organiser_id=person, name="Inès", email="i@fonderie.example", organisation="Fonderie")
    await tell(guarded.cluster("labelling"), OrganiserErased(organiser_id=person), "labelling.decisions")
    about = {"event_id": person, "revision": 1, "sequence": 1, "edition": "2026", "ruleset": "test"}
    decided = {"decision_id": uuid.uuid4(), "label": "withdrawn", "decided_by": "organiser"}
    reason = {"code": "withdrawn-by-organiser", "message": "…"}
    gone = LabelWithdrawn(**about, **decided, decided_at=datetime.now(UTC), reason=reason)
    async with hearing("commskit", commskit.handlers.HEARS, known, gone) as engine, engine.connect() as tx:
        kept = (await tx.execute(text("SELECT id, is_erased FROM organisers"))).all()
    assert kept == [(person, False)]
    said = "a OrganiserErased on a topic that is not its own, registration.organisers"
    assert said in await reasons(guarded, "commskit")


@pytest.mark.parametrize(
    "enter_as",
    [
        lambda cluster: replace(cluster, password=SecretStr("guessed")),
        lambda cluster: replace(cluster, username="nobody"),
        lambda cluster: replace(cluster, username=ADMIN),
    ],
    ids=["a wrong password", "an unknown name", "a service's password for the admin"],
)
async def test_nobody_is_let_in_with(guarded, enter_as):
    with pytest.raises(KafkaConnectionError):
        await KafkaPublisher(enter_as(guarded.cluster("labelling")), "test").start()


async def test_whoever_does_not_say_who_they_are_is_not_even_answered(guarded):
    with pytest.raises((KafkaConnectionError, TimeoutError)):
        async with asyncio.timeout(5):
            await KafkaPublisher(Cluster(guarded.bootstrap_servers), "test").start()


@pytest.mark.parametrize("principal", PRINCIPALS)
async def test_no_principal_makes_topics(guarded, principal):
    admin = admin_client(guarded.cluster(principal))
    made = admin.create_topics([NewTopic(f"{principal}.of-its-own", 1, 1)], operation_timeout=10)
    with pytest.raises(KafkaException, match="TOPIC_AUTHORIZATION_FAILED"):
        await asyncio.to_thread(made[f"{principal}.of-its-own"].result, 10)


def acl(principal: str) -> AclBinding:
    kind, pattern = ResourceType.TOPIC, ResourcePatternType.LITERAL
    who, read_it = f"User:{principal}", AclOperation.READ
    return AclBinding(kind, "registration.organisers", pattern, who, "*", read_it, AclPermissionType.ALLOW)


async def test_a_right_given_by_hand_to_a_principal_of_ours_is_taken_back_and_a_strangers_is_left(guarded):
    admin = admin_client(guarded.cluster())
    for given in admin.create_acls([acl(ANALYST), acl("somebody-else")]).values():
        await asyncio.to_thread(given.result, 10)
    assert await readers_of(guarded, "registration.organisers") >= {ANALYST}
    await asyncio.to_thread(grant_rights, admin)
    assert await readers_of(guarded, "registration.organisers") == {"commskit", "registration"}
    (left,) = [taken.result(10) for taken in admin.delete_acls([filter_of(acl("somebody-else"))]).values()]
    assert [binding.principal for binding in left] == ["User:somebody-else"]


async def test_a_new_password_lets_in_at_once_and_the_old_one_no_longer(guarded):
    old = guarded.cluster("geocoding")
    new = str(uuid.uuid4())
    passwords = {name: guarded.cluster(name).password.get_secret_value() for name in PRINCIPALS}
    await asyncio.to_thread(let_in, guarded.cluster(), {**passwords, "geocoding": new})
    assert await read(replace(old, password=SecretStr(new)), "registration.events")
    with pytest.raises(KafkaConnectionError):
        await KafkaPublisher(old, "test").start()
    await asyncio.to_thread(let_in, guarded.cluster(), passwords)
    assert await read(old, "registration.events")


def test_passwords_are_in_files_that_only_their_owner_may_read_and_in_no_log(guarded, home):
    passwords = {guarded.cluster(name).password.get_secret_value() for name in (ADMIN, *PRINCIPALS)}
    files = [file for file in home.rglob("*") if file.is_file() and file.stat().st_size < 2**20]
    assert home / "kafka.log" in files
    telling = {file for file in files if any(word in file.read_text(errors="replace") for word in passwords)}
    assert {(file.name, oct(file.stat().st_mode & 0o777)) for file in telling} == {
        ("kafka.json", "0o600"),
        ("server.properties", "0o600"),
    }


def test_the_rights_are_kept_over_a_restart_and_described_by_kafka_as_granted(guarded):
    guarded.stop()
    guarded.start()
    asked = TopicCollection(["registration.events"])
    admin = admin_client(guarded.cluster(ANALYST))
    told = admin.describe_topics(asked, include_authorized_operations=True)["registration.events"].result(10)
    assert {operation.name for operation in told.authorized_operations} == {"READ", "DESCRIBE"}


def test_a_cluster_never_shows_its_password():
    shown = repr(Cluster("kafka:9092", "labelling", SecretStr("do not tell")))
    assert re.search("do not tell", shown) is None
