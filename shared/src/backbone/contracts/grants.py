"""Who may do what on Kafka: data, for those who deploy. What is not granted here is refused.

Each service is a principal of its own name. Two people's roles stand beside them: `analyst` reads the public fact
topics; `operator` sees everything but who is behind an event, and may tell a message again. `scaler` is a program's:
it learns how far each service has read, to add replicas where much waits, and reads no message. What nobody here may
do, making topics and granting, is left to the deployment's own principal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from . import FACT_TOPICS, Topic, dead_letters
from .topics import HEARD, all_topics

ANALYST, OPERATOR, SCALER = "analyst", "operator", "scaler"
PRINCIPALS = (*HEARD, ANALYST, OPERATOR, SCALER)

Right = Literal["READ", "WRITE", "DESCRIBE", "DESCRIBE_CONFIGS"]
"""Kafka's own names. READ and WRITE include DESCRIBE."""


@dataclass(frozen=True)
class Grant:
    """One right of one principal on a topic or a consumer group; `is_prefix`: on all whose names begin so."""

    principal: str
    right: Right
    kind: Literal["topic", "group"]
    name: str
    is_prefix: bool = False


def grants() -> frozenset[Grant]:
    """Every right that anybody has."""
    return frozenset([*_of_services(), *_of_analysts(), *_of_operators(), *_of_the_scaler()])


def _of_services() -> Iterator[Grant]:
    for service, heard in HEARD.items():
        yield Grant(service, "READ", "group", service)
        yield Grant(service, "WRITE", "topic", dead_letters(service).name)
        for topic in heard:
            yield Grant(service, "READ", "topic", topic.name)
        for topic in FACT_TOPICS:
            if topic.writer == service:
                yield Grant(service, "WRITE", "topic", topic.name)
                yield Grant(service, "READ", "topic", topic.name)  # its own words, once its database was put back


def _of_analysts() -> Iterator[Grant]:
    yield Grant(ANALYST, "READ", "group", ANALYST, is_prefix=True)
    for topic in FACT_TOPICS:
        if not topic.personal:
            yield Grant(ANALYST, "READ", "topic", topic.name)


def _of_operators() -> Iterator[Grant]:
    for service in HEARD:
        yield Grant(OPERATOR, "DESCRIBE", "group", service)  # how far each has read
    for topic in all_topics():
        yield Grant(OPERATOR, "DESCRIBE", "topic", topic.name)
        yield Grant(OPERATOR, "DESCRIBE_CONFIGS", "topic", topic.name)
        if not _tells_of_people(topic):
            yield Grant(OPERATOR, "READ", "topic", topic.name)
            yield Grant(OPERATOR, "WRITE", "topic", topic.name)  # a dead letter, told again or settled


def _of_the_scaler() -> Iterator[Grant]:
    for service, heard in HEARD.items():
        yield Grant(SCALER, "DESCRIBE", "group", service)
        for topic in heard:
            yield Grant(SCALER, "DESCRIBE", "topic", topic.name)  # where it ends


def _tells_of_people(topic: Topic) -> bool:
    # dead letters may quote people too, and somebody must look after them: that is the operator's work
    return topic.personal and topic in FACT_TOPICS
