"""How far it is from a place that somebody looks around, and how a town is named behind « de »."""

from __future__ import annotations

import re
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

from .words import fold

_GLOBE_KM = 6371
_VOWEL = re.compile(r"[aeiou]|y[^aeiou]")


class Point(NamedTuple):
    """In degrees, WGS84."""

    latitude: float
    longitude: float


def kilometres(one: Point, other: Point) -> float:
    """Along the great circle, by the haversine."""
    north, east = (radians(there - here) for here, there in zip(one, other, strict=True))
    width = cos(radians(one.latitude)) * cos(radians(other.latitude))
    return 2 * _GLOBE_KM * asin(sqrt(min(1.0, sin(north / 2) ** 2 + width * sin(east / 2) ** 2)))


def of_town(name: str) -> str:
    """« de Lyon », « d’Amiens », « du Havre », « des Ulis »."""
    for article, joined in (("Le ", "du "), ("Les ", "des ")):
        if name.startswith(article):
            return joined + name.removeprefix(article)
    return f"d’{name}" if _VOWEL.match(fold(name)) else f"de {name}"
