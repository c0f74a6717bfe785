"""What labelling must be told."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from backbone.service.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of labelling, prefix LABELLING_."""

    service: ClassVar[str] = "labelling"

    jwks_url: str = Field(description="Registration's public keys, e.g. http://registration:8000/.well-known/jwks.json")
    sign_in_url: str = Field(
        "/connexion", description="Where people sign in: registration’s page, whole if it is at another address"
    )
    appeal_words_kept_days: int = Field(
        365,
        ge=1,
        description="What an organiser writes with an appeal is kept for so long; of an event that is withdrawn, not",
    )
    claim_minutes: int = Field(15, ge=1, le=240, description="How long a reviewer keeps an event to themselves")
    reviewer_away_days: int = Field(
        14, ge=1, description="A region whose reviewers have not been here for so long falls to the national desk"
    )
