"""People who ask to be forgotten, in the middle of everything; and what is left of them afterwards."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka.partitioner import DefaultPartitioner
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from backbone.contracts import REGISTRATION_ORGANISERS, OrganiserRegistered, dead_letters
from backbone.contracts.topics import HEARD, PARTITIONS
from backbone.testing.waiting import until
from local_stack.jars import fetch_jars, jars_folder
from local_stack.kafka import LocalKafka
from local_stack.organisers import person
from provision.kafka_client import admin_client

from .history import History
from .invariants import hold
from .log import Row
from .mailbox import Mailbox
from .organiser import Client
from .platform import Platform
from .traces import traces

NAME, ADDRESS = "Philomène Quatrecoups", "philomene.quatrecoups@organisateurs.example"

# a month in a few seconds: what a closed segment holds of a key that was told of again is removed at once
IN_SECONDS = {
    "segment.ms": 1000,
    "max.compaction.lag.ms": 1000,
    "min.cleanable.dirty.ratio": 0.01,
    "delete.retention.ms": 100,
    "file.delete.delay.ms": 100,
}
LETTERS_IN_SECONDS = {"segment.ms": 1000, "retention.ms": 1000, "file.delete.delay.ms": 100}
CLEANING = {"log.retention.check.interval.ms": 500, "log.cleaner.backoff.ms": 500}


@pytest.mark.thorough
async def test_organisers_forgotten_while_services_die_take_their_events_with_them_and_no_others(
    platform: Platform, chance: random.Random
) -> None:
    await platform.load(20, chance)
    leaving = chance.sample(platform.clients, 2)
    staying = [client for client in platform.clients if client not in leaving]
    # both ends of an erasure: who tells of it, and who has most to forget
    for service in ("registration", "commskit"):
        (replica,) = platform.replicas[service]
        place = chance.choice(["before-commit", "after-publish-before-mark", "before-finish"])
        await platform.restart(replica, SDI_FAILPOINT=f"{place}:{chance.randint(1, 2)}")
    await asyncio.gather(
        # those who stay give the services enough to do until they die
        platform.load(14, chance, lasting=5.0, clients=staying),
        *(platform.forget(client) for client in leaving),
        *(platform.crashed_at(platform.replicas[service][0]) for service in ("registration", "commskit")),
    )
    await platform.gather_organisers()
    await platform.load(8, chance)
    world = await hold(platform)
    gone = {client.id for client in leaving}
    known = world.tables["commskit"]["organisers"]
    assert not gone & {str(row["id"]) for row in known if not row["is_erased"] or row["name"] or row["email"]}
    assert {str(row["account_id"]) for row in world.tables["registration"]["events"]}.isdisjoint(gone)


async def test_of_somebody_forgotten_no_byte_is_left_in_any_topic_table_dead_letter_mail_or_log(
    tmp_path: Path, history: History, chance: random.Random
) -> None:
    mailbox = Mailbox(tmp_path / "mailbox")
    kafka = LocalKafka(tmp_path, fetch_jars(jars_folder()), settings=CLEANING)
    platform = Platform(tmp_path, history, kafka=kafka, mail=mailbox)
    try:
        await platform.start()
        somebody = Client(replace(person(0, history.seed, "x"), name=NAME, email=ADDRESS), platform)
        await somebody.sign_up()
        platform.clients = [somebody]
        await platform.load(8, chance)
        # one that nobody can read, about this person: it is set aside with all its bytes
        value = b'{"organiser_id": 7, "name": "%s", "email": "%s"}' % (NAME.encode(), ADDRESS.encode())
        headers = [("ce_type", OrganiserRegistered.ce_type.encode()), ("ce_id", b"unreadable")]
        key = somebody.id.encode()
        partition = DefaultPartitioner()(key, range(PARTITIONS), range(PARTITIONS))
        row = Row(REGISTRATION_ORGANISERS.name, partition, -1, key, value, headers)
        await asyncio.to_thread(platform.log.write, [row])
        await platform.at_rest()
        await until("the unreadable one is set aside", lambda: set_aside(platform), 30.0)
        for word in (NAME, ADDRESS):
            places = await traces(platform, mailbox, word)
            # a search that finds nothing now would find nothing afterwards either
            assert {place.split()[-1] for place in places} >= {
                *("registration.organisers", "commskit.dead-letters", "mail"),
                *("public.accounts", "public.organisers", "public.outbox"),
            }
        history.fault("somebody is forgotten", organiser=somebody.id)
        await asyncio.to_thread(let_time_pass, platform, [REGISTRATION_ORGANISERS.name], IN_SECONDS)
        await platform.forget(somebody)
        letters = [dead_letters(service).name for service in HEARD]
        await asyncio.to_thread(let_time_pass, platform, letters, LETTERS_IN_SECONDS)
        await until("nothing is left", lambda: nothing_left(platform, mailbox), 90.0, pace=1.0)
        await platform.at_rest()
        assert [await traces(platform, mailbox, word) for word in (NAME, ADDRESS)] == [[], []]
    finally:
        await platform.stop()


async def set_aside(platform: Platform) -> bool:
    return any(row.topic == "commskit.dead-letters" for row in await asyncio.to_thread(platform.log.read))


async def nothing_left(platform: Platform, mailbox: Mailbox) -> bool:
    left = [place for word in (NAME, ADDRESS) for place in await traces(platform, mailbox, word)]
    platform.history.note("left", places=left)
    return not left


def let_time_pass(platform: Platform, topics: list[str], settings: dict[str, object]) -> None:
    """What the topics' own settings do within a month, they do within seconds now."""
    entries = [
        ConfigEntry(name, str(value), incremental_operation=AlterConfigOpType.SET) for name, value in settings.items()
    ]
    resources = [ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries) for topic in topics]
    admin = admin_client(platform.kafka.cluster())
    for done in admin.incremental_alter_configs(resources).values():
        done.result(30)
