"""A labelled event as a visitor sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from backbone.contracts import Location, Precision, PublicEvent
from backbone.geography import DEPARTMENTS, REGIONS, department_of

from . import dates
from .words import ADMISSIONS, AUDIENCES, KINDS, PRECISIONS, TIMES, fold

_FINE = {Precision.HOUSENUMBER, Precision.STREET, Precision.LOCALITY}


def web_address(text: str | None) -> str | None:
    """The text if it may stand behind a link: an address of another kind (« javascript: ») is never clicked."""
    return text if text and text.lower().startswith(("https://", "http://")) else None


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

    @property
    def starts_at(self) -> datetime:
        return self.event.slots[0].starts_at

    @cached_property
    def ends_at(self) -> datetime:
        return max(slot.ends_at for slot in self.event.slots)

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The local days on which it opens."""
        return tuple(sorted({slot.starts_at.date() for slot in self.event.slots}))

    def is_over(self, now: datetime) -> bool:
        return self.ends_at < now

    @property
    def kind(self) -> str:
        return KINDS.get(self.event.kind, "Événement")

    @property
    def audiences(self) -> tuple[str, ...]:
        return tuple(AUDIENCES[code] for code in self.event.audiences if code in AUDIENCES)

    @property
    def admission(self) -> str | None:
        return ADMISSIONS.get(self.event.admission)

    @property
    def website(self) -> str | None:
        return web_address(self.event.website)

    @property
    def online_url(self) -> str | None:
        return web_address(self.event.online_url)

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
        return dates.openings(self.event.slots)

    @property
    def when(self) -> str:
        """Its days in a few words, for a list: « de 9 h à 12 h », « 6 jours, jusqu’au 21 novembre »."""
        if len(self.days) == 1:
            return self.openings[0][1]
        return f"{len(self.days)} jours, jusqu’au {dates.day_and_month(self.days[-1])}"

    @property
    def time_of(self) -> str | None:
        """Whose hours are told, where a visitor may be in doubt: overseas and online."""
        if self.is_online or self.event.timezone != "Europe/Paris":
            return TIMES.get(self.event.timezone)
        return None

    @cached_property
    def rank(self) -> tuple[float, str, int]:
        """Its place in a list by date. Numbers: 50,000 instants with their offsets take a second to compare."""
        return self.starts_at.timestamp(), fold(self.event.title), self.id.int

    @cached_property
    def searched(self) -> str:
        """All that a search looks through."""
        event, venue = self.event, self.event.venue
        words = [event.title, event.organisation, event.description, self.kind, *self.audiences]
        words += [self.city or "", self.postcode or "", self.department_name or "", self.region_name or ""]
        if venue:
            words += [venue.name or "", venue.address.street or "", venue.address.city]
        return fold("\n".join(words))
