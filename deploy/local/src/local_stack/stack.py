"""The whole platform on one machine: what each service needs, then each service as a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from backbone.campaign.edition import load_edition
from backbone.contracts.grants import ANALYST, OPERATOR
from backbone.postgres.database import open_database
from backbone.postgres.migrations import CannotMigrate, migrate
from backbone.runtime.logs import set_up_logs
from provision.databases import SERVICES
from provision.errors import CannotStart, told_in_one_line

from .choose import ExternalKafka, Kafka, Postgres, choose_kafka, choose_postgres
from .clocks import begin_clock
from .errors import need_disk
from .health import not_ready
from .kafka import LocalKafka
from .lives import Command, Watched
from .organisers import PLAYS_FROM
from .places import Places, where_things_are
from .postgres import LocalPostgres
from .state import held, private
from .supervisor import Supervisor
from .topics import make_topics


def run_stack(places: Places, edition: Path, output: TextIO, environ: Mapping[str, str] = os.environ) -> int:
    """Starts everything, keeps it up, and returns once everything has stopped: with 0 on Ctrl-C and on SIGTERM, with 1
    where something did not stay up.

    Raises CannotStart.
    """
    set_up_logs("text", "WARNING")
    # until the supervisor is there to be asked, a signal must unwind what was started so far
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with told_in_one_line(), held(places.state), ExitStack() as started:
        need_disk(places.state, 500, "the local stack")
        for folder in (places.mailbox, places.secrets, places.log.parent):
            private(folder)
        kafka, postgres = choose_kafka(places.state, environ), choose_postgres(places.state, environ)
        for server in (kafka, postgres):
            started.callback(server.stop)
        _start_together(kafka, postgres)
        print(kafka.announcement, postgres.announcement, sep="\n", file=output, flush=True)
        make_topics(kafka)
        asyncio.run(_migrate_all(postgres))
        told = service_settings(places, edition, kafka, postgres, environ)
        places.keep_settings({**told, **settings_of_people(kafka, told)})
        supervisor = Supervisor(output)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: supervisor.stop())
        for name, server in {"Kafka": kafka, "PostgreSQL": postgres}.items():
            if isinstance(server, LocalKafka | LocalPostgres):
                supervisor.add(name, Watched(server))
        for name, settings in told.items():
            supervisor.add(name, Command([command_of(name)], {**environ, **settings}))
        threading.Thread(target=_say_once_up, args=(supervisor, places), daemon=True).start()
        return supervisor.run()


def _say_once_up(supervisor: Supervisor, places: Places) -> None:
    while not_ready(places.health_addresses()):
        time.sleep(0.2)
    supervisor.say("everything is up")
    for what, where in where_things_are(places).items():
        supervisor.say(f"  {what:<20}{where}")


def service_settings(
    places: Places, edition: Path, kafka: Kafka, postgres: Postgres, environ: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """What each process is told, in its environment."""
    addresses = places.choose_addresses()
    health = places.health_addresses()
    mail = environ.get("MAIL_URL", f"maildir:{places.mailbox}")
    own: dict[str, dict[str, str]] = {
        "registration": {
            "MAIL_URL": mail,
            "SIGNING_KEY_FILE": str(places.signing_key),
            "PUBLIC_URL": addresses["registration"],
            "PUBLIC_DESK_URL": addresses["labelling"],
            "PUBLIC_KITS_URL": addresses["commskit"],
            "PUBLIC_PLACES_URL": addresses["geocoding"],
            "ASSESSMENTS_URL": addresses["labelling"],
            "UNLIMITED_CLIENTS": environ.get("UNLIMITED_CLIENTS", f'["{PLAYS_FROM}/32"]'),
        },
        "labelling": {
            "JWKS_URL": f"{addresses['registration']}/.well-known/jwks.json",
            "SIGN_IN_URL": f"{addresses['registration']}/connexion",
            **_lexicons(environ),
        },
        "geocoding": {},
        "commskit": {
            "MAIL_URL": mail,
            "RENDERERS": str(os.cpu_count() or 1),
            "JWKS_URL": f"{addresses['registration']}/.well-known/jwks.json",
            "PUBLIC_REGISTRATION_URL": addresses["registration"],
        },
        "map-feed": {
            "PUBLIC_REGISTRATION_URL": addresses["registration"],
            "PUBLIC_PLACES_URL": addresses["geocoding"],
            "WEBHOOKS_KEY_FILE": str(places.webhooks_key),
            "WEBHOOKS_INSIDE": "127.0.0.0/8",  # a partner's program that is tried on this machine
        },
    }
    common = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "EDITION": str(edition),
        **begin_clock(places.state / "clock.json", load_edition(edition), environ).settings,
        "PUBLIC_MAP_URL": addresses["map-feed"],
        "PYTHONUNBUFFERED": "1",
    }
    all_settings = {
        name: {
            **common,
            **own[name],
            **principal_of(kafka, name),
            "DATABASE_URL": postgres.url(name),
            "HTTP_PORT": _port_of(addresses[name]),
            "HEALTH_PORT": _port_of(health[name]),
        }
        for name in SERVICES
    }
    if mail.startswith("maildir:"):
        folder = mail.removeprefix("maildir:")
        all_settings["mailbox"] = {"MAILBOX": folder, "HTTP_PORT": _port_of(addresses["mailbox"])}
    return all_settings


def _lexicons(environ: Mapping[str, str]) -> dict[str, str]:
    folder = environ.get("LABELLING_LEXICONS")
    return {"LABELLING_LEXICONS": str(Path(folder).resolve())} if folder else {}


def settings_of_people(kafka: Kafka, told: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """What an operator's and an analyst's programs are told. An operator may rebuild what map-feed keeps, have
    labelling judge again, and call events off in registration's name: by the edition and the clock that these have."""
    where = {"KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers}
    database = {
        f"{name.upper().replace('-', '_')}_DATABASE_URL": told[name]["DATABASE_URL"]
        for name in ("map-feed", "labelling", "registration")
    }
    as_labelling = ("EDITION", "NOW", "NOW_SINCE", "LABELLING_LEXICONS")
    database |= {name: told["labelling"][name] for name in as_labelling if name in told["labelling"]}
    return {
        OPERATOR: {**where, **principal_of(kafka, OPERATOR), **database},
        ANALYST: {**where, **principal_of(kafka, ANALYST)},
    }


def principal_of(kafka: Kafka, name: str) -> dict[str, str]:
    """As whom a program enters Kafka, in its environment; nothing where the environment of all says it already."""
    cluster = kafka.cluster(name)
    if isinstance(kafka, ExternalKafka) or not cluster.username or not cluster.password:
        return {}
    return {"KAFKA_USERNAME": cluster.username, "KAFKA_PASSWORD": cluster.password.get_secret_value()}


def _port_of(address: str) -> str:
    return str(urlsplit(address).port)


def command_of(name: str) -> str:
    """The path of a service's command."""
    # the commands that the packages install stand beside the interpreter
    return str(Path(sys.executable).parent / ("local-mailbox" if name == "mailbox" else name))


def _start_together(*servers: Kafka | Postgres) -> None:
    with ThreadPoolExecutor() as threads:
        for start in [threads.submit(server.start) for server in servers]:
            start.result()


async def _migrate_all(postgres: Postgres) -> None:
    # here and not in five processes: each would import everything once more
    for service in SERVICES:
        engine = open_database(postgres.url(service), statement_seconds=None)
        try:
            await migrate(engine, service)
        except CannotMigrate as error:
            raise CannotStart(f"{service}: {error}") from error
        finally:
            await engine.dispose()


def stop_when_standard_input_ends() -> None:
    """Stops this process as SIGTERM would once whoever started it is gone, even by `kill -9`."""

    def wait() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()
