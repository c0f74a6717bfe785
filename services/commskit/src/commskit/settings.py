"""What commskit must be told."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from backbone.mail.mailbox import Sender
from backbone.service.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of commskit, prefix COMMSKIT_."""

    service: ClassVar[str] = "commskit"

    mail_url: SecretStr = Field(description="maildir:/path, smtp://host, submission://…, smtps://… or memory:")
    mail_from: Sender = Field(
        "La Semaine de l'industrie <ne-pas-repondre@semaine-industrie.example>", description="Whom mails are from"
    )
    jwks_url: str = Field(description="Registration's public keys, e.g. http://registration:8000/.well-known/jwks.json")
    public_registration_url: str = Field(
        "http://127.0.0.1:8000", description="Where organisers reach registration: mails lead to their pages there"
    )
    renderers: int = Field(1, ge=1, le=8, description="Processes that render kits; one fills one core")
    render_seconds: float = Field(
        20.0, gt=0, description="Processor time that one kit may take before its renderer is ended"
    )
