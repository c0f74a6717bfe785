"""What ships with the service and goes into its documents: typefaces, templates, artwork."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from backbone.printing.typefaces import FONTS, read_font

from .art import draw_frieze
from .domain import Look

__all__ = ["ART", "FONTS", "GUIDE_ROWS", "LENDER", "POSTER_ROWS", "read_font", "templates"]

LENDER = "text-semibold.ttf"

POSTER_ROWS = ("ugsbalq", "....ntw", "....dfo")
"""The poster's frieze, a letter per tile; the plate with the campaign's name covers the dots."""
GUIDE_ROWS = ("sgablqntdf",)

ART: dict[str, Callable[[Look], str]] = {
    "poster.svg": lambda look: draw_frieze(look, POSTER_ROWS),
    "guide.svg": lambda look: draw_frieze(look, GUIDE_ROWS),
}


@cache
def templates() -> Environment:
    """Templates that escape all they are given and fail on a missing word."""
    return Environment(
        loader=ChoiceLoader([PackageLoader("commskit"), PackageLoader("backbone.printing")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
