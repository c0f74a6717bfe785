"""A draft: an event as an organiser writes it, checked field by field. Whether it gets the label is not asked here."""

from __future__ import annotations

import re
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
from .contacts import says_how_to_register
from .postcode import read_postcode, without_postcode
from .slots import DraftSlot, placed, read_slots

NO_WAY_IN = (
    "Les visiteurs doivent s’inscrire : dites-leur où, par un lien (website) ou par une adresse électronique de votre "
    "organisation (booking_email)."
)

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
    postcode: Annotated[str, BeforeValidator(read_postcode)]
    city: Annotated[str, StringConstraints(min_length=1, max_length=120), AS_ONE_LINE, WITH_WORDS, PRINTED]

    @field_validator("city")
    @classmethod
    def _is_a_name(cls, city: str, info: ValidationInfo) -> str:
        return without_postcode(city, info.data.get("postcode"))


class EventDraft(_Form):
    """An event as its organiser writes it. Either `venue` or `online_url` is given."""

    organisation: Annotated[Typed, PRINTED]
    title: Annotated[str, StringConstraints(min_length=3, max_length=120), AS_ONE_LINE, WITH_WORDS, PRINTED]
    description: Annotated[str, StringConstraints(min_length=10, max_length=1500), AS_TEXT, WITH_WORDS]
    kind: EventKind
    # lists, not tuples: of a tuple with one wrong element, pydantic says too that it is too short
    audiences: Annotated[list[Audience], Field(min_length=1, max_length=len(Audience))]
    admission: Admission
    is_free: StrictBool
    venue: DraftVenue | None = None
    slots: Annotated[list[DraftSlot], Field(min_length=1, max_length=30)]  # after their place, whose clocks they go by
    online_url: WebAddress | None = Field(None, validate_default=True)
    booking_email: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)] | None = None
    website: WebAddress | None = Field(None, validate_default=True)

    @field_validator("audiences")
    @classmethod
    def _are_each_named_once(cls, audiences: list[Audience]) -> list[Audience]:
        return list(dict.fromkeys(audiences))

    @field_validator("slots", mode="wrap")
    @classmethod
    def _are_on_the_clocks_there(
        cls, given: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> list[DraftSlot]:
        venue = info.data.get("venue", ...)
        return read_slots(given, read, ZoneInfo(_zone_of(venue)) if venue is not ... else None)

    @field_validator("online_url")
    @classmethod
    def _is_on_site_or_online(cls, online_url: AnyHttpUrl | None, info: ValidationInfo) -> AnyHttpUrl | None:
        if "venue" in info.data and (info.data["venue"] is None) == (online_url is None):
            raise ValueError("Indiquez soit un lieu (venue), soit une adresse de connexion (online_url).")
        return online_url

    @field_validator("booking_email")
    @classmethod
    def _reaches_somebody(cls, booking_email: str | None) -> str | None:
        return mailable_address(booking_email) if booking_email else None

    @field_validator("website")
    @classmethod
    def _says_where_to_register(cls, website: AnyHttpUrl | None, info: ValidationInfo) -> AnyHttpUrl | None:
        told = info.data
        asked = told.get("admission") == Admission.ON_REGISTRATION and {"booking_email", "description"} <= told.keys()
        if asked and not (website or told["booking_email"] or says_how_to_register(told["description"])):
            raise ValueError(NO_WAY_IN)
        return website

    @property
    def timezone(self) -> str:
        """The IANA zone in which the slots are written."""
        return _zone_of(self.venue)

    def as_event(self, event_id: UUID, revision: int, edition: str, organiser_id: UUID) -> PublicEvent:
        """The draft as the public event that it becomes when it is submitted."""
        zone = ZoneInfo(self.timezone)
        return PublicEvent(
            event_id=event_id,
            revision=revision,
            edition=edition,
            organiser_id=organiser_id,
            organisation=self.organisation,
            title=self.title,
            description=self.description,
            kind=self.kind,
            audiences=tuple(self.audiences),
            admission=self.admission,
            is_free=self.is_free,
            slots=tuple(sorted((placed(slot, zone) for slot in self.slots), key=lambda slot: slot.starts_at)),
            timezone=self.timezone,
            venue=_public(self.venue) if self.venue else None,
            online_url=str(self.online_url) if self.online_url else None,
            website=str(self.website) if self.website else None,
            booking=Booking(email=self.booking_email) if self.booking_email else None,
        )


Kept = dict[str, Any]
"""A draft as it was kept: by the rules of its day, which have changed since perhaps, or by those of a later version."""


def read_draft(kept: Kept) -> EventDraft | None:
    """The draft, if it is one by today's rules."""
    try:
        return EventDraft.model_validate(kept)
    except ValidationError:
        return None


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
    return (timezone_at(venue.postcode) if venue else None) or PARIS


def _public(venue: DraftVenue) -> Venue:
    address = Address(street=venue.street, postcode=venue.postcode, city=venue.city)
    return Venue(name=venue.name, address=address)
