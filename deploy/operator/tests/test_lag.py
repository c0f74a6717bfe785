"""How far a service is behind is what it committed beside what was told."""

from __future__ import annotations

import ast
import asyncio
import json
import signal
import sys
from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

import backbone.contracts
from backbone.contracts import COMMSKIT_KITS
from backbone.contracts.topics import HEARD
from sdi.lag import read_lags

SERVICES = Path(__file__).parents[3] / "services"


async def test_what_a_service_has_yet_to_hear_is_counted_by_partition(settings, kafka_bootstrap, write):
    records = [await write(COMMSKIT_KITS.name, "the same key", b"{}") for _ in range(3)]
    place, group = TopicPartition(COMMSKIT_KITS.name, records[0].partition), f"tests-{uuid4()}"
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka_bootstrap, group_id=group, enable_auto_commit=False)
    await consumer.start()
    consumer.assign([place])
    await consumer.commit({place: records[1].offset})
    await consumer.stop()
    lags = await read_lags(settings, {group: [COMMSKIT_KITS]})
    [here] = [one for one in lags if one.partition == place.partition]
    assert (here.committed, here.end, here.lag) == (records[1].offset, records[2].offset + 1, 2)
    assert {one.committed for one in lags if one is not here} == {None}


async def test_a_service_that_heard_nothing_has_everything_to_hear(sdi, settings):
    counted = {topic["topic"]: topic["records"] for topic in (await sdi("topics", "--json")).json}
    lags = await read_lags(settings, {f"tests-{uuid4()}": [COMMSKIT_KITS]})
    assert sum(one.lag for one in lags) == counted["commskit.kits"]


async def test_the_totals_are_those_of_the_services_and_the_limit_is_held(sdi, write):
    await write(COMMSKIT_KITS.name, str(uuid4()), b"{}")
    answer = await sdi("lag", "--json")
    totals = Counter(dict.fromkeys(HEARD, 0))
    for one in answer.json["lags"]:
        totals[one["service"]] += one["lag"]
    most = max(totals.values())
    assert (answer.exit_code, answer.json["totals"]) == (0, dict(totals))
    assert (await sdi("lag", "--most", most)).exit_code == 0
    assert (await sdi("lag", "--most", most - 1)).exit_code == 1


async def test_a_person_reads_how_far_each_service_is(sdi, write):
    await write(COMMSKIT_KITS.name, str(uuid4()), b"{}")
    behind = (await sdi("lag", "--json")).json["totals"]["registration"]
    assert f"registration: {behind:,} fact{'' if behind == 1 else 's'} behind" in (await sdi("lag")).text.splitlines()


async def test_it_is_watched_until_ctrl_c(kafka_bootstrap):
    command = [str(Path(sys.executable).with_name("sdi")), "lag", "--watch", "--json", "--every", "0.1"]
    pipe = asyncio.subprocess.PIPE
    watching = await asyncio.create_subprocess_exec(
        *command,
        stdout=pipe,
        stderr=pipe,
        env={"KAFKA_BOOTSTRAP_SERVERS": kafka_bootstrap},
        # a shell's background job, as this run may be, ignores Ctrl-C and hands that down
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert watching.stdout
    async with asyncio.timeout(90):
        looks = [json.loads(await watching.stdout.readline()) for _ in range(2)]
        watching.send_signal(signal.SIGINT)
        _, errors = await watching.communicate()
    assert (watching.returncode, errors) == (0, b"")
    assert [set(look["totals"]) for look in looks] == [set(HEARD), set(HEARD)]


@pytest.mark.parametrize("service", HEARD)
def test_the_services_hear_what_is_said_here(service):
    """The facts that a service's HEARS names are those it hears."""
    nodes = [node for file in SERVICES.glob(f"{service}/src/**/*.py") for node in ast.walk(ast.parse(file.read_text()))]
    [hears] = [n for n in nodes if isinstance(n, ast.AnnAssign) and ast.unparse(n.target) == "HEARS"]
    assert isinstance(hears.value, ast.Dict)
    names = [ast.unparse(key) for key in hears.value.keys if key]
    assert {getattr(backbone.contracts, name).topic for name in names} == set(HEARD[service])


async def test_a_broker_that_is_away_is_said_in_one_line(sdi):
    answer = await sdi("lag", told={"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"})
    said = (
        "sdi: Kafka does not answer at 127.0.0.1:1: is KAFKA_BOOTSTRAP_SERVERS right, is it up, "
        "are KAFKA_USERNAME and KAFKA_PASSWORD?\n"
    )
    assert (answer.exit_code, answer.text, answer.errors) == (2, "", said)


async def test_a_setting_is_read_from_a_file(sdi, kafka_bootstrap, tmp_path):
    file = tmp_path / "kafka"
    file.write_text(f"{kafka_bootstrap}\n")
    told = {"KAFKA_BOOTSTRAP_SERVERS": None, "KAFKA_BOOTSTRAP_SERVERS_FILE": str(file)}
    assert (await sdi("lag", "--json", told=told)).exit_code == 0


async def test_a_setting_that_is_missing_is_named(sdi):
    answer = await sdi("lag", told={"KAFKA_BOOTSTRAP_SERVERS": None})
    assert (answer.exit_code, answer.errors) == (2, "sdi: the setting KAFKA_BOOTSTRAP_SERVERS is not set\n")
