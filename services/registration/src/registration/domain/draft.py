"""A draft: an event as an organiser writes it, checked field by field. Whether it gets the label is not asked here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import (
    AnyHttpUrl,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from backbone.campaign.geography import timezone_at
from backbone.contracts import (
    Accessibility,
    Address,
    Admission,
    Audience,
    Booking,
    EventKind,
    EventStatus,
    OrganisationKind,
    Position,
    PublicEvent,
    Slot,
    SlotStatus,
    Venue,
)
from backbone.texts.pasted import AS_ONE_LINE, AS_TEXT, PRINTED, WITH_WORDS

from .account import Typed, mailable_address
from .fields import Code, CommuneCode, DraftPosition, Note, Printed, RegionCode, Telephone, WebAddress, Word
from .picture import DraftPicture, public
from .postcode import read_postcode, without_postcode
from .slots import EDITION, DraftSlot, placed, read_slots

NO_THEMES = "Cette édition n’a pas de thèmes."

PARIS = "Europe/Paris"
"""The zone of events that take place online: the campaign's own."""

Title = Annotated[str, StringConstraints(min_length=3, max_length=120), AS_ONE_LINE, WITH_WORDS, PRINTED]
Mailbox = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=254), Field(json_schema_extra={"format": "email"})
]
Themes = Annotated[list[Annotated[str, StringConstraints(max_length=50)]], Field(min_length=1, max_length=10)]


class _Form(BaseModel):
    # a field that is misspelt would silently be lost: it is refused
    model_config = ConfigDict(extra="forbid")


class DraftVenue(_Form):
    """Where one goes."""

    name: Printed | None = None
    street: Printed | None = None
    postcode: Annotated[str, BeforeValidator(read_postcode)] | None = None
    city: Annotated[str, StringConstraints(min_length=1, max_length=120), AS_ONE_LINE, WITH_WORDS, PRINTED] | None = (
        None
    )

    commune_code: CommuneCode | None = None
    position: DraftPosition | None = None

    @field_validator("city")
    @classmethod
    def _is_a_name(cls, city: str | None, info: ValidationInfo) -> str | None:
        return without_postcode(city, info.data.get("postcode")) if city else None


class EventDraft(_Form):
    """An event as its organiser writes it, bit by bit: what is not there yet is None, and `domain.missing` names it;
    what is there is right by itself."""

    organisation: Annotated[Typed, PRINTED] | None = None
    organisation_kind: OrganisationKind | None = None
    title: Title | None = None
    description: Annotated[str, StringConstraints(min_length=10, max_length=1500), AS_TEXT, WITH_WORDS] | None = None
    kind: EventKind | None = None
    themes: Themes | None = None
    # lists, not tuples: of a tuple with one wrong element, pydantic says too that it is too short
    audiences: Annotated[list[Audience], Field(min_length=1, max_length=len(Audience))] | None = None
    admission: Admission | None = None
    is_free: StrictBool | None = None
    status: EventStatus | None = None
    status_note: Note | None = None
    status_url: WebAddress | None = None
    venue: DraftVenue | None = None
    is_online: StrictBool | None = None
    online_url: WebAddress | None = None
    online_region: RegionCode | None = None
    """Of an event online alone that is for the people of one."""
    # after their place, whose clocks they go by
    slots: Annotated[list[DraftSlot], Field(min_length=1, max_length=30)] | None = None
    picture: DraftPicture | None = None
    booking_url: WebAddress | None = None
    booking_email: Mailbox | None = None
    booking_telephone: Telephone | None = None
    website: WebAddress | None = None
    capacity: Annotated[int, Field(strict=True, ge=1, le=100_000)] | None = None
    access: Word | None = None
    accessibility: Annotated[list[Accessibility], Field(min_length=1, max_length=len(Accessibility))] | None = None
    accessibility_note: Word | None = None
    external_id: Code | None = None
    copied_from: UUID | None = None

    @field_validator("audiences", "accessibility", "themes")
    @classmethod
    def _are_each_named_once(cls, codes: list[str] | None) -> list[str] | None:
        return list(dict.fromkeys(codes)) if codes else None

    @field_validator("themes")
    @classmethod
    def _are_those_of_the_edition(cls, themes: list[str] | None) -> list[str] | None:
        edition = EDITION.get()
        if edition and not set(themes or ()) <= edition.themes.keys():
            known = ", ".join(f"« {code} » ({words})" for code, words in edition.themes.items())
            raise ValueError(f"Choisissez parmi les thèmes de l’édition : {known}." if known else NO_THEMES)
        return themes

    @field_validator("slots", mode="wrap")
    @classmethod
    def _are_on_the_clocks_there(
        cls, given: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> list[DraftSlot] | None:
        if given is None:
            return None
        is_online = info.data.get("online_url") or info.data.get("is_online")
        zone = _zone_known(info.data.get("venue", ...), is_online=bool(is_online))
        return read_slots(given, read, ZoneInfo(zone) if zone else None)

    @field_validator("booking_email")
    @classmethod
    def _reaches_somebody(cls, booking_email: str | None) -> str | None:
        return mailable_address(booking_email) if booking_email else None

    @property
    def timezone(self) -> str:
        """The IANA zone in which the slots are written."""
        return _zone_of(self.venue)

    @property
    def takes_part_online(self) -> bool:
        """Whether one may take part from anywhere."""
        return self.is_online is True or self._link is not None

    @property
    def _link(self) -> AnyHttpUrl | None:
        moved = self.status_url if self.status == EventStatus.MOVED_ONLINE else None
        return moved or self.online_url

    @property
    def keeps_its_link(self) -> bool:
        """Whether the link to take part is given by the organiser to who is registered or invited, and told to nobody
        else: what is told is public, and for good."""
        return self.admission is not None and self.admission != Admission.EVERYONE

    def as_event(self, event_id: UUID, revision: int, edition: str, organiser_id: UUID) -> PublicEvent:
        """The draft, of which nothing is missing, as the public event that it becomes when it is submitted."""
        zone = ZoneInfo(self.timezone)
        told: dict[str, Any] = {
            **{name: value for name in _WORD_FOR_WORD if (value := getattr(self, name)) is not None},
            **{name: tuple(codes) for name in _LISTS if (codes := getattr(self, name))},
            "slots": tuple(sorted(self._placed(zone), key=lambda slot: slot.starts_at)),
            "timezone": self.timezone,
            "venue": _public(self.venue) if self.venue else None,
            "online_url": str(self._link) if self._link and not self.keeps_its_link else None,
            "has_private_link": self.takes_part_online and self.keeps_its_link,
            "online_region": None if self.venue else self.online_region,
            "website": str(self.website) if self.website else None,
            "booking": self._booking(),
            "picture": public(self.picture),
        }
        return PublicEvent(event_id=event_id, revision=revision, edition=edition, organiser_id=organiser_id, **told)

    def _placed(self, zone: ZoneInfo) -> Iterator[Slot]:
        for slot in self.slots or ():
            there = placed(slot, zone)
            is_off = self.status == EventStatus.CANCELLED
            yield there.model_copy(update={"status": SlotStatus.CANCELLED.value}) if is_off else there

    def _booking(self) -> Booking | None:
        url = str(self.booking_url) if self.booking_url else None
        booking = Booking(url=url, email=self.booking_email, telephone=self.booking_telephone)
        return booking if booking != Booking() else None


_WORD_FOR_WORD = (
    *("organisation", "organisation_kind", "title", "description", "kind", "admission", "is_free"),
    *("status", "status_note", "capacity", "access", "accessibility_note", "external_id", "copied_from"),
)
_LISTS = ("audiences", "themes", "accessibility")


def _zone_of(venue: DraftVenue | None) -> str:
    return (timezone_at(venue.postcode) if venue and venue.postcode else None) or PARIS


def _zone_known(venue: Any, *, is_online: bool) -> str | None:
    """The zone of a place, as far as it is known while a draft is read; `venue` is `...` if it is wrong."""
    if isinstance(venue, DraftVenue):
        return _zone_of(venue) if venue.postcode else None
    return PARIS if venue is None and is_online else None


def _public(venue: DraftVenue) -> Venue:
    at, where = venue.position, ("street", "postcode", "city", "commune_code")
    position = Position(**at.model_dump()) if at else None
    return Venue(name=venue.name, address=Address(**{name: getattr(venue, name) for name in where}), position=position)
