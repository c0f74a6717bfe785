"""What an edition lends to everything that is printed in its name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Self

from backbone.campaign.edition import Edition


@dataclass(frozen=True)
class Look:
    """An edition as a printer sees it. Hashable: sheets and guides are kept per look."""

    edition_name: str
    number: int
    theme: str
    week_first: date
    week_last: date
    submittable_until: date
    amendable_until: date
    ink: str
    accent: str
    paper: str

    @classmethod
    def of(cls, edition: Edition) -> Self:
        """The look of an edition."""
        colours = edition.colours
        return cls(
            edition_name=edition.name,
            number=edition.number,
            theme=edition.theme,
            week_first=edition.week.first,
            week_last=edition.week.last,
            submittable_until=edition.registration.last_day,
            amendable_until=edition.amendable_until,
            ink=colours.ink,
            accent=colours.accent,
            paper=colours.paper,
        )
