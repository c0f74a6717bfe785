"""Somebody who tries what they may not do: read who is behind an event, speak for another service, find passwords."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

from aiokafka.errors import ClusterAuthorizationFailedError, KafkaConnectionError, TopicAuthorizationFailedError
from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AclOperation, AdminClient
from sqlalchemy.engine import make_url

from backbone.contracts.grants import ANALYST, PRINCIPALS
from backbone.kafka.cluster import Cluster
from backbone.kafka.publisher import KafkaPublisher, Outgoing
from provision.databases import SERVICES
from provision.guard import ADMIN
from provision.kafka_client import admin_client

from .platform import Platform

REFUSED = (TopicAuthorizationFailedError, ClusterAuthorizationFailedError, KafkaConnectionError)


async def intrusions(platform: Platform) -> AsyncIterator[str]:
    """What somebody was let do though nobody granted it. A guard that is down is found by the first attempt."""
    for principal, topic in (
        ("map-feed", "registration.events"),
        ("labelling", "registration.organisers"),
        (ANALYST, "labelling.decisions"),
    ):
        if await _may_write(platform.kafka.cluster(principal), topic):
            yield f"{principal} wrote to {topic}"
    analyst, labelling = platform.kafka.cluster(ANALYST), platform.kafka.cluster("labelling")
    if await _may_write(replace(labelling, password=analyst.password), "labelling.decisions"):
        yield "labelling was let in with an analyst's password"
    readers = await asyncio.to_thread(_readers_of, "registration.organisers", platform)
    if readers != {"commskit", "registration"}:  # who writes to them, and whose own words they are
        yield f"{readers} may read who is behind an event"


def _readers_of(topic: str, platform: Platform) -> set[str]:
    return {name for name in PRINCIPALS if _may_read(admin_client(platform.kafka.cluster(name)), topic)}


def _may_read(client: AdminClient, topic: str) -> bool:
    asked = client.describe_topics(TopicCollection([topic]), include_authorized_operations=True, request_timeout=10)
    try:
        return AclOperation.READ in asked[topic].result(10).authorized_operations
    except KafkaException as refused:
        if refused.args[0].code() != KafkaError.TOPIC_AUTHORIZATION_FAILED:
            raise
        return False


async def _may_write(cluster: Cluster, topic: str) -> bool:
    publisher = KafkaPublisher(cluster, "intruder")
    try:
        # nothing of it would be understood
        await publisher.publish([Outgoing(topic, b"intruder", b"{", [])])
    except REFUSED:
        return False
    finally:
        await publisher.stop()
    return True


def telling_logs(platform: Platform) -> Iterator[str]:
    """The logs in which a password of Kafka's or PostgreSQL's stands."""
    passwords = [platform.kafka.cluster(name).password for name in (ADMIN, *PRINCIPALS)]
    words = [password.get_secret_value() for password in passwords if password]
    words += [str(make_url(platform.postgres.url(service)).password) for service in SERVICES]
    for file in [*platform.state.glob("*.log"), *(platform.state / "logs").glob("*.log")]:
        text = file.read_text(errors="replace")
        for word in words:
            if word in text:
                yield f"{file.name} holds a password"
