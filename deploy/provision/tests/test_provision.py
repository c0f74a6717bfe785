"""What the containers are given, made on a real PostgreSQL and a real Kafka; and the recipe they are made by."""

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import asyncpg
import pytest
from confluent_kafka import KafkaException
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import SecretStr
from sqlalchemy.engine import make_url
from typer.testing import CliRunner, Result

from backbone.contracts.grants import PRINCIPALS, grants
from backbone.contracts.topics import all_topics
from backbone.kafka.cluster import Cluster
from labelling.settings import Settings
from local_stack.jars import fetch_jars, jars_folder
from local_stack.kafka import LocalKafka
from local_stack.places import ROOT
from local_stack.postgres import LocalPostgres
from provision.cli import app
from provision.databases import SERVICES, database_of
from provision.kafka_client import admin_client
from provision.secrets import tell_clock

EDITION = ROOT / "editions" / "2026.toml"


def address_of(server: LocalPostgres) -> str:
    url = make_url(server.admin_url)
    return f"{url.host}:{url.port}"


async def on(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def server(make_state_dir) -> Iterator[LocalPostgres]:
    """A server of these tests' own: they change the passwords of its roles."""
    with LocalPostgres(make_state_dir(), fast=True) as server:
        yield server


@pytest.fixture(scope="module")
def kafka(make_state_dir) -> Iterator[LocalKafka]:
    """One that lets in nobody yet but its admin, and those whose passwords these tests do not use."""
    with LocalKafka(make_state_dir(), fetch_jars(jars_folder())) as node:
        yield node


@pytest.fixture
async def empty(server: LocalPostgres) -> LocalPostgres:
    for role in map(database_of, SERVICES):
        await on(server.admin_url, f"DROP DATABASE IF EXISTS {role} WITH (FORCE)")
        await on(server.admin_url, f"DROP ROLE IF EXISTS {role}")
    return server


@pytest.fixture
def secrets(tmp_path, empty, kafka) -> Path:
    """The folder of secrets, with the passwords that these servers have already."""
    for name, password in (
        ("postgres", str(make_url(empty.admin_url).password)),
        ("kafka", kafka.cluster().password.get_secret_value()),
    ):
        file = tmp_path / name / "password"
        file.parent.mkdir()
        file.write_text(password)
    return tmp_path


def prepare(secrets: Path, postgres: str, kafka: str) -> Result:
    servers = ["--postgres", postgres, "--kafka", kafka, "--patience", "0"]
    return CliRunner().invoke(app, ["prepare", str(secrets), *servers, "--edition", str(EDITION)])


@pytest.fixture
def prepared(secrets, empty, kafka) -> Path:
    done = prepare(secrets, address_of(empty), kafka.bootstrap_servers)
    assert (done.exit_code, done.output) == (0, "")
    return secrets


def url_of(secrets: Path, service: str) -> str:
    return (secrets / service / "database-url").read_text()


def contents(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_keys_are_made_once(tmp_path):
    CliRunner().invoke(app, ["keys", str(tmp_path)])
    made = contents(tmp_path)
    CliRunner().invoke(app, ["keys", str(tmp_path)])
    assert set(made) == {
        *("postgres/password", "kafka/password", "kafka/server.properties"),
        *("registration/signing-key.pem", "map-feed/webhooks-key"),
    }
    assert contents(tmp_path) == made


def test_the_signing_key_is_for_registration_alone(tmp_path):
    CliRunner().invoke(app, ["keys", str(tmp_path)])
    file = tmp_path / "registration" / "signing-key.pem"
    load_pem_private_key(file.read_bytes(), password=None)
    assert oct(file.stat().st_mode & 0o777) == "0o400"


async def test_every_service_enters_its_own_database_and_finds_its_tables(prepared):
    found = [
        await on(url_of(prepared, service), "SELECT current_user || ' ' || count(*) FROM inbox") for service in SERVICES
    ]
    assert found == [f"{database_of(service)} 0" for service in SERVICES]


async def test_a_service_does_not_enter_the_database_of_another(prepared):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await on(url_of(prepared, "commskit").removesuffix("commskit") + "registration", "SELECT 1")


def test_a_service_is_told_by_files_that_only_it_may_read(prepared, monkeypatch):
    for name in ("DATABASE_URL", "NOW", "NOW_SINCE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL_FILE", str(prepared / "labelling" / "database-url"))
    monkeypatch.setenv("NOW_FILE", str(prepared / "labelling" / "now"))
    told = Settings(kafka_bootstrap_servers="kafka:9092", edition=EDITION, jwks_url="http://registration:8000/")
    assert told.database_url.get_secret_value() == url_of(prepared, "labelling")
    assert told.now == datetime.fromisoformat("2026-06-20T12:00:00+02:00")
    monkeypatch.setenv("NOW_SINCE_FILE", str(prepared / "labelling" / "now-since"))
    modes = {oct(file.stat().st_mode & 0o777) for file in (prepared / "labelling").iterdir()}
    assert modes == {"0o400"}


def test_all_services_are_told_one_clock_which_goes_on_when_all_is_prepared_again(tmp_path):
    def told():
        return {(contents(tmp_path)[f"{s}/now"], contents(tmp_path)[f"{s}/now-since"]) for s in SERVICES}

    tell_clock(tmp_path, EDITION)
    ((now, since),) = told()
    assert now == "2026-06-20T12:00:00+02:00"
    tell_clock(tmp_path, EDITION)
    assert told() == {(now, since)}
    tell_clock(tmp_path, EDITION, "2026-11-17T09:00:00+01:00")
    ((moved, since_then),) = told()
    assert (moved, since_then > since) == ("2026-11-17T09:00:00+01:00", True)


def test_kafka_reads_the_admins_password_and_its_own_addresses_from_one_file(tmp_path):
    CliRunner().invoke(app, ["keys", str(tmp_path)])
    told = dict(line.split("=", 1) for line in contents(tmp_path)["kafka/server.properties"].splitlines())
    password = contents(tmp_path)["kafka/password"]
    assert f'user_admin="{password}"' in told["listener.name.clients.plain.sasl.jaas.config"]
    assert told["listeners"] == "CLIENTS://:9092,CONTROLLER://127.0.0.1:9093"
    assert told["advertised.listeners"] == "CLIENTS://kafka:9092"
    modes = [oct((tmp_path / "kafka" / name).stat().st_mode & 0o777) for name in ("password", "server.properties")]
    assert modes == ["0o400", "0o644"]  # the copy that the image makes of the latter must be writable


def told_to_kafka(folder: Path, *words: str) -> dict[str, str]:
    assert CliRunner().invoke(app, ["keys", str(folder), *words]).exit_code == 0
    return dict(line.split("=", 1) for line in contents(folder)["kafka/server.properties"].splitlines())


def test_three_brokers_vote_together_and_keep_three_copies_of_which_a_write_needs_two(tmp_path):
    told = told_to_kafka(tmp_path, "--brokers", "3")
    assert told["controller.quorum.voters"] == "1@kafka:9093,2@kafka-2:9093,3@kafka-3:9093"
    assert told["listeners"] == "CLIENTS://:9092,CONTROLLER://:9093"
    assert (told["default.replication.factor"], told["min.insync.replicas"]) == ("3", "2")
    assert (told["offsets.topic.replication.factor"], told["transaction.state.log.min.isr"]) == ("3", "2")


def test_so_many_brokers_as_no_vote_is_won_with_are_refused_in_one_line(tmp_path):
    done = CliRunner().invoke(app, ["keys", str(tmp_path), "--brokers", "2"])
    assert (done.exit_code, done.output) == (1, "cannot start: one broker, or three: not 2\n")


def test_a_program_on_the_machine_itself_is_told_an_address_that_it_reaches_and_enters_by_a_password(tmp_path):
    told = told_to_kafka(tmp_path, "--outside", "127.0.0.1:19094")
    assert told["listeners"] == "CLIENTS://:9092,CONTROLLER://127.0.0.1:9093,OUTSIDE://:9094"
    assert told["advertised.listeners"] == "CLIENTS://kafka:9092,OUTSIDE://127.0.0.1:19094"
    assert "OUTSIDE:SASL_PLAINTEXT" in told["listener.security.protocol.map"].split(",")
    assert "ScramLoginModule" in told["listener.name.outside.scram-sha-512.sasl.jaas.config"]


def until(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.1)


def test_no_topic_is_made_before_all_its_brokers_are_there_and_later_one_may_be_away(secrets, empty, kafka):
    one_of_three = ["--postgres", address_of(empty), "--kafka", kafka.bootstrap_servers, "--brokers", "3"]
    words = ["prepare", str(secrets), *one_of_three, "--patience", "0", "--edition", str(EDITION)]
    client, topic = admin_client(kafka.cluster()), "labelling.decisions"
    with suppress(KafkaException):  # no test has made it yet
        client.delete_topics([topic])[topic].result(30)
    until(lambda: topic not in client.list_topics(timeout=10).topics)
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    assert done.output == "cannot start: 1 of 3 brokers are there: are the others up (docs/containers.md)?\n"
    assert prepare(secrets, address_of(empty), kafka.bootstrap_servers).exit_code == 0
    assert CliRunner().invoke(app, words).exit_code == 0


@pytest.mark.parametrize("principal", PRINCIPALS)
async def test_everybody_enters_kafka_with_the_password_in_their_folder(prepared, kafka, principal):
    password = SecretStr((prepared / principal / "kafka-password").read_text())
    as_them = admin_client(Cluster(kafka.bootstrap_servers, principal, password))
    shown = await asyncio.to_thread(as_them.list_topics, timeout=10)
    readable = {grant.name for grant in grants() if grant.principal == principal and grant.kind == "topic"}
    assert {name for name in shown.topics if not name.startswith("__")} == readable


def test_the_topics_are_there(prepared, kafka):
    there = admin_client(kafka.cluster()).list_topics(timeout=10).topics
    assert {topic.name for topic in all_topics()} <= set(there)


def test_done_again_it_changes_nothing(prepared, server, kafka):
    before = contents(prepared)
    assert prepare(prepared, address_of(server), kafka.bootstrap_servers).exit_code == 0
    assert contents(prepared) == before


async def test_a_service_whose_file_was_removed_gets_a_new_password_and_the_old_one_opens_nothing(
    prepared, server, kafka
):
    old = url_of(prepared, "geocoding")
    (prepared / "geocoding" / "database-url").unlink()
    await asyncio.to_thread(prepare, prepared, address_of(server), kafka.bootstrap_servers)
    assert await on(url_of(prepared, "geocoding"), "SELECT current_user::text") == "geocoding"
    with pytest.raises(asyncpg.InvalidPasswordError):
        await on(old, "SELECT 1")


@pytest.mark.parametrize("closed", ["DATABASE geocoding ALLOW_CONNECTIONS false", "ROLE geocoding NOLOGIN"])
async def test_a_service_whose_database_or_role_was_closed_is_let_in_again(prepared, server, kafka, closed):
    await on(server.admin_url, f"ALTER {closed}")
    done = await asyncio.to_thread(prepare, prepared, address_of(server), kafka.bootstrap_servers)
    assert (done.exit_code, done.output) == (0, "")
    assert await on(url_of(prepared, "geocoding"), "SELECT current_user::text") == "geocoding"


@pytest.mark.parametrize("down", ["PostgreSQL", "Kafka"])
def test_a_server_that_does_not_answer_is_named_in_one_line(secrets, server, kafka, down):
    postgres = "127.0.0.1:9" if down == "PostgreSQL" else address_of(server)
    broker = "127.0.0.1:9" if down == "Kafka" else kafka.bootstrap_servers
    done = prepare(secrets, postgres, broker)
    assert (done.exit_code, len(done.output.splitlines())) == (1, 1)
    assert done.output.startswith(f"cannot start: no {down} answers at 127.0.0.1:9")


async def test_a_database_that_somebody_made_for_some_letters_only_is_named_in_one_line(secrets, empty, kafka):
    await on(empty.admin_url, "CREATE DATABASE commskit ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    done = await asyncio.to_thread(prepare, secrets, address_of(empty), kafka.bootstrap_servers)
    assert done.exit_code == 1
    assert done.output.startswith(
        "cannot start: commskit: the database keeps its texts in SQL_ASCII: make it anew with"
    )
    assert len(done.output.splitlines()) == 1


def test_the_images_are_built_with_the_uv_that_the_setup_pins():
    pinned = re.search(r"UV_PINNED=(\S+)", (ROOT / "deploy" / "setup").read_text())
    assert f" uv=={pinned[1]}\n" in (ROOT / "deploy" / "Dockerfile").read_text()


def test_every_service_has_a_container():
    compose = (ROOT / "docker-compose.yml").read_text()
    assert [f"args: {{ SERVICE: {service} }}" in compose for service in SERVICES] == [True] * len(SERVICES)
