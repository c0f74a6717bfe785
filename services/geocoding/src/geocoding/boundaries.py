"""Whether a point lies in a commune: in the box around it, and in the shape of its department."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, groupby, pairwise, product
from math import cos, radians
from typing import NamedTuple, Self

from backbone.contracts import Position

from .domain import METRES_A_DEGREE, Commune, metres_between
from .tables import lines_of

MARGIN_M = 500
"""So far outside a point is still taken for inside: the boxes are those of 2017 and rounded to a hundred metres, the
shapes are drawn for maps of a whole country, and the gate of a works is as often as not across the road."""


class Point(NamedTuple):
    """In degrees, WGS84."""

    longitude: float
    latitude: float


Ring = list[Point]


class Boundaries:
    """The boxes of the communes and the shapes of the departments, as far as they are known; where neither is (the
    Pacific, a few communes that a hand has placed), the radius of the commune tells.

    Both stay text until a pin asks: few of them do.
    """

    __slots__ = ("_extents", "_shapes")

    def __init__(self, extents: Iterable[str], shapes: Iterable[str]) -> None:
        """`extents` are lines of `data/extents.csv.gz`, `shapes` of `departments.csv.gz`."""
        # by the beginning of the code: one text would be gone through for each pin
        together = groupby(sorted(extents), key=lambda line: line[:2])
        self._extents = {beginning: "\n".join(["", *lines, ""]) for beginning, lines in together}
        self._shapes = dict(line.split(",", 1) for line in shapes)

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> Self:
        """Those that ship with the service."""
        return cls(lines_of("extents.csv.gz"), lines_of("departments.csv.gz"))

    def hold(self, commune: Commune, pin: Position) -> bool:
        """Whether the pin is in the commune, or within `MARGIN_M` of it."""
        return self._in_reach(commune, pin) and self.hold_in_department(commune.department, pin)

    def hold_in_department(self, department: str, pin: Position) -> bool:
        """Whether the pin is in the department or within `MARGIN_M` of it, or in none: quays and small islands are
        missing in the shapes, and a department of the Pacific has none."""
        points = _around(pin)
        if any(_is_inside(self._rings(department), point) for point in points):
            return True
        return not any(_is_inside(self._rings(other), points[0]) for other in self._shapes)

    def _in_reach(self, commune: Commune, pin: Position) -> bool:
        if metres_between(commune, pin) > commune.radius_m + 2 * MARGIN_M:  # farther than any corner of the box
            return False
        extents = self._extents.get(commune.code[:2], "")
        at = extents.find(f"\n{commune.code},")
        if at < 0:
            return True
        line = extents[at + 1 : extents.index("\n", at + 1)]
        west, south, east, north = map(float, line.split(",")[1:])
        points = _around(pin)
        return any(west <= x <= east for x, _ in points) and any(south <= y <= north for _, y in points)

    def _rings(self, department: str) -> list[Ring]:
        return _rings_of(self._shapes.get(department, ""))


@lru_cache(maxsize=4)  # reading one takes longer than looking whether it holds a point; all would weigh 5 MB
def _rings_of(shape: str) -> list[Ring]:
    return [_ring(one) for one in shape.split(";")]


def _ring(written: str) -> Ring:
    numbers = iter(map(float, written.split()))
    return list(map(Point, numbers, numbers))


def _around(pin: Position) -> list[Point]:
    """The pin, then eight points around it at the margin."""
    north = MARGIN_M / METRES_A_DEGREE
    east = north / max(cos(radians(pin.latitude)), 0.01)
    return [Point(pin.longitude + x * east, pin.latitude + y * north) for x, y in product((0, -1, 1), repeat=2)]


def _is_inside(rings: list[Ring], point: Point) -> bool:
    """A line from the point to the east crosses the borders an odd number of times."""
    x, y = point
    is_inside = False
    for (x1, y1), (x2, y2) in chain.from_iterable(map(pairwise, rings)):
        if (y1 > y) != (y2 > y) and x < x1 + (x2 - x1) * (y - y1) / (y2 - y1):
            is_inside = not is_inside
    return is_inside
