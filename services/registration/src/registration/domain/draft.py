"""A draft: an event as an organiser writes it, checked field by field. Whether it gets the label is not asked here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    UrlConstraints,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from backbone.campaign.geography import timezone_at
from backbone.contracts import Address, Admission, Audience, Booking, EventKind, PublicEvent, Venue
from backbone.texts.pasted import AS_ONE_LINE, AS_TEXT, PRINTED, WITH_WORDS

from .account import Line, Typed, mailable_address
from .postcode import read_postcode, without_postcode
from .slots import DraftSlot, placed, read_slots

PARIS = "Europe/Paris"
"""The zone of events that take place online: the campaign's own."""

NO_SITE = (
    "Indiquez une adresse que les visiteurs peuvent ouvrir, sans identifiant ni mot de passe, "
    "par exemple https://exemple.fr."
)


def of_a_public_site(address: AnyHttpUrl) -> AnyHttpUrl:
    """The address itself. Raises ValueError (in French) if nobody outside a network can open it, or if it bears a
    user: in « https://impots.example@autre.example », what one reads first is not where one goes."""
    host = (address.host or "").rstrip(".")
    if address.username is not None or address.password is not None or not _PUBLIC_HOST.search(host):
        raise ValueError(NO_SITE)
    return address


_PUBLIC_HOST = re.compile(r"[^.]\.[a-z][a-z0-9-]*$")  # a name under a domain; no number, no « localhost »
WebAddress = Annotated[AnyHttpUrl, UrlConstraints(max_length=500), AfterValidator(of_a_public_site)]
Printed = Annotated[Line, PRINTED]


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

    @field_validator("city")
    @classmethod
    def _is_a_name(cls, city: str | None, info: ValidationInfo) -> str | None:
        return without_postcode(city, info.data.get("postcode")) if city else None


class EventDraft(_Form):
    """An event as its organiser writes it, bit by bit: what is not there yet is None, and `domain.missing` names it;
    what is there is right by itself."""

    organisation: Annotated[Typed, PRINTED] | None = None
    title: Annotated[str, StringConstraints(min_length=3, max_length=120), AS_ONE_LINE, WITH_WORDS, PRINTED] | None = (
        None
    )
    description: Annotated[str, StringConstraints(min_length=10, max_length=1500), AS_TEXT, WITH_WORDS] | None = None
    kind: EventKind | None = None
    # lists, not tuples: of a tuple with one wrong element, pydantic says too that it is too short
    audiences: Annotated[list[Audience], Field(min_length=1, max_length=len(Audience))] | None = None
    admission: Admission | None = None
    is_free: StrictBool | None = None
    venue: DraftVenue | None = None
    online_url: WebAddress | None = None
    # after their place, whose clocks they go by
    slots: Annotated[list[DraftSlot], Field(min_length=1, max_length=30)] | None = None
    booking_email: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)] | None = None
    website: WebAddress | None = None

    @field_validator("audiences")
    @classmethod
    def _are_each_named_once(cls, audiences: list[Audience] | None) -> list[Audience] | None:
        return list(dict.fromkeys(audiences)) if audiences else None

    @field_validator("slots", mode="wrap")
    @classmethod
    def _are_on_the_clocks_there(
        cls, given: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> list[DraftSlot] | None:
        if given is None:
            return None
        zone = _zone_known(info.data.get("venue", ...), info.data.get("online_url"))
        return read_slots(given, read, ZoneInfo(zone) if zone else None)

    @field_validator("booking_email")
    @classmethod
    def _reaches_somebody(cls, booking_email: str | None) -> str | None:
        return mailable_address(booking_email) if booking_email else None

    @property
    def timezone(self) -> str:
        """The IANA zone in which the slots are written."""
        return _zone_of(self.venue)

    def as_event(self, event_id: UUID, revision: int, edition: str, organiser_id: UUID) -> PublicEvent:
        """The draft, of which nothing is missing, as the public event that it becomes when it is submitted."""
        zone = ZoneInfo(self.timezone)
        told: dict[str, Any] = {
            **{name: getattr(self, name) for name in _WORD_FOR_WORD},
            "audiences": tuple(self.audiences or ()),
            "slots": tuple(sorted((placed(slot, zone) for slot in self.slots or ()), key=lambda slot: slot.starts_at)),
            "timezone": self.timezone,
            "venue": _public(self.venue) if self.venue else None,
            "online_url": str(self.online_url) if self.online_url else None,
            "website": str(self.website) if self.website else None,
            "booking": Booking(email=self.booking_email) if self.booking_email else None,
        }
        return PublicEvent(event_id=event_id, revision=revision, edition=edition, organiser_id=organiser_id, **told)


_WORD_FOR_WORD = ("organisation", "title", "description", "kind", "admission", "is_free")


Kept = dict[str, Any]
"""A draft as it was kept: by the rules of its day, which have changed since perhaps, or by those of a later version."""


def read_draft(kept: Kept) -> EventDraft | None:
    """The draft, if it is one by today's rules."""
    try:
        return EventDraft.model_validate(kept)
    except ValidationError:
        return None


def read_in_part(kept: Kept) -> tuple[EventDraft, list[Mapping[str, Any]]]:
    """What of the draft is right by today's rules, and pydantic's errors on all that is not."""
    try:
        return EventDraft.model_validate(kept), []
    except ValidationError as refused:
        faults: list[Mapping[str, Any]] = list(refused.errors())
    if not isinstance(kept, dict):
        return EventDraft(), faults
    named = {fault["loc"][0] for fault in faults if fault["loc"]}
    return read_in_part({name: value for name, value in kept.items() if name not in named})[0], faults


def as_submitted(kept: Kept, event_id: UUID, revision: int, edition: str, organiser_id: UUID) -> PublicEvent | None:
    """The public event that a draft was submitted as, by the rules of its day, which are not asked again; None if it
    cannot be read."""
    try:
        venue = _as_kept(DraftVenue, kept["venue"]) if kept.get("venue") else None
        slots = [
            _as_kept(DraftSlot, {name: datetime.fromisoformat(at) for name, at in s.items()}) for s in kept["slots"]
        ]
        known = {name: kept.get(name) for name in EventDraft.model_fields} | {"venue": venue, "slots": slots}
        draft: EventDraft = _as_kept(EventDraft, known)
        return draft.as_event(event_id, revision, edition, organiser_id)
    except (LookupError, TypeError, ValueError, AttributeError):
        return None


def as_draft(event: PublicEvent) -> Kept:
    """The draft that was submitted as this event, as it is kept. Of what only a measure says of it nothing is left."""
    venue, booking = event.venue, event.booking
    place = venue and {"name": venue.name, **venue.address.model_dump(include={"street", "postcode", "city"})}
    return {
        **event.model_dump(mode="json", include=_AS_WRITTEN),
        "venue": place,
        "slots": [{"starts_at": _local(slot.starts_at), "ends_at": _local(slot.ends_at)} for slot in event.slots],
        "booking_email": booking.email if booking else None,
    }


_AS_WRITTEN = EventDraft.model_fields.keys() - {"venue", "slots", "booking_email"}


def _local(there: datetime) -> str:
    return there.replace(tzinfo=None).isoformat()


def _as_kept(form: type[BaseModel], values: Kept) -> Any:
    return form.model_construct(**values)


def _zone_of(venue: DraftVenue | None) -> str:
    return (timezone_at(venue.postcode) if venue and venue.postcode else None) or PARIS


def _zone_known(venue: Any, online_url: Any) -> str | None:
    """The zone of a place, as far as it is known while a draft is read; `venue` is `...` if it is wrong."""
    if isinstance(venue, DraftVenue):
        return _zone_of(venue) if venue.postcode else None
    return PARIS if venue is None and online_url else None


def _public(venue: DraftVenue) -> Venue:
    address: dict[str, Any] = {"street": venue.street, "postcode": venue.postcode, "city": venue.city}
    return Venue(name=venue.name, address=Address(**address))
