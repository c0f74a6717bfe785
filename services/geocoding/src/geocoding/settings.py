"""What geocoding must be told."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from backbone.service.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of geocoding, prefix GEOCODING_."""

    service: ClassVar[str] = "geocoding"

    geocoder_url: str | None = Field(
        None,
        pattern=r"^https?://",
        description="The national address service, e.g. https://data.geopf.fr/geocodage; unset: the gazetteer alone",
    )
    geocoder_order: str = Field(
        "ban gazetteer",
        pattern=r"^(ban|gazetteer)( (ban|gazetteer))*$",
        description="Who is asked for an address, in this order; the national service only where its URL is told",
    )
    geocoder_per_second: float = Field(
        45.0, gt=0, le=50, description="Questions a second, of all replicas together; the service allows 50"
    )
    geocoder_batches: bool = Field(
        True,
        description="Addresses that wait for the national service at one time are asked for in one request, where it"
        " takes any (`/search/csv`)",
    )
    geocoder_answers_kept_days: int = Field(
        30, ge=1, description="An answer of the national service is believed for so long, then asked for again"
    )
    look_ups_at_once: int = Field(32, ge=1, le=50, description="Addresses looked up at one time, by each replica")
