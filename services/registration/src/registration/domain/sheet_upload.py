"""An upload: what a row of it promises before anything is done, and what became of it afterwards. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from .kept import Kept

MOST_UNDER_WAY = 3
"""Uploads of one account that wait or are worked on at one time."""
KEPT_DAYS = 30


class UploadState(StrEnum):
    """Where an upload stands."""

    RECEIVED = "received"
    CHECKED = "checked"
    UNREADABLE = "unreadable"
    APPLYING = "applying"
    APPLIED = "applied"


class Outlook(StrEnum):
    """What a row is good for."""

    READY = "ready"
    """May be submitted as it is."""
    TO_CONFIRM = "to_confirm"
    """May be submitted once its organiser says that a number or a mailbox in it may become public."""
    INCOMPLETE = "incomplete"
    """May be kept as a draft, and cannot be submitted yet."""
    FAULTY = "faulty"
    """A cell is wrong: nothing is kept of the row."""


class Change(StrEnum):
    """What a row would change."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class Outcome(StrEnum):
    """What became of a row."""

    SUBMITTED = "submitted"
    DRAFTED = "drafted"
    UNCHANGED = "unchanged"
    LEFT = "left"
    """Faulty, or refused: nothing was kept of it."""


class Assessed(NamedTuple):
    """What the rules of the label would say: « granted », « refused » or « under_review »; and in French what an
    organiser may mend."""

    label: str
    words: Sequence[str]


class Application(BaseModel):
    """What is to be done with the rows. `confirmed`: the fields whose numbers and mailboxes may become public;
    `not_the_same`: rows that look like events that are submitted already are other events; `withdraw_missing`: events
    of earlier files of the series, which are not in this one, are withdrawn."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    kept_as: Annotated[Literal["drafts", "submitted"], Field(alias="as")]
    confirmed: Annotated[list[Annotated[str, Field(max_length=50)]], Field(max_length=20)] = []
    not_the_same: StrictBool = False
    withdraw_missing: StrictBool = False


def event_of(organisation_id: UUID, edition: str, external_id: str | None, key: str) -> UUID:
    """The number of the event that a row makes: the same whenever the row comes again, and for the same reference."""
    return uuid5(organisation_id, f"{edition}:ref:{external_id}" if external_id else f"{edition}:row:{key}")


def merged(given: Kept, before: Kept | None, columns: Collection[str]) -> Kept:
    """The draft of a row, with what its file has no column for as it was: a pin that was put on the map, a page that
    was added by hand. An empty cell says that there is nothing; a column that is not there says nothing."""
    if not before:
        return given
    roots = {name.split(".")[0] for name in columns}
    kept = {name: value for name, value in before.items() if name not in roots} | given
    if (venue := given.get("venue")) and (known := before.get("venue")):
        place = {name: value for name, value in known.items() if f"venue.{name}" not in columns} | venue
        is_there = all(place.get(name) == known.get(name) for name in _WHERE)
        kept["venue"] = place if is_there else {name: place[name] for name in place if name not in _PINNED}
    return kept


_WHERE, _PINNED = ("street", "postcode", "city"), ("position", "commune_code")


def lacking(headings: Sequence[str]) -> list[str]:
    """What is said of columns that every event needs and that the file has not."""
    named = ", ".join(f"« {heading} »" for heading in headings)
    return [f"Colonnes absentes, sans lesquelles un événement ne peut pas être déposé : {named}."] if headings else []
