"""What the operator's command must be told: the same names as the services', and `*_FILE` for each."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr

from backbone.service.settings import ServiceSettings
from geocoding.settings import Settings as Geocoding


class Settings(ServiceSettings):
    """Where Kafka is (`SDI_KAFKA_BOOTSTRAP_SERVERS` wins over `KAFKA_BOOTSTRAP_SERVERS`)."""

    service: ClassVar[str] = "sdi"
    # a service must be told these; the operator's command plays no edition, and most of it needs no database
    edition: Path = Path()
    database_url: SecretStr = SecretStr("")


class MapFeedSettings(Settings):
    """Where map-feed's own database is: in map-feed's environment, `MAP_FEED_DATABASE_URL` wins, as for itself."""

    service: ClassVar[str] = "map-feed"
    database_url: SecretStr = Field(description="postgresql+asyncpg://user:password@host:port/database")


class LabellingSettings(Settings):
    """Where labelling's own database is, in whose name its own commands are run: `LABELLING_DATABASE_URL` wins."""

    service: ClassVar[str] = "labelling"
    database_url: SecretStr = Field(description="postgresql+asyncpg://user:password@host:port/database")
    edition: Path = Field(description="The current edition's file; those beside it are known too")
    lexicons: Path | None = Field(None, description="Labelling's folder of lexicons, or one that is to be tried")


class RegistrationSettings(Settings):
    """Where registration's own database is, in whose name events are called off: `REGISTRATION_DATABASE_URL` wins."""

    service: ClassVar[str] = "registration"
    database_url: SecretStr = Field(description="postgresql+asyncpg://user:password@host:port/database")
    edition: Path = Field(description="The current edition's file; those beside it are known too")


class GeocodingSettings(Geocoding):
    """What geocoding is told: with its own database and `GEOCODER_URL` an address is looked up as it would be there,
    within the same budget; without either, in the gazetteer. `GEOCODING_DATABASE_URL` wins."""

    edition: Path = Path()
    kafka_bootstrap_servers: str = ""
    database_url: SecretStr = SecretStr("")
