"""An edition of the campaign is data: one TOML file."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from .contracts import Contract


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
    number: int = Field(ge=1, description="The first Semaine de l'industrie, in 2011, was number 1")
    theme: str
    week: Period
    labelling_window: Period = Field(description="The local dates between which a labelled event takes place")
    registration: RegistrationPeriod
    map: MapOpening
    colours: Colours


def load_edition(path: Path) -> Edition:
    """The edition that the file describes. Raises OSError, tomllib.TOMLDecodeError or pydantic.ValidationError."""
    return Edition.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
