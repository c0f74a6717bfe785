"""A new version beside an old one, under load, and back again: `make test-upgrade OLD=COMMIT`. Not part of the suite:
its name keeps it from being collected."""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import zip_longest
from pathlib import Path

import httpx
import pytest

from backbone.testing.waiting import until
from provision.databases import SERVICES

from .history import History
from .invariants import hold
from .log import FACTS
from .reviewer import Reviewer
from .rolling import READERS_FIRST, WRITERS_FIRST, Rolling
from .versions import Version, earlier_version, this_version

pytestmark = pytest.mark.timeout(3600)
PEOPLES = ("registration", "labelling", "map-feed")


class Report:
    """What was seen, said line by line."""

    def __init__(self, platform: Rolling) -> None:
        self._platform, self._began, self._lap = platform, time.monotonic(), time.monotonic()

    def say(self, what: str) -> None:
        print(f"[{time.monotonic() - self._began:6.1f} s] {what}", flush=True)

    async def say_leg(self, what: str, told: int) -> None:
        history, platform = self._platform.history, self._platform
        seconds, self._lap = time.monotonic() - self._lap, time.monotonic()
        self.say(
            f"{what}: {seconds:.0f} s; by now {len(platform.submitted)} events, {history.acknowledged} revisions"
            f" acknowledged, {len(platform.words)} reviewed, {told} facts told; all invariants hold"
        )

    def say_answers(self) -> None:
        assert self._platform.front is not None
        counts: Counter[tuple[str, str, int]] = Counter()
        for answer in self._platform.front.answers():
            by = self._platform.versions.get(answer.port, "the front") if answer.port else "the front"
            counts[answer.site, by, answer.status] += 1
        for (site, by, status), number in sorted(counts.items()):
            self.say(f"  {site} of {by}: {number} × {status}")


@asynccontextmanager
async def under_load(platform: Rolling, reviewer: Reviewer, chance: random.Random) -> AsyncIterator[None]:
    """Organisers submit, revise and take back, a reviewer decides, a visitor looks at the map, as long as it lasts."""
    ended = asyncio.Event()

    async def post() -> None:
        while not ended.is_set():
            await platform.load(8, chance, lasting=5.0)

    async def review() -> None:
        while not ended.is_set():
            await reviewer.settle_what_waits(chance, 3)
            await asyncio.sleep(0.5)

    async def look() -> None:
        url = f"http://127.0.0.1:{platform.settings_of('map-feed')['HTTP_PORT']}"
        async with httpx.AsyncClient(timeout=20.0) as visitor:
            while not ended.is_set():
                for page in ("/", "/evenements.geojson"):
                    await visitor.get(f"{url}{page}")
                await asyncio.sleep(0.5)

    tasks = [asyncio.create_task(work()) for work in (post, review, look)]
    try:
        yield
        assert not any(task.done() for task in tasks), [task.exception() for task in tasks if task.done()]
    finally:
        ended.set()
        await asyncio.gather(*tasks)


async def roll_all(platform: Rolling, order: Sequence[str], version: Version) -> None:
    for service, following in zip_longest(order, order[1:]):
        if following:
            platform.add_version(following, version)  # which starts while this one is put in its place
        await platform.roll(service, version)
    platform.version = version


async def holds(platform: Rolling, report: Report, what: str) -> None:
    world = await hold(platform, lag_seconds=120.0)
    await report.say_leg(what, len({row.header("ce_id") for row in world.rows if row.topic in FACTS}))


def refused(platform: Rolling) -> Iterable[str]:
    """Each answer that nobody should have got, and each connection that gave none."""
    assert platform.front is not None
    for answer in platform.front.answers():
        if answer.site in PEOPLES and answer.status >= 500:
            yield f"{answer.method} {answer.path} at {answer.site}: {answer.status}, {answer.tried} replicas tried"
    for line in platform.history.file.read_text().splitlines():
        told = json.loads(line)
        if told["what"] == "not acknowledged" and not told["why"].startswith("401"):  # a token lives for 15 minutes
            yield line


@pytest.fixture(scope="module")
def old() -> Version:
    return earlier_version(os.environ["OLD"])


@pytest.fixture
async def platform(tmp_path: Path, history: History, old: Version) -> AsyncIterator[Rolling]:
    platform = Rolling(tmp_path, history, old)
    try:
        await platform.start()
        yield platform
    finally:
        await platform.stop()


@pytest.mark.parametrize("order", [READERS_FIRST, WRITERS_FIRST], ids=["readers-first", "writers-first"])
async def test_a_new_version_comes_beside_the_old_goes_back_and_comes_again_and_nothing_is_lost(
    platform: Rolling, chance: random.Random, old: Version, order: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    new, reviewer, report = this_version(), Reviewer(platform), Report(platform)
    await reviewer.sign_up()
    with capsys.disabled():
        report.say(f"old {old.commit}, new {new.commit}; {', '.join(order)}")
        async with under_load(platform, reviewer, chance):
            await platform.acknowledges_more()
            # somebody starts the new code before its tables are there: it waits, and dies of nothing
            early = platform.add_version(order[0], new)
            await until("the early one is up", early.is_up, 90.0)
            began = time.monotonic()
            await platform.migrate_with(new)
            report.say(f"migrated by the new while the old runs: {time.monotonic() - began:.1f} s for {len(SERVICES)}")
            await roll_all(platform, order, new)
            report.say("all are new")
            await roll_all(platform, order, old)
            report.say("all are old again, on the tables of the new")
        await holds(platform, report, "there and back")
        for service, (code, said) in (await platform.try_to_migrate_with(old)).items():
            report.say(f"  {service} migrate of the old, on the new's database: {code} {said}"[:160])
            assert code == 0 or not old.knows("floor_0005"), said

        async with under_load(platform, reviewer, chance):
            await roll_all(platform, order, new)
        await holds(platform, report, "to the new again")
        report.say_answers()
        await reviewer.close()
    assert list(refused(platform)) == []
