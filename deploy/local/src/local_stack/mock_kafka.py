"""Where there is no Java: the mock cluster of librdkafka, in the memory of this process."""

from __future__ import annotations

import logging

from confluent_kafka import Producer

from backbone.contracts.topics import all_topics
from backbone.kafka.cluster import Cluster
from provision.guard import ADMIN
from provision.kafka_client import admin_client
from provision.topics import TIMEOUT, Changes

from .server import Standing

_silent = logging.Logger("librdkafka", level=logging.CRITICAL)


class MockKafka(Standing):
    """Stands in for Kafka. Topics come into being when first named, with four partitions and no settings.

    Nothing survives a stop, and a consumer group has one member: two cannot join.
    """

    replication_factor = 1
    survives_a_stop = False

    def __init__(self, why: str) -> None:
        self._why = why
        self._cluster: Producer | None = None
        self._bootstrap_servers = ""

    @property
    def announcement(self) -> str:
        """One line for the person who starts the stack."""
        return f"Kafka: only an imitation in memory, nothing of which survives a stop. {self._why}"

    @property
    def bootstrap_servers(self) -> str:
        """How clients, in any process, reach it."""
        if self._cluster is None:
            raise RuntimeError("the mock cluster has not been started")
        return self._bootstrap_servers

    def cluster(self, _: str = ADMIN) -> Cluster:
        """The cluster, which lets in everyone."""
        return Cluster(self.bootstrap_servers)

    def start(self) -> None:
        """Starts the cluster, which lives as long as the producer that carries it."""
        self._cluster = Producer({"test.mock.num.brokers": 1}, logger=_silent)
        brokers = self._cluster.list_topics(timeout=10).brokers.values()
        self._bootstrap_servers = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)

    def stop(self) -> None:
        """Ends the cluster and all that was in it."""
        self._cluster = None

    def name_topics(self) -> Changes:
        """Has the topics of the contracts come into being: it makes every topic that it hears the name of, and cannot
        be asked to make one."""
        admin = admin_client(self.cluster())
        there = admin.list_topics(timeout=TIMEOUT).topics
        missing = [topic.name for topic in all_topics() if topic.name not in there]
        for name in missing:
            admin.list_topics(name, timeout=TIMEOUT)
        return Changes(made=tuple(missing))
