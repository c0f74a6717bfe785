"""A deadline day in small: half of the events in the first four fifths of the time, half in the last fifth, some of
those by a file; against the platform as the fault suite runs it (Kafka, PostgreSQL, SMTP, all five services).

Nothing is broken on the way, and afterwards all that must hold behind a fault is held against it: nothing lost, doubled
or out of order, each kit mailed once, the map as it must be.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from faults.drafts import Draft, plan
from faults.history import History
from faults.invariants import hold
from faults.organiser import Client
from faults.platform import Platform

from .uploads import workbook

SEED = 2026
PEOPLE = 20
BY_FILE = 0.1
"""The share of the events that come in a file, of four organisers at the beginning of the last fifth."""
FILES = 4
LAST_FIFTH = 0.8
ANY_FIELD = ["organisation", "title", "description", "venue.name", "venue.street", "venue.city", "access"]
PATIENCE_SECONDS = 1800.0


class Seen:
    """When each event was on the map first, as a partner who waits is told, and when with its pin."""

    def __init__(self) -> None:
        self.listed: dict[str, float] = {}
        self.pinned: dict[str, float] = {}

    async def follow(self, url: str) -> None:
        after: str | None = None
        async with httpx.AsyncClient(timeout=60.0) as partner:
            while True:
                asked = {"wait": "30", "limit": "500", **({"after": after} if after else {})}
                with suppress(httpx.TransportError):
                    page = (await partner.get(f"{url}/v1/changes", params=asked)).raise_for_status().json()
                    for change in page["changes"]:
                        self._note(change["data"])
                    after = page["next"]

    def _note(self, told: dict[str, Any]) -> None:
        event, now = told["event_id"], time.monotonic()
        if told["feature"]:
            self.listed.setdefault(event, now)
            if told["feature"]["geometry"]:
                self.pinned.setdefault(event, now)


async def measure_deadline_day(number: int, minutes: float) -> str:
    """The figures of one day, which lasts so many minutes."""
    with tempfile.TemporaryDirectory(prefix="sdi-bench-", ignore_cleanup_errors=True) as folder:
        platform = _platform(Path(folder))
        try:
            await platform.start()
            return await _day(platform, number, minutes * 60)
        finally:
            await platform.stop()


def _platform(folder: Path) -> Platform:
    folder.chmod(0o755)
    return Platform(folder, History(folder / "history.jsonl", SEED))


async def _day(platform: Platform, number: int, seconds: float) -> str:
    new = [platform.somebody_new() for _ in range(PEOPLE - len(platform.clients))]
    await asyncio.gather(*(one.sign_up() for one in new))
    platform.clients += new
    work = [(event, steps[0]) for event, steps in plan(number, SEED, platform.edition)]
    drafts = [(event, draft) for event, draft in work if draft]
    in_files = round(number * BY_FILE)
    first, *_ = platform.replicas["map-feed"]
    seen, sent, answered, loads = Seen(), {}, list[float](), [os.getloadavg()[0]]
    following = asyncio.create_task(seen.follow(first.url))
    began = time.monotonic()

    async def one_by_one(client: Client, events: Sequence[tuple[float, str, Draft]]) -> None:
        url = platform.replicas["registration"][0].url
        for due, event, draft in events:
            await asyncio.sleep(max(0.0, began + due - time.monotonic()))
            sent[event] = time.monotonic()
            client.note_up_to(event, await client.submit(event, draft, url=url), draft)
            answered.append(time.monotonic() - sent[event])
            loads.append(os.getloadavg()[0])

    async def in_one_file(client: Client, rows: Sequence[Draft]) -> None:
        await asyncio.sleep(max(0.0, began + LAST_FIFTH * seconds - time.monotonic()))
        await _upload(client, platform.replicas["registration"][0].url, rows)

    files, posted = drafts[:in_files], drafts[in_files:]
    arrivals = [(due, *one) for due, one in zip(_arrivals(len(posted), seconds), posted, strict=True)]
    async with asyncio.TaskGroup() as day:
        for place, client in enumerate(platform.clients):
            day.create_task(one_by_one(client, arrivals[place::PEOPLE]))
        for place in range(FILES):
            day.create_task(in_one_file(platform.clients[place], [draft for _, draft in files[place::FILES]]))
    lasted = time.monotonic() - began
    world = await hold(platform, lag_seconds=PATIENCE_SECONDS)
    following.cancel()
    return "\n".join(
        [
            f"{len(posted):,} events one by one and {in_files} in {FILES} files, in {lasted / 60:.1f} minutes; the"
            f" machine’s load {statistics.mean(loads):.0f} on average ({min(loads):.0f} to {max(loads):.0f}),"
            f" {os.cpu_count()} cores",
            "",
            "| what | median | p99 | slowest | of |",
            "|---|---|---|---|---|",
            _line("written, submitted and acknowledged", answered),
            _line("from there on: listed on the map", _since(sent, seen.listed)),
            _line("with its pin", _since(sent, seen.pinned)),
            "",
            f"answers that were no acknowledgement: {dict(_refusals(platform)) or 'none'};"
            f" {len(world.rows):,} messages, every rule of the fault suite holds",
        ]
    )


def _refusals(platform: Platform) -> Counter[str]:
    """How many answers were of which status, of those that acknowledged nothing."""
    notes = map(json.loads, platform.history.file.read_text().splitlines())
    return Counter(note["why"][:3] for note in notes if note["what"] == "not acknowledged")


def _arrivals(number: int, seconds: float) -> list[float]:
    """When each event comes: half of them evenly in the first four fifths, half in the last one."""
    half, begin = number // 2, LAST_FIFTH * seconds
    early = [begin * place / half for place in range(half)] if half else []
    late = [begin + (seconds - begin) * place / (number - half) for place in range(number - half)]
    return early + late


async def _upload(client: Client, url: str, drafts: Sequence[Draft]) -> None:
    """Hands a file in, has all of it submitted, and takes down which event each row became."""
    book = {"file": ("evenements.xlsx", workbook([draft.body for draft in drafts]))}
    answer = await client.http.post(f"{url}/v1/uploads", files=book, headers=client.authorisation, timeout=120.0)
    path = f"{url}{answer.raise_for_status().headers['Location']}"

    async def once_it_is(state: str) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (await client.http.get(path, headers=client.authorisation)).json()["state"] != state:  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.5)

    await once_it_is("checked")
    wanted = {"as": "submitted", "confirmed": ANY_FIELD, "not_the_same": True}
    (await client.http.post(f"{path}/application", json=wanted, headers=client.authorisation)).raise_for_status()
    await once_it_is("applied")
    rows = (await client.http.get(f"{path}/rows?limit=100", headers=client.authorisation)).json()
    assert [row["outcome"] for row in rows] == ["submitted"] * len(drafts), rows
    for row in rows:
        client.note_up_to(row["event_id"], 1, drafts[int(row["external_id"].removeprefix("R")) - 1])


def _since(sent: dict[str, float], seen: dict[str, float]) -> list[float]:
    return [at - sent[event] for event, at in seen.items() if event in sent]


def _line(what: str, times: Sequence[float]) -> str:
    found = sorted(times)
    told = (statistics.median(found), found[int(len(found) * 0.99)], found[-1])
    return f"| {what} | {' | '.join(f'{one:.2f} s' for one in told)} | {len(found):,} |"
