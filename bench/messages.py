"""One message through a service, against bare loops over the same records.

bare            aiokafka: consume, produce, an offset for each poll; no database
a transaction   the same records, each in a transaction of asyncpg's (inbox, effect, outbox) with its offset
labelling       its real listener: judges by the four conditions
no rules        the same with verdicts that cost nothing: what is left is the floor's, and the decision's
geocoding       its real listener: no rules; queues a look-up
map-feed        its real listener: folds labels and places into the read model
commskit        its real listener: orders the mails of each label, and passes over what is submitted
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from sqlalchemy.engine import make_url

import commskit.app
import commskit.settings
import geocoding.app
import geocoding.settings
import labelling.app
import labelling.handlers
import labelling.settings
import map_feed.app
import map_feed.settings
from backbone.campaign.clock import StoppedClock
from backbone.contracts import EventLabelled, EventLocated, EventSubmitted, Fact, Topic
from backbone.kafka.publisher import MAX_RECORD_BYTES
from backbone.runtime.memory import settle
from backbone.service.floor import open_floor
from backbone.service.service import Service
from geocoding.domain import centre
from geocoding.gazetteer import Gazetteer
from labelling.domain.criteria import judge

from .world import EDITION, EDITION_FILE, NOW, Lap, Stopwatch, World, submissions, table, world

POLL = 500
OUT = "bench.out"
PATIENCE_SECONDS = 600.0
NO_RULES = "labelling, no rules"
APPS: dict[str, Any] = {"labelling": labelling, NO_RULES: labelling, "geocoding": geocoding}
APPS |= {"map-feed": map_feed, "commskit": commskit}
NEEDS: dict[str, dict[str, str]] = {
    "labelling": {"jwks_url": "http://127.0.0.1:1/none"},
    "commskit": {
        "mail_url": "memory:",
        "mail_from": "Semaine de l’industrie <label@exemple.fr>",
        "jwks_url": "http://127.0.0.1:1/none",
    },
}
HANDLERS: Any = labelling.handlers


async def measure(number: int, runs: int) -> str:
    """The tables of four services, `runs` times each, alternating with their peers."""
    with world() as here:
        await here.make_topic(OUT)
        told: list[Fact] = [*submissions(number)]
        await here.fill(told)
        submitted = [EventSubmitted.topic]
        first = await _alternate(here, ("labelling", NO_RULES, "geocoding"), submitted, len(told), runs)
        shown = _shown(told)
        await here.fill(shown)
        second = await _alternate(here, ("map-feed",), [EventLabelled.topic, EventLocated.topic], len(shown), runs)
        heard = [*told, *(fact for fact in shown if isinstance(fact, EventLabelled))]
        third = await _alternate(here, ("commskit",), [*submitted, EventLabelled.topic], len(heard), runs)
    return f"{first}\n\n{second}\n\n{third}"


async def _alternate(here: World, services: Sequence[str], topics: Sequence[Topic], number: int, runs: int) -> str:
    async def of_service(name: str) -> Lap:
        return await ours(here, name, number)

    async def bare_loop(_: str) -> Lap:
        return await bare(here, topics, number)

    async def transactions(_: str) -> Lap:
        return await one_by_one(here, topics, number)

    ways: dict[str, Callable[[str], Awaitable[Lap]]] = {"bare": bare_loop, "a transaction": transactions}
    ways |= dict.fromkeys(services, of_service)
    for name in services:
        await of_service(name)  # once for the caches
    settle()  # as a service's process does; the peers profit as well
    laps: dict[str, list[Lap]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            laps[name].append(await way(name))
    return table(laps, ("bare", "a transaction"))


# --- ours ----------------------------------------------------------------------------------------


Records = Sequence[ConsumerRecord]


async def ours(
    here: World, name: str, number: int, *, mark: Callable[[Records], Records] = lambda them: them, **told: Any
) -> Lap:
    """The service's own listener, with a fresh database, from its first record to its last commit, and to the last span
    that was sent of it. `told`: settings besides; `mark` is done to the records of each poll."""
    service = await _service(here, name, **told)
    assert service.hearing
    stopping, all_taken, watch, taken = asyncio.Event(), asyncio.Event(), Stopwatch(), 0
    take = service.hearing.take

    async def counted(records: Records) -> None:
        nonlocal taken
        if not taken:
            watch.start()
        await take(mark(records))
        taken += len(records)
        if taken >= number:
            all_taken.set()

    service.hearing.take = counted  # type: ignore[method-assign]
    verdicts = judge(submissions(1)[0].event, EDITION)
    if name == NO_RULES:
        HANDLERS.judge = lambda *_: verdicts
    listening = asyncio.create_task(service.hearing.run(stopping))
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await all_taken.wait()
            await service.tracing.close()
        lap = watch.lap(taken)
    finally:
        HANDLERS.judge = judge
        stopping.set()
        await listening
    await service.engine.dispose()
    if service.hearing.set_aside:
        raise RuntimeError(f"{name} set {service.hearing.set_aside} messages aside: the figures mean nothing")
    return lap


async def _service(here: World, name: str, **told: Any) -> Service:
    app = APPS[name]
    service = app.settings.Settings.service
    settings = app.settings.Settings(
        database_url=await here.database(service),
        kafka_bootstrap_servers=here.cluster.servers,
        edition=EDITION_FILE,
        **NEEDS.get(service, {}),
        **told,
    )
    floor = open_floor(settings, clock=StoppedClock(NOW))
    made: Service = app.app.create_app(settings, floor)
    # a group of its own, that reads from the beginning
    group = here.group(service)
    for subscriber in floor.broker.subscribers:
        subscriber.group_id = group  # type: ignore[attr-defined]
    return made


def _shown(told: Sequence[Fact]) -> list[Fact]:
    """What labelling and geocoding tell of the events, as if all were labelled."""
    gazetteer = Gazetteer.load()
    shown: list[Fact] = []
    for fact in told:
        assert isinstance(fact, EventSubmitted)
        about = {"event_id": fact.event_id, "revision": 1, "sequence": 1, "edition": fact.edition}
        verdict = {"condition": "free", "finding": "met", "code": "free-met", "message": "L’événement est gratuit."}
        decided = {"decision_id": fact.event_id, "label": "granted", "decided_by": "rules", "ruleset": "bench"}
        verdicts = [{**verdict, "rule": "free", "rule_version": "1"}]
        known = {**about, **decided, "event": fact.event, "verdicts": verdicts, "decided_at": NOW}
        shown.append(EventLabelled.model_validate(known))
        found = gazetteer.find(fact.event.venue.address) if fact.event.venue else None
        if found:
            place = centre(found.commune, provider="bench", score=1.0)
            shown.append(EventLocated(**about, location=place, located_at=NOW))
    return shown


# --- the peers -----------------------------------------------------------------------------------


def _consumer(here: World, topics: Sequence[Topic]) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        *(topic.name for topic in topics),
        bootstrap_servers=here.cluster.servers,
        group_id=here.group("peer"),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=262_144,
    )


async def _poll(consumer: AIOKafkaConsumer) -> list[ConsumerRecord]:
    batches = await consumer.getmany(timeout_ms=200, max_records=POLL)
    return [record for batch in batches.values() for record in batch]


async def bare(here: World, topics: Sequence[Topic], number: int) -> Lap:
    """Consume and produce, and nothing else."""
    consumer = _consumer(here, topics)
    producer = AIOKafkaProducer(
        bootstrap_servers=here.cluster.servers,
        acks="all",
        enable_idempotence=True,
        compression_type="zstd",
        max_request_size=MAX_RECORD_BYTES,
    )
    await producer.start()
    await consumer.start()
    watch, taken = Stopwatch(), 0
    async with asyncio.timeout(PATIENCE_SECONDS):
        while taken < number:
            records = await _poll(consumer)
            if records and not taken:
                watch.start()
            sent = [await producer.send(OUT, each.value, each.key, headers=list(each.headers)) for each in records]
            await asyncio.gather(*sent)
            if records:
                await consumer.commit()
            taken += len(records)
    lap = watch.lap(taken)
    await consumer.stop()
    await producer.stop()
    return lap


_TAKE = "INSERT INTO inbox (consumer, message_id) VALUES ('peer', $1) ON CONFLICT DO NOTHING RETURNING 1"
_EFFECT = "INSERT INTO effects VALUES ($1, $2::jsonb) ON CONFLICT (id) DO UPDATE SET what = excluded.what"
_TELL = (
    "INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload, headers)"
    " VALUES (gen_random_uuid(), 'peer', $1, 'peer', $2::jsonb, '{}')"
)


async def one_by_one(here: World, topics: Sequence[Topic], number: int) -> Lap:
    """A transaction for each message, with the driver itself, and its offset."""
    address = make_url(await here.database("geocoding")).set(drivername="postgresql")
    connection = await asyncpg.connect(address.render_as_string(hide_password=False))
    await connection.execute("CREATE TABLE effects (id text PRIMARY KEY, what jsonb)")
    consumer = _consumer(here, topics)
    await consumer.start()
    watch, taken = Stopwatch(), 0
    async with asyncio.timeout(PATIENCE_SECONDS):
        while taken < number:
            records = await _poll(consumer)
            if records and not taken:
                watch.start()
            for each in records:
                key, value = each.key.decode(), each.value.decode()
                async with connection.transaction():
                    if await connection.fetchval(_TAKE, dict(each.headers)["ce_id"].decode()):
                        await connection.execute(_EFFECT, key, value)
                        await connection.execute(_TELL, key, value)
                await consumer.commit()
            taken += len(records)
    lap = watch.lap(taken)
    await consumer.stop()
    await connection.close()
    return lap
