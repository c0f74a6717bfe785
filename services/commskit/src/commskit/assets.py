"""What ships with the service and goes into its documents: typefaces, templates, artwork."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from .art import draw_frieze
from .domain import Look

# Both families are under the SIL Open Font License. Red Hat Display has the letters of Western Europe; Source Sans,
# named after it in every `font-family`, lends the others (Greek, Cyrillic, U+202F …). There is no third: nothing is
# printed that is not in `backbone.texts.lettering.ALPHABET`, and no typeface of the machine is ever asked.
FONTS = {
    "display-black.ttf": ("font_rhd", "RedHatDisplay-Black.ttf"),
    "display-bold.ttf": ("font_rhd", "RedHatDisplay-Bold.ttf"),
    "text-regular.ttf": ("font_source_sans_pro", "SourceSansPro-Regular.ttf"),
    "text-semibold.ttf": ("font_source_sans_pro", "SourceSansPro-Semibold.ttf"),
}

LENDER = "text-semibold.ttf"

POSTER_ROWS = ("ugsbalq", "....ntw", "....dfo")
"""The poster's frieze, a letter per tile; the plate with the campaign's name covers the dots."""
GUIDE_ROWS = ("sgablqntdf",)

ART: dict[str, Callable[[Look], str]] = {
    "poster.svg": lambda look: draw_frieze(look, POSTER_ROWS),
    "guide.svg": lambda look: draw_frieze(look, GUIDE_ROWS),
}


def read_font(name: str) -> bytes:
    """A typeface of ours, from the package that carries it."""
    package, file = FONTS[name]
    return (files(package) / "files" / file).read_bytes()


@cache
def templates() -> Environment:
    """Templates that escape all they are given and fail on a missing word."""
    return Environment(
        loader=PackageLoader("commskit"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
