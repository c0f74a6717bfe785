"""A national address service that is away, slow, too busy, or talks nonsense."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Collection
from typing import Any

import pytest

from backbone.testing.waiting import stretched, until

from .geocoder import Answer, Asked, GeocoderServer
from .invariants import hold
from .platform import Platform
from .world import World

PER_SECOND = 8
RETRY_AFTER = 3


@pytest.fixture
async def geocoder(platform: Platform) -> AsyncIterator[GeocoderServer]:
    """The service that geocoding asks during this test."""
    server = GeocoderServer()
    (replica,) = platform.replicas["geocoding"]
    server.start()
    await platform.restart(replica, GEOCODER_URL=server.url, GEOCODER_PER_SECOND=str(PER_SECOND))
    await platform.ready()
    yield server
    server.stop()


def busiest_second(asked: list[Asked]) -> int:
    """The most questions that came within any one second."""
    times = [one.at for one in asked]
    return max((sum(start <= at < start + 1 for at in times) for start in times), default=0)


def asked_while_busy(asked: list[Asked]) -> list[Asked]:
    """The questions that came although the service had asked to be left alone, those on their way just then aside: on
    a busy machine they are so for longer."""
    busy, on_their_way = [one.at for one in asked if one.status == 429], stretched(0.3)
    return [one for one in asked if any(at + on_their_way < one.at < at + RETRY_AFTER - 0.1 for at in busy)]


def not_from_the_service(world: World, events: Collection[str]) -> list[dict[str, Any]]:
    """The places of these events for which another was asked than the address service, the gazetteer in its stead. The
    organiser's own pin counts as what their address was taken for."""
    venues = [row for row in world.tables["geocoding"]["venues"] if str(row["event_id"]) in events]
    located = [row for row in venues if row["state"] == "located"]
    assert located, "no event was located: nothing is shown"
    return [json.loads(row["location"]) for row in located if "gazetteer" in dict(json.loads(row["whys"]))]


BEHAVIOURS: dict[str, Callable[[int], Answer]] = {
    "is slow": lambda n: Answer(after=7.0 if n < 3 else 0.5 if n < 8 else 0.0),
    "has too many questions": lambda n: (
        Answer(429, b"{}", (("Retry-After", str(RETRY_AFTER)),)) if n % 3 == 0 and n < 8 else Answer()
    ),
    "talks nonsense": lambda n: (
        Answer(),
        Answer(body=b"<html>"),
        Answer(body=b'{"features": 7}'),
        Answer(500, b"oh"),
        Answer(400, b"{}"),
    )[n % 5 if n < 20 else 0],
}


@pytest.mark.parametrize(
    "behaviour",
    [
        "has too many questions",
        *(pytest.param(one, marks=pytest.mark.thorough) for one in ("is slow", "talks nonsense")),
    ],
)
async def test_every_venue_is_found_or_honestly_not_when_the_address_service(
    platform: Platform, geocoder: GeocoderServer, chance: random.Random, behaviour: str
) -> None:
    geocoder.behave = BEHAVIOURS[behaviour]
    platform.history.fault("geocoder", behaviour=behaviour)
    before = set(platform.submitted)
    await platform.load(12, chance)
    world = await hold(platform)
    # what it refuses or answers with nonsense the gazetteer may answer, not what it is too busy for
    if behaviour != "talks nonsense":
        assert not_from_the_service(world, platform.submitted.keys() - before) == []
    assert geocoder.asked
    assert busiest_second(geocoder.asked) <= PER_SECOND + 1  # two neighbours may be jostled on their way
    assert asked_while_busy(geocoder.asked) == []


@pytest.mark.thorough
async def test_every_venue_is_found_after_the_address_service_was_down(
    platform: Platform, geocoder: GeocoderServer, chance: random.Random
) -> None:
    platform.history.fault("geocoder down")
    await asyncio.to_thread(geocoder.stop)
    before = set(platform.submitted)
    await platform.load(10, chance)

    async def were_tried() -> bool:
        async with platform.admin("geocoding") as connection:
            tried = "SELECT count(*) FROM jobs WHERE state = 'waiting' AND attempts > 0"
            return int(await connection.fetchval(tried)) >= 2

    await until("addresses were looked up in vain", were_tried, 60.0)
    assert geocoder.asked == []
    geocoder.start()
    world = await hold(platform)
    assert not_from_the_service(world, platform.submitted.keys() - before) == []
    assert busiest_second(geocoder.asked) <= PER_SECOND + 1
