"""A service as a process: it waits for what it needs and says so, and it ends cleanly."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from sqlalchemy import func, text, update
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from backbone.contracts import EventWithdrawn
from backbone.kafka.cluster import Cluster
from backbone.postgres.bell import Bell
from backbone.postgres.database import jobs, open_database
from backbone.postgres.jobs import Job, queue_jobs
from backbone.postgres.outbox import Relay, tell_now
from backbone.runtime.trace import current_trace
from backbone.service.folding import in_transaction
from backbone.service.listener import Ears, Listener, open_broker
from backbone.service.outcomes import Work
from backbone.service.process import bound
from backbone.service.service import Doors, Service
from backbone.service.working import Worker
from local_stack.ports import free_port

NOWHERE = "127.0.0.1:1"
PROGRAM = Path(__file__).with_name("tiny_service.py")


@asynccontextmanager
async def running(service):
    """The service with all its parts, and a client that asks it how it is."""
    transport = httpx.ASGITransport(service.health)
    async with (
        service.http.router.lifespan_context(service.http),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield client


@pytest.fixture
def make_service(publisher):
    def make(database_url, *, kafka=None, parts=(), close=None):
        engine = open_database(database_url)
        bell = Bell(engine)

        async def hear(fact, tx, desk):
            return None

        async def counts(connection):
            return {"two": await connection.scalar(text("SELECT 2"))}

        broker = open_broker("geocoding", Cluster(kafka)) if kafka else None
        ears = Ears("geocoding", broker, publisher)
        return Service(
            "geocoding",
            engine,
            counts,
            Doors(),
            hearing=Listener(ears, engine, {EventWithdrawn: in_transaction(hear)}) if broker else None,
            parts=parts,
            telling=[bell, Relay(engine, publisher, bell)],
            close=close,
        )

    return make


async def test_a_service_that_has_all_it_needs_is_ready_and_counts(
    database_url, kafka_bootstrap, make_service, eventually
):
    async with running(make_service(database_url, kafka=kafka_bootstrap)) as client:

        async def is_ready():
            return (await client.get("/health/ready")).status_code == 200

        await eventually(is_ready)
        assert (await client.get("/health/ready")).json() == {"ready": True, "waits_for": []}
        assert (await client.get("/health/live")).json() == {"alive": True}
        assert (await client.get("/health/counts")).json() == {"two": 2, "passed_over": 0, "set_aside": 0}


async def test_a_service_without_kafka_is_alive_and_not_ready(database_url, make_service):
    async with running(make_service(database_url, kafka=NOWHERE)) as client:
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()) == (503, {"ready": False, "waits_for": ["Kafka"]})
        assert (await client.get("/health/live")).status_code == 200


async def test_a_service_without_a_database_is_alive_and_not_ready_until_it_is_there(
    engine, database_url, make_service, eventually
):
    name = engine.url.database
    await engine.dispose()
    server = open_database(database_url.replace(name, "postgres"))
    async with server.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
        async with running(make_service(database_url)) as client:

            async def says_so():
                ready = await client.get("/health/ready")
                return (ready.status_code, ready.json()) == (503, {"ready": False, "waits_for": ["PostgreSQL"]})

            await eventually(says_so)
            assert (await client.get("/health/live")).status_code == 200
            await connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))

            async def is_ready():
                return (await client.get("/health/ready")).status_code == 200

            await eventually(is_ready)
    await server.dispose()


async def test_what_a_part_tells_while_it_ends_is_still_published_and_things_are_closed_after(
    engine, database_url, make_service, publisher, withdrawn, eventually
):
    order = []

    class LastWords:
        name = "last words"

        async def run(self, stopping):
            await stopping.wait()
            async with engine.begin() as tx:
                await tell_now(tx, withdrawn(1))

            async def told():
                return publisher.records or not publisher.is_started

            await eventually(told)
            order.append("told" if publisher.records else "not told")

    async def close():
        order.append("closed")

    async with running(make_service(database_url, parts=[LastWords()], close=close)):

        async def is_up():
            return publisher.is_started

        await eventually(is_up)
    assert order == ["told", "closed"]
    assert not publisher.is_started


class Loop:
    """A part that is stuck when it is told to be, or when it has not been looked at."""

    def __init__(self, name):
        self.name, self.is_stuck, self.looks = name, False, []

    async def run(self, stopping):
        await stopping.wait()

    async def examine(self, *, database_answers):
        self.looks.append(database_answers)


async def test_a_service_with_a_part_that_is_stuck_is_not_alive_and_names_it(
    monkeypatch, database_url, make_service, eventually, caplog
):
    monkeypatch.setattr("backbone.runtime.pulse.LOOK_SECONDS", 0.01)
    sound, stuck = Loop("sound loop"), Loop("stuck loop")
    async with running(make_service(database_url, parts=[sound, stuck])) as client:

        async def has_looked():
            return True in sound.looks and True in stuck.looks

        await eventually(has_looked)
        live = await client.get("/health/live")
        assert (live.status_code, live.json()) == (200, {"alive": True})
        stuck.is_stuck = True
        live = await client.get("/health/live")
        assert (live.status_code, live.json()) == (500, {"alive": False, "stuck": "stuck loop"})

        async def is_said():
            return "the stuck loop is stuck" in caplog.text

        await eventually(is_said)
    assert caplog.text.count("the stuck loop is stuck") == 1


async def test_what_is_looked_at_is_told_that_the_database_is_away(monkeypatch, make_service, eventually):
    monkeypatch.setattr("backbone.runtime.pulse.LOOK_SECONDS", 0.01)
    loop = Loop("loop")
    async with running(make_service("postgresql+asyncpg://a@127.0.0.1:1/a", parts=[loop])):

        async def has_looked():
            return loop.looks

        await eventually(has_looked)
    assert set(loop.looks) == {False}


async def test_a_service_counts_its_jobs_by_kind_and_state(engine, database_url, make_service):
    class Mail(Job):
        kind = "mail"
        to: str

        @property
        def key(self):
            return self.to

    async def mail(claimed, desk):
        return None

    states = {"a": "waiting", "b": "dead", "c": "dead", "d": "done"}
    async with engine.begin() as tx:
        for key, state in states.items():
            await queue_jobs(tx, [(Mail(to=key), timedelta(0), current_trace())])
            later = func.now() + timedelta(days=1)
            await tx.execute(update(jobs).where(jobs.c.key == key).values(state=state, due_at=later))
    worker = Worker(engine, Bell(engine), Work(Mail, mail), None)
    async with running(make_service(database_url, parts=[worker])) as client:
        counts = (await client.get("/health/counts")).json()
    assert counts == {"two": 2, "jobs": {"mail": {"waiting": 1, "running": 0, "dead": 2}}}


@asynccontextmanager
async def process(database_url, kafka=NOWHERE, *arguments, **environment):
    public, health = free_port(), free_port()
    settings = {
        "DATABASE_URL": database_url,
        "KAFKA_BOOTSTRAP_SERVERS": kafka,
        "EDITION": "none.toml",
        "TINY_HTTP_PORT": str(public),
        "TINY_HEALTH_PORT": str(health),
        "LOG_FORMAT": "json",
        **environment,
    }
    started = await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), *arguments, env=settings, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield started, f"http://127.0.0.1:{health}", f"http://127.0.0.1:{public}"
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def test_a_part_that_fails_ends_the_process_with_1_and_says_why(database_url):
    async with process(database_url, TASK="fails") as (started, *_), asyncio.timeout(60):
        _, said = await started.communicate()
    assert started.returncode == 1
    assert b"the task of tiny has failed: stopping" in said
    assert b"RuntimeError: a fault of ours" in said


async def test_a_process_that_cannot_stop_says_what_hangs_in_it_and_ends(database_url, eventually):
    told = {"TASK": "hangs", "STOP_WITHIN_SECONDS": "0.5"}
    async with process(database_url, **told) as (started, url, _), httpx.AsyncClient() as client:

        async def is_up():
            with suppress(httpx.TransportError):
                return (await client.get(f"{url}/health/live")).is_success

        await eventually(is_up)
        started.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            _, said = await started.communicate()
    assert started.returncode == 1
    assert b"tiny has not stopped within 0.5 s: ending." in said
    assert b"await asyncio.Event().wait()" in said


async def test_a_job_that_is_to_be_tried_again_and_is_not_dead_ends_the_command_with_1(database_url):
    async with process(database_url, NOWHERE, "jobs", "retry", "--all") as (started, *_), asyncio.timeout(60):
        _, said = await started.communicate()
    assert (started.returncode, said) == (1, b"tiny: no job is dead\n")


@pytest.mark.parametrize("command", ["jobs", "migrate"])
async def test_a_command_that_finds_no_database_says_so_in_one_line(command):
    nowhere = "postgresql+asyncpg://a@127.0.0.1:1/a"
    async with process(nowhere, NOWHERE, command) as (started, *_), asyncio.timeout(60):
        _, said = await started.communicate()
    told = b"tiny: PostgreSQL is busy or away: nothing was done, try again\n"
    assert (started.returncode, said) == (1, told)


@pytest.mark.parametrize("reached", ["all", "nothing"])
async def test_a_process_that_is_asked_to_stop_ends_with_0(reached, database_url, kafka_bootstrap, eventually):
    given = (database_url, kafka_bootstrap) if reached == "all" else ("postgresql+asyncpg://a@127.0.0.1:1/a", NOWHERE)
    async with process(*given) as (started, url, _), httpx.AsyncClient() as client:

        async def is_alive():
            try:
                return (await client.get(f"{url}/health/live")).status_code == 200
            except httpx.TransportError:
                assert started.returncode is None
                return False

        await eventually(is_alive)
        ready = await client.get(f"{url}/health/ready")
        assert ready.json()["waits_for"] == ([] if reached == "all" else ["PostgreSQL"])
        started.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            _, said = await started.communicate()
    assert started.returncode == 0
    assert b"tiny has stopped" in said
    assert b"Traceback" not in said


async def test_five_hundred_who_say_nothing_switch_nothing_off(database_url, eventually):
    async with process(database_url) as (_, health, public), httpx.AsyncClient() as client:

        async def is_alive():
            try:
                return (await client.get(f"{health}/health/live")).status_code == 200
            except httpx.TransportError:
                return False

        await eventually(is_alive)
        port = int(public.rsplit(":", 1)[1])

        async def is_open():
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                return None

        await eventually(is_open)
        silent = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(500)))
        assert (await client.get(f"{health}/health/live")).json() == {"alive": True}
        async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(local_address="127.0.0.2")) as somebody_else:
            assert (await somebody_else.get(f"{public}/nothing-here")).status_code == 404
        assert (await client.get(f"{public}/nothing-here")).status_code == 429
        for _, writer in silent:
            writer.transport.abort()


async def test_the_public_port_says_nothing_of_the_services_health(database_url, make_service):
    service = make_service(database_url)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.http), base_url="http://test") as client:
        for what in ("live", "ready", "counts"):
            assert (await client.get(f"/health/{what}")).status_code == 404
    await service.engine.dispose()


async def test_an_address_with_a_slash_too_many_is_wrong_and_redirects_nobody(database_url, make_service):
    service = make_service(database_url)
    service.http.router.routes.append(Route("/here", lambda _: PlainTextResponse("here")))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.http), base_url="http://test") as client:
        assert (await client.get("/here")).status_code == 200
        assert (await client.get("/here/")).status_code == 404
    await service.engine.dispose()


async def test_browsers_that_came_by_https_are_to_come_by_nothing_else(database_url, make_service):
    service = make_service(database_url)
    transport = httpx.ASGITransport(service.http)
    async with httpx.AsyncClient(transport=transport) as client:
        assert (await client.get("https://test/")).headers["strict-transport-security"] == "max-age=31536000"
        assert "strict-transport-security" not in (await client.get("http://test/")).headers
    await service.engine.dispose()


async def test_an_answer_in_two_pieces_is_sent_without_waiting_for_the_client():
    with bound(uvicorn.Config(PlainTextResponse("ici"), host="127.0.0.1", port=0)) as listening:
        listening.listen()
        with socket.create_connection(listening.getsockname()):
            connection, _ = await asyncio.to_thread(listening.accept)
            with connection:
                assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
