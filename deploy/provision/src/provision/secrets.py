"""Secrets made once, each in the folder of those who may read it; and what they open: databases, topics, rights."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr

from backbone.campaign.edition import load_edition
from backbone.contracts.grants import OPERATOR, PRINCIPALS
from backbone.kafka.cluster import Cluster
from backbone.postgres.database import open_database
from backbone.postgres.migrations import CannotMigrate, migrate

from . import kafka_client
from .clocks import Begun, middle_of_registration
from .databases import SERVICES, answers, database_of, make_databases
from .errors import CannotStart
from .guard import ADMIN, guard_properties, let_in
from .kafka_settings import as_file, containers
from .topics import make_topics, missing_topics


def make_keys(folder: Path, brokers: int = 1, outside: str = "") -> None:
    """Makes the secrets that are missing, and the settings of so many brokers (`containers`). Raises CannotStart."""
    try:
        node = containers(brokers, outside)
    except ValueError as wrong:
        raise CannotStart(str(wrong)) from wrong
    # readable by all, as PostgreSQL runs as a user of its own: only its container and ours mount the folder
    _keep_once(folder / "postgres" / "password", lambda: secrets.token_urlsafe(24), mode=0o444)
    _keep_once(folder / "registration" / "signing-key.pem", new_signing_key)
    _keep_once(folder / "map-feed" / "webhooks-key", lambda: secrets.token_urlsafe(32))
    _keep_once(folder / "kafka" / "password", lambda: secrets.token_urlsafe(24))
    # its image, as a user of its own, copies this file with its mode, and then writes to the copy
    guard = guard_properties((folder / "kafka" / "password").read_text())
    _keep(folder / "kafka" / "server.properties", as_file(node | guard), mode=0o644)


def new_signing_key() -> str:
    """An Ed25519 private key (PEM), with which registration signs access tokens."""
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def tell_clock(folder: Path, edition: Path, now: str = "") -> None:
    """Tells all services, and the operator, one clock: it begins at `now`, else half-way through the registrations;
    told again, it goes on."""
    begun = Begun.at(datetime.fromisoformat(now) if now else middle_of_registration(load_edition(edition)))
    for service in (*SERVICES, OPERATOR):
        kept = folder / service / "now"
        if kept.exists() and kept.read_text() == begun.now and (since := folder / service / "now-since").exists():
            begun = Begun(begun.now, since.read_text())
        _keep(kept, begun.now)
        _keep(folder / service / "now-since", begun.since)


def prepare_kafka(folder: Path, servers: str, brokers: int = 1, patience: float = 0.0) -> None:
    """Makes the topics that are missing, once so many brokers are there, and lets each service and person in. Raises
    CannotStart where nobody answers within `patience` seconds."""
    password = SecretStr((folder / "kafka" / "password").read_text())
    cluster = Cluster(servers, ADMIN, password, "PLAIN")
    if not kafka_client.brokers(cluster, 1, patience):
        raise CannotStart(f"no Kafka answers at {servers}: is it up?")
    # a topic is made with a copy on each; once it is there, one of three may be away
    if missing_topics(cluster) and (there := kafka_client.brokers(cluster, brokers, patience)) < brokers:
        raise CannotStart(f"{there} of {brokers} brokers are there: are the others up (docs/containers.md)?")
    make_topics(cluster)
    for principal in PRINCIPALS:
        _keep_once(folder / principal / "kafka-password", lambda: secrets.token_urlsafe(24))
    let_in(cluster, {name: (folder / name / "kafka-password").read_text() for name in PRINCIPALS})


def prepare_databases(folder: Path, server: str, patience: float = 0.0) -> None:
    """Makes each service's role, database and tables, and tells it their address. Raises CannotStart, as above."""
    admin = f"postgresql://postgres:{(folder / 'postgres' / 'password').read_text()}@{server}/postgres"
    give_up = time.monotonic() + patience
    while not (there := answers(admin)) and time.monotonic() < give_up:
        time.sleep(0.5)
    if not there:
        raise CannotStart(f"no PostgreSQL answers at {server}: is it up?")
    # told before they are true: a role whose password was lost half-way could never be entered
    urls = {service: _tell_url(folder / service / "database-url", service, server) for service in SERVICES}
    passwords = {database_of(service): str(urlsplit(url).password) for service, url in urls.items()}
    make_databases(admin, passwords)
    asyncio.run(_renew_passwords(admin, passwords))
    asyncio.run(_migrate(urls))
    # an operator may rebuild what the one keeps, and have the other judge again; registration's is people's own
    for service in ("map-feed", "labelling"):
        _keep(folder / OPERATOR / f"{service}-database-url", urls[service])


def _tell_url(file: Path, service: str, server: str) -> str:
    password = urlsplit(file.read_text()).password if file.exists() else secrets.token_urlsafe(24)
    role = database_of(service)
    url = f"postgresql+asyncpg://{role}:{password}@{server}/{role}"
    _keep(file, url)
    return url


async def _renew_passwords(admin: str, passwords: Mapping[str, str]) -> None:
    # for a service whose file was removed: it is let in again, and a password that got out no longer is
    connection = await asyncpg.connect(admin, timeout=10)
    try:
        for role, password in passwords.items():
            await connection.execute(f"ALTER ROLE {role} PASSWORD '{password}'")
    finally:
        await connection.close()


async def _migrate(urls: Mapping[str, str]) -> None:
    for service, url in urls.items():
        engine = open_database(url)
        try:
            await migrate(engine, service)
        except CannotMigrate as error:  # somebody else made it, or a later version was here
            raise CannotStart(f"{service}: {error}") from error
        finally:
            await engine.dispose()


def _keep_once(file: Path, make: Callable[[], str], mode: int = 0o400) -> None:
    if not file.exists():
        _keep(file, make(), mode)


def _keep(file: Path, text: str, mode: int = 0o400) -> None:
    # whole or not at all: aside first, then renamed
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f"{file.name}.new")
    aside.unlink(missing_ok=True)
    aside.touch(0o600)
    aside.write_text(text)
    aside.chmod(mode)
    aside.rename(file)
