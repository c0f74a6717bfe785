"""Draws the basemap: the departments' borders as TopoJSON, each border once, so that neighbours share it exactly.

    python tools/build_basemap.py departements.geojson communes.csv.gz src/map_feed/static/basemap/france.json

Nothing but the standard library. The sources and their licences are in static/basemap/README.md.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

Point = tuple[int, int]
Ring = list[Point]

GRID = 1000  # three decimals of a degree: about 100 m, finer than one pixel up to zoom level 10
LARGE_TOWN = 20_000  # inhabitants


def main(departments: Path, gazetteer: Path, out: Path) -> None:
    """Reads the sources and writes the basemap."""
    features = json.loads(departments.read_text(encoding="utf-8"))["features"]
    shapes = [[[r for ring in polygon if (r := rounded(ring))] for polygon in polygons(f)] for f in features]
    arcs = Arcs(junctions([ring for shape in shapes for polygon in shape for ring in polygon]))
    topology = {
        "type": "Topology",
        "transform": {"scale": [1 / GRID, 1 / GRID], "translate": [0, 0]},
        "objects": {
            "departments": collection(
                {
                    "type": "MultiPolygon",
                    "properties": {**feature["properties"], "label": centre(shape)},
                    "arcs": [[arcs.of(ring) for ring in polygon] for polygon in shape if polygon],
                }
                for feature, shape in zip(features, shapes, strict=True)
            ),
            "towns": collection(towns(gazetteer)),
        },
        "arcs": [deltas(arc) for arc in arcs.drawn],
    }
    out.write_text(json.dumps(topology, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def collection(geometries: Any) -> dict[str, Any]:
    """A TopoJSON object of several geometries."""
    return {"type": "GeometryCollection", "geometries": list(geometries)}


def polygons(feature: dict[str, Any]) -> list[list[list[list[float]]]]:
    """The polygons of a feature, each a list of rings."""
    geometry = feature["geometry"]
    return geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]


def rounded(ring: list[list[float]]) -> Ring:
    """The ring on the grid, open, without repeated points and spikes; empty where nothing is left of it."""
    points: Ring = []
    for longitude, latitude in ring:
        point = (round(longitude * GRID), round(latitude * GRID))
        if points[-2:-1] == [point]:
            points.pop()
        elif points[-1:] != [point]:
            points.append(point)
    while len(points) > 1 and points[0] == points[-1]:
        points.pop()
    return points if len(points) > 2 else []


def junctions(rings: list[Ring]) -> set[Point]:
    """The points where borders part: not every ring that comes by goes on the same way."""
    ways: dict[Point, set[frozenset[Point]]] = defaultdict(set)
    for ring in rings:
        for place, point in enumerate(ring):
            ways[point].add(frozenset((ring[place - 1], ring[(place + 1) % len(ring)])))
    return {point for point, pairs in ways.items() if len(pairs) > 1}


class Arcs:
    """The lines drawn so far; a line that a neighbour has drawn already is used again, backwards if need be."""

    def __init__(self, junctions: set[Point]) -> None:
        self._junctions, self._numbers = junctions, dict[tuple[Point, ...], int]()
        self.drawn: list[tuple[Point, ...]] = []

    def of(self, ring: Ring) -> list[int]:
        """The numbers of the lines that make up the ring (TopoJSON: ~n is line n backwards)."""
        starts = [place for place, point in enumerate(ring) if point in self._junctions]
        first = starts[0] if starts else ring.index(min(ring))
        turned = [*ring[first:], *ring[:first], ring[first]]
        cuts = [0, *(i for i in range(1, len(turned) - 1) if turned[i] in self._junctions), len(turned) - 1]
        return [self._number(tuple(turned[a : b + 1])) for a, b in pairwise(cuts)]

    def _number(self, line: tuple[Point, ...]) -> int:
        if line[::-1] in self._numbers:
            return ~self._numbers[line[::-1]]
        if line not in self._numbers:
            self._numbers[line] = len(self.drawn)
            self.drawn.append(line)
        return self._numbers[line]


def deltas(line: tuple[Point, ...]) -> list[list[int]]:
    """The line as TopoJSON writes it: a point, then steps."""
    return [list(line[0]), *([x2 - x1, y2 - y1] for (x1, y1), (x2, y2) in pairwise(line))]


def area_and_centre(ring: Ring) -> tuple[float, float, float]:
    """Twice the ring's area, and its centre of gravity (shoelace formula)."""
    area = x = y = 0.0
    for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]]):
        cross = x1 * y2 - x2 * y1
        area, x, y = area + cross, x + (x1 + x2) * cross, y + (y1 + y2) * cross
    return abs(area), x / (3 * area), y / (3 * area)


def centre(shape: list[list[Ring]]) -> list[float]:
    """Where a department's name is written: the centre of its largest piece."""
    _, x, y = max(area_and_centre(polygon[0]) for polygon in shape if polygon)
    return [round(x / GRID, 2), round(y / GRID, 2)]


def towns(gazetteer: Path) -> list[dict[str, Any]]:
    """The towns that are named on the map, the largest first: the large ones, and each department's largest."""
    with gzip.open(gazetteer, "rt", encoding="utf-8", newline="") as lines:
        communes = sorted(csv.DictReader(lines), key=lambda row: -int(row["population"] or 0))
    largest = {row["department"]: row for row in reversed(communes)}
    return [
        {
            "type": "Point",
            "properties": {"name": row["name"], "population": int(row["population"])},
            "coordinates": [round(float(row["longitude"]) * GRID), round(float(row["latitude"]) * GRID)],
        }
        for row in communes
        if row["population"] and (int(row["population"]) >= LARGE_TOWN or row is largest[row["department"]])
    ]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
