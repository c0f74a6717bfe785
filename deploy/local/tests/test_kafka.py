"""The local Kafka: a real node on the loopback, stopped, killed and started again."""

import os
import signal
import socket
import uuid
from pathlib import Path

import psutil
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import NewTopic

from backbone.kafka.cluster import Cluster
from local_stack.choose import ExternalKafka, choose_kafka
from local_stack.jars import fetch_jars, find_jars, jars_folder
from local_stack.kafka import LocalKafka, find_java
from local_stack.mock_kafka import MockKafka
from local_stack.ports import HOST
from provision.errors import CannotStart
from provision.kafka_client import admin_client


def write(kafka: LocalKafka, value: str) -> str:
    """Writes one record, waits until the node has it, and says where it is."""
    topic = f"test-{uuid.uuid4()}"
    admin = admin_client(kafka.cluster())
    admin.create_topics([NewTopic(topic, 1, 1)], operation_timeout=10)[topic].result(10)
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "acks": "all"})
    producer.produce(topic, value.encode())
    assert producer.flush(10) == 0
    return topic


def read(kafka: LocalKafka, topic: str) -> str:
    """The first record of a topic."""
    consumer = Consumer({"bootstrap.servers": kafka.bootstrap_servers, "group.id": "test", "enable.auto.commit": False})
    try:
        consumer.assign([TopicPartition(topic, 0, 0)])
        return consumer.poll(10).value().decode()
    finally:
        consumer.close()


def port_of(kafka: LocalKafka) -> int:
    return int(kafka.bootstrap_servers.split(":")[1])


def test_records_are_read_after_a_stop_and_a_start_at_the_same_address(kafka):
    address, topic = kafka.bootstrap_servers, write(kafka, "stopped")
    kafka.stop()
    kafka.start()
    assert (kafka.bootstrap_servers, read(kafka, topic)) == (address, "stopped")


def test_records_are_read_after_a_kill_9(kafka, eventually):
    topic = write(kafka, "killed")
    os.kill(kafka.pid, signal.SIGKILL)
    eventually(lambda: kafka.pid is None)
    kafka.start()
    assert read(kafka, topic) == "killed"


def test_ports_that_somebody_took_meanwhile_are_replaced_and_the_records_kept(kafka):
    topic, before = write(kafka, "moved"), kafka.bootstrap_servers
    ports = [c.laddr.port for c in psutil.Process(kafka.pid).net_connections() if c.status == psutil.CONN_LISTEN]
    kafka.stop()
    taken = [socket.create_server((HOST, port)) for port in ports]
    kafka.start()
    for listener in taken:
        listener.close()
    assert (len(taken), kafka.bootstrap_servers != before, read(kafka, topic)) == (2, True, "moved")


def test_a_start_takes_over_from_a_run_that_was_killed_and_left_its_node_behind(tmp_path, processes_that_mention):
    left_behind = LocalKafka(tmp_path, fetch_jars(jars_folder()), guarded=False)
    left_behind.start()
    topic = write(left_behind, "orphaned")
    with LocalKafka(tmp_path, fetch_jars(jars_folder()), guarded=False) as node:
        alive = [process.pid for process in processes_that_mention(tmp_path) if process.status() != "zombie"]
        assert (alive, read(node, topic)) == ([node.pid], "orphaned")
    assert [process for process in processes_that_mention(tmp_path) if process.status() != "zombie"] == []


def test_ctrl_c_in_the_terminal_does_not_reach_the_node(kafka):
    assert os.getsid(kafka.pid) == kafka.pid


def test_it_listens_on_the_loopback_only(kafka):
    listening = [c for c in psutil.Process(kafka.pid).net_connections() if c.status == psutil.CONN_LISTEN]
    assert {address.laddr.ip.removeprefix("::ffff:") for address in listening} == {HOST}


def test_its_log_is_closed_to_others(kafka):
    assert oct(kafka.log.with_suffix("").stat().st_mode & 0o777) == "0o700"


def test_a_topic_whose_name_is_mistyped_is_an_error_not_a_new_topic(kafka):
    admin_client(kafka.cluster()).list_topics("registration.evnets", timeout=5)
    assert "registration.evnets" not in admin_client(kafka.cluster()).list_topics(timeout=5).topics


def test_without_java_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(CannotStart, match=r"needs Java 17 or newer: sudo apt-get install openjdk-17-jre-headless"):
        find_java()


def test_a_java_that_is_too_old_is_named(monkeypatch, tmp_path):
    old = tmp_path / "bin" / "java"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    old.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(CannotStart, match=rf'{old} says: openjdk version "11.0.2"'):
        find_java()


def test_half_a_fetch_is_never_used(tmp_path):
    (tmp_path / "kafka-clients-4.3.1.jar").touch()
    assert find_jars(tmp_path) is None


def test_a_fetch_that_lost_a_jar_is_never_used(tmp_path):
    whole = fetch_jars(jars_folder())
    for file in whole.iterdir():
        (tmp_path / file.name).symlink_to(file)
    assert find_jars(tmp_path) == tmp_path
    (tmp_path / "kafka-clients-4.3.1.jar").unlink()
    assert find_jars(tmp_path) is None


def test_without_maven_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotStart, match="sudo apt-get install maven"):
        fetch_jars(tmp_path / "kafka-4.3.1")


def test_with_java_and_the_jars_the_stack_runs_on_apache_kafka(tmp_path):
    chosen = choose_kafka(tmp_path, {})
    assert isinstance(chosen, LocalKafka)
    assert chosen.announcement.startswith("Kafka: Apache Kafka 4.3.1, one node of our own")


def test_without_java_the_stack_runs_on_an_imitation_and_says_why(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    chosen = choose_kafka(tmp_path, {})
    assert isinstance(chosen, MockKafka)
    assert chosen.announcement == (
        "Kafka: only an imitation in memory, nothing of which survives a stop. "
        "Apache Kafka needs Java 17 or newer: sudo apt-get install openjdk-17-jre-headless"
    )


def test_a_cluster_that_is_given_is_used(kafka):
    given = choose_kafka(Path("unused"), {"KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers})
    assert isinstance(given, ExternalKafka)
    given.start()
    given.stop()
    assert kafka.pid


def test_a_given_cluster_that_does_not_answer_is_named():
    with pytest.raises(CannotStart, match=f"no Kafka answers at {HOST}:9"):
        ExternalKafka(Cluster(f"{HOST}:9")).start()
