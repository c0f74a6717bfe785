"""The state of the topics, beside what the contracts ask for."""

from __future__ import annotations

from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from backbone.contracts import COMMSKIT_KITS
from backbone.contracts.topics import HEARD, PARTITIONS, all_topics
from backbone.kafka.cluster import Cluster
from local_stack.choose import ExternalKafka
from local_stack.topics import make_topics
from provision.databases import SERVICES


@pytest.fixture
async def altered(kafka_bootstrap):
    """Gives `commskit.dead-letters` another setting, and mends it in the end."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    resource = ConfigResource(ConfigResourceType.TOPIC, "commskit.dead-letters", {"retention.ms": "1234567890"})
    await admin.alter_configs([resource])
    await admin.close()
    yield
    make_topics(ExternalKafka(Cluster(kafka_bootstrap)))


async def test_every_topic_of_the_contracts_is_as_they_ask(sdi):
    answer = await sdi("topics", "--json")
    assert answer.exit_code == 0
    assert [(t["topic"], t["partitions"], t["differences"]) for t in answer.json] == [
        (topic.name, PARTITIONS, []) for topic in all_topics()
    ]


async def test_records_are_counted(sdi, write):
    async def records():
        return {topic["topic"]: topic["records"] for topic in (await sdi("topics", "--json")).json}

    before = await records()
    for _ in range(3):
        await write(COMMSKIT_KITS.name, str(uuid4()), b"{}")
    after = await records()
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {"commskit.kits": 3}


async def test_a_setting_that_differs_is_found(sdi, altered, eventually):
    async def differences():
        answer = await sdi("topics", "--json")
        [of_the_topic] = [t["differences"] for t in answer.json if t["topic"] == "commskit.dead-letters"]
        return answer.exit_code, [one for one in of_the_topic if one["setting"] == "retention.ms"]

    found = [{"setting": "retention.ms", "wanted": str(28 * 24 * 3600 * 1000), "found": "1234567890"}]

    async def is_found():
        return await differences() == (1, found)

    await eventually(is_found)
    assert "retention.ms is 1234567890, not 2419200000" in (await sdi("topics")).text


def test_the_services_are_those_that_the_stack_runs():
    assert tuple(HEARD) == SERVICES
