"""The way of an address to a point on the map, in named steps, each of which leaves why it did what it did.

clean → commune → each provider, in the order it is told → pin → judge → territory
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from backbone.campaign.geography import department_of
from backbone.contracts import Address, Location, Position, Precision, Reason

from .boundaries import Boundaries
from .cleaning import cleaned
from .domain import Commune, Geocoder, GeocoderRefused, GeocoderUnreadable, at_pin, centre, metres_between
from .doubts import OF_LETTERS, STREET_UNKNOWN, commune_guessed, pin_elsewhere, street_guessed
from .gazetteer import GUESSES, OF_THE_POST, Found, Gazetteer
from .streets import is_another_way
from .territories import Territories

log = logging.getLogger(__name__)


class Why(NamedTuple):
    """What one step of the way did, and why: a sentence for whoever operates the service. Of the address it quotes the
    city, the postcode and what a provider calls the place, never what the organiser wrote as the street."""

    step: str
    said: str


@dataclass(frozen=True)
class Placed:
    """Where an address is (None: nobody knows it), and how that came about."""

    location: Location | None
    whys: tuple[Why, ...] = ()
    is_poor: bool = False
    """Whether somebody who may know it better answered what is no answer: worth asking again another hour."""


@dataclass
class _Search:
    """One address on its way."""

    address: Address
    pin: Position | None
    named: Found | None = None
    """The commune that the address names by itself."""
    location: Location | None = None
    is_poor: bool = False
    doubts: list[Reason] = field(default_factory=list)
    whys: list[Why] = field(default_factory=list)

    def why(self, step: str, said: str) -> None:
        self.whys.append(Why(step, said))


@dataclass(frozen=True)
class Pipeline:
    """Who is asked for an address, in which order, and what is made of their answers."""

    providers: Mapping[str, Geocoder]
    """By name, the finest first: the first one to know an address answers."""
    gazetteer: Gazetteer = field(default_factory=Gazetteer.load)
    territories: Territories = field(default_factory=Territories.load)
    boundaries: Boundaries = field(default_factory=Boundaries.load)

    async def place(self, address: Address, pin: Position | None = None) -> Placed:
        """Where the address is; `pin` is where the organiser says that it is.

        Raises `GeocoderUnavailable` when it is worth asking again: an outage must not turn doors into centres of
        communes, so no coarser provider is asked in its place.
        """
        search = _Search(address, pin)
        self._clean(search)
        self._name_commune(search)
        await self._ask(search)
        self._heed_pin(search)
        if search.location:
            _judge(search)
            self._add_territory(search)
        is_put_by_hand = search.location is not None and search.location.is_confirmed
        return Placed(search.location, tuple(search.whys), search.is_poor and not is_put_by_hand)

    def _clean(self, search: _Search) -> None:
        given, right = search.address, cleaned(search.address)
        search.address = right
        as_typed = (given.postcode, given.city) == (right.postcode, right.city)
        search.why("clean", "as it was typed" if as_typed else f"read as {right.postcode} {right.city}")

    def _name_commune(self, search: _Search) -> None:
        search.named = named = self.gazetteer.find(search.address)
        if named is None:
            search.why(
                "commune",
                f"« {search.address.city} » and {search.address.postcode or 'no postcode'} name no commune together",
            )
        else:
            search.why("commune", f"{_called(named)}, score {named.score:.2f}: {named.way}")

    async def _ask(self, search: _Search) -> None:
        for name, provider in self.providers.items():
            try:
                search.location, why = await provider.locate(search.address)
            except GeocoderRefused as refusal:
                log.warning("%s refused an address, the next is asked: %s", name, refusal)
                search.is_poor |= isinstance(refusal, GeocoderUnreadable)
                search.why(name, f"refused the question: {refusal}")
                continue
            search.why(name, why)
            if search.location is not None:
                return

    def _heed_pin(self, search: _Search) -> None:
        pin = search.pin
        if pin is None:
            return search.why("pin", "the organiser put none")
        if not pin.is_confirmed:
            return search.why("pin", "not confirmed by the organiser: left aside")
        return self._hold_against_pin(search, pin) if search.location else self._place_by_pin(search, pin)

    def _hold_against_pin(self, search: _Search, pin: Position) -> None:
        at = search.location
        assert at is not None
        commune, away = self.gazetteer.by_code(at.commune_code), metres_between(at, pin) / 1000
        said = f"the organiser's own, {away:.1f} km from what the address was taken for"
        if commune and self.boundaries.hold(commune, pin):
            search.location = at_pin(at, pin)
            return search.why("pin", f"{said}, in {at.commune_name}: kept")
        if pin.is_confirmed_twice:
            search.location = at_pin(at, pin)
            return search.why("pin", f"{said}, outside {at.commune_name}; they said so twice: kept")
        search.doubts.append(pin_elsewhere(away, at.commune_name))
        return search.why("pin", f"{said}, outside {at.commune_name}: not believed, the organiser is asked")

    def _place_by_pin(self, search: _Search, pin: Position) -> None:
        """Of an address that nobody knows, the department is sure by its postcode, and the pin tells the commune."""
        around = self._communes_around(pin, department_of(search.address.postcode))
        if not around:
            return search.why("pin", "in no commune of the department that the postcode tells: left aside")
        commune = min(around, key=lambda one: metres_between(one, pin))
        search.location = at_pin(centre(commune, "organiser", 0), pin)
        return search.why(
            "pin", f"the organiser's own, in {commune.name} ({commune.code}): the address is placed by it"
        )

    def _communes_around(self, pin: Position, department: str | None) -> list[Commune]:
        places = self.gazetteer.places_in(department) if department else ()
        communes = map(self.gazetteer.commune, places)
        return [commune for commune in communes if self.boundaries.hold(commune, pin)]

    def _add_territory(self, search: _Search) -> None:
        assert search.location is not None
        search.location = at = self.territories.told(search.location)
        industry = at.industry_territory and f"Territoire d'industrie {at.industry_territory}"
        lies_in = (
            f"department {at.department_code}",
            f"region {at.region_code}",
            at.epci_code and f"EPCI {at.epci_code}",
        )
        of = ", ".join(filter(None, (*lies_in, industry, at.academy and f"académie of {at.academy}", at.timezone)))
        search.why("territory", f"from commune {at.commune_code}: {of}")


def _judge(search: _Search) -> None:
    """What the organiser is asked to look at, told with the place."""
    at, named = search.location, search.named
    assert at is not None
    if named is None or named.commune.code != at.commune_code or named.way in GUESSES:
        search.doubts.append(commune_guessed(at.commune_name))
    elif named.way in OF_THE_POST and at.precision == Precision.MUNICIPALITY:
        search.doubts.append(OF_LETTERS)
    if at.precision == Precision.MUNICIPALITY and search.address.street:
        search.doubts.append(STREET_UNKNOWN)
    elif at.matched_label and is_another_way(search.address.street or "", at.matched_label):
        search.doubts.append(street_guessed(at.matched_label))
    search.location = at.model_copy(update={"doubts": tuple(search.doubts)})
    asked = ", ".join(doubt.code for doubt in search.doubts)
    search.why("judge", f"told as {at.precision}" + (f"; the organiser is asked to look: {asked}" if asked else ""))


def _called(named: Found) -> str:
    return f"{named.commune.name} ({named.commune.code})"
