"""What all tests share: a real PostgreSQL and a real Kafka, given, in containers, or of our own.

`DATABASE_URL` and `KAFKA_BOOTSTRAP_SERVERS` name servers that are there already; else containers, where a Docker
engine has the images; else the local stack's own servers. However a run ends, its servers end with it.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from hypothesis import settings
from sqlalchemy.engine import make_url

from backbone.postgres.database import open_database
from backbone.postgres.migrations import migrate
from backbone.runtime.ending import end_within, what_goes_on
from backbone.testing.waiting import until

if TYPE_CHECKING:
    import httpx
    from fastapi import FastAPI

ROOT = Path(__file__).parent
POSTGRES_IMAGE = os.environ.get("TEST_POSTGRES_IMAGE", "postgres:18-alpine")
KAFKA_IMAGE = os.environ.get("TEST_KAFKA_IMAGE", "apache/kafka:4.3.1")
# a property that holds does so on a machine that has much else to do
settings.register_profile("by no clock", deadline=None)
settings.load_profile("by no clock")
# its helper would be one image more to fetch: these tests end their containers themselves
os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")


END_SECONDS = 120.0
LOOP = pytest.StashKey[asyncio.AbstractEventLoop]()


def pytest_configure(config: pytest.Config) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a run that is ended takes its servers with it
    os.environ["SDI_TEST_RUN"] = mark = uuid.uuid4().hex
    guardian = [sys.executable, str(ROOT / "tests" / "guardian.py"), mark]
    unmarked = {name: value for name, value in os.environ.items() if name != "SDI_TEST_RUN"}
    # a session of its own: neither Ctrl-C nor a signal to the group of the run reaches it
    watching = subprocess.Popen(guardian, stdin=subprocess.PIPE, start_new_session=True, env=unmarked)
    config.add_cleanup(watching.communicate)


@pytest.fixture(scope="session", autouse=True)
async def _the_loop_of_the_run(request: pytest.FixtureRequest) -> None:
    request.config.stash[LOOP] = asyncio.get_running_loop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[pytest.TestReport]:
    """A test that hung shows at once what all tasks waited for; what comes after it is not to be trusted: the end."""
    report = yield
    loop = item.config.stash.get(LOOP, None)
    if loop and call.excinfo is not None and str(call.excinfo.value).startswith("Timeout (>"):
        item.session.shouldstop = f"{item.nodeid} hung"
        tasks = what_goes_on(loop)
        report.sections.append(("tasks, and where they wait", tasks))
        if terminal := item.config.pluginmanager.get_plugin("terminalreporter"):  # a worker of a shared run has none
            terminal.write_sep("=", f"{item.nodeid} hung. Its tasks, and where they wait:")
            terminal.write_line(tasks)
        end_within(END_SECONDS, "the run", loop)  # what hung may hang in its fixtures' ends too, and in the loop's
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if loop := session.config.stash.get(LOOP, None):
        end_within(END_SECONDS, "the run", loop)


def _docker_has(image: str) -> bool:
    try:
        found = subprocess.run(["docker", "image", "inspect", image], capture_output=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return found.returncode == 0


@pytest.fixture(scope="session")
def make_state_dir() -> Iterator[Callable[[], Path]]:
    """Makes folders for servers. Not below pytest's own: every run of pytest shuts that one to other users,
    and a PostgreSQL that a run beside this one has going, as root under a user of its own, would lose its data."""
    with TemporaryDirectory(prefix="sdi-tests-", ignore_cleanup_errors=True) as folder:
        numbers = itertools.count()

        def make() -> Path:
            made = Path(folder) / str(next(numbers))
            made.mkdir()
            return made

        yield make


@pytest.fixture(scope="session")
def postgres_admin_url(make_state_dir: Callable[[], Path]) -> Iterator[str]:
    """The address of a PostgreSQL server, as a role that may make databases."""
    if given := os.environ.get("DATABASE_URL"):
        yield given
    elif _docker_has(POSTGRES_IMAGE):
        from testcontainers.community.postgres import PostgresContainer

        as_ours = "--locale=C --locale-provider=builtin --builtin-locale=C.UTF-8 --encoding=UTF8"
        with PostgresContainer(POSTGRES_IMAGE, driver=None).with_env("POSTGRES_INITDB_ARGS", as_ours) as container:
            yield container.get_connection_url()
    else:
        from local_stack.postgres import LocalPostgres

        with LocalPostgres(make_state_dir(), fast=True) as server:
            yield server.admin_url


@pytest.fixture(scope="session")
def kafka_bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an Apache Kafka with our topics."""
    from backbone.kafka.cluster import Cluster
    from local_stack.choose import ExternalKafka
    from local_stack.topics import make_topics

    if given := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        make_topics(ExternalKafka(Cluster(given)))
        yield given
    elif _docker_has(KAFKA_IMAGE):
        with _kafka_in_a_container(KAFKA_IMAGE) as servers:
            make_topics(ExternalKafka(Cluster(servers)))
            yield servers
    else:
        from local_stack.jars import fetch_jars, jars_folder
        from local_stack.kafka import LocalKafka

        with LocalKafka(tmp_path_factory.mktemp("kafka"), fetch_jars(jars_folder()), guarded=False) as node:
            make_topics(node)
            yield node.bootstrap_servers


@contextmanager
def _kafka_in_a_container(image: str) -> Iterator[str]:
    # testcontainers' own class is for Confluent's images. Apache's reads a setting from KAFKA_ and its name
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    from local_stack.ports import free_port
    from provision.kafka_settings import one_node

    container, port = DockerContainer(image), free_port()
    servers = f"{container.get_docker_client().host()}:{port}"
    settings = one_node(":9092", "127.0.0.1:9093", Path("/var/lib/kafka/data"), advertised=servers)
    for name, value in settings.items():
        container.with_env(f"KAFKA_{name.upper().replace('.', '_')}", str(value))
    container.with_env("KAFKA_HEAP_OPTS", "-Xmx512m").with_bind_ports(9092, port)
    with container.waiting_for(LogMessageWaitStrategy("Kafka Server started").with_startup_timeout(60)):
        yield servers


_numbers = itertools.count()


@pytest.fixture(scope="session")
def template_of(postgres_admin_url: str) -> Callable[[str], Awaitable[str]]:
    """Makes, once for each service, the database that its tests are given copies of; gives its name."""
    made: dict[str, str] = {}

    async def template(service: str) -> str:
        if service not in made:
            name = f"template_{service.replace('-', '_')}_{os.getpid()}"
            await _on_server(postgres_admin_url, f'CREATE DATABASE "{name}"')
            engine = open_database(_url_of(postgres_admin_url, name))
            await migrate(engine, service)
            await engine.dispose()
            made[service] = name
        return made[service]

    return template


class Road:
    """A port that leads to a server, until those who are on the road are forgotten: nothing of theirs arrives, in
    neither direction, and nobody is told. Who sets out afterwards arrives."""

    def __init__(self) -> None:
        self._travellers: list[asyncio.Event] = []

    @asynccontextmanager
    async def to(self, host: str, port: int) -> AsyncIterator[int]:
        server = await asyncio.start_server(lambda *ends: self._travel(host, port, *ends), "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()

    def forget_all(self) -> None:
        for forgotten in self._travellers:
            forgotten.set()

    async def _travel(self, host: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(host, port)
        self._travellers.append(forgotten := asyncio.Event())
        await asyncio.gather(_carry(reader, back, forgotten), _carry(there, writer, forgotten), return_exceptions=True)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, forgotten: asyncio.Event) -> None:
    while data := await reader.read(65536):
        if not forgotten.is_set():
            writer.write(data)
    writer.close()


@pytest.fixture
def road() -> Road:
    """A way to a server on which travellers can be forgotten."""
    return Road()


MakeDatabase = Callable[[str], Awaitable[str]]


@pytest.fixture
async def make_database(
    postgres_admin_url: str, template_of: Callable[[str], Awaitable[str]]
) -> AsyncIterator[MakeDatabase]:
    """Makes a fresh, migrated database of a service for one test; gives its address for SQLAlchemy."""
    made: list[str] = []

    async def make(service: str) -> str:
        name = f"test_{os.getpid()}_{next(_numbers)}"
        await _on_server(postgres_admin_url, f'CREATE DATABASE "{name}" TEMPLATE "{await template_of(service)}"')
        made.append(name)
        return _url_of(postgres_admin_url, name)

    yield make
    for name in made:
        await _on_server(postgres_admin_url, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _on_server(admin_url: str, statement: str) -> None:
    dsn = make_url(admin_url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _url_of(admin_url: str, database: str) -> str:
    url = make_url(admin_url).set(drivername="postgresql+asyncpg", database=database)
    return url.render_as_string(hide_password=False)


Eventually = Callable[[Callable[[], Awaitable[object]]], Awaitable[None]]


@pytest.fixture
def eventually() -> Eventually:
    """Waits until a condition holds, asking again and again; fails with its last answer after the deadline, which is
    further away on a busy machine."""

    # as long as a healthy consumer may need to find back once Kafka answers (`backbone.service.reading`)
    async def wait(holds: Callable[[], Awaitable[object]], seconds: float = 120.0) -> None:
        await until(getattr(holds, "__name__", "the condition"), holds, seconds, pace=0.05)

    return wait


Described = Callable[["FastAPI"], Callable[["httpx.Response"], Awaitable[None]]]


@pytest.fixture(scope="session")
def as_described() -> Described:
    """Makes a hook for a client of an app, which fails where an answer under /v1 is not what the app's OpenAPI says."""

    from jsonschema import Draft202012Validator

    described: dict[str, dict[str, Any]] = {}  # by title: to describe an app takes longer than most tests of it

    def hook_of(app: FastAPI) -> Callable[[httpx.Response], Awaitable[None]]:
        async def check(answer: httpx.Response) -> None:
            request = answer.request
            told = described.get(app.title) or described.setdefault(app.title, app.openapi())
            path = next((path for path in told["paths"] if _fits(path, request.url.path)), None)
            if path is None or request.method.lower() not in told["paths"][path]:
                return  # 404 and 405 are no operation's
            responses = told["paths"][path][request.method.lower()]["responses"]
            assert str(answer.status_code) in responses, f"{request.method} {path} says nothing of {answer.status_code}"
            await answer.aread()
            response = _resolved(responses[str(answer.status_code)], told)
            if "content" not in response:
                assert not answer.content, f"{request.method} {path} says of {answer.status_code} that it is empty"
                return
            [(media_type, content)] = response["content"].items()
            assert answer.headers["content-type"] == media_type
            if "json" not in media_type:
                return  # a file
            Draft202012Validator({**content["schema"], "components": told["components"]}).validate(answer.json())

        return check

    return hook_of


def _fits(template: str, path: str) -> bool:
    parts, given = template.split("/"), path.split("/")
    return len(parts) == len(given) and all(a == b or a.startswith("{") for a, b in zip(parts, given, strict=True))


def _resolved(response: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    name = response.get("$ref", "").removeprefix("#/components/responses/")
    found: dict[str, Any] = told["components"]["responses"][name] if name else response
    return found
