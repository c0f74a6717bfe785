"""The few questions that the stack asks of a broker."""

from __future__ import annotations

import logging
import socket
import time
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from backbone.kafka.cluster import Cluster

_silent = logging.Logger("librdkafka", level=logging.CRITICAL)  # what is wrong is told by our own errors


def client_options(cluster: Cluster) -> dict[str, Any]:
    """What every client of confluent-kafka is told."""
    options: dict[str, Any] = {"bootstrap.servers": cluster.servers, "security.protocol": cluster.protocol}
    if cluster.authority:
        options["ssl.ca.pem"] = cluster.authority
    if cluster.username and cluster.password:
        options |= {
            "sasl.mechanism": cluster.mechanism,
            "sasl.username": cluster.username,
            "sasl.password": cluster.password.get_secret_value(),
        }
    return options


def admin_client(cluster: Cluster, **settings: Any) -> AdminClient:
    """An admin client that does not write on the terminal."""
    return AdminClient({**client_options(cluster), **settings}, logger=_silent)


def answers(cluster: Cluster) -> bool:
    """Whether a broker is registered and answers now; an open port alone does not mean that."""
    if not any(_is_open(address) for address in cluster.servers.split(",")):
        return False
    try:
        return bool(admin_client(cluster).list_topics(timeout=2).brokers)
    except KafkaException:
        return False


def brokers(cluster: Cluster, wanted: int, patience: float) -> int:
    """How many brokers are registered; so many are waited for, for so many seconds, as they come up one by one."""
    give_up = time.monotonic() + patience
    while (there := _registered(cluster)) < wanted and time.monotonic() < give_up:
        time.sleep(0.5)
    return there


def _registered(cluster: Cluster) -> int:
    try:
        return len(admin_client(cluster).list_topics(timeout=2).brokers) if answers(cluster) else 0
    except KafkaException:
        return 0


def _is_open(address: str) -> bool:
    host, _, port = address.strip().rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=1):
            return True
    except (OSError, ValueError):
        return False
