"""The topics, made on a real Kafka."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from backbone.contracts import FACT_TOPICS, REGISTRATION_ORGANISERS, dead_letters
from backbone.contracts.topics import DAY, PARTITIONS, all_topics, settings_of
from local_stack.jars import fetch_jars, jars_folder
from local_stack.kafka import LocalKafka
from local_stack.topics import make_topics
from provision.kafka_client import admin_client
from provision.topics import Changes


@pytest.fixture(scope="module")
def kafka(make_state_dir: Callable[[], Path]) -> Iterator[LocalKafka]:
    """One that has no topics yet."""
    with LocalKafka(make_state_dir(), fetch_jars(jars_folder()), guarded=False) as node:
        yield node


@pytest.fixture(scope="module")
def made(kafka: LocalKafka) -> Changes:
    return make_topics(kafka)


def settings_on(kafka: LocalKafka, topic: str) -> dict[str, str]:
    resource = ConfigResource(ResourceType.TOPIC, topic)
    admin = admin_client(kafka.cluster())
    [answer] = admin.describe_configs([resource]).values()
    return {name: entry.value for name, entry in answer.result(10).items()}


def alter(kafka: LocalKafka, topic: str, name: str, value: str) -> None:
    entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    admin = admin_client(kafka.cluster())
    [answer] = admin.incremental_alter_configs([resource]).values()
    answer.result(10)


def test_every_topic_of_the_contracts_and_of_the_dead_letters_is_made(kafka, made):
    there = admin_client(kafka.cluster()).list_topics(timeout=10).topics
    names = [topic.name for topic in all_topics()]
    assert (list(made.made), [len(there[name].partitions) for name in names]) == (names, [PARTITIONS] * len(names))


@pytest.mark.parametrize("topic", all_topics(), ids=lambda topic: topic.name)
def test_a_topic_has_the_settings_that_its_promise_needs(kafka, made, topic):
    assert settings_on(kafka, topic.name).items() >= settings_of(topic).items()


def test_made_again_nothing_changes(kafka, made):
    assert make_topics(kafka) == Changes()


def test_a_topic_with_other_settings_is_mended(kafka, made, eventually):
    alter(kafka, "commskit.kits", "min.compaction.lag.ms", "5")
    eventually(lambda: settings_on(kafka, "commskit.kits")["min.compaction.lag.ms"] == "5")
    assert make_topics(kafka) == Changes(altered=("commskit.kits",))
    eventually(lambda: make_topics(kafka) == Changes())


def test_the_facts_of_a_campaign_are_all_kept_until_it_is_over():
    public = [settings_of(topic) for topic in FACT_TOPICS if not topic.personal]
    assert {(s["cleanup.policy"], s["min.compaction.lag.ms"]) for s in public} == {("compact", str(300 * DAY))}


def test_what_is_told_about_a_person_can_go_within_a_month_of_their_erasure():
    facts, letters = settings_of(REGISTRATION_ORGANISERS), settings_of(dead_letters("commskit"))
    assert int(facts["max.compaction.lag.ms"]) + int(facts["segment.ms"]) < 30 * DAY
    assert int(letters["retention.ms"]) + int(letters["segment.ms"]) < 30 * DAY
