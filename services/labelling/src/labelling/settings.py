"""What labelling must be told."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from backbone.service.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of labelling, prefix LABELLING_."""

    service: ClassVar[str] = "labelling"

    jwks_url: str = Field(description="Registration's public keys, e.g. http://registration:8000/.well-known/jwks.json")
