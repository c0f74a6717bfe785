"""The public event: what an organiser says of it, as everyone may read it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from .base import Contract


class EventKind(StrEnum):
    """The kinds of event that the campaign knows. Readers accept others: the field on the wire is text."""

    COMPANY_VISIT = "company_visit"
    OPEN_DAY = "open_day"
    JOB_DATING = "job_dating"
    CAREERS_FORUM = "careers_forum"
    WEBINAR = "webinar"
    CLASSROOM_TALK = "classroom_talk"
    VIRTUAL_VISIT = "virtual_visit"
    WORKSHOP = "workshop"
    EXHIBITION = "exhibition"
    CONFERENCE = "conference"
    GAME = "game"


class Audience(StrEnum):
    """Whom an event is for. Readers accept others."""

    PUPILS = "pupils"
    STUDENTS = "students"
    JOB_SEEKERS = "job_seekers"
    TEACHERS = "teachers"
    FAMILIES = "families"
    EVERYONE = "everyone"


class Admission(StrEnum):
    """Who may come in, as the organiser declares it. Readers accept others."""

    EVERYONE = "everyone"
    ON_REGISTRATION = "on_registration"
    NAMED_GROUP = "named_group"
    INVITATION_ONLY = "invitation_only"


class Address(Contract):
    """A French postal address."""

    street: str | None = Field(None, description="Number and street, e.g. « 12 rue de l'Industrie »")
    postcode: str = Field(pattern=r"^\d{5}$")
    city: str


class Venue(Contract):
    """The place one goes to."""

    name: str | None = Field(None, description="What the sign says, e.g. « Usine de Montoir, portail B »")
    address: Address


class Slot(Contract):
    """One opening of the event. Both instants carry the UTC offset of the event's own place, so that
    `starts_at.date()` is the local date there."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if lasts(self.starts_at, self.ends_at) <= timedelta(0):
            raise ValueError("a slot ends after it starts")
        return self


def lasts(starts_at: datetime, ends_at: datetime) -> timedelta:
    """The time between two instants; negative if the second comes first.

    Python takes two times of one zone by what its clocks show: an hour too much or too little where these change.
    To go over UTC instead would overflow in the first and the last year there is.
    """
    clocks = ends_at.replace(tzinfo=None) - starts_at.replace(tzinfo=None)
    return clocks - ((ends_at.utcoffset() or timedelta(0)) - (starts_at.utcoffset() or timedelta(0)))


class PublicEvent(Contract):
    """One revision of an event, whole, without personal data.

    Exactly one of `venue` (one goes there) and `online_url` (one connects) is set. `organiser_id` is an
    opaque number: who is behind it is told on a restricted topic only.
    """

    event_id: UUID
    revision: Annotated[int, Field(ge=1)]
    edition: str = Field(description="The edition's name, e.g. « 2026 »")
    organiser_id: UUID
    organisation: str = Field(description="The company, school or public body that invites")
    title: str = Field(max_length=120)
    description: str = Field(max_length=1500)
    kind: str = Field(description=f"One of {', '.join(EventKind)}; a reader accepts others")
    audiences: tuple[str, ...] = Field(description=f"Of {', '.join(Audience)}; a reader accepts others")
    admission: str = Field(description=f"One of {', '.join(Admission)}; a reader accepts others")
    is_free: bool
    slots: tuple[Slot, ...] = Field(min_length=1, description="In the order of their start")
    timezone: str = Field(description="IANA name of the zone of the event's place, e.g. « Indian/Reunion »")
    venue: Venue | None = None
    online_url: str | None = Field(
        None, description="Where one connects; not shown to visitors who must register first (`admission`)"
    )
    website: str | None = Field(None, description="Where a visitor reads more or registers; http or https")
    booking_email: str | None = Field(
        None, description="Where a visitor writes to register: an address of the organisation's, never a person's"
    )

    @model_validator(mode="after")
    def _is_on_site_or_online(self) -> Self:
        if (self.venue is None) == (self.online_url is None):
            raise ValueError("an event has either a venue or an online address")
        return self
