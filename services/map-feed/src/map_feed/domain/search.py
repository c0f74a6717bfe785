"""What a visitor looks for: the filters of the list and of the map, as they stand in the address."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal, get_args
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from backbone.campaign.geography import DEPARTMENTS, REGIONS
from backbone.campaign.words import AUDIENCES, KINDS
from backbone.contracts import Location

from .listing import Listing
from .nearness import Point, kilometres
from .words import fold, spellings

Kilometres = Literal["5", "10", "30", "50", "100"]
RADII: tuple[str, ...] = get_args(Kilometres)
RADIUS = "30"
OF_A_PLACE = {"autour", "rayon", "ville"}  # one filter: without the first, the others are none
_POINT = re.compile(r"(-?[0-9]{1,3}(?:\.[0-9]{1,20})?), ?(-?[0-9]{1,3}(?:\.[0-9]{1,20})?)")


class Search(BaseModel):
    """The filters. Their names in an address are French; a filter left empty is none, and capitals do not matter."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    text: str | None = Field(None, alias="q", max_length=100, description="Mots cherchés, tous présents")
    region: str | None = Field(None, max_length=40, description="Code INSEE de la région, par exemple 84")
    department: str | None = Field(None, alias="departement", max_length=40, description="Code INSEE, par exemple 69")
    kind: str | None = Field(None, alias="type", max_length=40, description="Type d’événement")
    audience: str | None = Field(None, alias="public", max_length=40, description="Public visé")
    day: date | None = Field(None, alias="jour", description="Jour local, par exemple 2026-11-17")
    place: Literal["sur-place", "en-ligne"] | None = Field(None, alias="lieu", description="Où l’on participe")
    around: str | None = Field(
        None,
        alias="autour",
        description="Latitude et longitude d’un point, par exemple 45.7640,4.8357 : les événements qui ont leur repère "
        "dans le rayon",
    )
    radius: Kilometres | None = Field(
        None, alias="rayon", description=f"Avec autour, en kilomètres : {', '.join(RADII)} ; {RADIUS} si rien n’est dit"
    )
    town: str | None = Field(None, alias="ville", max_length=60, description="Avec autour, le nom qui est montré")

    @model_validator(mode="before")
    @classmethod
    def _tidy(cls, given: Any) -> Any:
        spaced = {name: " ".join(value.split()) if isinstance(value, str) else value for name, value in given.items()}
        tidy = {name: value for name, value in spaced.items() if value not in ("", None)}
        if "departement" in tidy and "region" in tidy:
            region, department = _region(tidy["region"]), DEPARTMENTS.get(_department(tidy["departement"]) or "")
            if region and department and department.region != region:
                # a visitor who chooses another region leaves the department of the old one behind
                del tidy["departement"]
        if "autour" not in tidy:
            return {name: value for name, value in tidy.items() if name not in OF_A_PLACE}
        if tidy.get("rayon") == RADIUS:
            del tidy["rayon"]
        return tidy

    @field_validator("region")
    @classmethod
    def _region_exists(cls, given: str | None) -> str | None:
        if given and not (code := _region(given)):
            raise ValueError("Cette région n’existe pas ; indiquez son nom ou son code INSEE, par exemple 84.")
        return code if given else None

    @field_validator("department")
    @classmethod
    def _department_exists(cls, given: str | None) -> str | None:
        if given == "20":
            raise ValueError("La Corse a deux départements : indiquez 2A ou 2B.")
        if given and not (code := _department(given)):
            raise ValueError("Ce département n’existe pas ; indiquez son nom ou son code INSEE, par exemple 69 ou 2A.")
        return code if given else None

    @field_validator("kind")
    @classmethod
    def _kind_exists(cls, given: str | None) -> str | None:
        return _one_of(KINDS, given, "Ce type d’événement n’existe pas")

    @field_validator("audience")
    @classmethod
    def _audience_exists(cls, given: str | None) -> str | None:
        return _one_of(AUDIENCES, given, "Ce public n’existe pas")

    @field_validator("place", mode="before")
    @classmethod
    def _place_in_small_letters(cls, given: Any) -> Any:
        return given.lower() if isinstance(given, str) else given

    @field_validator("day", mode="before")
    @classmethod
    def _day_is_a_date(cls, given: Any) -> Any:
        # not a date and an hour, nor the seconds since 1970, which pydantic would take for a date as well
        if isinstance(given, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", given, re.ASCII):
            raise ValueError("Indiquez un jour sous la forme 2026-11-17.")
        return given

    @field_validator("around")
    @classmethod
    def _is_a_point(cls, given: str | None) -> str | None:
        if given is None:
            return None
        told = _POINT.fullmatch(given)
        latitude, longitude = map(float, told.groups()) if told else (91.0, 181.0)
        if abs(latitude) > 90 or abs(longitude) > 180:
            raise ValueError(
                "Indiquez une latitude (de -90 à 90) et une longitude (de -180 à 180), par exemple 45.7640,4.8357."
            )
        return f"{latitude:.4f},{longitude:.4f}"  # ten metres: those who look around one town ask for the same

    @cached_property
    def _point(self) -> Point | None:
        return Point(*map(float, self.around.split(","))) if self.around else None

    @property
    def kilometres(self) -> int:
        """How far around the point is looked, where there is one."""
        return int(self.radius or RADIUS)

    @cached_property
    def words(self) -> frozenset[str]:
        """The words that an event must have, as they are compared; a text without any finds nothing."""
        return frozenset(fold(self.text).split() or [self.text]) if self.text else frozenset()

    @cached_property
    def _spellings(self) -> tuple[tuple[str, ...], ...]:
        return tuple(spellings(word) for word in self.words)

    @property
    def key(self) -> Hashable:
        """Two searches with the same key find the same."""
        filters = self.region, self.department, self.kind, self.audience, self.day, self.place
        return self.words, *filters, self._point, self.radius

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set, by their names in an address."""
        given = self.model_dump(mode="json", by_alias=True, exclude_none=True, include=set(Search.model_fields))
        return {name: str(value) for name, value in given.items()}

    def query(self, *, without: str | None = None, page: int = 1) -> str:
        """The part of an address behind the question mark."""
        gone = OF_A_PLACE if without == "autour" else {without}
        pairs = {name: value for name, value in self.filters.items() if name not in gone}
        return urlencode(pairs | ({"page": str(page)} if page > 1 else {}), safe=",")

    def finds(self, listing: Listing) -> bool:
        """Whether the event is one of those looked for."""
        event = listing.event
        wanted_and_told = (
            (self.region, listing.region),
            (self.department, listing.department),
            (self.kind, event.kind),
        )
        return (
            all(wanted in (None, told) for wanted, told in wanted_and_told)
            and (self.audience is None or self.audience in event.audiences)
            and (self.day is None or self.day in listing.days)
            and (self.place != "en-ligne" or listing.is_online)
            and (self.place != "sur-place" or listing.venue is not None)
            and all(any(word in listing.searched for word in same) for same in self._spellings)
            and (self._point is None or self._is_near(self._point, listing.location))
        )

    def _is_near(self, point: Point, location: Location | None) -> bool:
        """Whether a pin is within the radius. What has none is nowhere near."""
        return (
            location is not None and kilometres(point, Point(location.latitude, location.longitude)) <= self.kilometres
        )


class ListQuery(Search):
    """The filters, and which page of the list."""

    page: int = Field(1, ge=1, le=1000)


def in_order(listings: Iterable[Listing], now: datetime) -> list[Listing]:
    """As a visitor wants to read them: what is still to come first, by date; what is over last."""
    return sorted(listings, key=lambda it: (it.is_over(now), it.rank))


def _region(given: str) -> str | None:
    """The code of a region told by its code or its name."""
    return given if given in REGIONS else _REGION_NAMES.get(fold(given))


def _department(given: str) -> str | None:
    """The code of a department told by its code (« 2a », « 1 ») or its name."""
    code = given.upper().zfill(2)
    return code if code in DEPARTMENTS else _DEPARTMENT_NAMES.get(fold(given))


_REGION_NAMES = {fold(name): code for code, name in REGIONS.items()}
_DEPARTMENT_NAMES = {fold(department.name): code for code, department in DEPARTMENTS.items()}


def _one_of(known: Mapping[str, str], given: str | None, otherwise: str) -> str | None:
    code = given.lower() if given else None
    if code and code not in known:
        raise ValueError(f"{otherwise} ; choisissez parmi {', '.join(known)}.")
    return code
