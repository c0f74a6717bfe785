"""The words of geocoding and its rules: what a hit is worth, and which pin is believed.

What a geocoder may say instead of an answer, and what is worth asking again:

    GeocoderError
    ├── GeocoderUnavailable      down, slow, too busy, or shut to us: the same question may be answered later
    └── GeocoderRefused          this very question was refused: it would be refused again
        └── GeocoderUnreadable   something came back that is no answer: the same would come again, this hour
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import cos, hypot, radians
from typing import Any, Literal, NamedTuple, Protocol, get_args
from uuid import UUID

from backbone.campaign.geography import department_of, timezone_of_commune
from backbone.contracts import Address, EventFact, Location, Mark, Position, Precision


class GeocoderError(Exception):
    """A geocoder did not answer; its text says why. It is never raised for an address nobody knows."""


class GeocoderUnavailable(GeocoderError):
    """Worth asking again, after `retry_after` seconds when the service said how long it wants to be left."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class GeocoderRefused(GeocoderError):
    """Not worth asking again: the service will not take this question."""


class GeocoderUnreadable(GeocoderRefused):
    """Not worth asking again at once: what came back is not a geocoder's answer."""


State = Literal["waiting", "located", "not_located", "online", "withdrawn"]
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True)
class Whereabouts:
    """What is kept of one event: how far registration's story of it was heard (0: nothing yet), what is to be done or
    was found about the venue of that revision, and the `sequence` of the newest fact that was told of the event."""

    event_id: UUID
    heard_revision: int = 0
    heard_sequence: int = 0
    edition: str = ""
    state: State | None = None
    location: str | None = None  # JSON
    whys: str | None = None  # JSON: what each step of the look-up did, and why
    sequence: int = 0

    @property
    def heard(self) -> Mark:
        """The mark of registration's newest word."""
        return Mark(self.heard_revision, self.heard_sequence)

    @property
    def about(self) -> dict[str, Any]:
        """What every fact about the event says of it."""
        return {
            "event_id": self.event_id,
            "revision": self.heard_revision,
            "sequence": self.sequence,
            "edition": self.edition,
        }

    def after(self, word: Mark, state: State, edition: str) -> Whereabouts:
        """Registration told something newer: what was found before is nothing to go by any more."""
        revision, sequence = word
        heard = replace(self, heard_revision=revision, heard_sequence=sequence, edition=edition)
        return replace(heard, state=state, location=None, whys=None)

    def found(self, location: Location | None, whys: Sequence[tuple[str, str]] = ()) -> Whereabouts:
        """The look-up has ended, and the next fact is told of it; `whys` are its steps and what each said."""
        state: State = "located" if location else "not_located"
        kept = location.model_dump_json() if location else None
        why = json.dumps(whys, ensure_ascii=False) if whys else None
        return replace(self, state=state, location=kept, whys=why, sequence=self.sequence + 1)

    def recalled(self, fact: EventFact, location: Location | None) -> Whereabouts:
        """What was told of the event, in hours that the database has lost, was found so. Whatever it had heard of that
        revision is heard anew."""
        is_newer = fact.revision > self.heard_revision
        heard = replace(self, heard_revision=fact.revision, heard_sequence=0, edition=fact.edition)
        found = (heard if is_newer else self).found(location)
        return replace(found if fact.revision >= self.heard_revision else self, sequence=fact.sequence)

    @property
    def place(self) -> Location | None:
        """Where it was found, if it was."""
        return Location.model_validate_json(self.location) if self.location else None

    def is_told(self, revision: int) -> bool:
        """Whether it was told where that revision takes place before it was heard of: that was taken back."""
        return revision == self.heard_revision and self.heard_sequence == 0 and self.state in ("located", "not_located")


class Verdict(NamedTuple):
    """Where a geocoder has an address (None: it is not known there), and why: a sentence for whoever operates the
    service, which quotes what the geocoder calls the place, never what was typed."""

    location: Location | None
    why: str


class Geocoder(Protocol):
    """Whoever turns an address into a point on the map."""

    async def locate(self, address: Address) -> Verdict:
        """What is made of an address.

        Raises `GeocoderUnavailable` when it is worth asking again, `GeocoderRefused` when it is not.
        """
        ...


class Commune(NamedTuple):
    """A commune of France. Codes are INSEE's; the point is WGS84, in degrees.

    `postcodes` are those of La Poste, without CEDEX. `radius_m` is the distance in metres from the point within
    which the whole commune lies. `population` is 0 where none is published.
    """

    code: str
    name: str
    postcodes: tuple[str, ...]
    population: int
    department: str
    region: str
    longitude: float
    latitude: float
    radius_m: int


@dataclass(frozen=True)
class Hit:
    """The best answer of the national address service: `kind`, `score` (0 to 1) and `label` in its own terms."""

    kind: str
    score: float
    citycode: str
    longitude: float
    latitude: float
    label: str | None = None


# The score from which a hit of this kind is believed to be the place itself.
_BELIEVED_FROM = {Precision.HOUSENUMBER: 0.7, Precision.STREET: 0.6, Precision.LOCALITY: 0.6}


def precision_of(kind: str, score: float) -> Precision:
    """How fine a hit is: as its kind says when the score bears it, the commune otherwise."""
    for precision, threshold in _BELIEVED_FROM.items():
        if kind == precision and score >= threshold:
            return precision
    return Precision.MUNICIPALITY


def judged(hit: Hit, commune: Commune, address: Address, declared: Commune | None) -> Verdict:
    """Where a hit puts an address, or nowhere when it is not believed.

    `commune` is the hit's, `declared` the one that the address names, if that is known. A hit in a department
    that the postcode does not serve is somewhere else of the same name. A hit that is too weak to be a door or
    a street tells its commune, and only when that is the declared one; its label, which names what was not believed,
    is not handed on.
    """
    said, served = described(hit.kind, commune, hit.score, hit.label), address.postcode in commune.postcodes
    department = department_of(address.postcode)
    if not served and commune.department != department:
        other = f"not {department}" if department else "and its postcode names none"
        return _not_believed(f"{said}, which is in department {commune.department}, {other}")
    if precision_of(hit.kind, hit.score) is not Precision.MUNICIPALITY:
        return Verdict(_at(hit, commune), said)
    weak = f", below {_BELIEVED_FROM[Precision(hit.kind)]:.2f}" if hit.kind in _BELIEVED_FROM else ""
    if declared is not None and declared.code != commune.code:
        return _not_believed(f"{said}{weak}, and the declared commune is {declared.name} ({declared.code})")
    if declared is None and not served:
        return _not_believed(f"{said}{weak}, in a commune that {address.postcode} does not serve")
    label = hit.label if hit.kind == Precision.MUNICIPALITY else None
    at = centre(commune, "ban", hit.score, matched_label=label)
    return Verdict(at, f"{said}{weak}: taken at the commune" if weak else said)


def described(kind: str, commune: Commune, score: float, label: str | None = None) -> str:
    """What was found, in words for whoever asks why."""
    return f"{kind} {f'« {label} » ' if label else ''}in {commune.name} ({commune.code}), score {score:.2f}"


def _not_believed(hit: str) -> Verdict:
    return Verdict(None, f"its best hit is not believed: {hit}")


def _at(hit: Hit, commune: Commune) -> Location:
    return Location(
        longitude=hit.longitude,
        latitude=hit.latitude,
        precision=precision_of(hit.kind, hit.score),
        commune_code=commune.code,
        commune_name=commune.name,
        department_code=commune.department,
        region_code=commune.region,
        timezone=timezone_of_commune(commune.code),
        provider="ban",
        matched_label=hit.label,
        score=hit.score,
    )


def centre(
    commune: Commune, provider: str, score: float, *, vintage: str | None = None, matched_label: str | None = None
) -> Location:
    """The commune's point, and the radius within which all of it lies."""
    return Location(
        longitude=commune.longitude,
        latitude=commune.latitude,
        precision=Precision.MUNICIPALITY,
        radius_m=commune.radius_m,
        commune_code=commune.code,
        commune_name=commune.name,
        department_code=commune.department,
        region_code=commune.region,
        timezone=timezone_of_commune(commune.code),
        provider=provider,
        vintage=vintage,
        matched_label=matched_label,
        score=score,
    )


def is_finer(one: Location, than: Location) -> bool:
    """Whether a place is known more precisely than it was. What a later release calls a precision is as fine as any."""
    fineness = {precision.value: rank for rank, precision in enumerate(Precision)}
    return fineness.get(one.precision, 0) < fineness.get(than.precision, 0)


METRES_A_DEGREE = 111_195
"""Of latitude: a globe of 6,371 km."""


def at_pin(location: Location, pin: Position) -> Location:
    """Where the organiser says that it is: they know their own door better than any table. What it is part of is told
    by its address."""
    place = {"longitude": pin.longitude, "latitude": pin.latitude, "precision": Precision.HOUSENUMBER}
    told_by = {"provider": "organiser", "is_confirmed": True}
    unknown = dict.fromkeys(("radius_m", "vintage", "matched_label", "score"))
    return location.model_copy(update=place | told_by | unknown)


def metres_between(one: Location | Commune, other: Position) -> float:
    """Metres from one point to the other; good enough for some kilometres, wherever on the globe."""
    east = (other.longitude - one.longitude) * cos(radians((one.latitude + other.latitude) / 2))
    return METRES_A_DEGREE * hypot(east, other.latitude - one.latitude)
