"""Measures the gazetteer on one core: look-ups a second, slips of the pen, memory, and how fine an edition is placed.

uv run python services/geocoding/tools/measure_look_ups.py
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import psutil

from backbone.contracts import Address, Position
from geocoding.gazetteer import Gazetteer
from geocoding.pipeline import Pipeline
from local_stack.generator import generate

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SLIPS: dict[str, Callable[[str, int, random.Random], str]] = {
    "two letters exchanged": lambda name, at, _: name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
    "one missing": lambda name, at, _: name[:at] + name[at + 1 :],
    "one doubled": lambda name, at, _: name[:at] + name[at] + name[at:],
    "one wrong": lambda name, at, luck: name[:at] + luck.choice(LETTERS) + name[at + 1 :],
}


def main() -> None:
    before, began = memory(), time.process_time()
    gazetteer = Gazetteer.load()
    say(f"loaded in {time.process_time() - began:.2f} s, {memory() - before} MB more")
    luck = random.Random(7)  # noqa: S311 (no secret)
    communes = list(gazetteer.communes())
    asked = [Address(city=one.name, postcode=luck.choice(one.postcodes)) for one in luck.sample(communes, 20_000)]
    say(f"exact, each postcode for the first time: {per_second(gazetteer, asked):,.0f} a second")
    say(f"exact, once they are known: {per_second(gazetteer, asked):,.0f} a second")
    for slip, makes in SLIPS.items():
        drawn = [one for one in luck.sample(communes, 5_200) if len(one.name) > 3][:5_000]
        wrong = [(one, makes(one.name, a_letter_of(one.name, luck), luck)) for one in drawn]
        questions = [Address(city=name, postcode=luck.choice(one.postcodes)) for one, name in wrong]
        found = [gazetteer.find(question) for question in questions]
        right = sum(hit is not None and hit.commune == one for (one, _), hit in zip(wrong, found, strict=True))
        nowhere = sum(hit is None for hit in found)
        told = f"{right / 50:.1f} % right, {nowhere / 50:.1f} % nowhere, {len(found) - right - nowhere} elsewhere"
        say(f"{slip}: {told}, {per_second(gazetteer, questions):,.0f} a second")
    say(f"{memory() - before} MB more in all, {memory()} MB with the interpreter and its libraries")
    pipeline, venues = Pipeline({"gazetteer": gazetteer}, gazetteer), venues_of_an_edition()
    asyncio.run(place_an_edition(pipeline, venues, "the gazetteer alone", heeds_pins=False))
    asyncio.run(place_an_edition(pipeline, venues, "with pins", heeds_pins=True))


def venues_of_an_edition() -> list[Any]:
    return [event["venue"] for _, event in generate(5_000, seed=1) if "venue" in event]


async def place_an_edition(pipeline: Pipeline, venues: list[Any], named: str, *, heeds_pins: bool) -> None:
    counts: Counter[str] = Counter()
    for venue in venues:
        address = Address.model_validate({name: venue.get(name) for name in ("street", "postcode", "city")})
        pin = Position.model_validate(venue["position"]) if heeds_pins and "position" in venue else None
        at = (await pipeline.place(address, pin)).location
        counts[at.precision if at else "none"] += 1
    say(f"{named}: " + ", ".join(f"{name} {n / len(venues):.1%}" for name, n in counts.most_common()))


def per_second(gazetteer: Gazetteer, asked: Iterable[Address]) -> float:
    questions, began = list(asked), time.process_time()
    for question in questions:
        gazetteer.find(question)
    return len(questions) / (time.process_time() - began)


def a_letter_of(name: str, luck: random.Random) -> int:
    return luck.choice([at for at in range(len(name) - 1) if name[at : at + 2].isalpha()])


def memory() -> int:
    """Megabytes that the process holds."""
    return int(psutil.Process().memory_info().rss) >> 20


def say(text: str) -> None:
    print(text)  # noqa: T201 — told to whoever measures


if __name__ == "__main__":
    main()
