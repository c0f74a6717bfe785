"""The A4 poster, for an office printer, in the edition's colours."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from weasyprint import CSS

from backbone.campaign.dates import period

from .assets import ART, templates
from .composition import DETAILS, DOOR, EXTRACT, HEADLINE, KIND, ORGANISATION, TITLE, Poster
from .domain import Look, ordinal_ending, typeset
from .pdf import LOOKS, Press, colours


class PosterPrinter:
    """Prints posters; what they have in common is made once per edition."""

    def __init__(self, press: Press) -> None:
        self._press = press
        self._sheet = lru_cache(LOOKS)(self._make_sheet)
        self._frieze = lru_cache(LOOKS)(lambda look: ART["poster.svg"](look).encode())

    def prepare(self, look: Look) -> None:
        """Makes what the posters of an edition have in common, if it is not made yet."""
        self._sheet(look)
        self._frieze(look)

    def print(self, poster: Poster, look: Look, qr_svg: bytes, stamp: datetime) -> bytes:
        """The poster as an accessible PDF of one page."""
        html = (
            templates()
            .get_template("poster.html")
            .render(
                poster=poster,
                look=look,
                ordinal_ending=ordinal_ending(look.number),
                week=period(look.week_first, look.week_last),
                theme=typeset(look.theme),
                stamp=stamp.isoformat(),
            )
        )
        assets = {"poster.svg": self._frieze(look), "qr.svg": qr_svg}
        return self._press.pdf(html, self._sheet(look), assets)

    def _make_sheet(self, look: Look) -> CSS:
        measures = {
            "headline": HEADLINE,
            "kind": KIND,
            "title": TITLE,
            "organisation": ORGANISATION,
            "extract": EXTRACT,
            "details": DETAILS,
            "door": DOOR,
        }
        return self._press.sheet("poster.css", {**colours(look), **measures})
