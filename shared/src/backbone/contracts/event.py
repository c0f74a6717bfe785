"""The public event: what an organiser says of it, as everyone may read it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from .base import EDITION, Bounds, Carried

WEB_ADDRESS = Bounds(pattern="^https?://", maxLength=2000)


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
    HR_PROFESSIONALS = "hr_professionals"
    FAMILIES = "families"
    EVERYONE = "everyone"


class Admission(StrEnum):
    """Who may come in, as the organiser declares it. Readers accept others."""

    EVERYONE = "everyone"
    ON_REGISTRATION = "on_registration"
    NAMED_GROUP = "named_group"
    INVITATION_ONLY = "invitation_only"


class EventStatus(StrEnum):
    """Whether the event takes place as it was announced: schema.org's EventStatusType. Readers accept others."""

    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"
    RESCHEDULED = "rescheduled"
    MOVED_ONLINE = "moved_online"


class SlotStatus(StrEnum):
    """Whether one may still come to an opening. Readers accept others."""

    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"
    FULL = "full"


class Accessibility(StrEnum):
    """For whom the place is fitted: OpenAgenda's five codes (developers.openagenda.com, `accessibility`)."""

    INTELLECTUAL = "ii"
    HEARING = "hi"
    VISUAL = "vi"
    PSYCHIC = "pi"
    MOTOR = "mi"


class OrganisationKind(StrEnum):
    """What invites. Readers accept others."""

    COMPANY = "company"
    SCHOOL = "school"
    FEDERATION = "federation"
    PUBLIC_BODY = "public_body"
    ASSOCIATION = "association"
    OTHER = "other"


class Address(Carried):
    """A French postal address."""

    street: str | None = Field(None, description="Number and street, e.g. « 12 rue de l'Industrie »")
    postcode: Annotated[str, Bounds(pattern=r"^\d{5}$")]
    city: Annotated[str, Bounds(minLength=1, maxLength=120)]
    commune_code: Annotated[str | None, Bounds(pattern=r"^(\d{2}|2[AB])\d{3}$")] = Field(
        None, description="The INSEE code, where the organiser chose the commune from a list, e.g. « 69266 »"
    )


class Position(Carried):
    """Where the organiser says that it is, in degrees (WGS84)."""

    longitude: Annotated[float, Bounds(minimum=-180, maximum=180)]
    latitude: Annotated[float, Bounds(minimum=-90, maximum=90)]
    is_confirmed: bool = Field(False, description="Whether the organiser put or confirmed the pin on a map")
    is_confirmed_twice: bool = Field(
        False, description="Whether they said so again when asked, as it is outside the commune of the address"
    )


class Venue(Carried):
    """The place one goes to."""

    name: str | None = Field(None, description="What the sign says, e.g. « Usine de Montoir, portail B »")
    address: Address
    position: Position | None = None


class Booking(Carried):
    """How a visitor registers: addresses and numbers of the organisation, never a person's."""

    url: Annotated[str | None, WEB_ADDRESS] = None
    email: Annotated[str | None, Bounds(maxLength=254)] = None
    telephone: Annotated[str | None, Bounds(maxLength=30)] = Field(None, description="As one dials it: +33 1 23 …")


class Slot(Carried):
    """One opening of the event. Both instants carry the UTC offset of the event's own place, so that
    `starts_at.date()` is the local date there."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    id: str | None = Field(None, description="Names the opening through all revisions of its event")
    status: Annotated[str, Bounds(enum=[*SlotStatus])] = SlotStatus.SCHEDULED.value

    def contradictions(self) -> Iterator[str]:
        if lasts(self.starts_at, self.ends_at) <= timedelta(0):
            yield "a slot does not end after it starts"


def lasts(starts_at: datetime, ends_at: datetime) -> timedelta:
    """The time between two instants; negative if the second comes first.

    Python takes two times of one zone by what its clocks show: an hour too much or too little where these change.
    To go over UTC instead would overflow in the first and the last year there is.
    """
    clocks = ends_at.replace(tzinfo=None) - starts_at.replace(tzinfo=None)
    return clocks - ((ends_at.utcoffset() or timedelta(0)) - (starts_at.utcoffset() or timedelta(0)))


class Picture(Carried):
    """A picture of the event, as a JPEG of at most 1,600 pixels a side. Nobody guesses its addresses, and never is
    another picture there."""

    id: UUID = Field(description="The picture: another one is another picture")
    url: Annotated[str, WEB_ADDRESS] = Field(description="Where everybody sees it")
    thumbnail_url: Annotated[str | None, WEB_ADDRESS] = Field(None, description="The same, at most 640 pixels a side")
    width: Annotated[int | None, Bounds(minimum=1)] = Field(None, description="In pixels, of what is at `url`")
    height: Annotated[int | None, Bounds(minimum=1)] = Field(None, description="In pixels, of what is at `url`")
    credit: Annotated[str, Bounds(minLength=1, maxLength=200)] = Field(description="To be shown with it, whose it is")
    alternative_text: Annotated[str, Bounds(minLength=1, maxLength=300)] = Field(
        description="What it shows, for whoever does not see it"
    )


class PublicEvent(Carried):
    """One revision of an event, whole, without personal data.

    It takes place on site (`venue`), online (`online_url`), or both. `organiser_id` is an opaque number: who is behind
    it is told on a restricted topic only.
    """

    event_id: UUID
    revision: Annotated[int, Bounds(minimum=1)]
    edition: Annotated[str, EDITION] = Field(description="The edition's name, e.g. « 2026 »")
    organiser_id: UUID
    organisation: Annotated[str, Bounds(minLength=1, maxLength=200)] = Field(
        description="The company, school or public body that invites"
    )
    organisation_kind: Annotated[str | None, Bounds(enum=[*OrganisationKind, None])] = None
    siret: Annotated[str | None, Bounds(pattern=r"^\d{14}$")] = Field(None, description="Of the establishment")
    title: Annotated[str, Bounds(minLength=1, maxLength=120)]
    description: Annotated[str, Bounds(minLength=1, maxLength=1500)]
    kind: Annotated[str, Bounds(enum=[*EventKind])]
    themes: tuple[str, ...] = Field((), description="Of the themes of the edition, e.g. « skills »")
    audiences: Annotated[tuple[Annotated[str, Bounds(enum=[*Audience])], ...], Bounds(minItems=1)]
    admission: Annotated[str, Bounds(enum=[*Admission])]
    is_free: bool
    status: Annotated[str, Bounds(enum=[*EventStatus])] = EventStatus.SCHEDULED.value
    status_note: Annotated[str | None, Bounds(maxLength=500)] = Field(
        None, description="What the organiser says of the status, to visitors, e.g. « Reporté au printemps »"
    )
    slots: Annotated[tuple[Slot, ...], Bounds(minItems=1)] = Field(description="In the order of their start")
    timezone: str = Field(description="IANA name of the zone of the event's place, e.g. « Indian/Reunion »")
    venue: Venue | None = None
    online_url: Annotated[str | None, WEB_ADDRESS] = Field(
        None, description="Where one connects; not shown to visitors who must register first (`admission`)"
    )
    has_private_link: bool = Field(
        False,
        description="Whether one takes part online by a link that its organiser gives to who is registered or invited, "
        "and that is not told here (`online_url`)",
    )
    online_region: Annotated[str | None, Bounds(pattern=r"^\d{2}$")] = Field(
        None, description="INSEE code of the region that an event online alone is for, e.g. « 53 », if it is for one"
    )
    website: Annotated[str | None, WEB_ADDRESS] = Field(None, description="Where a visitor reads more")
    booking: Booking | None = None
    capacity: Annotated[int | None, Bounds(minimum=1)] = Field(None, description="Visitors at one opening")
    access: Annotated[str | None, Bounds(maxLength=500)] = Field(
        None, description="How one gets there, e.g. « Tram 1, arrêt Mairie ; entrée par le portail B »"
    )
    accessibility: tuple[Annotated[str, Bounds(enum=[*Accessibility])], ...] = Field(
        (), description="For whom the place is fitted: OpenAgenda's codes"
    )
    accessibility_note: Annotated[str | None, Bounds(maxLength=500)] = Field(
        None, description="A word on it, e.g. « Boucle magnétique à l’accueil »"
    )
    external_id: Annotated[str | None, Bounds(maxLength=200)] = Field(
        None, description="The event's name in the organiser's own system"
    )
    copied_from: UUID | None = Field(None, description="The event, of an earlier edition perhaps, that it repeats")
    picture: Picture | None = Field(None, description="What it looks like there, as its organiser shows it")
    resembles: tuple[UUID, ...] = Field(
        (), description="Events at the same place and hour, under a like title, that an organiser says are others"
    )

    @property
    def takes_place(self) -> bool:
        """Whether one may come to it at its hours. A status that is not known here is no reason to stay at home."""
        return self.status not in (EventStatus.CANCELLED, EventStatus.POSTPONED)

    @property
    def is_online(self) -> bool:
        """Whether one may take part from anywhere, by a link that is told or by one that is not."""
        return self.online_url is not None or self.has_private_link or self.status == EventStatus.MOVED_ONLINE

    def contradictions(self) -> Iterator[str]:
        yield from super().contradictions()
        if self.venue is None and self.online_url is None and not self.has_private_link:
            yield "an event has neither a venue nor an online address"
