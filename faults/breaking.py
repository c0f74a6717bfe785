"""What breaks, one way each: it is broken inside the block, and repaired as an operator would at its end."""

from __future__ import annotations

import asyncio
import itertools
import random
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
import psutil
from confluent_kafka.admin import AclBindingFilter, AclOperation, AclPermissionType, ResourcePatternType, ResourceType

from backbone.testing.waiting import until
from local_stack.ports import HOST
from provision.databases import SERVICES
from provision.guard import grant_rights
from provision.kafka_client import admin_client

from .geocoder import Answer, GeocoderServer
from .mail_server import REFUSE
from .platform import EDITION, START_SECONDS, Platform
from .replica import Replica
from .watch import Watch

Break = Callable[[Platform, Watch, random.Random], AbstractAsyncContextManager[None]]


@dataclass(frozen=True)
class Fault:
    """`raises`: the alerts that must fire. `follows`: pages that may, as they are part of it; no other page may."""

    name: str
    how: Break
    raises: frozenset[str]
    follows: frozenset[str] = frozenset()
    silent: bool = field(default=False)
    """Whether organisers are quiet meanwhile: the door is what is broken."""


FAULTS: list[Fault] = []


def fault(
    *raises: str, follows: tuple[str, ...] = (), silent: bool = False
) -> Callable[[Callable[..., AsyncIterator[None]]], Callable[..., AsyncIterator[None]]]:
    """Names a way to break something, and what is to be told of it."""

    def note(how: Callable[..., AsyncIterator[None]]) -> Callable[..., AsyncIterator[None]]:
        name = how.__name__.replace("_", " ")
        broken: Any = asynccontextmanager(how)
        FAULTS.append(Fault(name, broken, frozenset(raises), frozenset(follows), silent))
        return how

    return note


def of_all(*alerts: str) -> tuple[str, ...]:
    return tuple(f"{alert} {service}" for alert in alerts for service in SERVICES)


def of_one(service: str, *alerts: str) -> tuple[str, ...]:
    return tuple(f"{alert} {service}" for alert in alerts)


RESTARTED = of_one("geocoding", "ServiceAway", "ReadingStopped")
"""On a busy machine a start takes longer than the minute that an alert waits: then it is away, and takes nothing."""


# --- what stays a while comes first: it is looked at again at the end ---------------------------------------------


@fault("MessageSetAside geocoding")
async def a_message_that_nobody_can_read(
    platform: Platform, watch: Watch, chance: random.Random
) -> AsyncIterator[None]:
    from .poison import KINDS, corpus

    kind, row, _ = corpus(KINDS[0], chance)[0]
    platform.history.fault("poison", poison=kind)
    await asyncio.to_thread(platform.log.write, [row])
    yield


@fault("ServiceKeepsRestarting geocoding")
async def a_service_that_ends_again_and_again(
    platform: Platform, watch: Watch, chance: random.Random
) -> AsyncIterator[None]:
    (replica,) = platform.replicas["geocoding"]
    for _ in range(4):
        replica.kill()
        replica.start()
        await platform.ready()
        at = psutil.Process(replica.pid).create_time()
        await watch.sees(f'process_start_time_seconds{{job="geocoding"}} > {at - 0.5:.1f}')
    yield


@fault("JobsDead commskit")
async def a_mail_that_is_refused_for_good(
    platform: Platform, watch: Watch, chance: random.Random
) -> AsyncIterator[None]:
    platform.history.fault("a mail refused")
    platform.mail.misbehave(iter([REFUSE]))
    yield


# --- the services -----------------------------------------------------------------------------------


@fault("ServiceAway geocoding")
async def geocoding_is_stopped(platform: Platform, watch: Watch, chance: random.Random) -> AsyncIterator[None]:
    (replica,) = platform.replicas["geocoding"]
    platform.history.fault("stopped for good", service="geocoding")
    await platform.end(replica)
    yield
    replica.start()


@fault("ServiceAway labelling")
async def labelling_is_killed_and_nobody_restarts_it(
    platform: Platform, watch: Watch, chance: random.Random
) -> AsyncIterator[None]:
    (replica,) = platform.replicas["labelling"]
    replica.kill()
    yield
    replica.start()


@fault("ServiceAway commskit", follows=of_one("commskit", "FactsUntold"))  # what it was about to tell, for a moment
async def commskit_is_frozen(platform: Platform, watch: Watch, chance: random.Random) -> AsyncIterator[None]:
    (replica,) = platform.replicas["commskit"]
    replica.freeze()
    yield
    replica.thaw()


@fault("ServiceAway registration", silent=True)
async def registration_is_gone(platform: Platform, watch: Watch, chance: random.Random) -> AsyncIterator[None]:
    (replica,) = platform.replicas["registration"]
    replica.kill()
    yield
    replica.start()


@fault("ReplicaAway map-feed")
async def one_replica_of_two_is_killed(platform: Platform, watch: Watch, chance: random.Random) -> AsyncIterator[None]:
    await platform.scale(2, ["map-feed"])
    watch.tell_targets()
    second = platform.replicas["map-feed"][1]
    await watch.sees('count(up{job="map-feed"} == 1) == 2')
    second.kill()
    yield
    await platform.scale(1, ["map-feed"])
    watch.tell_targets()


# --- what they stand on --------------------------------------------------------------------------------


@fault("KafkaAway", follows=of_all("ReadingStopped", "FactsUntold", "MapBehind"))
async def kafka_is_stopped(platform: Platform, watch: Watch, chance: random.Random) -> AsyncIterator[None]:
    platform.history.fault("Kafka stopped")
    await asyncio.to_thread(platform.kafka.stop)
    yield
    await asyncio.to_thread(platform.kafka.start)


@asynccontextmanager
async def taken(platform: Platform, principal: str, right: AclOperation, topic: str) -> AsyncIterator[None]:
    """A right that Kafka does not give a principal any more."""
    client = admin_client(platform.kafka.cluster())
    every: Any = (ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, f"User:{principal}", None)
    done = client.delete_acls([AclBindingFilter(*every, right, AclPermissionType.ANY)], request_timeout=30)
    removed = [one for gone in done.values() for one in gone.result(30)]
    assert removed, f"{principal} had no such right"
    platform.history.fault("right taken", principal=principal, right=str(right), topic=topic)
    try:
        yield
    finally:
        await asyncio.to_thread(grant_rights, client)  # as the next `prepare` would


@fault("FactsUntold registration")
async def registration_may_not_write_its_topic(
    platform: Platform, watch: Watch, chance: random.Random
) -> AsyncIterator[None]:
    async with taken(platform, "registration", AclOperation.WRITE, "registration.events"):
        yield


@fault("ReadingStopped geocoding")
async def geocoding_may_not_read_its_topic(
    platform: Platform, watch: Watch, chance: random.Random
) -> AsyncIterator[None]:
    async with taken(platform, "geocoding", AclOperation.READ, "registration.events"):
        yield


@fault("KafkaRefusesService geocoding", follows=("ReadingStopped geocoding", "ServiceAway geocoding"))
async def geocoding_is_started_without_its_right_to_read(
    platform: Platform, watch: Watch, chance: random.Random
) -> AsyncIterator[None]:
    (replica,) = platform.replicas["geocoding"]
    async with taken(platform, "geocoding", AclOperation.READ, "registration.events"):
        await platform.restart(replica)
        await _says_how_it_is(platform, replica)
        yield


async def _says_how_it_is(platform: Platform, replica: Replica) -> None:
    """What a process lacks can be told once it is there: the time that a start takes is not the alert’s."""
    await until(f"{replica.service} says how it is", replica.is_up, START_SECONDS)
    platform.history.fault("started without what it needs", service=replica.service)


@fault(*of_all("DatabaseAway"), follows=of_all("SiteErrors", "ServiceNotReady", "MapBehind", "ReadingStopped"))
async def postgresql_is_stopped(platform: Platform, watch: Watch, chance: random.Random) -> AsyncIterator[None]:
    platform.history.fault("PostgreSQL stopped")
    await asyncio.to_thread(platform.postgres.stop)
    yield
    await asyncio.to_thread(platform.postgres.start)


@fault("DatabaseAway geocoding", follows=("ReadingStopped geocoding",))
async def the_database_of_one_service_lets_nobody_in(
    platform: Platform, watch: Watch, chance: random.Random
) -> AsyncIterator[None]:
    async with platform.admin("postgres") as connection:
        platform.history.fault("database closed", service="geocoding")
        await connection.execute("ALTER DATABASE geocoding ALLOW_CONNECTIONS false")
        await _cut(connection, "geocoding")
        yield
        await connection.execute("ALTER DATABASE geocoding ALLOW_CONNECTIONS true")


@fault("SiteErrors registration", follows=("ReadingStopped registration",))
async def the_database_of_registration_takes_no_writing(
    platform: Platform, watch: Watch, chance: random.Random
) -> AsyncIterator[None]:
    """A disk that is full, a copy that was restored: it is read, and every change fails."""
    async with platform.admin("postgres") as connection:
        platform.history.fault("database read-only", service="registration")
        await connection.execute("ALTER DATABASE registration SET default_transaction_read_only = on")
        await _cut(connection, "registration")
        yield
        await connection.execute("ALTER DATABASE registration RESET default_transaction_read_only")
        await _cut(connection, "registration")


async def _cut(connection: asyncpg.Connection, database: str) -> None:
    # those of the tests' own that look on are opened again when next they are asked
    await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database)


# --- what passes between them, and their work --------------------------------------------------------


@asynccontextmanager
async def locked(platform: Platform, service: str, table: str) -> AsyncIterator[None]:
    """Somebody sits on a table: a migration by hand, a session that was left open."""
    platform.history.fault("table locked", service=service, table=table)
    async with platform.admin(service) as connection:
        holding = connection.transaction()
        await holding.start()
        await connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
        await holding.rollback()


@fault("ReadingStopped labelling")
async def somebody_sits_on_the_inbox_of_labelling(
    platform: Platform, watch: Watch, chance: random.Random
) -> AsyncIterator[None]:
    async with locked(platform, "labelling", "inbox"):
        yield


@fault("MapBehind map-feed", follows=("ReadingStopped map-feed", "ServiceNotReady map-feed"))
async def somebody_sits_on_the_table_of_the_map(
    platform: Platform, watch: Watch, chance: random.Random
) -> AsyncIterator[None]:
    async with locked(platform, "map-feed", "events"):
        yield


@fault("MailAway commskit", follows=("WorkStopped commskit",))
async def the_mail_server_is_away(platform: Platform, watch: Watch, chance: random.Random) -> AsyncIterator[None]:
    platform.history.fault("mail server away")
    await asyncio.to_thread(platform.mail.stop)
    yield
    await asyncio.to_thread(platform.mail.start)


@fault("MailsRefused commskit")
async def the_mail_server_refuses_every_kit(
    platform: Platform, watch: Watch, chance: random.Random
) -> AsyncIterator[None]:
    platform.history.fault("mails refused")
    platform.mail.misbehave(itertools.repeat(REFUSE))
    yield
    platform.mail.misbehave(iter(()))


@asynccontextmanager
async def geocoder(platform: Platform, watch: Watch, answer: Answer) -> AsyncIterator[None]:
    """A national service that gives this answer to all; at the end it is well again, and geocoding does without."""
    server = GeocoderServer()
    server.behave = lambda _: answer
    (replica,) = platform.replicas["geocoding"]
    server.start()
    await platform.restart(replica, GEOCODER_URL=server.url)
    await platform.ready()
    await watch.is_well()  # a restart on a busy machine may take longer than a minute
    watch.note_anew()
    platform.history.fault("geocoder", status=answer.status, after=answer.after)
    yield
    server.behave = lambda _: Answer()
    await platform.restart(replica)
    await platform.ready()
    server.stop()


@fault("GeocoderFails geocoding", follows=RESTARTED)
async def the_geocoder_is_away(platform: Platform, watch: Watch, chance: random.Random) -> AsyncIterator[None]:
    async with geocoder(platform, watch, Answer(status=503, body=b"")):
        yield


@fault("GeocoderFails geocoding", follows=RESTARTED)
async def the_geocoder_is_slow(platform: Platform, watch: Watch, chance: random.Random) -> AsyncIterator[None]:
    async with geocoder(platform, watch, Answer(after=3.5)):
        yield


@fault("KitsFail commskit", follows=("WorkStopped commskit",))
async def the_processes_that_draw_kits_die(
    platform: Platform, watch: Watch, chance: random.Random
) -> AsyncIterator[None]:
    (replica,) = platform.replicas["commskit"]

    async def kill() -> None:
        while True:
            for child in psutil.Process(replica.pid).children():
                with suppress(psutil.NoSuchProcess):
                    if "spawn_main" in " ".join(child.cmdline()) and child.cpu_times().user > 0.5:
                        child.kill()
            await asyncio.sleep(0.05)

    platform.history.fault("renderers killed")
    killing = asyncio.create_task(kill())
    yield
    killing.cancel()


@fault("WorkStopped commskit")
async def the_processes_that_draw_kits_stand_still(
    platform: Platform, watch: Watch, chance: random.Random
) -> AsyncIterator[None]:
    (replica,) = platform.replicas["commskit"]
    frozen: dict[int, psutil.Process] = {}

    async def freeze() -> None:
        while True:
            for child in psutil.Process(replica.pid).children():
                with suppress(psutil.NoSuchProcess):
                    if "spawn_main" in " ".join(child.cmdline()):
                        child.suspend()
                        frozen[child.pid] = child
            await asyncio.sleep(0.05)

    platform.history.fault("renderers frozen")
    freezing = asyncio.create_task(freeze())
    yield
    freezing.cancel()
    for child in frozen.values():
        with suppress(psutil.NoSuchProcess):
            child.resume()


# --- what people meet, and the campaign ------------------------------------------------------------


@fault("VisitorsTurnedAway registration", silent=True)
async def all_visitors_come_as_one(platform: Platform, watch: Watch, chance: random.Random) -> AsyncIterator[None]:
    """A proxy that registration does not know: every sign-in seems to come from the same address."""
    url = platform.replicas["registration"][0].url
    platform.history.fault("visitors of one address")

    async def sign_in() -> None:
        who = {"email": f"visiteur-{chance.randrange(10**9)}@example.org", "password": "not the password"}
        # not the play's own address, of which registration was told that it may ask without limits
        transport = httpx.AsyncHTTPTransport(local_address=HOST)
        async with httpx.AsyncClient(transport=transport, timeout=20.0) as client:
            for _ in range(400):
                await client.post(f"{url}/v1/tokens", json=who)
                await asyncio.sleep(0.2)

    signing_in = asyncio.create_task(sign_in())
    yield
    signing_in.cancel()
    with suppress(asyncio.CancelledError):
        await signing_in


@fault("ReviewsOverdue labelling")
async def nobody_reviews(platform: Platform, watch: Watch, chance: random.Random) -> AsyncIterator[None]:
    """Days go by; only the clock of the cases that wait is moved."""
    async with platform.admin("labelling") as connection:
        platform.history.fault("reviews overdue")
        waiting = "SELECT event_id, due_at FROM cases WHERE asks = 'review' LIMIT 3"
        kept = await connection.fetch(waiting)
        assert kept, "nothing waits for a person"
        for one in kept:
            late = "UPDATE cases SET due_at = due_at - interval '90 days' WHERE event_id = $1"
            await connection.execute(late, one["event_id"])
        yield
        for one in kept:
            await connection.execute("UPDATE cases SET due_at = $2 WHERE event_id = $1", one["event_id"], one["due_at"])


@fault(
    "EditionUnknown map-feed",
    follows=(*of_one("map-feed", "ServiceAway", "ServiceNotReady", "ReadingStopped"), "MapBehind map-feed"),
)
async def the_map_is_started_without_the_file_of_the_edition(
    platform: Platform, watch: Watch, chance: random.Random
) -> AsyncIterator[None]:
    """A deployment that is half done: registration has the new edition, map-feed last year's folder."""
    folder = platform.state / "editions of another year"
    folder.mkdir(exist_ok=True)
    shutil.copy(EDITION.with_name("2020.toml"), folder)
    (replica,) = platform.replicas["map-feed"]
    await platform.restart(replica, EDITION=str(folder / "2020.toml"))
    await _says_how_it_is(platform, replica)
    yield
    await platform.restart(replica)
