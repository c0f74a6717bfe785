"""What registration must be told."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from backbone.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of registration, prefix REGISTRATION_."""

    service: ClassVar[str] = "registration"

    mail_url: SecretStr = Field(description="maildir:/path, smtp://host, submission://…, smtps://… or memory:")
    mail_from: str = Field("La Semaine de l'industrie <ne-pas-repondre@semaine-industrie.example>")
    signing_key: SecretStr = Field(description="Ed25519 private key, PEM: signs the access tokens")
    public_url: str = Field("http://127.0.0.1:8000", description="Where organisers reach this service")
    mails_at_once: int = Field(4, ge=1, le=50)
