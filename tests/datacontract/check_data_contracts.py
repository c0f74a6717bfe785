"""The data contracts, tried by `datacontract` on a real Kafka and on what `sdi export` takes out of it.

Run by `make test-contracts`: what it needs is not installed for `make test`. The command reads a topic by itself, but
knows no headers, so that it sees all messages of a topic as one table; and with a user it insists on TLS, which the
Kafka of the tests has not. The tables of the messages, and the rules on them, are tried on the files.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from backbone.contracts import Fact, Topic
from backbone.contracts.catalogue.messages import facts_of, public_topics, sample_of
from backbone.contracts.schema import name_of
from backbone.kafka.cluster import Cluster
from backbone.kafka.publisher import KafkaPublisher, Outgoing

ROOT = Path(__file__).parents[2]
COMMAND = ROOT / ".local" / "datacontract" / "bin" / "datacontract"
CONTRACTS = ROOT / "docs" / "contracts"
TABLES = [(topic, kind) for topic in public_topics() for kind in facts_of(topic)]


def as_told(kind: type[Fact], **otherwise: Any) -> Outgoing:
    """The golden sample of a message as it lies on Kafka; `otherwise`: what it says instead, to be found out."""
    sample = sample_of(kind)
    value = json.dumps(sample["value"] | otherwise).encode()
    headers = [(name, text.encode()) for name, text in sample["headers"].items()]
    return Outgoing(kind.topic.name, sample["key"].encode(), value, headers)


@pytest.fixture(scope="module")
async def told(kafka_bootstrap: str) -> AsyncIterator[KafkaPublisher]:
    """A publisher on a Kafka to which each message was told once, twice the same."""
    publisher = KafkaPublisher(Cluster(kafka_bootstrap), "test")
    await publisher.publish([as_told(kind) for _, kind in TABLES for _ in range(2)])
    yield publisher
    await publisher.stop()


async def run(*command: object, **settings: object) -> tuple[int | None, str]:
    """A command's code, and all that it said."""
    environment = {**os.environ, **{name: str(value) for name, value in settings.items()}, "COLUMNS": "200"}
    process = await asyncio.create_subprocess_exec(
        *map(str, command), env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


@pytest.fixture(scope="module")
def export(kafka_bootstrap: str) -> Callable[[Path], Any]:
    """Takes the topics out to a folder."""

    async def export(to: Path) -> None:
        code, said = await run(
            ROOT / ".venv" / "bin" / "sdi", "export", "--out", to, KAFKA_BOOTSTRAP_SERVERS=kafka_bootstrap
        )
        assert code == 0, said

    return export


@pytest.fixture(scope="module")
async def files(told: KafkaPublisher, export: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `sdi export` makes of the topics."""
    folder = tmp_path_factory.mktemp("export")
    await export(folder)
    return folder


def contract(topic: Topic) -> Path:
    return CONTRACTS / f"{topic.name}.odcs.yaml"


@pytest.mark.parametrize("topic", public_topics(), ids=lambda topic: topic.name)
async def test_the_command_finds_nothing_wrong_with_the_contract_itself(topic: Topic) -> None:
    code, said = await run(COMMAND, "lint", contract(topic))
    assert code == 0, said


@pytest.mark.parametrize("topic", public_topics(), ids=lambda topic: topic.name)
async def test_the_topic_on_kafka_keeps_its_contract(topic: Topic, told: KafkaPublisher, kafka_bootstrap: str) -> None:
    table = topic.name.replace(".", "_")
    code, said = await run(
        *(COMMAND, "test", contract(topic), "--server", "kafka", "--schema-name", table),
        KAFKA_BOOTSTRAP_SERVERS=kafka_bootstrap,
        DATACONTRACT_KAFKA_GROUP_PREFIX="analyst-",
    )
    assert code == 0, said
    assert "event_id" in said


@pytest.mark.parametrize(("topic", "kind"), TABLES, ids=lambda each: getattr(each, "name", None) or name_of(each))
async def test_the_files_of_the_export_keep_the_contract(topic: Topic, kind: type[Fact], files: Path) -> None:
    command = (COMMAND, "test", contract(topic), "--server", "export", "--schema-name", name_of(kind))
    code, said = await run(*command, EXPORT=files)
    assert code == 0, said
    assert "event_id" in said


async def test_a_label_that_was_refused_and_a_field_that_is_missing_are_found(
    told: KafkaPublisher, export: Callable[[Path], Any], kafka_bootstrap: str, tmp_path: Path
) -> None:
    [topic] = [one for one in public_topics() if one.name == "labelling.decisions"]
    [kind] = [one for one in facts_of(topic) if name_of(one) == "EventLabelled"]
    await told.publish([as_told(kind, label="refused", sequence=7), as_told(kind, edition=None, sequence=8)])
    await export(tmp_path)
    code, said = await run(
        COMMAND, "test", contract(topic), "--server", "export", "--schema-name", "EventLabelled", EXPORT=tmp_path
    )
    assert code == 1, said
    assert "A labelled event has the label" in said
    code, said = await run(
        *(COMMAND, "test", contract(topic), "--server", "kafka", "--schema-name", "labelling_decisions"),
        KAFKA_BOOTSTRAP_SERVERS=kafka_bootstrap,
    )
    assert code == 1, said
    assert "edition" in said
