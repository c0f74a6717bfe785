"""What labelling must be told."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from backbone.service.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of labelling, prefix LABELLING_."""

    service: ClassVar[str] = "labelling"

    jwks_url: str = Field(description="Registration's public keys, e.g. http://registration:8000/.well-known/jwks.json")
    appeal_words_kept_days: int = Field(
        365,
        ge=1,
        description="What an organiser writes with an appeal is kept for so long; of an event that is withdrawn, not",
    )
