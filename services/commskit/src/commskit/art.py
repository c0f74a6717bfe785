"""The campaign's artwork: square tiles that speak of industry, set in rows.

Sheds, gears, nuts, waves, leaves and lightning, drawn from circles and straight lines. Shapes of one colour
are one path: what a renderer spends on a drawing is counted in paths.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import cos, pi, sin

from backbone.campaign.palette import WHITE, mix

from .domain import Look

TILE = 60
_PLACE = re.compile(r"([ML@])(-?[\d.]+),(-?[\d.]+)")

Shape = tuple[str, str]
"""A colour's name and a path within one tile. Holes are cut by the even-odd rule."""


def draw_frieze(look: Look, rows: Sequence[str]) -> str:
    """An SVG of tiles, one per letter; a dot is left empty."""
    layers: list[dict[str, list[str]]] = [{}, {}, {}]
    for row, letters in enumerate(rows):
        for column, letter in enumerate(letters):
            for layer, (colour, path) in zip(layers, TILES[letter], strict=False):
                layer.setdefault(colour, []).append(_shift(path, column * TILE, row * TILE))
    palette = paint(look)
    paths = "".join(
        f'<path fill="{palette[colour]}" fill-rule="evenodd" d="{"".join(parts)}"/>'
        for layer in layers
        for colour, parts in layer.items()
    )
    width, height = TILE * len(rows[0]), TILE * len(rows)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{paths}</svg>'


def paint(look: Look) -> dict[str, str]:
    """The five paints of a frieze, all from the edition's three colours."""
    return {
        "ink": look.ink,
        "accent": look.accent,
        "paper": mix(look.paper, WHITE, 0.4),
        "warm": mix(look.accent, look.paper, 0.62),
        "cool": mix(look.ink, look.paper, 0.8),
    }


def _shift(path: str, x: int, y: int) -> str:
    """The path moved: the points after `M`, `L` and `@` (the end of an arc) are places, all else is not."""

    def move(found: re.Match[str]) -> str:
        command, px, py = found.groups()
        return f"{command.strip('@')}{float(px) + x:g},{float(py) + y:g}"

    return _PLACE.sub(move, path)


def _polygon(*points: tuple[float, float]) -> str:
    return " L".join(f"{x:g},{y:g}" for x, y in points).join(("M", " Z "))


def _box(x: float, y: float, width: float, height: float) -> str:
    return _polygon((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def _disc(x: float, y: float, r: float) -> str:
    return f"M{x - r:g},{y:g} A{r:g},{r:g} 0 1 1 @{x + r:g},{y:g} A{r:g},{r:g} 0 1 1 @{x - r:g},{y:g} Z "


def _quarter(x: float, y: float, r: float, dx: int, dy: int) -> str:
    """A quarter disc with its corner at a point, opening towards (dx, dy)."""
    sweep = 1 if dx * dy > 0 else 0
    return f"M{x:g},{y:g} L{x + dx * r:g},{y:g} A{r:g},{r:g} 0 0 {sweep} @{x:g},{y + dy * r:g} Z "


def _regular(sides: int, r: float, turn: float = 0) -> str:
    angles = [turn + 2 * pi * side / sides for side in range(sides)]
    return _polygon(*((30 + r * cos(angle), 30 + r * sin(angle)) for angle in angles))


def _gear(teeth: int, inner: float, outer: float) -> str:
    step = 2 * pi / teeth
    corners = ((-0.30, inner), (-0.19, outer), (0.19, outer), (0.30, inner))
    return _polygon(
        *(
            (30 + r * cos((tooth + at) * step), 30 + r * sin((tooth + at) * step))
            for tooth in range(teeth)
            for at, r in corners
        )
    )


def _ground(colour: str) -> Shape:
    return colour, _box(0, 0, TILE, TILE)


_LEAF = "M0,60 A60,60 0 0 1 @60,0 A60,60 0 0 1 @0,60 Z "
_RINGS = "".join(_quarter(0, 60, r, 1, -1) for r in (60, 48, 36, 24, 12))
_WINDOWS = "".join(_box(x, y, 10, 10) for x in (8, 25, 42) for y in (8, 25, 42))
_SHEDS = _polygon((0, 60), (0, 14), (30, 38), (30, 14), (60, 38), (60, 60))
_CHIMNEYS = _polygon((12, 60), (15, 24), (25, 24), (28, 60)) + _polygon((34, 60), (36, 34), (44, 34), (46, 60))
_FLASH = _polygon((36, 5), (13, 35), (28, 35), (23, 55), (47, 24), (32, 24))
_STRIPES = "".join(_box(0, y, TILE, 6) for y in (6, 18, 30, 42, 54))

TILES: dict[str, tuple[Shape, ...]] = {
    ".": (),
    "a": (_ground("paper"), ("ink", _RINGS)),
    "b": (_ground("ink"), ("accent", _FLASH)),
    "d": (_ground("warm"), ("ink", _quarter(0, 0, 60, 1, 1)), ("accent", _quarter(0, 0, 30, 1, 1))),
    "f": (_ground("cool"), ("ink", _CHIMNEYS), ("accent", _disc(44, 14, 8))),
    "g": (_ground("accent"), ("ink", _gear(9, 19, 26)), ("paper", _disc(30, 30, 8))),
    "h": (_ground("ink"), ("warm", _quarter(30, 60, 30, -1, -1) + _quarter(30, 60, 30, 1, -1))),
    "l": (_ground("warm"), ("accent", _LEAF)),
    "n": (_ground("cool"), ("ink", _regular(6, 25) + _disc(30, 30, 11))),
    "o": (_ground("accent"), ("paper", _disc(30, 30, 25.5))),
    "p": (_ground("ink"), ("paper", _quarter(60, 0, 45, -1, 1) + _quarter(60, 0, 22, -1, 1))),
    "q": (_ground("cool"), ("accent", _quarter(60, 60, 60, -1, -1)), ("paper", _disc(17, 17, 8))),
    "s": (_ground("warm"), ("ink", _SHEDS), ("accent", _box(8, 44, 8, 8) + _box(38, 44, 8, 8))),
    "t": (_ground("accent"), ("paper", _STRIPES)),
    "u": (_ground("accent"), ("paper", _disc(30, 30, 19))),
    "w": (_ground("ink"), ("warm", _WINDOWS)),
}
