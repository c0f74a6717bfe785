"""What a service tells Prometheus of itself is so: on a service that runs, with its own Kafka and PostgreSQL."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from math import isnan
from uuid import UUID, uuid4

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from fastapi import APIRouter, FastAPI
from sqlalchemy import func, select, text, update
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from backbone.http.door import Tally
from backbone.kafka.cluster import Cluster
from backbone.postgres.bell import Bell
from backbone.postgres.database import jobs, open_database, outbox
from backbone.postgres.jobs import Job, JobRefused, queue_jobs
from backbone.postgres.outbox import RELAY_LOCK, Relay, tell_now
from backbone.runtime.metrics import FloorMetrics
from backbone.runtime.trace import current_trace
from backbone.service.folding import in_transaction
from backbone.service.listener import Ears, Listener, open_broker
from backbone.service.outcomes import Work
from backbone.service.scrape import Question
from backbone.service.service import Doors, Service
from backbone.service.working import Worker
from backbone.testing.scraped import read, scrape

OTHER_EVENT = UUID(int=2)  # on the other partition than EVENT


class Errand(Job):
    """Some work."""

    kind = "errand"
    to: str

    @property
    def key(self):
        return self.to


@asynccontextmanager
async def running(service):
    """The service with all its parts, and what reads its metrics."""
    async with service.running():
        yield partial(scrape, service)


@pytest.fixture
def make_service(kafka, engine, publisher):
    """A service of the parts asked for; `hear` is called with each fact."""

    def make(*, database_url=None, hears=None, group=None, bootstrap=None, do=None, http=None, role="serve"):
        own = open_database(database_url or engine.url.render_as_string(hide_password=False))
        bell, metrics = Bell(own), FloorMetrics()

        async def counts(connection):
            return {"two": await connection.scalar(text("SELECT 2"))}

        listener = None
        if hears:
            ears = Ears(group, open_broker(group, Cluster(bootstrap)), kafka)
            listener = Listener(ears, own, hears, metrics=metrics)
        workers = [Worker(own, bell, Work(Errand, do), None, metrics=metrics)] if do else []
        service = Service(
            "geocoding",
            own,
            counts,
            Doors(http or FastAPI()),
            hearing=listener,
            parts=workers,
            telling=[bell, Relay(own, publisher, bell, metrics)],
            metrics=metrics,
        )
        service.take_role(role)
        return service

    return make


@pytest.fixture
def hearing(make_service, kafka_bootstrap, service, fact):
    """A service that hears; `hear(fact, tx)` is called with each."""

    def make(hear, **more):
        hears = {fact: in_transaction(lambda told, tx, _: hear(told, tx))}
        return make_service(hears=hears, group=service, bootstrap=kafka_bootstrap, **more)

    return make


@pytest.fixture
def written_at(kafka_bootstrap):
    """When each record of a topic was written, by partition, as Kafka says it."""

    async def read(topic, number):
        consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka_bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        found = {}
        async with asyncio.timeout(60):
            for _ in range(number):
                record = await consumer.getone()
                found.setdefault(record.partition, []).append(record.timestamp / 1000)
        await consumer.stop()
        return found

    return read


async def test_what_a_service_heard_is_counted_by_topic_type_and_what_became_of_it(
    topic, send, fact, hearing, note, effects, eventually
):
    async def hear(told, tx):
        if told.revision == 4:
            raise ValueError("a rule of ours refuses it")
        await note(tx, told.revision)

    await send(1, 2, 3, 4)
    await send(2)  # delivered once more
    await send(5, headers=[("ce_id", b"5"), ("ce_type", b"fr.semaine-industrie.Unheard")])
    await send(6, headers=[("ce_id", b"6"), ("ce_type", b"fr.semaine-industrie.EventLabelled")])
    await send(7, value=b"{")
    await send(8, headers=[])
    async with running(hearing(hear)) as told_by:

        async def all_is_taken():
            told = await told_by()
            return sum(told.every("sdi_messages_heard_total")) == 9 and told

        await eventually(all_is_taken)
        told = await told_by()
    assert await effects() == ["1", "2", "3"]
    assert told.by("sdi_messages_heard_total", "type", "outcome", topic=topic) == {
        ("Counted", "folded"): 3,
        ("Counted", "known"): 1,
        ("Counted", "set_aside"): 2,
        ("EventLabelled", "passed_over"): 1,
        ("other", "passed_over"): 1,
        ("other", "set_aside"): 1,
    }
    assert told.of("sdi_message_delay_seconds_count", topic=topic) == 3
    assert told.of("sdi_poll_messages_sum") == 9
    assert told.of("sdi_poll_seconds_count") == told.of("sdi_poll_messages_count") > 0


async def test_a_lag_is_told_by_partition_while_a_poll_waits_for_what_is_away(
    topic, send, hearing, note, written_at, eventually
):
    is_away = True

    async def hear(told, tx):
        if is_away:
            raise ConnectionError
        await note(tx, told.revision)

    await send(1, 2, 3)
    written = await written_at(topic, 3)
    [mine] = written
    async with running(service := hearing(hear)) as told_by:

        async def waits():
            return (await told_by()).of("sdi_polls_retried_total", reason="other")

        await eventually(waits)
        await send(4, 5)
        await send(1, 2, event=OTHER_EVENT)
        before = await told_by()

        async def all_is_fetched_that_will_be():
            [subscriber] = service.listener.broker.subscribers
            return len(subscriber.consumer._fetcher._records) == 2

        await eventually(all_is_fetched_that_will_be)
        await send(*range(6, 12))  # of these the consumer itself knows nothing

        async def behind():
            told = await told_by()
            return told.by("sdi_lag_messages", "partition") == {(str(mine),): 11, (str(1 - mine),): 2}

        await eventually(behind)  # the first three are in hand, and what came behind them nobody has looked at
        told = await told_by()
        assert service.listener.lag.behind[TopicPartition(topic, mine)].since == written[mine][0]
        written = await written_at(topic, 13)
        assert service.listener.lag.behind[TopicPartition(topic, 1 - mine)].since == written[1 - mine][0]
        for partition in (mine, 1 - mine):
            assert told.of("sdi_lag_seconds", topic=topic, partition=str(partition)) > 0
        age = {"topic": topic, "partition": str(mine)}
        assert told.of("sdi_lag_seconds", **age) > before.of("sdi_lag_seconds", **age)  # it grows
        is_away = False

        async def none_is_left():
            told = await told_by()
            lags = [*told.every("sdi_lag_messages"), *told.every("sdi_lag_seconds")]
            return lags == [0, 0, 0, 0]

        await eventually(none_is_left)


@pytest.mark.parametrize("part", ["fetching", "rejoining"])
async def test_a_lag_does_not_vanish_because_the_listener_is_stuck(
    part, topic, send, hearing, note, effects, written_at, eventually
):
    async def hear(told, tx):
        await note(tx, told.revision)

    await send(1)
    async with running(service := hearing(hear)) as told_by:

        async def has_heard():
            told = await told_by()
            return await effects() == ["1"] and set(told.every("sdi_lag_messages")) == {0}

        await eventually(has_heard)
        [subscriber] = service.listener.broker.subscribers
        fetcher = subscriber.consumer._fetcher
        for task in (fetcher._fetch_task, *fetcher._pending_tasks):
            task.cancel()
        await asyncio.gather(fetcher._fetch_task, *fetcher._pending_tasks, return_exceptions=True)
        await send(2, 3)

        async def shows():
            return max((await told_by()).every("sdi_lag_messages")) == 2

        await eventually(shows)
        if part == "rejoining":  # for ever, as in aiokafka's issue 1154
            subscriber.consumer._subscription.begin_reassignment()
        told = await told_by()
        [(place, behind)] = [(place, one) for place, one in service.listener.lag.behind.items() if one.messages]
        assert behind.since == (await written_at(topic, 3))[place.partition][1]
        assert told.of("sdi_lag_messages", topic=topic, partition=str(place.partition)) == 2
        assert told.of("sdi_lag_seconds", topic=topic, partition=str(place.partition)) > 0


async def test_the_outbox_is_as_old_as_its_oldest_fact_until_that_is_told(
    engine, make_service, withdrawn, publisher, eventually
):
    async with engine.connect() as other:
        await other.execute(select(func.pg_advisory_lock(RELAY_LOCK)))  # another replica leads, and tells nothing
        async with engine.begin() as tx:
            await tell_now(tx, withdrawn(1), withdrawn(2))
            await tx.execute(update(outbox).values(occurred_at=func.now() - timedelta(hours=1)))
            await tell_now(tx, withdrawn(3))
        async with running(make_service()) as told_by:
            told = await told_by()
            assert told.of("sdi_outbox_facts") == 3
            assert 3600 <= told.of("sdi_outbox_oldest_seconds") < 3700
            await other.execute(select(func.pg_advisory_unlock(RELAY_LOCK)))

            async def is_told():
                told = await told_by()
                return (told.of("sdi_outbox_facts"), told.of("sdi_outbox_oldest_seconds")) == (0, 0)

            await eventually(is_told)
            told = await told_by()
            about = ("registration.events", "EventWithdrawn")
            assert told.by("sdi_facts_told_total", "topic", "type") == {about: 3}
    assert len(publisher.records) == 3


async def test_jobs_are_told_by_where_they_stand_with_the_age_of_the_oldest(engine, make_service):
    now, minutes = func.now(), lambda n: timedelta(minutes=n)
    rows = {
        "a": {"due_at": now + minutes(60)},
        "b": {"due_at": now - minutes(10)},
        "c": {"due_at": now - minutes(2)},
        # queued two hours ago, tried in vain, and due again in a while
        "d": {"created_at": now - minutes(120), "due_at": now + minutes(5), "attempts": 3},
        "e": {"state": "running", "attempts": 1, "due_at": now - minutes(1), "lease_until": now + minutes(9)},
        "f": {"state": "dead", "attempts": 8, "finished_at": now - minutes(180)},
        "g": {"state": "done", "attempts": 1, "finished_at": now - minutes(900)},
    }
    async with engine.begin() as tx:
        await queue_jobs(tx, [(Errand(to=key), timedelta(days=1), current_trace()) for key in rows])
        for key, row in rows.items():
            await tx.execute(update(jobs).where(jobs.c.key == key).values(**row))
        await tx.execute(update(jobs).where(jobs.c.key == "c").values(kind="of-another-release"))

    async def do(claimed, desk):
        return None

    async with running(make_service(do=do, role="http")) as told_by:
        told = await told_by()

    def by_state(name, kind):
        found = told.by(name, "state", kind=kind)
        return {state: round(number / 60) if "seconds" in name else number for (state,), number in found.items()}

    numbers = {"later": 1, "waiting": 1, "retrying": 1, "running": 1, "dead": 1}
    assert by_state("sdi_jobs", "errand") == numbers
    ages = {"waiting": 10, "retrying": 120, "running": 1, "dead": 180}
    assert by_state("sdi_job_oldest_seconds", "errand") == ages
    assert by_state("sdi_jobs", "other") == {"waiting": 1}


async def test_tries_of_jobs_are_counted_by_what_became_of_them_and_why(engine, make_service, eventually):
    tries = []

    async def do(claimed, desk):
        tries.append(claimed.key)
        if claimed.key == "refused":
            raise JobRefused("never")
        if claimed.key == "away" and tries.count("away") == 1:
            raise ConnectionRefusedError

    async with engine.begin() as tx:
        await queue_jobs(tx, [(Errand(to=to), timedelta(0), current_trace()) for to in ("fine", "away", "refused")])
    async with running(make_service(do=do)) as told_by:
        beginning = await told_by()
        assert beginning.of("sdi_job_seconds_count", kind="errand", outcome="dead") is not None  # before the first

        async def all_ended():
            told = await told_by()
            return [
                told.of("sdi_job_seconds_count", kind="errand", outcome=outcome)
                for outcome in ("done", "retried", "dead")
            ] == [2, 1, 1]

        await eventually(all_ended)
        told = await told_by()
    assert told.by("sdi_job_retries_total", "kind", "reason") == {("errand", "ConnectionRefusedError"): 1}
    assert told.of("sdi_jobs", kind="errand", state="dead") == 1


class Wire:
    """A way to PostgreSQL that can fall silent, as a host that was switched off: nothing is refused or answered."""

    def __init__(self, host, port):
        self._to, self._flows = (host, port), asyncio.Event()
        self._flows.set()
        self._ends = set()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for end in self._ends:
            end.cancel()
        await asyncio.gather(*self._ends, return_exceptions=True)

    def falls_silent(self):
        self._flows.clear()

    def speaks_again(self):
        self._flows.set()

    async def _join(self, reader, writer):
        self._ends.add(asyncio.current_task())
        with suppress(ConnectionError):
            there, back = await asyncio.open_connection(*self._to)
            await asyncio.gather(self._pump(reader, back), self._pump(there, writer))

    async def _pump(self, reader, writer):
        try:
            while data := await reader.read(65536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()


async def test_a_scrape_answers_while_the_database_is_silent_and_says_so(monkeypatch, engine, make_service, eventually):
    monkeypatch.setattr("backbone.service.scrape.SCRAPE_SECONDS", 0.5)

    async def do(claimed, desk):
        return None

    async with Wire(engine.url.host, engine.url.port) as wire:
        url = engine.url.set(host="127.0.0.1", port=wire.port).render_as_string(hide_password=False)
        async with running(make_service(database_url=url, do=do)) as told_by:
            told = await told_by()
            assert told.of("sdi_up", on="PostgreSQL") == 1
            assert (told.of("sdi_outbox_facts"), told.of("sdi_counts", name="two")) == (0, 2)
            assert told.of("sdi_jobs", kind="errand", state="dead") == 0
            wire.falls_silent()
            for _ in range(2):  # the second asks nothing more: one question is under way
                async with asyncio.timeout(25):
                    told = await told_by()
                assert told.of("sdi_up", on="PostgreSQL") == 0
                # what is not known is not told
                assert isnan(told.of("sdi_outbox_facts"))
                assert isnan(told.of("sdi_outbox_oldest_seconds"))
                assert told.every("sdi_jobs") == told.every("sdi_counts") == []
            assert told.of("sdi_scrape_unanswered_total", of="PostgreSQL") >= 2
            wire.speaks_again()

            async def is_known_again():
                told = await told_by()
                return (told.of("sdi_up", on="PostgreSQL"), told.of("sdi_counts", name="two")) == (1, 2)

            await eventually(is_known_again)


async def test_a_question_that_never_ends_keeps_nobody_from_the_other_answers(monkeypatch, make_service):
    monkeypatch.setattr("backbone.service.scrape.SCRAPE_SECONDS", 0.2)
    service, forgotten, asked, ends = make_service(), [], [], asyncio.Event()

    async def hang():
        asked.append(1)
        while not ends.is_set():
            with suppress(asyncio.CancelledError):  # as aiokafka's fetcher does in a rebalance
                await ends.wait()

    service.scrape.questions.append(Question("what hangs", hang, lambda: forgotten.append(1)))
    async with running(service) as told_by:
        async with asyncio.timeout(60):
            told = [await told_by() for _ in range(3)]
        ends.set()
    assert [one.of("sdi_up", on="PostgreSQL") for one in told] == [1, 1, 1]
    assert (len(asked), len(forgotten)) == (1, 3)
    assert told[-1].of("sdi_scrape_unanswered_total", of="other") == 3


async def test_a_scrape_answers_while_there_is_no_database(make_service):
    async with running(make_service(database_url="postgresql+asyncpg://a@127.0.0.1:1/a")) as told_by:
        told = await told_by()
    assert told.of("sdi_up", on="PostgreSQL") == 0
    assert told.every("sdi_counts") == []


async def test_the_database_is_asked_no_more_often_than_every_15_seconds(make_service):
    service, asked = make_service(), []
    counts = service.counts

    async def counted(connection):
        asked.append(1)
        return await counts(connection)

    service.counts = counted
    service.take_role("serve")
    assert max(question.kept_seconds for question in service.scrape.questions) == 15.0
    async with service.running():
        told = [read((await service.scrape.answer()).body.decode()) for _ in range(5)]
    assert [one.of("sdi_counts", name="two") for one in told] == [2] * 5
    assert len(asked) == 1


async def test_requests_are_counted_by_the_route_as_it_is_declared(make_service):
    async def greet(request):
        return PlainTextResponse("bonjour")

    routes = APIRouter(prefix="/v1")

    @routes.get("/events/{event_id}")
    async def show_event(event_id: int) -> int:
        if event_id == 13:
            raise RuntimeError
        return event_id

    app = FastAPI()
    outer = APIRouter(prefix="/api")
    outer.include_router(routes)
    app.include_router(outer)
    app.routes.append(Mount("/pages", routes=[Route("/{name}", greet)]))
    async with running(service := make_service(http=app)) as told_by:
        transport = httpx.ASGITransport(service.http, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as visitor:
            for number in (1, 2, 3, 13, "x"):
                await visitor.get(f"/api/v1/events/{number}")
            await visitor.post("/api/v1/events/4")
            await visitor.get("/pages/camille.roussel@example.org")
            for _ in range(20):
                await visitor.get(f"/{uuid4()}")
            await visitor.request("BREW", f"/{uuid4()}")
            await visitor.request("POUR", f"/{uuid4()}")
            assert (await visitor.get("/metrics")).status_code == 404  # nothing for the public
        told = await told_by()
    event, page = "/api/v1/events/{event_id}", "/pages/{name}"
    assert told.by("sdi_http_requests_total", "method", "route", "status") == {
        ("GET", event, "200"): 3,
        ("GET", event, "500"): 1,
        ("GET", event, "422"): 1,
        ("POST", event, "405"): 1,
        ("GET", page, "200"): 1,
        ("GET", "(none)", "404"): 21,
        ("other", "(none)", "404"): 2,
    }
    assert told.of("sdi_http_request_seconds_count", method="GET", route=event) == 5
    assert told.of("sdi_http_request_seconds_count", method="GET", route="(none)") == 21


async def test_who_is_turned_away_at_the_door_is_counted_by_why(make_service):
    async with running(service := make_service()) as told_by:
        tally = Tally(counts=service.metrics.count_refused)
        for why in ("slow", "slow", "over_share", "something new"):
            tally.note(why, asyncio.get_running_loop())
        told = await told_by()
    assert told.by("sdi_http_refused_total", "why") == {("slow",): 2, ("over_share",): 1, ("other",): 1}
    assert told.of("sdi_http_refused_total", why="silent") == 0


async def test_two_services_in_one_process_count_apart(engine, make_service):
    first, second = make_service(), make_service()
    async with running(first) as one, running(second) as other:
        transport = httpx.ASGITransport(first.http)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as visitor:
            await visitor.get("/nowhere")
        told, told_by_other = await one(), await other()
    assert told.of("sdi_http_requests_total", method="GET", route="(none)", status="404") == 1
    assert told_by_other.every("sdi_http_requests_total") == []


async def test_a_process_says_what_it_is_how_it_is_and_what_it_uses(make_service):
    class Loop:
        name, is_stuck = "loop", True

        async def run(self, stopping):
            await stopping.wait()

        async def examine(self, *, database_answers):
            pass

    service = make_service()
    service.parts = [Loop()]
    async with running(service) as told_by:
        told = await told_by()
        service.broken = "loop"
        after = await told_by()
    assert told.of("sdi_stuck", part="loop") == 1
    assert told.of("sdi_stuck", part="relay") == 0
    assert (told.of("sdi_broken"), after.of("sdi_broken")) == (0, 1)
    assert told.of("sdi_build_info", version="0.1.0") == 1
    assert told.of("process_resident_memory_bytes") > 10_000_000
    assert told.of("python_gc_collections_total", generation="2") is not None
    assert not any(name.endswith("_created") for name, _ in told)


async def test_each_half_of_a_service_tells_what_it_has(topic, send, hearing, note, eventually):
    async def hear(told, tx):
        await note(tx, told.revision)

    await send(1, 2)
    async with running(hearing(hear, role="http")) as told_by:
        told = await told_by()
    assert told.every("sdi_lag_messages") == []  # it hears nothing
    assert told.by("sdi_up", "on") == {("PostgreSQL",): 1}
    async with running(hearing(hear, role="work")) as told_by:

        async def has_heard():
            told = await told_by()
            return told.of("sdi_messages_heard_total", topic=topic, type="Counted", outcome="folded") == 2 and told

        await eventually(has_heard)
        told = await told_by()
    assert told.by("sdi_up", "on") == {("PostgreSQL",): 1, ("Kafka",): 1}
    assert told.every("sdi_lag_messages") == [0, 0]
    assert told.of("sdi_counts", name="two") == 2
