"""The way of an address to a point on the map, in named steps, each of which leaves why it did what it did.

clean → commune → each provider, in the order it is told → pin → judge → territory
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from backbone.contracts import Address, Location, Position, Precision, Reason

from .cleaning import cleaned
from .domain import Geocoder, GeocoderRefused, metres_between, pinned
from .gazetteer import GUESSES, OF_THE_POST, Found, Gazetteer
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


@dataclass
class _Search:
    """One address on its way."""

    address: Address
    pin: Position | None
    named: Found | None = None
    """The commune that the address names by itself."""
    location: Location | None = None
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

    async def place(self, address: Address, pin: Position | None = None) -> Placed:
        """Where the address is; `pin` is where the organiser says that it is.

        Raises `GeocoderUnavailable` when it is worth asking again: an outage must not turn doors into centres of
        communes, so no coarser provider is asked in its place.
        """
        search = _Search(address, pin)
        self._clean(search)
        self._name_commune(search)
        await self._ask(search)
        if search.location:
            _heed_pin(search)
            _judge(search)
            self._add_territory(search)
        return Placed(search.location, tuple(search.whys))

    def _clean(self, search: _Search) -> None:
        given, right = search.address, cleaned(search.address)
        search.address = right
        as_typed = (given.postcode, given.city) == (right.postcode, right.city)
        search.why("clean", "as it was typed" if as_typed else f"read as {right.postcode} {right.city}")

    def _name_commune(self, search: _Search) -> None:
        search.named = named = self.gazetteer.find(search.address)
        if named is None:
            search.why("commune", f"« {search.address.city} » and {search.address.postcode} name no commune together")
        else:
            search.why("commune", f"{_called(named)}, score {named.score:.2f}: {named.way}")

    async def _ask(self, search: _Search) -> None:
        for name, provider in self.providers.items():
            try:
                search.location, why = await provider.locate(search.address)
            except GeocoderRefused as refusal:
                log.warning("%s refused an address, the next is asked: %s", name, refusal)
                search.why(name, f"refused the question: {refusal}")
                continue
            search.why(name, why)
            if search.location is not None:
                return

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


def _heed_pin(search: _Search) -> None:
    at, pin = search.location, search.pin
    assert at is not None
    if pin is None:
        return search.why("pin", "the organiser put none")
    if not pin.is_confirmed:
        return search.why("pin", "not confirmed by the organiser: left aside")
    search.location = pinned(at, pin)
    away = metres_between(at, pin) / 1000
    if search.location.is_confirmed:
        return search.why("pin", f"the organiser's own, {away:.1f} km from what the address was taken for: kept")
    search.doubts.append(pin_elsewhere(away, at.commune_name))
    return search.why("pin", f"{away:.1f} km from what the address was taken for: not believed, the organiser is asked")


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
    search.location = at.model_copy(update={"doubts": tuple(search.doubts)})
    asked = ", ".join(doubt.code for doubt in search.doubts)
    search.why("judge", f"told as {at.precision}" + (f"; the organiser is asked to look: {asked}" if asked else ""))


STREET_UNKNOWN = Reason(
    code="street-unknown",
    message="La rue n’a été trouvée nulle part : l’événement est placé à la commune, faute de mieux.",
)


OF_LETTERS = Reason(
    code="postcode-of-letters",
    message="Ce code postal est celui du courrier (CEDEX), pas d’un lieu : indiquez celui du lieu.",
)


def commune_guessed(commune: str) -> Reason:
    """The organiser wrote something else, or less."""
    return Reason(
        code="commune-guessed",
        message=f"Nous avons compris « {commune} » : vérifiez le nom de la commune et le code postal.",
    )


def pin_elsewhere(kilometres: float, commune: str) -> Reason:
    """The organiser's pin is not where their address is."""
    return Reason(
        code="pin-elsewhere",
        message=f"Le repère que vous avez posé est à {kilometres:.0f} km de l’adresse, à {commune} : il n’est pas"
        " repris. Vérifiez l’adresse, ou reposez-le.",
    )


def _called(named: Found) -> str:
    return f"{named.commune.name} ({named.commune.code})"
