"""What is on the topics: read raw from the first offset, written to, and how far the readers are."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from confluent_kafka import Consumer as KafkaConsumer
from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import OffsetSpec

from backbone.contracts import FACT_TOPICS
from backbone.contracts.topics import HEARD, PARTITIONS, all_topics
from backbone.kafka.cluster import Cluster
from provision.kafka_client import admin_client, client_options

_silent = logging.Logger("librdkafka", level=logging.CRITICAL)
FACTS = tuple(topic.name for topic in FACT_TOPICS)


@dataclass(frozen=True)
class Row:
    """A record as it lies in the log; what `Listener.take` reads of one."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]

    @property
    def place(self) -> tuple[str, int, int]:
        return self.topic, self.partition, self.offset

    def header(self, name: str) -> str:
        """The header's text; empty where there is none."""
        return next(((value or b"").decode(errors="replace") for key, value in self.headers if key == name), "")


class Log:
    """The topics of one cluster, seen from outside the platform. Its calls block: call them in a thread."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._admin = admin_client(cluster)

    def forget(self) -> None:
        """Connects afresh: a client from before a broker's restart may hold on to what was so then."""
        self._admin = admin_client(self._cluster)

    def ends(self) -> dict[tuple[str, int], int]:
        """The offset after the last record of each partition."""
        places = [TopicPartition(topic.name, p) for topic in all_topics() for p in range(PARTITIONS)]
        told = self._admin.list_offsets({place: OffsetSpec.latest() for place in places}, request_timeout=10)
        return {(place.topic, place.partition): answer.result(10).offset for place, answer in told.items()}

    def lag(self) -> dict[str, int]:
        """How many records each group has still to commit; groups without any are left out."""
        ends, lags = self.ends(), dict.fromkeys(HEARD, 0)
        for group, topics in HEARD.items():
            places = [TopicPartition(topic.name, p) for topic in topics for p in range(PARTITIONS)]
            asked = [ConsumerGroupTopicPartitions(group, places)]
            told = self._admin.list_consumer_group_offsets(asked, request_timeout=10)[group].result(10)
            for place in told.topic_partitions:
                lags[group] += ends[place.topic, place.partition] - max(place.offset, 0)
        return {group: lag for group, lag in lags.items() if lag}

    def read(self) -> list[Row]:
        """Every record of every topic, topic by topic and partition by partition."""
        ends = {place: end for place, end in self.ends().items() if end}
        options = {
            **client_options(self._cluster),
            "group.id": f"faults-{uuid.uuid4()}",
            "enable.auto.commit": False,
        }
        consumer = KafkaConsumer(options, logger=_silent)
        rows: list[Row] = []
        try:
            consumer.assign([TopicPartition(topic, partition, 0) for topic, partition in ends])
            give_up = time.monotonic() + 60
            while ends:
                assert time.monotonic() < give_up, f"records are missing up to {ends}"
                for message in consumer.consume(500, timeout=0.2):  # it waits that long where fewer are left
                    rows.append(_row(message))
                    if message.offset() + 1 >= ends.get((message.topic(), message.partition()), -1):
                        ends.pop((message.topic(), message.partition()), None)
        finally:
            consumer.close()
        return sorted(rows, key=lambda row: row.place)

    def write(self, rows: Iterable[Row]) -> list[tuple[str, int, int]]:
        """Writes records as they are, to the partition they name; where they lie now."""
        written: list[tuple[str, int, int]] = []

        def note(error: KafkaError | None, message: Message) -> None:
            if error:
                raise KafkaException(error)
            written.append((message.topic(), message.partition(), message.offset()))

        options = {**client_options(self._cluster), "acks": "all", "message.max.bytes": 8_000_000}
        producer = Producer(options, logger=_silent)
        for row in rows:
            producer.produce(row.topic, row.value, row.key, row.partition, note, headers=list(row.headers))
        assert producer.flush(30) == 0
        return written

    def reset_groups(self) -> None:
        """Sends every reader back to the first record of every topic. The groups must have no member."""
        for group, topics in HEARD.items():
            places = [TopicPartition(topic.name, p, 0) for topic in topics for p in range(PARTITIONS)]
            asked = [ConsumerGroupTopicPartitions(group, places)]
            for place in self._admin.alter_consumer_group_offsets(asked)[group].result(30).topic_partitions:
                assert place.error is None, place.error


def _row(message: Message) -> Row:
    assert message.error() is None, message.error()
    headers = message.headers() or []
    return Row(message.topic(), message.partition(), message.offset(), message.key(), message.value(), headers)
