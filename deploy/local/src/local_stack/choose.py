"""Which PostgreSQL and which Kafka the stack runs on: those that are given, else our own, else an imitation."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from pydantic import SecretStr

from backbone.kafka.cluster import Cluster, Mechanism
from provision import databases, kafka_client
from provision.errors import CannotStart
from provision.guard import ADMIN

from .jars import fetch_jars, jars_folder
from .kafka import LocalKafka, find_java
from .mock_kafka import MockKafka
from .postgres import LocalPostgres
from .server import Standing


class ExternalPostgres(Standing):
    """A server that somebody else runs, named by `DATABASE_URL`; its role makes the databases that are missing."""

    def __init__(self, admin_url: str) -> None:
        self._parts = urlsplit(admin_url)
        if not self._parts.scheme.startswith("postgres") or not self._parts.hostname:
            raise CannotStart(
                "DATABASE_URL is no address of a PostgreSQL: postgresql://user:password@host:5432/database"
            )

    @property
    def announcement(self) -> str:
        """One line for the person who starts the stack."""
        return f"PostgreSQL: yours, at {self._parts.hostname} (DATABASE_URL)"

    def url(self, service: str) -> str:
        """How a service reaches its own database."""
        return self._parts._replace(scheme="postgresql+asyncpg", path=f"/{databases.database_of(service)}").geturl()

    def start(self) -> None:
        """Makes the databases that are missing; raises CannotStart where nothing answers."""
        dsn = self._parts._replace(scheme="postgresql").geturl()
        if not databases.answers(dsn):
            raise CannotStart(f"no PostgreSQL answers at {self._parts.hostname}: is DATABASE_URL right, is it up?")
        databases.make_databases(dsn)

    def stop(self) -> None:
        """Leaves it running: it is not ours."""


class ExternalKafka(Standing):
    """A cluster that somebody else runs, named by `KAFKA_BOOTSTRAP_SERVERS`."""

    replication_factor = -1  # as many copies as the cluster makes by default
    survives_a_stop = True

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    @property
    def announcement(self) -> str:
        """One line for the person who starts the stack."""
        return f"Kafka: yours, at {self.bootstrap_servers} (KAFKA_BOOTSTRAP_SERVERS)"

    @property
    def bootstrap_servers(self) -> str:
        """How clients reach it."""
        return self._cluster.servers

    def cluster(self, _: str = ADMIN) -> Cluster:
        """The cluster, as the one principal that we were given."""
        return self._cluster

    def start(self) -> None:
        """Raises CannotStart where nothing answers."""
        if not kafka_client.answers(self._cluster):
            raise CannotStart(
                f"no Kafka answers at {self.bootstrap_servers}: is KAFKA_BOOTSTRAP_SERVERS right, is it up, "
                "are KAFKA_USERNAME and KAFKA_PASSWORD right?"
            )

    def stop(self) -> None:
        """Leaves it running: it is not ours."""


Postgres = LocalPostgres | ExternalPostgres
Kafka = LocalKafka | MockKafka | ExternalKafka


def choose_postgres(state_dir: Path, environ: Mapping[str, str] = os.environ) -> Postgres:
    """The server that `DATABASE_URL` names, else our own."""
    given = environ.get("DATABASE_URL")
    return ExternalPostgres(given) if given else LocalPostgres(state_dir)


def choose_kafka(state_dir: Path, environ: Mapping[str, str] = os.environ) -> Kafka:
    """What `KAFKA_BOOTSTRAP_SERVERS` names; else Apache Kafka; else, without Java or the jars, the imitation."""
    if given := environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        return ExternalKafka(_given_cluster(given, environ))
    try:
        find_java()
        return LocalKafka(state_dir, fetch_jars(jars_folder(environ)))
    except CannotStart as reason:
        return MockKafka(why=str(reason))


def _given_cluster(servers: str, environ: Mapping[str, str]) -> Cluster:
    def told(name: str) -> str | None:
        file = environ.get(f"{name}_FILE")
        return Path(file).read_text().strip() if file else environ.get(name) or None

    password = told("KAFKA_PASSWORD")
    return Cluster(
        servers,
        username=told("KAFKA_USERNAME"),
        password=SecretStr(password) if password else None,
        mechanism=cast(Mechanism, environ.get("KAFKA_SASL_MECHANISM") or "SCRAM-SHA-512"),
        tls=environ.get("KAFKA_TLS", "").lower() in ("1", "true", "t", "yes", "y", "on"),  # as pydantic reads it
        authority=told("KAFKA_CA"),
    )
