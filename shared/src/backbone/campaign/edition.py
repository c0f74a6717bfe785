"""An edition of the campaign is data: one TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from ..contracts import Contract


class Period(Contract):
    """Two days and all between them. Compared with local dates, at the event's own place."""

    first: date
    last: date

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("a period ends after it begins")
        return self

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


class RegistrationPeriod(Contract):
    """From when until when (both days included, in Paris) an event may be submitted."""

    opens: date
    last_day: date


class MapOpening(Contract):
    """The day (in Paris) from which the public sees the labelled events."""

    opens: date


class Colours(Contract):
    """Of posters and pages, as `#rrggbb`: text, highlight, background."""

    ink: str = Field(pattern=r"^#[0-9a-f]{6}$")
    accent: str = Field(pattern=r"^#[0-9a-f]{6}$")
    paper: str = Field(pattern=r"^#[0-9a-f]{6}$")


class Edition(Contract):
    """One year's campaign: its week, its deadlines, its theme, its colours."""

    name: str
    number: int = Field(ge=1, description="As the organisers count, who left out a year: not the year less 2010")
    theme: str
    week: Period
    labelling_window: Period = Field(description="The local dates between which a labelled event takes place")
    registration: RegistrationPeriod
    map: MapOpening
    colours: Colours
    sources: Mapping[str, str] = Field(description="For each of the facts above, who says so, or that it is assumed")

    @model_validator(mode="after")
    def _says_where_each_fact_is_from(self) -> Self:
        facts = type(self).model_fields.keys() - {"name", "sources"}
        if lacking := sorted(fact for fact in facts if not self.sources.get(fact, "").strip()):
            raise ValueError(
                f"each fact of an edition needs its source: [sources] says nothing of {', '.join(lacking)}"
            )
        return self


def load_edition(path: Path) -> Edition:
    """The edition that the file describes. Raises OSError, tomllib.TOMLDecodeError or pydantic.ValidationError."""
    return Edition.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
