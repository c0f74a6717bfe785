"""The whole platform for a fault test: its servers, its five services in any number, its organisers."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from confluent_kafka import KafkaException
from sqlalchemy.engine import make_url

from backbone.campaign.edition import load_edition
from backbone.contracts.grants import OPERATOR
from backbone.postgres.database import open_database
from backbone.postgres.migrations import migrate
from backbone.testing.waiting import until
from local_stack.jars import fetch_jars, jars_folder
from local_stack.kafka import LocalKafka
from local_stack.organisers import person
from local_stack.places import Places
from local_stack.postgres import LocalPostgres
from local_stack.stack import command_of, service_settings, settings_of_people
from local_stack.topics import make_topics
from provision.databases import SERVICES, database_of

from .drafts import Step, plan
from .history import History
from .log import Log
from .mail_server import MailServer
from .mailbox import Mailbox
from .organiser import Client
from .poison import Poison
from .replica import Reaper, Replica

EDITION = Path(__file__).parents[1] / "editions" / "2026.toml"
FOLD = "map_feed_fold"
"""A second database of map-feed's, into which the topics are folded from the beginning."""
ORGANISERS = 4
START_SECONDS = 90.0

# every state that a kit was ever in: that one was sent twice is right only for one that was known to be uncertain
KEEP_MOVES = """
CREATE TABLE kit_moves (kit_id uuid NOT NULL, state text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE FUNCTION keep_move() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
$$ BEGIN INSERT INTO kit_moves (kit_id, state) VALUES (NEW.id, NEW.state); RETURN NEW; END $$;
CREATE TRIGGER keep_move AFTER INSERT OR UPDATE OF state ON kits FOR EACH ROW EXECUTE FUNCTION keep_move();
"""


class Platform:
    """One platform from its servers up; everything that is done to it goes through here, and into the history."""

    def __init__(
        self,
        state: Path,
        history: History,
        *,
        kafka: Any = None,
        postgres: LocalPostgres | None = None,
        mail: MailServer | Mailbox | None = None,
    ) -> None:
        self.state, self.history = state, history
        self.kafka = kafka or LocalKafka(state, fetch_jars(jars_folder()))
        self.postgres = postgres or LocalPostgres(state, fast=True)
        self.mail, self.reaper = mail or MailServer(), Reaper()
        self.forgotten: list[Client] = []
        self._signed_up = 0
        self.replicas: dict[str, list[Replica]] = {service: [] for service in SERVICES}
        self.clients: list[Client] = []
        self.poison: list[Poison] = []
        self.words: dict[tuple[str, int], str] = {}  # what reviewers said of a revision, as it was acknowledged
        self.edition = load_edition(EDITION)
        self._settings: dict[str, dict[str, str]] = {}
        self.checked = 0
        self._watching: dict[str, asyncpg.Connection] = {}

    async def start(self) -> None:
        with ThreadPoolExecutor() as threads:
            await asyncio.gather(
                *(
                    asyncio.get_running_loop().run_in_executor(threads, server.start)
                    for server in (self.kafka, self.postgres)
                )
            )
        await asyncio.to_thread(make_topics, self.kafka)
        self.log = Log(self.kafka.cluster())
        self.mail.start()
        self._settings = self.make_settings()
        await self._make_tables()
        await self.calm()
        await self.gather_organisers()

    def make_settings(self) -> dict[str, dict[str, str]]:
        """What each service is told."""
        told = {
            "MAIL_URL": self.mail.url,
            "KAFKA_SESSION_SECONDS": "6",
            "REGISTRATION_TOMBSTONE_AGAIN_AFTER": "[2, 4]",  # seconds
        }
        settings = service_settings(Places(self.state), EDITION, self.kafka, self.postgres, told)
        return {service: {**settings[service], **told, "RENDERERS": "1"} for service in SERVICES}

    async def stop(self) -> None:
        for replica in self.all_replicas():
            self.reaper.note(replica.pid)
            if replica.runs:
                replica.thaw()
                replica.ask_to_stop()
        for client in [*self.clients, *self.forgotten]:
            await client.http.aclose()
        for connection in self._watching.values():
            connection.terminate()
        try:
            await until("every service has stopped", self._nobody_runs, 30.0)
        finally:
            self.reaper.end_all()
            await asyncio.to_thread(self.mail.stop)
            await asyncio.to_thread(self.kafka.stop)
            await asyncio.to_thread(self.postgres.stop)

    async def _nobody_runs(self) -> bool:
        return not any(replica.runs for replica in self.all_replicas())

    async def make_fold_database(self) -> None:
        async with self.admin("postgres") as connection:
            await connection.execute(f"CREATE DATABASE {FOLD} OWNER map_feed")

    async def _make_tables(self) -> None:
        urls = {service: [self.postgres.url(service)] for service in SERVICES}
        await self.make_fold_database()
        urls["map-feed"].append(self.fold_url)
        for service, databases in urls.items():
            for url in databases:
                engine = open_database(url, statement_seconds=None)
                await migrate(engine, service)
                await engine.dispose()
        await self.keep_moves()

    async def keep_moves(self) -> None:
        """Has commskit's database keep every state of a kit from now on."""
        async with self.admin("commskit") as connection:
            await connection.execute(KEEP_MOVES)

    @property
    def fold_url(self) -> str:
        return make_url(self.postgres.url("map-feed")).set(database=FOLD).render_as_string(hide_password=False)

    @asynccontextmanager
    async def admin(self, service: str) -> AsyncIterator[asyncpg.Connection]:
        """A connection to a service's database as the server's master, in one snapshot."""
        database = database_of(service) if service in SERVICES else service
        connection = await asyncpg.connect(self.postgres.admin_url, database=database, timeout=10)
        try:
            yield connection
        finally:
            await connection.close()

    def command_of(self, service: str) -> str:
        """The path of a service's command."""
        return command_of(service)

    def settings_of(self, service: str) -> dict[str, str]:
        """What a service is told, for its commands."""
        return self._settings[service]

    def settings_of_operator(self) -> dict[str, str]:
        """What `sdi` is told."""
        return settings_of_people(self.kafka, self._settings)[OPERATOR]

    # The services.

    def all_replicas(self) -> list[Replica]:
        return [replica for replicas in self.replicas.values() for replica in replicas]

    def add(self, service: str, **extra: str) -> Replica:
        """Starts one more replica of a service; does not wait for it."""
        logs = self.state / "logs"
        logs.mkdir(exist_ok=True)
        number = len(self.replicas[service])
        # the first one stands where the others look for it
        port = {"port": int(self._settings[service]["HTTP_PORT"])} if number == 0 else {}
        log = logs / f"{service}-{number}.log"
        replica = Replica(service, self._settings[service], log, self.history, self.reaper, **port)
        replica.start(**extra)
        self.replicas[service].append(replica)
        return replica

    async def scale(self, number: int, services: Iterable[str] = SERVICES) -> None:
        """So many replicas of each of these services, all of them ready."""
        for service in services:
            for replica in self.replicas[service][number:]:
                await self.end(replica)
            del self.replicas[service][number:]
            while len(self.replicas[service]) < number:
                self.add(service)
        await self.ready()

    def times_logged(self, words: str) -> int:
        """How often these words are in the services' logs by now."""
        return sum(log.read_text().count(words) for log in (self.state / "logs").glob("*.log"))

    async def ready(self) -> None:
        for replica in self.all_replicas():
            await until(f"{replica.service} is ready", replica.is_ready, START_SECONDS)
            self.reaper.note(replica.pid)

    async def end(self, replica: Replica) -> None:
        """Asks a replica to stop, and has it end cleanly."""
        self.reaper.note(replica.pid)
        if not replica.runs:
            return
        # one that is still on its way up has nothing in hand: the signal may simply end it
        clean = (0,) if await replica.is_up() else (0, -signal.SIGTERM)
        replica.ask_to_stop()
        code = await self.has_ended(replica)
        assert code in clean, f"{replica.service} ended with {code}"

    async def has_ended(self, replica: Replica, seconds: float = 60.0) -> int:
        """Its exit code, once it has one."""

        async def ended() -> bool:
            return not replica.runs

        await until(f"{replica.service} ({replica.extra}) has ended", ended, seconds)
        assert replica.process is not None
        return int(replica.process.returncode)

    async def restart(self, replica: Replica, **extra: str) -> None:
        await self.end(replica)
        replica.start(**extra)

    async def crashed_at(self, replica: Replica) -> None:
        """Waits until a replica has died at its failpoint, and starts it again without one."""
        code = await self.has_ended(replica, START_SECONDS)
        assert code == 137, f"{replica.service} ended with {code}, not at its failpoint"
        self.history.fault("failpoint", service=replica.service, **replica.extra)
        replica.start()

    async def calm(self) -> None:
        """One ordinary replica of each service, and a mail server that behaves."""
        self.mail.misbehave(iter(()))
        await asyncio.gather(*(self._keep_the_first(service) for service in SERVICES if self.replicas[service]))
        await self.scale(1)

    async def _keep_the_first(self, service: str) -> None:
        """Where others look for a service is where its first replica stands, whatever a test made of their order."""
        replicas, port = self.replicas[service], int(self._settings[service]["HTTP_PORT"])
        first = next(replica for replica in replicas if replica.port == port)
        await asyncio.gather(*(self.end(one) for one in replicas if one is not first or one.extra))
        replicas[:] = [first]
        if not first.runs:
            first.start()

    # The work.

    async def gather_organisers(self) -> None:
        """As many organisers as there should be; new people take the places of those who were forgotten."""
        new = [self.somebody_new() for _ in range(ORGANISERS - len(self.clients))]
        await asyncio.gather(*(client.sign_up() for client in new))
        self.clients += new

    def somebody_new(self) -> Client:
        """A person who is known to nobody yet."""
        self._signed_up += 1
        return Client(person(self._signed_up, self.history.seed, "no secret: nobody is behind it"), self)

    async def forget(self, client: Client) -> None:
        """One of the organisers asks to be forgotten; returns once that is acknowledged."""
        self.clients.remove(client)
        self.forgotten.append(client)
        await client.ask_to_be_forgotten()

    async def load(
        self, events: int, chance: random.Random, *, lasting: float = 0.0, clients: Sequence[Client] = ()
    ) -> None:
        """Organisers (all, or these) post `events` events, amend many and take some back; returns once all is
        acknowledged."""
        seed, posting = chance.randrange(10**9), clients or self.clients
        self.history.note("load", events=events, seed=seed)
        work = plan(events, seed, self.edition)
        shares = [work[place :: len(posting)] for place in range(len(posting))]
        pace = lasting * len(posting) / sum(len(steps) for _, steps in work)
        await asyncio.gather(*(client.post_all(share, pace) for client, share in zip(posting, shares, strict=True)))

    @property
    def submitted(self) -> dict[str, int]:
        """The newest revision of each event that was acknowledged."""
        everybody = [*self.clients, *self.forgotten]
        return {event: revision for client in everybody for event, revision in client.acknowledged.items()}

    @property
    def stories(self) -> dict[str, list[Step]]:
        """What became of each event, revision by revision, as it was acknowledged."""
        return {event: steps for client in [*self.clients, *self.forgotten] for event, steps in client.story.items()}

    @property
    def withdrawn(self) -> set[str]:
        """The events of which the newest revision is that they were taken back."""
        return {event for client in [*self.clients, *self.forgotten] for event in client.withdrawn}

    @property
    def forgotten_events(self) -> set[str]:
        """The events of people who asked to be forgotten."""
        return {event for client in self.forgotten for event in client.acknowledged}

    async def at_rest(self, lag_seconds: float = 60.0) -> None:
        """Returns once nothing is under way any more; the readers must have caught up within `lag_seconds`."""
        await self.ready()
        await until("every fact has left its outbox", self.has_told_all, 120.0)
        await until("the lag is back to 0", self._has_no_lag, lag_seconds)
        self.history.note("no lag", since_last_fault=round(time.monotonic() - self.history.last_fault, 1))
        await until("nothing moves any more", self._is_still, 240.0, pace=0.3)
        self.history.note("at rest", since_last_fault=round(time.monotonic() - self.history.last_fault, 1))

    async def has_told_all(self) -> bool:
        return not await self._count("SELECT count(*) FROM outbox WHERE published_at IS NULL")

    async def _has_no_lag(self) -> bool:
        try:
            return not await asyncio.to_thread(self.log.lag)
        except KafkaException:
            self.log.forget()
            return False

    async def _is_still(self) -> bool:
        before = await self._movement()
        # what is due in days (a person's time for an answer, over) is nothing under way
        is_soon = "(state = 'running' OR due_at < now() + interval '1 hour')"
        open_jobs = await self._count(f"SELECT count(*) FROM jobs WHERE state IN ('waiting', 'running') AND {is_soon}")
        return (
            not open_jobs
            and await self.has_told_all()
            and await self._has_no_lag()
            and before == await self._movement()
        )

    async def _movement(self) -> int:
        return await self._count("SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM inbox)")

    async def _count(self, question: str) -> int:
        """The sum of the answers that every service's database gives. Connections are kept: this is asked often."""
        return sum([await self._ask(service, question) for service in SERVICES])

    async def _ask(self, service: str, question: str) -> int:
        kept = self._watching.get(service)
        if kept is None or kept.is_closed():
            kept = await asyncpg.connect(self.postgres.admin_url, database=database_of(service), timeout=10)
            self._watching[service] = kept
        return int(await kept.fetchval(question))
