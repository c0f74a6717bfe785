"""Builds `../src/geocoding/data/departments.csv.gz`, the shape of each department.

    uv run python build_shapes.py departements.geojson

The file is ANCT's (from IGN Admin Express, 2023; Licence Ouverte 2.0), as the basemap of the public map is.
The same source gives the same bytes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from build_gazetteer import write


def main(source: Path) -> None:
    shapes = json.loads(source.read_text())["features"]
    write("departments.csv.gz", "code,rings", sorted(f"{one['properties']['code']},{rings_of(one)}" for one in shapes))


def rings_of(shape: dict[str, Any]) -> str:
    """Outer and inner rings alike: what is inside an odd number of them is inside."""
    of = shape["geometry"]
    polygons = of["coordinates"] if of["type"] == "MultiPolygon" else [of["coordinates"]]
    return ";".join(" ".join(corners(ring)) for polygon in polygons for ring in polygon)


def corners(ring: list[list[float]]) -> Iterator[str]:
    for longitude, latitude in ring:
        yield f"{longitude:.4f} {latitude:.4f}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
