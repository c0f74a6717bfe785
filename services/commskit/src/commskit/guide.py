"""The organiser's guide: two pages, the same for all of an edition."""

from __future__ import annotations

from functools import lru_cache

from backbone.campaign.dates import in_full, period

from .assets import ART, templates
from .domain import Look, ordinal_ending, typeset
from .pdf import LOOKS, Press, colours

WRITTEN = "2026-11-26T20:00:00+01:00"
"""When the guide's text was last revised. A date in the file that does not depend on when it was printed."""


class GuidePrinter:
    """Prints the guide once per edition and keeps it."""

    def __init__(self, press: Press) -> None:
        self._press = press
        self.print = lru_cache(LOOKS)(self._print)

    def _print(self, look: Look) -> bytes:
        week = period(look.week_first, look.week_last)
        html = (
            templates()
            .get_template("guide.html")
            .render(
                look=look,
                week=week,
                theme=typeset(look.theme),
                ordinal_ending=ordinal_ending(look.number),
                amendable_until=in_full(look.amendable_until),
                written=WRITTEN,
            )
        )
        sheet = self._press.sheet("guide.css", {**colours(look), "week": week})
        return self._press.pdf(html, sheet, {"guide.svg": ART["guide.svg"](look).encode()})
