"""Measures how fine an edition of the demonstration is placed with addok before the gazetteer.

Its streets are nobody's: those of a random half of its events are made known to addok, with their numbers.

make test-peers && uv run python -m services.geocoding.tools.measure_addok
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from services.geocoding.tests.addok.peer import Front, addok_with
from services.geocoding.tests.addok.places import Document, municipalities, street
from services.geocoding.tools.measure_look_ups import place_an_edition, venues_of_an_edition

from backbone.contracts import Address
from geocoding.ban import BanGeocoder
from geocoding.domain import Hit
from geocoding.gazetteer import Gazetteer
from geocoding.pipeline import Pipeline

KNOWN = 0.5


class NoBudget:
    """Nobody waits: this addok is ours."""

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        yield


class NoAnswers:
    """Nothing is kept."""

    async def known_or(self, _: bytes, ask: Callable[[], Awaitable[Hit | None]]) -> Hit | None:
        return await ask()


def main() -> None:
    gazetteer, venues = Gazetteer.load(), venues_of_an_edition()
    drawn = random.Random(15).sample(venues, int(len(venues) * KNOWN))  # noqa: S311 (no secret)
    places = [*municipalities(gazetteer.communes()), *streets_of(drawn, gazetteer)]
    with TemporaryDirectory() as folder, addok_with(places, Path(folder)) as addok:
        asyncio.run(place_with(addok, gazetteer, venues, drawn))


async def place_with(addok: str, gazetteer: Gazetteer, venues: list[Any], drawn: list[Any]) -> None:
    async with (
        Front(addok, most=100_000) as front,
        BanGeocoder(
            front.url, gazetteer, budget=NoBudget(), answers=NoAnswers(), user_agent="semaine-industrie/measured"
        ) as ban,
    ):
        pipeline = Pipeline({"ban": ban, "gazetteer": gazetteer}, gazetteer)
        others = [venue for venue in venues if venue not in drawn]
        await place_an_edition(pipeline, drawn, "with addok, the half whose streets it knows", heeds_pins=False)
        await place_an_edition(pipeline, others, "with addok, the other half", heeds_pins=False)
        await place_an_edition(pipeline, venues, "with addok", heeds_pins=False)
        await place_an_edition(pipeline, venues, "with addok and pins", heeds_pins=True)


def streets_of(venues: list[Any], gazetteer: Gazetteer) -> Iterator[Document]:
    """The streets of these venues, each with the numbers that one of them has."""
    numbers: dict[tuple[str, str, str], set[str]] = {}
    for venue in venues:
        found = gazetteer.find(Address(postcode=venue["postcode"], city=venue["city"]))
        if found and (read := re.fullmatch(r"(?:(\d+(?: bis| ter)?),? )?(.+)", venue.get("street") or "")):
            postcode = venue["postcode"] if gazetteer.serves(venue["postcode"]) else found.commune.postcodes[0]
            doors = numbers.setdefault((found.commune.code, postcode, read[2]), set())
            doors.update(filter(None, [read[1]]))
    for (code, postcode, name), doors in numbers.items():
        commune = gazetteer.by_code(code)
        assert commune is not None
        yield street(commune, postcode, name, sorted(doors))


if __name__ == "__main__":
    main()
