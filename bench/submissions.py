"""Submissions through HTTP, 50 clients at once, against the same rows written by bare asyncpg.

ours   registration as it is shipped, a process of its own with its door, its relay and its listener: each event is
       written (PUT, 201) and submitted (POST, 200), by somebody who shows their token
bare   the rows that are left of that, in one transaction for each event, over as many connections: no HTTP, nothing is
       checked, read or told

Each lap has a fresh database, and a tenth as many events before the clock starts.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import psutil
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy.engine import make_url

from backbone.contracts import EventSubmitted
from backbone.http.access import Caller, Signer
from backbone.kafka.envelope import fact_headers, written
from backbone.runtime.trace import current_trace
from local_stack.generator import draft_of, generate
from local_stack.ports import HOST, free_port
from local_stack.stack import command_of
from registration.keys import key_id

from .world import EDITION, EDITION_FILE, NOW, World, submissions, world

CLIENTS = 50
CONNECTIONS = 10
"""Of the service's pool: five, and five more when all are taken."""
PATIENCE_SECONDS = 600.0
KEY = Ed25519PrivateKey.generate()
PEOPLE = [UUID(int=number + 1) for number in range(CLIENTS)]

Event = tuple[UUID, dict[str, Any]]
Submit = Callable[[int, UUID, dict[str, Any]], Awaitable[None]]
"""Has this client submit this event."""


@dataclass
class Lap:
    """So many submissions: in which time, which seconds of the writer's processor and of PostgreSQL's, and how long
    each took."""

    number: int
    wall: float = 0.0
    own: float = 0.0
    postgres: float = 0.0
    times: list[float] = field(default_factory=list)
    refused: int = 0
    """Answers of 503: the machine was too busy for 50 clients at once. They ask again."""


async def measure_submissions(number: int, runs: int) -> str:
    """The table: medians of so many laps, ours and the peer's alternating."""
    told = submissions(number)
    events = [(event_id, draft_of(sample, EDITION)) for event_id, sample in generate(number, 2026)]
    laps: dict[str, list[Lap]] = {"ours": [], "bare": []}
    with world() as here:
        for _ in range(runs):
            laps["ours"].append(await _ours(here, events))
            laps["bare"].append(await _bare(here, events, told))
    return _table(laps)


def _table(laps: dict[str, list[Lap]]) -> str:
    lines = [
        f"| what, {CLIENTS} clients | submissions a second | its processor, ms | PostgreSQL’s, ms | median | p99 |",
        "|---|---|---|---|---|---|",
    ]
    rates = {name: statistics.median(lap.number / lap.wall for lap in each) for name, each in laps.items()}
    for name, each in laps.items():
        own, postgres = (
            statistics.median(getattr(lap, which) / lap.number * 1000 for lap in each) for which in ("own", "postgres")
        )
        times = sorted(time for lap in each for time in lap.times)
        p99 = times[int(len(times) * 0.99)] * 1000
        told = f"{own:.2f} | {postgres:.2f} | {statistics.median(times) * 1000:.0f} ms | {p99:.0f} ms |"
        lines.append(f"| {name} | {rates[name]:,.0f} | {told}")
    each_ratio = ", ".join(
        f"{ours.number / ours.wall / (bare.number / bare.wall):.2f}" for ours, bare in zip(*laps.values(), strict=True)
    )
    refused = sum(lap.refused for lap in laps["ours"])
    ratio = f"ratio **{rates['ours'] / rates['bare']:.2f}** (run by run: {each_ratio}); {refused} answers were 503"
    return "\n".join([*lines, "", ratio])


async def _timed(events: Sequence[Event], submit: Submit, process: psutil.Process, here: World) -> Lap:
    """All of the events, by 50 clients, each of which takes the next one when its last is done."""
    first = len(events) // 11
    await _by_all(list(events[:first]), submit, [])
    lap = Lap(len(events) - first)
    own, postgres, wall = _seconds(process), _of_postgres(here), time.perf_counter()
    await _by_all(list(events[first:]), submit, lap.times)
    lap.wall, lap.own, lap.postgres = (
        time.perf_counter() - wall,
        _seconds(process) - own,
        _of_postgres(here) - postgres,
    )
    return lap


async def _by_all(queue: list[Event], submit: Submit, times: list[float]) -> None:
    async def client(number: int) -> None:
        while queue:
            event = queue.pop()
            began = time.perf_counter()
            await submit(number, *event)
            times.append(time.perf_counter() - began)

    async with asyncio.TaskGroup() as together:
        for number in range(CLIENTS):
            together.create_task(client(number))


def _seconds(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)


def _of_postgres(here: World) -> float:
    master = psutil.Process(here.postgres.pid)
    ended = master.cpu_times()
    living = sum(_seconds(child) for child in master.children())
    return living + _seconds(master) + float(ended.children_user + ended.children_system)


# --- ours ----------------------------------------------------------------------------------------


async def _ours(here: World, events: Sequence[Event]) -> Lap:
    database = await here.database("registration")
    await _people(database)
    async with _service(here, database) as (pid, port):
        signer = Signer(KEY, key_id(KEY))
        clients = [await Client.of(port, signer.sign(Caller(one, "organiser"))) for one in PEOPLE]

        async def submit(number: int, event_id: UUID, draft: dict[str, Any]) -> None:
            await clients[number].submit(event_id, draft)

        lap = await _timed(events, submit, psutil.Process(pid), here)
        for client in clients:
            client.writer.close()
            lap.refused += client.refused
    connection = await asyncpg.connect(_plain(database))
    try:
        facts = await connection.fetchval("SELECT count(*) FROM outbox WHERE type LIKE '%EventSubmitted'")
    finally:
        await connection.close()
    assert facts == len(events), f"{facts} facts of {len(events)} events"
    return lap


class Client:
    """A connection that is kept, with a token: as thin as it can be, as it takes the same processor."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
        self._reader, self.writer, self.refused = reader, writer, 0
        self._head = f"Host: {HOST}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"

    @classmethod
    async def of(cls, port: int, token: str) -> Client:
        return cls(*await asyncio.open_connection(HOST, port), token)

    async def submit(self, event_id: UUID, draft: dict[str, Any]) -> None:
        """Writes and submits one event; says of those that look like it that they are others."""
        status, answer = await self._ask("PUT", f"/v1/events/{event_id}", draft)
        assert status == 201, answer
        said: dict[str, Any] = {"confirmed": [one["field"] for one in json.loads(answer)["questions"]]}
        status, answer = await self._ask("POST", f"/v1/events/{event_id}/submission", said)
        while status == 409:
            said["not_the_same"] = [one["token"] for one in json.loads(answer)["resembles"]]
            status, answer = await self._ask("POST", f"/v1/events/{event_id}/submission", said)
        assert status == 200, answer

    async def _ask(self, method: str, path: str, body: Any) -> tuple[int, bytes]:
        while (answer := await self._ask_once(method, path, body))[0] == 503:
            self.refused += 1
            await asyncio.sleep(0.5)
        return answer

    async def _ask_once(self, method: str, path: str, body: Any) -> tuple[int, bytes]:
        sent = json.dumps(body).encode()
        self.writer.write(
            f"{method} {path} HTTP/1.1\r\n{self._head}Content-Length: {len(sent)}\r\n\r\n".encode() + sent
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return int(head[9:12]), await self._reader.readexactly(int(length.split(b":")[1]))


@asynccontextmanager
async def _service(here: World, database: str) -> AsyncIterator[tuple[int, int]]:
    """Its process, and the port of its door."""
    port, health = free_port(), free_port()
    pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    told = {
        "DATABASE_URL": database,
        "KAFKA_BOOTSTRAP_SERVERS": here.kafka.bootstrap_servers,
        "EDITION": str(EDITION_FILE),
        "NOW": NOW.isoformat(),
        "MAIL_URL": "memory:",
        "SIGNING_KEY": pem,
        "HTTP_PORT": str(port),
        "HEALTH_PORT": str(health),
        "LOG_LEVEL": "WARNING",
    }
    process = await asyncio.create_subprocess_exec(command_of("registration"), env={**os.environ, **told})
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await _is_ready(health):  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.1)
        yield process.pid, port
    finally:
        process.terminate()
        await process.wait()


async def _is_ready(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.write(f"GET /health/ready HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer.startswith(b"HTTP/1.1 200")


async def _people(database: str) -> dict[UUID, UUID]:
    """Fifty accounts, each with its organisation."""
    homes = {one: uuid4() for one in PEOPLE}
    connection = await asyncpg.connect(_plain(database))
    try:
        await connection.executemany(
            "INSERT INTO accounts (id, email, password_hash, name, organisation, confirmed_at)"
            " VALUES ($1, $2, '', $3, 'Fonderie de l’Erdre', now())",
            [
                (one, f"a{number}@fonderie.example", f"Zéphyrine Quatremère{number}")
                for number, one in enumerate(PEOPLE)
            ],
        )
        await connection.executemany(
            "INSERT INTO organisations (id, name) VALUES ($1, 'Fonderie de l’Erdre')",
            [(home,) for home in homes.values()],
        )
        await connection.executemany(
            "INSERT INTO members (organisation_id, account_id, role) VALUES ($2, $1, 'manager')", homes.items()
        )
    finally:
        await connection.close()
    return homes


def _plain(database: str) -> str:
    return make_url(database).set(drivername="postgresql").render_as_string(hide_password=False)


# --- the peer ------------------------------------------------------------------------------------

_EVENT = (
    "INSERT INTO events (id, account_id, organisation_id, draft, submitted_draft, edition, revision, sequence, state)"
    " VALUES ($1, $2, $3, $4::jsonb, $4::jsonb, $5, 1, 1, 'submitted')"
)
_STEP = (
    "INSERT INTO timeline (event_id, kind, revision, sequence, at, text) VALUES ($1, 'EventSubmitted', 1, 1, now(), $2)"
)
_COUNT = (
    "INSERT INTO limits (key, empty_at) VALUES ($1, now() + interval '10 s')"
    " ON CONFLICT (key) DO UPDATE SET empty_at = greatest(limits.empty_at, now()) + interval '10 s'"
)
_TELL = (
    "INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload, headers)"
    " VALUES ($1, 'registration.events', $2, $3, $4::jsonb, $5::jsonb)"
)
_SAID = "Votre événement est déposé. Il est examiné selon les conditions du label."


async def _bare(here: World, events: Sequence[Event], told: Sequence[EventSubmitted]) -> Lap:
    database = await here.database("registration")
    homes = await _people(database)
    rows = {fact.event_id: (written(fact), json.dumps(fact_headers(fact, current_trace()))) for fact in told}
    drafts = {event_id: json.dumps(draft) for event_id, draft in events}
    pool = await asyncpg.create_pool(_plain(database), min_size=CONNECTIONS, max_size=CONNECTIONS)

    async def submit(number: int, event_id: UUID, _: dict[str, Any]) -> None:
        account = PEOPLE[number]
        home = homes[account]
        async with pool.acquire() as tx, tx.transaction():
            await tx.execute(_EVENT, event_id, account, home, drafts[event_id], EDITION.name)
            for key in (b"drafts" + home.bytes, b"revisions" + home.bytes, event_id.bytes):
                await tx.execute(_COUNT, key)
            await tx.execute(_STEP, event_id, _SAID)
            await tx.execute(_TELL, uuid4(), str(event_id), EventSubmitted.ce_type, *rows[event_id])
            await tx.execute("SELECT pg_notify('outbox', '')")

    try:
        return await _timed(events, submit, psutil.Process(), here)
    finally:
        await pool.close()
