"""What geocoding tells: where an event is, and how sure that is."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from .base import Bounds, Contract, EventFact, Reason, Topic

GEOCODING_LOCATIONS = Topic("geocoding.locations", writer="geocoding")

COMMUNE = Bounds(pattern=r"^(\d{2}|2[AB])\d{3}$")


class Precision(StrEnum):
    """How fine a point is, from the door to the whole commune."""

    HOUSENUMBER = "housenumber"
    STREET = "street"
    LOCALITY = "locality"
    MUNICIPALITY = "municipality"


class Location(Contract):
    """A point on the map (WGS84, degrees) with what is known of its place and of its precision."""

    longitude: Annotated[float, Bounds(minimum=-180, maximum=180)]
    latitude: Annotated[float, Bounds(minimum=-90, maximum=90)]
    precision: Annotated[str, Bounds(enum=[*Precision])]
    radius_m: Annotated[int | None, Bounds(minimum=0)] = Field(
        None, description="Metres around the point within which the place lies, if known"
    )
    commune_code: Annotated[str, COMMUNE] = Field(
        description="INSEE code, never a municipal arrondissement's, e.g. « 69123 »"
    )
    commune_name: str
    department_code: str = Field(description="INSEE code, e.g. « 69 », « 2A », « 974 »")
    region_code: str = Field(description="INSEE code, e.g. « 84 »")
    epci_code: str | None = Field(None, description="SIREN of the group of communes, e.g. « 200046977 »")
    industry_territory: str | None = Field(None, description="The Territoire d'industrie that it lies in, by its name")
    academy: str | None = Field(None, description="The académie, by its name, e.g. « Lyon »")
    timezone: str = Field(description="IANA name, e.g. « America/Guadeloupe »")
    provider: str = Field(description="Who knew it, e.g. « gazetteer », « ban », « organiser »")
    vintage: str | None = Field(None, description="Of the provider's data, e.g. « 2026 »")
    matched_label: str | None = Field(None, description="What the provider found, in its own words")
    score: Annotated[float | None, Bounds(minimum=0, maximum=1)] = Field(
        None, description="The provider's own confidence"
    )
    is_confirmed: bool = Field(False, description="Whether the organiser put or confirmed the pin")
    doubts: tuple[Reason, ...] = Field(
        (),
        description="What the organiser should look at: « street-unknown », « street-guessed », « commune-guessed », "
        "« pin-elsewhere » …",
    )


class EventLocated(EventFact):
    """The venue of this revision is a point on the map."""

    topic: ClassVar[Topic] = GEOCODING_LOCATIONS
    ce_type: ClassVar[str] = "fr.semaine-industrie.EventLocated"
    version: ClassVar[int] = 2
    location: Location
    located_at: AwareDatetime


class EventNotLocated(EventFact):
    """No source knows the venue's address. The event stays in lists, without a pin."""

    topic: ClassVar[Topic] = GEOCODING_LOCATIONS
    ce_type: ClassVar[str] = "fr.semaine-industrie.EventNotLocated"
    reason: Reason
    looked_up_at: AwareDatetime
