"""From a decision on its topic to partners: how long until a webhook has it, and until a reader that waits has it.

A `map-feed work` and a `map-feed http` of their own, as processes, between a real Kafka, a real PostgreSQL and a
receiver in this process; the decisions are told one by one, at a pace. The time goes from before a decision is handed
to Kafka until the receiver has read the whole request, or the reader the whole answer.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx

from backbone.contracts import EventLabelled
from backbone.kafka.publisher import KafkaPublisher
from local_stack.ports import HOST, free_port
from local_stack.stack import command_of

from .world import EDITION, EDITION_FILE, World, record_of, submissions, world

PER_SECOND = 50.0
OPEN = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
KEY = "k" * 32
PATIENCE_SECONDS = 120.0


class Taken:
    """When each event came first."""

    def __init__(self, number: int) -> None:
        self.at: dict[UUID, float] = {}
        self.all_here, self._number = asyncio.Event(), number

    def note(self, change: dict[str, Any]) -> None:
        self.at.setdefault(UUID(change["data"]["event_id"]), time.time())
        if len(self.at) == self._number:
            self.all_here.set()


async def measure(number: int, runs: int) -> str:
    """The table: 50 decisions a second, and all at once."""
    lines = ["| decisions | way | median | p99 | slowest |", "|---|---|---|---|---|"]
    with world() as here:
        for name, pace in ((f"{number:,}, {PER_SECOND:.0f} a second", PER_SECOND), (f"{number:,} at once", 0.0)):
            laps = [await _lap(here, number, pace) for _ in range(runs)]
            for way in ("webhook", "`/v1/changes?wait=30`"):
                times = sorted(time for lap in laps for time in lap[way])
                assert len(times) == number * runs, f"{len(times)} of {number * runs} came by {way}"
                told = (statistics.median(times), times[int(len(times) * 0.99)], times[-1])
                lines.append(f"| {name} | {way} | {' | '.join(f'{one * 1000:,.0f} ms' for one in told)} |")
    return "\n".join(lines)


async def _lap(here: World, number: int, pace: float) -> dict[str, list[float]]:
    database, ports = await here.database("map-feed"), [free_port() for _ in range(3)]
    told = {
        "DATABASE_URL": database,
        "KAFKA_BOOTSTRAP_SERVERS": here.kafka.bootstrap_servers,
        "EDITION": str(EDITION_FILE),
        "NOW": OPEN.isoformat(),
        "WEBHOOKS_KEY": KEY,
        "WEBHOOKS_INSIDE": "127.0.0.0/8",
        "LOG_LEVEL": "WARNING",
    }
    decisions = _decisions(number)
    sent: dict[UUID, float] = {}
    by_webhook, by_reading = Taken(number), Taken(number)
    async with (
        _receiver(by_webhook) as url,
        _running(told, "work", ports[1]),
        _running({**told, "HTTP_PORT": str(ports[0])}, "http", ports[2]),
    ):
        await _command(told, "add", url)
        await _is_ready(ports[1], ports[2])
        reading = asyncio.create_task(_read(f"http://{HOST}:{ports[0]}/v1/changes", by_reading))
        publisher = KafkaPublisher(here.cluster, "bench")
        await publisher.start()
        await asyncio.sleep(2.0)  # the consumer has its partitions, the reader waits
        if pace:
            for place, decision in enumerate(decisions):
                due = asyncio.get_running_loop().time() + 1 / pace
                sent[decision.event_id] = time.time()
                await publisher.publish([record_of(decision)])
                await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()) if place else 0)
        else:
            sent |= dict.fromkeys((decision.event_id for decision in decisions), time.time())
            await publisher.publish([*map(record_of, decisions)])
        await publisher.stop()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await by_webhook.all_here.wait()
            await by_reading.all_here.wait()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    ways = {"webhook": by_webhook, "`/v1/changes?wait=30`": by_reading}
    return {way: [taken.at[event] - at for event, at in sent.items()] for way, taken in ways.items()}


def _decisions(number: int) -> list[EventLabelled]:
    """Labels of so many events, none of which was told before."""
    labels = []
    verdict = {"condition": "free", "finding": "met", "code": "free-met", "message": "L’événement est gratuit."}
    for submitted in submissions(number):
        event = submitted.event
        about = {"event_id": event.event_id, "revision": 1, "sequence": 1, "edition": EDITION.name, "event": event}
        decided = {"decision_id": UUID(int=1), "decided_by": "rules", "ruleset": "bench", "decided_at": OPEN}
        judged = {"label": "granted", "verdicts": [{**verdict, "rule": "free", "rule_version": "1"}]}
        labels.append(EventLabelled.model_validate({**about, **decided, **judged}))
    return labels


@asynccontextmanager
async def _running(told: dict[str, str], role: str, health: int) -> AsyncIterator[None]:
    environ = {**os.environ, **told, "HEALTH_PORT": str(health)}
    process = await asyncio.create_subprocess_exec(command_of("map-feed"), role, env=environ)
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


async def _command(told: dict[str, str], *words: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(command_of("map-feed"), "webhooks", *words), env={**os.environ, **told}, stdout=asyncio.subprocess.DEVNULL
    )
    assert await process.wait() == 0


async def _is_ready(*ports: int) -> None:
    async with httpx.AsyncClient() as client, asyncio.timeout(PATIENCE_SECONDS):
        for port in ports:
            while True:
                try:
                    if (await client.get(f"http://{HOST}:{port}/health/ready")).is_success:
                        break
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)


@asynccontextmanager
async def _receiver(taken: Taken) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
                body = await reader.readexactly(int(length.split(b":")[1]))
                taken.note(json.loads(body))
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(serve, HOST, 0)
    try:
        yield f"http://{HOST}:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()


async def _read(url: str, taken: Taken) -> None:
    after = None
    async with httpx.AsyncClient(timeout=60.0) as client:
        while True:
            asked = {"wait": "30", "limit": "500", **({"after": after} if after else {})}
            try:
                page = (await client.get(url, params=asked)).raise_for_status().json()
            except httpx.ConnectError:  # its health port is open before this one
                await asyncio.sleep(0.1)
                continue
            for change in page["changes"]:
                taken.note(change)
            after = page["next"]
