"""The operator's command on a Kafka that lets an operator do an operator's work and no more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka.partitioner import DefaultPartitioner

from backbone.contracts import REGISTRATION_EVENTS, REGISTRATION_ORGANISERS, dead_letters
from backbone.contracts.grants import ANALYST, OPERATOR
from backbone.contracts.topics import PARTITIONS
from backbone.kafka.publisher import KafkaPublisher, Outgoing
from local_stack.jars import fetch_jars, jars_folder
from local_stack.kafka import LocalKafka
from local_stack.topics import make_topics


@pytest.fixture(scope="module")
async def guarded(make_state_dir: Callable[[], Path]) -> AsyncIterator[LocalKafka]:
    """With one dead letter of commskit's about an event, and one about a person."""
    with LocalKafka(make_state_dir(), fetch_jars(jars_folder())) as node:
        make_topics(node)
        publisher = KafkaPublisher(node.cluster(), "test")
        for topic in (REGISTRATION_EVENTS, REGISTRATION_ORGANISERS):
            message = Outgoing(topic.name, str(uuid4()).encode(), b"{", [("ce_id", uuid4().hex.encode())])
            there = DefaultPartitioner()(message.key, range(PARTITIONS), range(PARTITIONS))
            why = {"topic": topic.name, "partition": there, "offset": 0, "reason": "test", "group": "commskit"}
            headers = [*message.headers, *((f"dlq.{name}", str(value).encode()) for name, value in why.items())]
            letter = Outgoing(dead_letters("commskit").name, message.key, message.value, headers)
            await publisher.publish([message, letter])
        await publisher.stop()
        yield node


@pytest.fixture
def sdi_as(sdi, guarded):
    async def call(principal, *words):
        cluster = guarded.cluster(principal)
        told = {
            "KAFKA_BOOTSTRAP_SERVERS": cluster.servers,
            "KAFKA_USERNAME": cluster.username,
            "KAFKA_PASSWORD": cluster.password.get_secret_value(),
        }
        return await sdi(*words, told=told)

    return call


async def letter_about(sdi_as, topic):
    letters = (await sdi_as(OPERATOR, "dead-letters", "list", "--json")).json
    [letter] = [one for one in letters if one["source"]["topic"] == topic.name]
    return "commskit", letter["partition"], letter["offset"]


async def test_an_operator_sees_the_lag_the_topics_and_the_dead_letters(sdi_as):
    lag, topics = await sdi_as(OPERATOR, "lag", "--json"), await sdi_as(OPERATOR, "topics", "--json")
    assert (lag.errors, topics.exit_code, topics.errors) == ("", 0, "")
    assert {one["topic"]: one["records"] for one in topics.json}[REGISTRATION_ORGANISERS.name] == 1
    assert len((await sdi_as(OPERATOR, "dead-letters", "list", "--json")).json) == 2


async def test_an_operator_may_ask_all_that_an_explanation_needs(sdi_as):
    [letter] = [one for one in (await sdi_as(OPERATOR, "dead-letters", "list", "--json")).json if not one["personal"]]
    shown = (
        await sdi_as(OPERATOR, "dead-letters", "show", "commskit", letter["partition"], letter["offset"], "--json")
    ).json
    answer = await sdi_as(OPERATOR, "explain", shown["key"])
    assert (answer.exit_code, answer.errors) == (1, "")
    assert "Where does it stand? unknown" in answer.text


async def test_an_operator_tells_a_message_about_an_event_again(sdi_as):
    letter = await letter_about(sdi_as, REGISTRATION_EVENTS)
    answer = await sdi_as(OPERATOR, "dead-letters", "replay", *letter, "--yes")
    assert (answer.exit_code, answer.errors) == (0, "")


async def test_an_operator_is_refused_what_was_told_about_a_person_and_learns_why(sdi_as):
    letter = await letter_about(sdi_as, REGISTRATION_ORGANISERS)
    answer = await sdi_as(OPERATOR, "dead-letters", "replay", *letter, "--yes")
    assert (answer.exit_code, "KAFKA_USERNAME lacks a right" in answer.errors) == (2, True)


async def test_an_analyst_is_no_operator(sdi_as):
    answer = await sdi_as(ANALYST, "dead-letters", "list")
    assert (answer.exit_code, "may we read there?" in answer.errors) == (2, True)


async def test_who_has_the_wrong_password_is_told_so(sdi, guarded):
    where = {"KAFKA_BOOTSTRAP_SERVERS": guarded.bootstrap_servers, "KAFKA_USERNAME": OPERATOR}
    answer = await sdi("lag", told={**where, "KAFKA_PASSWORD": "guessed"})
    assert (answer.exit_code, "KAFKA_PASSWORD" in answer.errors) == (2, True)
