"""The few questions that the stack asks of a broker."""

from __future__ import annotations

import logging
import socket
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

_silent = logging.Logger("librdkafka", level=logging.CRITICAL)  # what is wrong is told by our own errors


def admin_client(bootstrap_servers: str, **settings: Any) -> AdminClient:
    """An admin client that does not write on the terminal."""
    return AdminClient({"bootstrap.servers": bootstrap_servers, **settings}, logger=_silent)


def answers(bootstrap_servers: str) -> bool:
    """Whether a broker is registered and answers now; an open port alone does not mean that."""
    if not any(_is_open(address) for address in bootstrap_servers.split(",")):
        return False
    try:
        return bool(admin_client(bootstrap_servers).list_topics(timeout=2).brokers)
    except KafkaException:
        return False


def _is_open(address: str) -> bool:
    host, _, port = address.strip().rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=1):
            return True
    except (OSError, ValueError):
        return False
