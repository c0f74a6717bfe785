"""What geocoding tells: where an event is, and how sure that is."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from .base import Contract, EventFact, Topic

GEOCODING_LOCATIONS = Topic("geocoding.locations", writer="geocoding")


class Precision(StrEnum):
    """How fine a point is, from the door to the whole commune."""

    HOUSENUMBER = "housenumber"
    STREET = "street"
    LOCALITY = "locality"
    MUNICIPALITY = "municipality"


class Location(Contract):
    """A point on the map (WGS84, degrees) with what is known of its place and of its precision."""

    longitude: Annotated[float, Field(ge=-180, le=180)]
    latitude: Annotated[float, Field(ge=-90, le=90)]
    precision: str = Field(description=f"One of {', '.join(Precision)}; a reader accepts others")
    radius_m: int | None = Field(None, description="Metres around the point within which the place lies, if known")
    commune: str = Field(description="INSEE code, never a municipal arrondissement's, e.g. « 69123 »")
    commune_name: str
    department: str = Field(description="INSEE code, e.g. « 69 », « 2A », « 974 »")
    region: str = Field(description="INSEE code, e.g. « 84 »")
    timezone: str = Field(description="IANA name, e.g. « America/Guadeloupe »")
    source: str = Field(description="Who knew it, e.g. « gazetteer/2026 », « ban »")
    score: Annotated[float, Field(ge=0, le=1)] | None = Field(None, description="The source's own confidence")


class EventLocated(EventFact):
    """The venue of this revision is a point on the map."""

    topic: ClassVar[Topic] = GEOCODING_LOCATIONS
    location: Location
    located_at: AwareDatetime


class EventNotLocated(EventFact):
    """No source knows the venue's address. The event stays in lists, without a pin."""

    topic: ClassVar[Topic] = GEOCODING_LOCATIONS
    reason: str = Field(description="One French sentence for the organiser; says what to mend")
    looked_up_at: AwareDatetime
