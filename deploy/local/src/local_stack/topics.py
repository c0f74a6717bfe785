"""The topics of the contracts, on whatever Kafka the stack runs on."""

from __future__ import annotations

from provision import topics
from provision.topics import Changes

from .choose import Kafka
from .mock_kafka import MockKafka


def make_topics(kafka: Kafka) -> Changes:
    """Makes the topics that are missing, and mends those that have other settings; done again, it changes nothing."""
    if isinstance(kafka, MockKafka):
        return kafka.name_topics()
    return topics.make_topics(kafka.cluster(), kafka.replication_factor)
