"""Events in any number: the hand-written ones first, then the same in other towns, drawn by population."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from math import cos, pi, radians, sin
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from backbone.campaign.edition import Edition
from backbone.campaign.geography import REGIONS
from backbone.contracts import Address
from geocoding.domain import Commune
from geocoding.gazetteer import Gazetteer

from .places import SAMPLES

Sample = dict[str, Any]

_PUT_A_PIN = 0.6  # of the organisers; a guess: no edition of the past asked for one
_OF_THE_RADIUS = 0.4  # a commune's houses are in its middle, and the radius leads to its farthest corner
_DEGREE_M = 111_195


@cache
def samples() -> tuple[Sample, ...]:
    """The hand-written events, in the order of their files."""
    files = sorted(SAMPLES.glob("*.toml"))
    return tuple(event for file in files for event in tomllib.loads(file.read_text(encoding="utf-8"))["event"])


def draft_of(sample: Sample, edition: Edition) -> dict[str, Any]:
    """A sample as the registration API takes it: its days become dates of the edition's week."""
    monday = edition.week.first

    def at(slot: dict[str, Any], hour: str) -> str:
        return f"{monday + timedelta(days=slot['day'])}T{slot[hour]}"

    slots = [{"starts_at": at(slot, "from"), "ends_at": at(slot, "to")} for slot in sample["slots"]]
    return {**{name: value for name, value in sample.items() if name != "expected"}, "slots": slots}


def generate(number: int, seed: int) -> Iterator[tuple[UUID, Sample]]:
    """`number` events with their ids, always the same for one seed; the first ones for any larger number too."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    written = list(samples())
    chance.shuffle(written)
    towns = _Towns()
    for place in range(number):
        sample = written[place] if place < len(written) else towns.elsewhere(chance.choice(written), chance)
        by_hand = random.Random(f"{seed}:pin:{place}")  # noqa: S311 (no secret)
        yield uuid5(NAMESPACE_URL, f"event:{seed}:{place}"), towns.pinned(sample, by_hand)


class _Towns:
    """The communes of France, the larger the likelier."""

    def __init__(self) -> None:
        # those of a region, with a postcode: a collectivity overseas has neither label committee nor industry week
        self._gazetteer = Gazetteer.load()
        self._communes = [c for c in self._gazetteer.communes() if c.region in REGIONS and c.postcodes]
        self._weights = [commune.population for commune in self._communes]

    def elsewhere(self, sample: Sample, chance: random.Random) -> Sample:
        """The same event as another organiser, in another town and often on another day, would hold it."""
        (town,) = chance.choices(self._communes, self._weights)
        moved = {
            **sample,
            "organisation": f"{sample['organisation']} {town.name}"[:120],
            "title": _with_town(sample["title"], town),
        }
        if "venue" in sample:
            venue = {**sample["venue"], "postcode": chance.choice(town.postcodes), "city": town.name}
            # a house number of its own: the street is the sample's, which many a town has too
            moved["venue"] = {**venue, "street": f"{chance.randint(1, 180)} rue de l’Industrie"}
        if "online_url" in sample:  # a room of its own: in one room, at one hour, they would be one event
            moved["online_url"] = f"{sample['online_url'].rstrip('/')}/{town.code}"
        return moved

    def pinned(self, sample: Sample, chance: random.Random) -> Sample:
        """The event as its organiser hands it in: three of five put the pin on their own door, somewhere in the commune
        and sooner in its middle than at its edge."""
        found = self._gazetteer.find(Address(**_address(sample["venue"]))) if "venue" in sample else None
        if found is None or chance.random() > _PUT_A_PIN:
            return sample
        town = found.commune
        away, bearing = town.radius_m * _OF_THE_RADIUS * chance.random(), chance.uniform(0, 2 * pi)
        north, east = away * cos(bearing) / _DEGREE_M, away * sin(bearing) / (_DEGREE_M * cos(radians(town.latitude)))
        at = {"latitude": round(town.latitude + north, 5), "longitude": round(town.longitude + east, 5)}
        return {**sample, "venue": {**sample["venue"], "position": {**at, "is_confirmed": True}}}


def _address(venue: dict[str, Any]) -> dict[str, str]:
    return {name: venue.get(name, "") for name in ("street", "postcode", "city")}


def _with_town(title: str, town: Commune) -> str:
    return f"{title[: 117 - len(town.name)].rstrip()} – {town.name}"
