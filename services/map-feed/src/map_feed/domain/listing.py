"""A labelled event as a visitor sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from backbone.campaign.dates import day_and_month
from backbone.campaign.geography import DEPARTMENTS, REGIONS, department_of
from backbone.campaign.typography import NO_BREAK
from backbone.campaign.words import ACCESSIBILITY, ADMISSIONS, AUDIENCES, KINDS, STATUSES, ZONES
from backbone.contracts import Admission, EventStatus, Location, Precision, PublicEvent, Slot, SlotStatus, Venue

from . import addresses, openings, registering
from .words import CONFIRMED, OFFERED, PRECISIONS, WHAT_TO_KNOW, fold

_FINE = {Precision.HOUSENUMBER, Precision.STREET, Precision.LOCALITY}


@dataclass(frozen=True, eq=False)
class Listing:
    """An event that may be seen, with the place of its pin if that is known."""

    event: PublicEvent
    location_of_venue: Location | None

    @property
    def id(self) -> UUID:
        return self.event.event_id

    @cached_property
    def status(self) -> str:
        """One of schema.org's five. What a later version of the contracts may add is shown as taking place; an event
        all of whose openings are cancelled is cancelled, though nobody said it of the whole."""
        if self.event.status in STATUSES:
            return self.event.status
        is_off = {slot.status for slot in self.slots} == {SlotStatus.CANCELLED}
        return (EventStatus.CANCELLED if is_off else EventStatus.SCHEDULED).value

    @property
    def takes_place(self) -> bool:
        """Whether one may come, and so be asked to register."""
        return self.status not in (EventStatus.CANCELLED, EventStatus.POSTPONED)

    @property
    def alert(self) -> str | None:
        """What a visitor must know before anything else: « Annulé », « Nouvelle date », « Complet »."""
        statuses = {slot.status for slot in self.slots}
        is_full = SlotStatus.FULL in statuses and statuses <= {SlotStatus.FULL, SlotStatus.CANCELLED}
        return STATUSES.get(self.status) or ("Complet" if is_full else None)

    @property
    def what_to_know(self) -> str:
        """The alert in a sentence."""
        return WHAT_TO_KNOW.get(self.status, "Cet événement est complet.")

    @property
    def status_note(self) -> str | None:
        """What the organiser says of it."""
        return self.event.status_note if self.status != EventStatus.SCHEDULED else None

    @property
    def venue(self) -> Venue | None:
        """The place one goes to: none any more where all has moved online."""
        return None if self.status == EventStatus.MOVED_ONLINE else self.event.venue

    @property
    def location(self) -> Location | None:
        """Where its pin is, if it has one."""
        return self.location_of_venue if self.venue else None

    @property
    def is_online(self) -> bool:
        """Whether one may take part from anywhere, be it that others meet in a place."""
        return self.venue is None or self.event.is_online

    @property
    def is_hybrid(self) -> bool:
        """Whether one has the choice."""
        return self.is_online and self.venue is not None

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """Its openings by time, none twice though it was told twice; of two groups at one hour, the one to join."""
        by_time = sorted(self.event.slots, key=lambda slot: (slot.starts_at, slot.ends_at, openings.is_shut(slot)))
        return tuple({(slot.starts_at, slot.ends_at): slot for slot in reversed(by_time)}.values())[::-1]

    @property
    def starts_at(self) -> datetime:
        return self.slots[0].starts_at

    @cached_property
    def ends_at(self) -> datetime:
        return max(slot.ends_at for slot in self.slots)

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The local days on which it is open, each day of a long opening too."""
        return tuple(sorted({day for slot in self.slots for day in openings.days(slot)}))

    def is_over(self, now: datetime) -> bool:
        return self.ends_at < now

    @property
    def kind(self) -> str:
        return KINDS.get(self.event.kind, "Événement")

    @property
    def offered(self) -> str:
        """« Visite d’entreprise proposée », « Atelier proposé »."""
        return f"{self.kind} {OFFERED.get(self.event.kind, 'proposé')}"

    @property
    def audiences(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(AUDIENCES[code] for code in self.event.audiences if code in AUDIENCES))

    @property
    def admission(self) -> str | None:
        return ADMISSIONS.get(self.event.admission)

    @property
    def website(self) -> str | None:
        return addresses.web(self.event.website)

    @property
    def is_on_registration(self) -> bool:
        return self.event.admission == Admission.ON_REGISTRATION

    @cached_property
    def ways_to_register(self) -> list[registering.Way]:
        return registering.ways(self.event) if self.takes_place else []

    @property
    def online_url(self) -> str | None:
        """Where one connects, if anybody may: who must register is told by the organiser."""
        is_told = self.event.admission == Admission.EVERYONE and self.takes_place
        return addresses.web(self.event.online_url) if is_told else None

    @property
    def accessibility(self) -> tuple[str, ...]:
        """For whom the place is fitted, in the order of the words."""
        return tuple(words for code, words in ACCESSIBILITY.items() if code in self.event.accessibility and self.venue)

    @property
    def accessibility_note(self) -> str | None:
        return self.event.accessibility_note if self.venue else None

    @property
    def way_there(self) -> str | None:
        """How one gets to the place, in the organiser's words."""
        return self.event.access if self.venue else None

    @property
    def capacity(self) -> str | None:
        """« 25 places », « 25 places par séance »."""
        places = self.event.capacity
        if not places or places < 1:
            return None
        each = " par séance" if len(self.slots) > 1 else ""
        return f"{places}{NO_BREAK}place{'s' if places > 1 else ''}{each}"

    @property
    def city(self) -> str | None:
        """The commune's own name where it is known: an address may say « LYON CEDEX 03 »."""
        if self.location:
            return self.location.commune_name
        return self.venue.address.city if self.venue else None

    @property
    def postcode(self) -> str | None:
        return self.venue.address.postcode if self.venue else None

    @cached_property
    def department(self) -> str | None:
        """Its code, told by the postcode as long as there is no pin. Of an event that has moved online, where it was to
        be: there it is looked for."""
        if self.location_of_venue:
            return self.location_of_venue.department_code
        return department_of(self.event.venue.address.postcode) if self.event.venue else None

    @cached_property
    def region(self) -> str | None:
        if self.location_of_venue:
            return self.location_of_venue.region_code
        department = DEPARTMENTS.get(self.department or "")
        return department.region if department else self.event.online_region

    @property
    def department_name(self) -> str | None:
        department = DEPARTMENTS.get(self.department or "")
        return department.name if department else None

    @property
    def region_name(self) -> str | None:
        return REGIONS.get(self.region or "")

    @property
    def is_precise(self) -> bool:
        """Whether the pin may be walked to."""
        return self.location is not None and self.location.precision in _FINE

    @property
    def precision(self) -> str | None:
        """« localisation à la commune »."""
        if self.location and self.location.is_confirmed:
            return CONFIRMED
        return PRECISIONS.get(self.location.precision) if self.location else None

    @cached_property
    def openings(self) -> list[tuple[date, str]]:
        return openings.openings(self.slots)

    @property
    def when(self) -> str:
        """Its days in a few words, for a list: « de 9 h à 12 h », « 6 jours, jusqu’au 21 novembre »."""
        if len(self.days) == 1:
            return self.openings[0][1]
        return f"{len(self.days)}{NO_BREAK}jours, jusqu’au {day_and_month(self.days[-1])}"

    @property
    def time_of(self) -> str | None:
        """Whose hours are told, where a visitor may be in doubt: overseas and online."""
        if not self.is_online and self.event.timezone == "Europe/Paris":
            return None
        return ZONES.get(self.event.timezone) or f"heure locale, UTC{self.starts_at.isoformat()[-6:]}"

    @cached_property
    def rank(self) -> tuple[float, str, int]:
        """Its place in a list by date. Numbers: 50,000 instants with their offsets take a second to compare."""
        return self.starts_at.timestamp(), fold(self.event.title), self.id.int

    @cached_property
    def searched(self) -> str:
        """All that a search looks through, a space on either side of each word."""
        event, venue, location = self.event, self.event.venue, self.location_of_venue
        words = [event.title, event.organisation, event.description, self.kind, *self.audiences]
        words += ["En ligne"] if self.is_online else []
        words += [self.alert or "", self.department_name or "", self.region_name or ""]
        words += [location.commune_name] if location else []
        if venue:
            words += [venue.name or "", venue.address.street or "", venue.address.postcode, venue.address.city]
        folded = fold("\n".join(words))
        return f" {folded} "


def read_listing(event: str, location: str | None) -> Listing:
    """The listing of an event and its location, told as JSON. Raises ValueError."""
    place = Location.model_validate_json(location) if location else None
    return Listing(PublicEvent.model_validate_json(event), place)
