"""The topics of the contracts, made with the settings that their promises need."""

from __future__ import annotations

from dataclasses import dataclass

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from backbone.contracts import Topic
from backbone.contracts.topics import PARTITIONS, all_topics, settings_of
from backbone.kafka.cluster import Cluster

from .errors import CannotStart
from .kafka_client import admin_client

TIMEOUT = 30.0


@dataclass(frozen=True)
class Changes:
    """What was done to the topics: empty where all were there, as they should be."""

    made: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()


def make_topics(cluster: Cluster, copies: int = -1) -> Changes:
    """Makes the topics that are missing, and mends those that have other settings; done again, it changes nothing.

    `copies` of each, -1: as many as the cluster makes by default. Raises CannotStart.
    """
    admin = admin_client(cluster)
    try:
        there = admin.list_topics(timeout=TIMEOUT).topics
        missing = [topic for topic in all_topics() if topic.name not in there]
        made = _make(admin, missing, copies)
        return Changes(made, _mend(admin, [topic for topic in all_topics() if topic.name in there]))
    except KafkaException as error:
        raise CannotStart(f"Kafka would not make the topics: {error.args[0].str()}") from error


def missing_topics(cluster: Cluster) -> set[str]:
    """The names of those that are not there yet. Raises CannotStart."""
    try:
        there = admin_client(cluster).list_topics(timeout=TIMEOUT).topics
    except KafkaException as error:
        raise CannotStart(f"Kafka would not say which topics there are: {error.args[0].str()}") from error
    return {topic.name for topic in all_topics()} - there.keys()


def _make(admin: AdminClient, topics: list[Topic], copies: int) -> tuple[str, ...]:
    new = [NewTopic(topic.name, PARTITIONS, copies, config=settings_of(topic)) for topic in topics]
    made = admin.create_topics(new, operation_timeout=TIMEOUT) if new else {}
    for answer in made.values():
        answer.result(TIMEOUT)
    return tuple(made)


def _mend(admin: AdminClient, topics: list[Topic]) -> tuple[str, ...]:
    wanted = {topic.name: settings_of(topic) for topic in topics}
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in wanted]
    described = admin.describe_configs(resources) if resources else {}
    others = []
    for resource, answer in described.items():
        found = {name: entry.value for name, entry in answer.result(TIMEOUT).items()}
        changes = {name: value for name, value in wanted[resource.name].items() if found.get(name) != value}
        if changes:
            others.append(_with_settings(resource.name, changes))
    altered = admin.incremental_alter_configs(others) if others else {}
    for change in altered.values():
        change.result(TIMEOUT)
    return tuple(resource.name for resource in altered)


def _with_settings(topic: str, settings: dict[str, str]) -> ConfigResource:
    entries = [
        ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET) for name, value in settings.items()
    ]
    return ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
