"""What waits is alive and comes back by itself; what is stuck though all it needs is there is not alive."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from backbone.kafka.cluster import Cluster
from backbone.kafka.publisher import KafkaPublisher
from backbone.postgres.bell import Bell
from backbone.postgres.jobs import Job, queue_jobs
from backbone.postgres.outbox import Relay, tell_now
from backbone.runtime.pulse import LOOK_SECONDS, Pulse
from backbone.runtime.trace import current_trace
from backbone.service.folding import in_transaction
from backbone.service.listener import PATIENCE_SECONDS, Ears, Listener, open_broker
from backbone.service.outcomes import Work
from backbone.service.working import Worker
from local_stack.jars import fetch_jars, jars_folder
from local_stack.kafka import LocalKafka, find_java
from provision.errors import CannotStart

LOOKS = 5  # more than the shortened limits allow


@pytest.fixture(autouse=True)
def short_limits(monkeypatch):
    for limit in ("backbone.service.reading.STILL_SECONDS", "backbone.service.reading.MAX_POLL_SECONDS"):
        monkeypatch.setattr(limit, 3 * LOOK_SECONDS)


async def examine(part, times=LOOKS, *, database_answers=True):
    for _ in range(times):
        await part.examine(database_answers=database_answers)


def consumer_of(listener):
    [subscriber] = listener.broker.subscribers
    return subscriber.consumer


@pytest.fixture
def all_heard(effects, eventually):
    async def wait(*expected):
        async def heard():
            return await effects() == [str(revision) for revision in expected]

        await eventually(heard)

    return wait


async def test_an_idle_listener_is_alive(topic, send, listening, all_heard):
    await send(1)
    async with listening() as listener:
        await all_heard(1)
        await examine(listener)
        assert not listener.is_stuck


async def test_a_listener_with_no_partition_to_read_is_alive(topic, send, listening, all_heard, eventually):
    async with AsyncExitStack() as replicas:
        listeners = [await replicas.enter_async_context(listening()) for _ in range(3)]

        async def one_has_none():
            shares = [consumer_of(one).assignment() if one.connected else None for one in listeners]
            return None not in shares and sorted(map(len, shares)) == [0, 1, 1]

        await eventually(one_has_none)
        await send(1)
        await all_heard(1)
        for listener in listeners:
            await examine(listener)
            assert not listener.is_stuck


async def test_a_listener_whose_coordination_has_ended_is_not_alive(
    monkeypatch, topic, send, listening, all_heard, eventually
):
    async def fail(assignment):
        raise AssertionError

    await send(1)
    async with listening() as listener:
        await all_heard(1)
        assert not listener.is_stuck
        coordinator = consumer_of(listener)._coordinator
        monkeypatch.setattr(coordinator, "_maybe_do_autocommit", fail)  # one of its turns
        coordinator.request_rejoin()

        async def is_stuck():
            return listener.is_stuck

        await eventually(is_stuck)


async def test_a_listener_whose_loop_has_ended_is_not_alive(topic, send, listening, all_heard, eventually):
    await send(1)
    async with listening() as listener:
        await all_heard(1)
        [subscriber] = listener.broker.subscribers
        subscriber.tasks[0].cancel()

        async def is_stuck():
            return listener.is_stuck

        await eventually(is_stuck)


@pytest.mark.parametrize("part", ["fetching", "rejoining"])
async def test_a_listener_that_reads_nothing_though_there_is_more_is_not_alive(
    part, topic, send, listening, all_heard, eventually
):
    await send(1)
    async with listening() as listener:
        await all_heard(1)
        consumer = consumer_of(listener)
        if part == "fetching":
            consumer._fetcher._fetch_task.cancel()
        else:  # for ever, as in aiokafka's issue 1154
            consumer._subscription.begin_reassignment()
        await examine(listener)
        assert not listener.is_stuck  # it has missed nothing yet
        await send(2)
        await examine(listener, 4)
        assert not listener.is_stuck  # a healthy one may need as long after an outage
        await examine(listener)
        assert listener.is_stuck


async def test_a_listener_that_catches_up_is_alive(topic, send, listening, all_heard, note):
    go_on = asyncio.Semaphore(0)

    async def hear(told, tx):
        await go_on.acquire()
        await note(tx, told.revision)

    async with listening(hear) as listener:
        for revision in range(1, 6):
            await send(revision)
            await examine(listener, 2)
            go_on.release()
            await all_heard(*range(1, revision + 1))
            assert not listener.is_stuck


async def test_a_listener_whose_handler_never_returns_is_not_alive(topic, send, listening, eventually):
    taken, go_on = asyncio.Event(), asyncio.Event()

    async def hear(told, tx):
        taken.set()
        await go_on.wait()

    await send(1)
    async with listening(hear) as listener:
        async with asyncio.timeout(60):
            await taken.wait()
        await examine(listener, 3)
        assert not listener.is_stuck
        await examine(listener, 1)
        assert listener.is_stuck
        go_on.set()

        async def is_alive_again():
            return not listener.is_stuck

        await eventually(is_alive_again)


async def test_a_listener_that_waits_for_its_database_is_alive(monkeypatch, topic, send, listening, eventually):
    monkeypatch.setattr("backbone.service.reading.MAX_POLL_SECONDS", 600.0)
    tries = []

    async def hear(told, tx):
        tries.append(told)
        raise ConnectionError

    await send(1)
    async with listening(hear) as listener:

        async def has_tried():
            return len(tries) > 1

        await eventually(has_tried)
        await examine(listener, int(PATIENCE_SECONDS / LOOK_SECONDS), database_answers=False)
        assert not listener.is_stuck


async def test_a_listener_whose_database_has_fallen_silent_in_the_middle_is_alive(topic, send, listening, eventually):
    taken, answers = asyncio.Event(), asyncio.Event()

    async def hear(told, tx):
        taken.set()
        await answers.wait()

    await send(1)
    async with listening(hear) as listener:
        async with asyncio.timeout(60):
            await taken.wait()
        await examine(listener, database_answers=False)
        assert not listener.is_stuck
        await examine(listener)
        assert listener.is_stuck
        answers.set()


async def test_a_listener_that_has_never_reached_kafka_is_alive(engine, kafka, fact):
    async def hear(told, tx, _):
        return None

    listener = Listener(
        Ears("nobody", open_broker("nobody", Cluster("127.0.0.1:1")), kafka), engine, {fact: in_transaction(hear)}
    )
    stopping = asyncio.Event()
    running = asyncio.create_task(listener.run(stopping))
    await examine(listener)
    assert (listener.is_stuck, await listener.is_connected()) == (False, False)
    stopping.set()
    async with asyncio.timeout(60):
        await running


@pytest.fixture
def own_kafka(tmp_path):
    """A Kafka that may be stopped and frozen."""
    try:
        find_java()
    except CannotStart as why:
        pytest.skip(str(why))
    with LocalKafka(tmp_path, fetch_jars(jars_folder()), guarded=False) as node:
        yield node


async def test_a_listener_whose_kafka_goes_away_is_alive_and_comes_back_by_itself(
    monkeypatch, own_kafka, fact, engine, note, all_heard, eventually
):
    monkeypatch.setattr("backbone.service.reading.ANSWER_SECONDS", 0.5)
    may_go_on = asyncio.Event()
    may_go_on.set()

    async def hear(told, tx, _):
        await may_go_on.wait()
        await note(tx, told.revision)

    admin = AIOKafkaAdminClient(bootstrap_servers=own_kafka.bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic(fact.topic.name, 1, 1)])
    await admin.close()
    cluster, stopping = Cluster(own_kafka.bootstrap_servers), asyncio.Event()
    listener = Listener(
        Ears("away", open_broker("away", cluster), None, session_seconds=6.0), engine, {fact: in_transaction(hear)}
    )
    relay = Relay(engine, KafkaPublisher(cluster, "away"), Bell(engine))
    parts = [asyncio.create_task(part.run(stopping)) for part in (listener, relay)]

    async def tell(revision):
        async with engine.begin() as tx:
            await tell_now(tx, fact(event_id=UUID(int=1), revision=revision, sequence=revision, edition="2026"))

    async def tell_and_hear(revision):
        await tell(revision)
        await all_heard(*range(1, revision + 1))

    async def is_behind_by_two():
        await listener.lag.look()
        return [one.messages for one in listener.lag.behind.values()] == [2]

    await tell_and_hear(1)
    await asyncio.to_thread(own_kafka.stop)
    await examine(listener)
    assert (listener.is_stuck, await listener.is_connected()) == (False, False)
    await asyncio.to_thread(own_kafka.start)
    await tell_and_hear(2)
    os.kill(own_kafka.pid, signal.SIGSTOP)
    await examine(listener)
    assert (listener.is_stuck, await listener.is_connected()) == (False, False)
    os.kill(own_kafka.pid, signal.SIGCONT)
    await tell_and_hear(3)
    await eventually(listener.is_connected)
    await examine(listener)
    assert not listener.is_stuck
    may_go_on.clear()
    await tell(4)
    await tell(5)
    await eventually(is_behind_by_two)
    os.kill(own_kafka.pid, signal.SIGSTOP)
    # nobody says how far behind it is now: it is as far as was known, and the age of that grows
    [before] = listener.lag.behind.values()
    seconds = before.seconds
    assert await is_behind_by_two()
    [after] = listener.lag.behind.values()
    assert (after.since, after.seconds > seconds > 0) == (before.since, True)
    os.kill(own_kafka.pid, signal.SIGCONT)
    may_go_on.set()
    await all_heard(1, 2, 3, 4, 5)
    stopping.set()
    await asyncio.gather(*parts)


class Wall:
    """A broker that neither answers nor fails: what a publisher of ours does not do, and a fault of it would."""

    def __init__(self):
        self.reached = asyncio.Event()

    async def start(self):
        return None

    async def publish(self, records):
        self.reached.set()
        await asyncio.Event().wait()

    async def stop(self):
        return None


async def test_a_relay_whose_loop_stands_still_is_not_alive_unless_its_database_is_away(monkeypatch, engine, withdrawn):
    monkeypatch.setattr("backbone.postgres.outbox.GRACE_SECONDS", 0.1)
    async with engine.begin() as tx:
        await tell_now(tx, withdrawn(1))
    wall, stopping = Wall(), asyncio.Event()
    relay = Relay(engine, wall, Bell(engine))
    await examine(relay, 100)
    assert not relay.is_stuck  # it has not begun
    running = asyncio.create_task(relay.run(stopping))
    async with asyncio.timeout(60):
        await wall.reached.wait()
    await examine(relay, 100, database_answers=False)
    assert not relay.is_stuck
    await examine(relay, 30)
    assert not relay.is_stuck
    await examine(relay, 1)
    assert relay.is_stuck
    stopping.set()
    await running


async def test_a_relay_with_nothing_to_do_and_a_worker_with_a_long_job_go_on_turning(engine, publisher, eventually):
    began, stopping = asyncio.Event(), asyncio.Event()

    class Mail(Job):
        kind = "mail"
        key: ClassVar[str] = "a"

    async def wait(claimed, desk):
        began.set()
        await stopping.wait()

    async with engine.begin() as tx:
        await queue_jobs(tx, [(Mail(), timedelta(0), current_trace())])
    bell = Bell(engine)
    relay, worker = Relay(engine, publisher, bell), Worker(engine, bell, Work(Mail, wait, at_once=1), None)
    parts = [relay, worker]
    running = [asyncio.create_task(part.run(stopping)) for part in parts]

    async def both_have_begun():
        return relay.leads and began.is_set()

    await eventually(both_have_begun)
    for part in parts:
        await examine(part, 31)
        assert part.is_stuck

        async def turns(part=part):
            return not part.is_stuck

        await eventually(turns)
    stopping.set()
    await asyncio.gather(*running)


def test_a_pulse_counts_looks_and_not_seconds():
    pulse = Pulse(patience_seconds=LOOK_SECONDS)
    pulse.examine()
    pulse.examine()
    assert not pulse.is_still  # not begun
    pulse.beat()
    pulse.examine()
    assert not pulse.is_still
    pulse.examine()
    assert pulse.is_still
    pulse.examine(waits=True)
    assert not pulse.is_still
