"""An edition of the campaign is data: one TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from ..contracts import Contract, canary


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


class LabellingWindow(Period):
    """The local dates between which a labelled event takes place."""

    partly_outside: Literal["not_met", "doubtful"] = Field(
        "not_met", description="What becomes of an event of which some hours lie outside: refused, or a person looks"
    )


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


class Silence(StrEnum):
    """What it means that nobody decided in time."""

    NOTHING = "nothing"
    GRANTED = "granted"
    REFUSED = "refused"


class Doubt(StrEnum):
    """What becomes of a label while a person looks at a doubtful amendment."""

    KEPT = "kept"
    SUSPENDED = "suspended"


class ReviewRules(Contract):
    """How people decide: by when, and what follows where they do not. Where an edition says nothing of it, silence
    grants nothing and refuses nothing, and a label is kept until somebody has decided."""

    working_days: int = Field(4, ge=1, le=60, description="Until a person has decided; on an appeal as well")
    reminder_days: int = Field(1, ge=0, le=60, description="So many working days before that, it is called urgent")
    silence: Silence = Field(Silence.NOTHING, description="What it means that nobody has decided, on an appeal as well")
    silence_days: int = Field(
        4, ge=1, le=60, description="For so many working days after it was due, the national desk may still decide"
    )
    doubtful_amendment: Doubt = Doubt.KEPT


class Edition(Contract):
    """One year's campaign: its week, its deadlines, its theme, its colours."""

    name: str
    number: int = Field(ge=1, description="As the organisers count, who left out a year: not the year less 2010")
    theme: str
    week: Period
    labelling_window: LabellingWindow
    registration: RegistrationPeriod
    map: MapOpening
    colours: Colours
    review: ReviewRules = ReviewRules()
    themes: Mapping[str, str] = Field(
        {}, description="What an event may be about besides, by its code in the facts, as visitors read it"
    )
    sources: Mapping[str, str] = Field(description="For each of the facts above, who says so, or that it is assumed")

    @property
    def amendable_until(self) -> date:
        """The last day (in Paris) on which an event that was submitted in time may be amended: before the week."""
        return max(self.week.first - timedelta(days=1), self.registration.last_day)

    @model_validator(mode="after")
    def _says_where_each_fact_is_from(self) -> Self:
        facts = self.model_fields_set - {"name", "sources"}
        if lacking := sorted(fact for fact in facts if not self.sources.get(fact, "").strip()):
            raise ValueError(
                f"each fact of an edition needs its source: [sources] says nothing of {', '.join(lacking)}"
            )
        return self


CANARY = Edition(
    name=canary.EDITION,
    number=1,
    theme="Canari",
    week=Period(first=date(2099, 11, 16), last=date(2099, 11, 22)),
    labelling_window=LabellingWindow(first=date(2099, 11, 16), last=date(2099, 11, 22)),
    registration=RegistrationPeriod(opens=date(2000, 1, 1), last_day=date(2099, 11, 1)),
    map=MapOpening(opens=date.max),
    colours=Colours(ink="#12233f", accent="#e4572e", paper="#fff8ef"),
    sources=dict.fromkeys(
        ("number", "theme", "week", "labelling_window", "registration", "map", "colours"),
        "Nobody’s: far from every campaign, open to be submitted at any time, shown at none",
    ),
)
"""The edition that the canary is submitted for and judged by."""


def load_edition(path: Path) -> Edition:
    """The edition that the file describes. Raises OSError, tomllib.TOMLDecodeError or a ValueError
    (pydantic.ValidationError is one)."""
    edition = Edition.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    if edition.name == CANARY.name:
        raise ValueError(f"{path.name}: the name {CANARY.name} is the canary’s, of which nothing is ever shown")
    return edition


@dataclass(frozen=True)
class Editions:
    """The edition that is played, and all others that are known: what was told of those is still to be read rightly."""

    current: Edition
    by_name: Mapping[str, Edition]

    def get(self, name: str) -> Edition | None:
        """The edition of this name, e.g. « 2020 »; None if nobody here knows it."""
        return self.by_name.get(name)

    def judging(self, name: str) -> Edition | None:
        """The edition by which an event of this one is judged: the canary's too, which is none of the campaign's and is
        not known to who shows or counts."""
        return CANARY if name == CANARY.name else self.get(name)

    def __iter__(self) -> Iterator[Edition]:
        """All of them, the newest first."""
        return iter(sorted(self.by_name.values(), key=lambda edition: edition.week.first, reverse=True))


def load_editions(path: Path) -> Editions:
    """The edition that the file describes, and those of all files beside it. Raises as `load_edition` does."""
    current = load_edition(path)
    beside = [load_edition(file) for file in path.parent.glob("*.toml") if file.name != path.name]
    return Editions(current, {edition.name: edition for edition in (*beside, current)})
