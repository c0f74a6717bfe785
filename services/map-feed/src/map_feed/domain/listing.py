"""A labelled event as a visitor sees it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from backbone.campaign.dates import day_and_month
from backbone.campaign.geography import DEPARTMENTS, REGIONS, department_of
from backbone.campaign.typography import NO_BREAK
from backbone.campaign.words import ADMISSIONS, AUDIENCES, KINDS, ZONES
from backbone.contracts import Admission, Location, Precision, PublicEvent, Slot

from . import addresses, openings
from .words import OFFERED, PRECISIONS, fold

_NUMBER = re.compile(r"(?:\+|\b0)\d(?:[\s./-]{0,2}\d){8,11}\b")
_FINE = {Precision.HOUSENUMBER, Precision.STREET, Precision.LOCALITY}


@dataclass(frozen=True, eq=False)
class Listing:
    """An event that may be seen, with the place of its pin if that is known."""

    event: PublicEvent
    location: Location | None

    @property
    def id(self) -> UUID:
        return self.event.event_id

    @property
    def is_online(self) -> bool:
        return self.event.venue is None

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """Its openings by time, none twice though it was told twice."""
        return tuple(sorted(set(self.event.slots), key=lambda slot: (slot.starts_at, slot.ends_at)))

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

    @property
    def booking_email(self) -> str | None:
        """Where one writes to register."""
        return addresses.mail(self.event.booking_email) if self.is_on_registration else None

    @property
    def online_url(self) -> str | None:
        """Where one connects, if anybody may: who must register is told by the organiser."""
        return addresses.web(self.event.online_url) if self.event.admission == Admission.EVERYONE else None

    @cached_property
    def contact(self) -> str | None:
        """The first address in the description that one can follow: how one registers, where no other way is told."""
        return next((part.href for part in addresses.parts(self.event.description) if part.href), None)

    @property
    def gives_a_number(self) -> bool:
        """Whether a telephone number stands in the description, where no address does."""
        return _NUMBER.search(self.event.description) is not None

    @property
    def city(self) -> str | None:
        """The commune's own name where it is known: an address may say « LYON CEDEX 03 »."""
        if self.location:
            return self.location.commune_name
        return self.event.venue.address.city if self.event.venue else None

    @property
    def postcode(self) -> str | None:
        return self.event.venue.address.postcode if self.event.venue else None

    @cached_property
    def department(self) -> str | None:
        """Its code; told by the postcode as long as there is no pin."""
        if self.location:
            return self.location.department
        return department_of(self.postcode) if self.postcode else None

    @cached_property
    def region(self) -> str | None:
        if self.location:
            return self.location.region
        department = DEPARTMENTS.get(self.department or "")
        return department.region if department else None

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
        event, venue = self.event, self.event.venue
        words = [event.title, event.organisation, event.description, self.kind, *self.audiences]
        words += ["En ligne"] if self.is_online else []
        words += [self.city or "", self.postcode or "", self.department_name or "", self.region_name or ""]
        if venue:
            words += [venue.name or "", venue.address.street or "", venue.address.city]
        folded = fold("\n".join(words))
        return f" {folded} "
