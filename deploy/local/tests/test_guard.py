"""Who may do what on Kafka, as a real one answers: each principal tries, and is let or refused."""

import asyncio
import logging
import re
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    TopicAuthorizationFailedError,
)
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)
from pydantic import SecretStr

from backbone.bus import open_broker
from backbone.cluster import Cluster
from backbone.contracts import FACT_TOPICS, dead_letters
from backbone.grants import ANALYST, OPERATOR, PRINCIPALS
from backbone.publisher import KafkaPublisher, Outgoing
from backbone.topic_settings import HEARD, PARTITIONS, all_topics
from local_stack.guard import ADMIN, filter_of, grant_rights, let_in
from local_stack.jars import fetch_jars, jars_folder
from local_stack.kafka import LocalKafka
from local_stack.kafka_client import admin_client, client_options
from local_stack.topics import make_topics

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


async def test_only_commskit_reads_who_is_behind_an_event_and_only_registration_says_it(guarded):
    topic = "registration.organisers"
    assert (await readers_of(guarded, topic), await writers_of(guarded, topic)) == ({"commskit"}, {"registration"})


@pytest.mark.parametrize("topic", sorted(PUBLIC))
async def test_a_public_topic_has_one_service_that_writes_it_beside_the_operator(guarded, topic):
    (writer,) = [fact.writer for fact in FACT_TOPICS if fact.name == topic]
    assert await writers_of(guarded, topic) == {writer, OPERATOR}


@pytest.mark.parametrize("topic", sorted(PUBLIC))
async def test_a_public_topic_is_read_by_those_who_hear_it_by_analysts_and_by_operators(guarded, topic):
    hearers = {service for service, heard in HEARD.items() if topic in {fact.name for fact in heard}}
    assert await readers_of(guarded, topic) == hearers | {ANALYST, OPERATOR}


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


async def nothing(_: object) -> None:
    return None


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
    assert await readers_of(guarded, "registration.organisers") == {"commskit"}
    (left,) = [taken.result(10) for taken in admin.delete_acls([filter_of(acl("somebody-else"))]).values()]
    assert [binding.principal for binding in left] == ["User:somebody-else"]


async def test_a_new_password_lets_in_at_once_and_the_old_one_no_longer(guarded):
    old = guarded.cluster("geocoding")
    new = str(uuid.uuid4())
    passwords = {name: guarded.cluster(name).password.get_secret_value() for name in PRINCIPALS}
    await asyncio.to_thread(let_in, guarded.cluster(), {**passwords, "geocoding": new})
    assert await read(replace(old, password=SecretStr(new)), "registration.events") == b"{}"
    with pytest.raises(KafkaConnectionError):
        await KafkaPublisher(old, "test").start()
    await asyncio.to_thread(let_in, guarded.cluster(), passwords)
    assert await read(old, "registration.events") == b"{}"


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
