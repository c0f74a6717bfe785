"""What map-feed must be told, beyond what every service is."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from pydantic import DirectoryPath, Field, SecretStr, field_validator

from backbone.service.settings import ServiceSettings

from .domain.destinations import Destinations, read_networks


class Settings(ServiceSettings):
    """Settings of map-feed, from the environment (`MAP_FEED_…` wins)."""

    service: ClassVar[str] = "map-feed"

    refresh_seconds: float = Field(1.0, ge=0, description="How old what a visitor sees may be, at most")
    public_registration_url: str = Field(
        "",
        description="Where people reach registration, to which « Déposer un événement » leads, and which shows the"
        " pictures of events; unset: the map has neither",
    )
    public_places_url: str = Field(
        "",
        description="Where browsers reach geocoding, which suggests communes to who looks near one: http://127.0.0.1:8004;"
        " empty: the map has no field for one",
    )
    texts: DirectoryPath | None = Field(None, description="Folder of the legal texts; unset: those of the package")
    webhooks_key: SecretStr | None = Field(
        None,
        description="Seals the secrets of webhooks: 32 characters or more, of chance; to change it, `new,old` until all"
        " are rotated. Unset: there are no webhooks",
    )
    webhooks_inside: str = Field(
        "", description="Networks inside that webhooks may be sent to all the same, without TLS too: 127.0.0.0/8[,…]"
    )
    webhooks_never: str = Field("", description="Networks of your own, in the internet, that none is sent to")
    webhooks_ports: str = Field("443,8443", description="Ports of the internet that webhooks are sent to")
    webhooks_give_up: timedelta = Field(
        timedelta(days=5), description="A webhook that fails for so long is given up, until an operator resumes it"
    )

    @field_validator("webhooks_key")
    @classmethod
    def _is_long(cls, key: SecretStr | None) -> SecretStr | None:
        if key and min(len(part.strip()) for part in key.get_secret_value().split(",")) < 32:
            raise ValueError("a key has 32 characters or more: openssl rand -base64 32")
        return key

    @field_validator("webhooks_inside", "webhooks_never")
    @classmethod
    def _are_read(cls, networks: str) -> str:
        read_networks(networks)
        return networks

    @field_validator("webhooks_ports")
    @classmethod
    def _are_ports(cls, ports: str) -> str:
        if not all(part.strip().isdigit() for part in ports.split(",")):
            raise ValueError("ports are numbers: 443,8443")
        return ports

    @property
    def destinations(self) -> Destinations:
        """Where webhooks may be sent."""
        ports = tuple(int(port) for port in self.webhooks_ports.split(","))
        return Destinations(
            tuple(read_networks(self.webhooks_inside)), tuple(read_networks(self.webhooks_never)), ports
        )
