"""The imitation of Kafka that stands in where there is no Java."""

import subprocess
import sys

import pytest
from confluent_kafka import Producer

from backbone.contracts.topics import all_topics
from backbone.kafka.cluster import Cluster
from local_stack.mock_kafka import MockKafka
from local_stack.topics import make_topics
from provision.kafka_client import admin_client, answers
from provision.topics import Changes

READ_ONE = """
import sys
from confluent_kafka import Consumer, TopicPartition
consumer = Consumer({"bootstrap.servers": sys.argv[1], "group.id": "reader"})
consumer.assign([TopicPartition("labelling.decisions", partition, 0) for partition in range(4)])
print(consumer.poll(20).value().decode())
"""


def topics_of(kafka: MockKafka) -> dict[str, int]:
    topics = admin_client(kafka.cluster()).list_topics(timeout=10).topics
    return {name: len(topic.partitions) for name, topic in topics.items()}


def test_all_topics_come_into_being_with_four_partitions():
    with MockKafka("No Java.") as kafka:
        assert make_topics(kafka).made == tuple(topic.name for topic in all_topics())
        assert topics_of(kafka) == {topic.name: 4 for topic in all_topics()}


def test_made_again_nothing_changes():
    with MockKafka("No Java.") as kafka:
        make_topics(kafka)
        assert make_topics(kafka) == Changes()


def test_another_process_reads_what_was_written():
    with MockKafka("No Java.") as kafka:
        make_topics(kafka)
        producer = Producer({"bootstrap.servers": kafka.bootstrap_servers})
        producer.produce("labelling.decisions", b"labelled")
        producer.flush(10)
        reader = [sys.executable, "-c", READ_ONE, kafka.bootstrap_servers]
        assert subprocess.run(reader, capture_output=True, text=True, check=True).stdout == "labelled\n"


def test_nothing_survives_a_stop(eventually):
    kafka = MockKafka("No Java.")
    with kafka:
        make_topics(kafka)
        address = kafka.bootstrap_servers
    eventually(lambda: not answers(Cluster(address)))
    with kafka:
        assert (kafka.survives_a_stop, topics_of(kafka)) == (False, {})


def test_its_address_is_known_only_while_it_runs():
    with pytest.raises(RuntimeError, match="has not been started"):
        MockKafka("No Java.").bootstrap_servers.split(",")
