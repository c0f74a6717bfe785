"""What labelling must be told."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field, field_validator

from backbone.service.settings import ServiceSettings

from .domain.lexicon_files import readable


class Settings(ServiceSettings):
    """Settings of labelling, prefix LABELLING_."""

    service: ClassVar[str] = "labelling"

    lexicons: Path | None = Field(
        None,
        description="A folder of lexicons (*.toml) beside the package’s own: one of the same name stands in its place",
    )
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

    @field_validator("lexicons")
    @classmethod
    def _can_be_read(cls, lexicons: Path | None) -> Path | None:
        if lexicons:
            readable(lexicons)
        return lexicons
