"""What map-feed must be told, beyond what every service is."""

from __future__ import annotations

from typing import ClassVar

from pydantic import DirectoryPath, Field

from backbone.service.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of map-feed, from the environment (`MAP_FEED_…` wins)."""

    service: ClassVar[str] = "map-feed"

    refresh_seconds: float = Field(1.0, ge=0, description="How old what a visitor sees may be, at most")
    texts: DirectoryPath | None = Field(None, description="Folder of the legal texts; unset: those of the package")
