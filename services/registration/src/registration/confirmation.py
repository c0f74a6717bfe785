"""The link that confirms an address: a signed token, so that nothing secret is stored, and the mail around it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from backbone.letter import Letter

from .domain.account import CONFIRMATION_HOURS
from .store import Account

PURPOSE = "confirm-address"  # the audience of these tokens: an access token does not confirm, nor the reverse


def message_id(mail_id: UUID) -> str:
    """The Message-ID of a confirmation; its job's id is `mail_id`."""
    return f"<{mail_id}@registration.semaine-industrie.example>"


class LinkExpired(Exception):
    """The link is too old, or was not made by us."""


class Confirmations:
    """Makes and reads confirmation links. `public_url` is where organisers reach registration."""

    def __init__(self, private_key: Ed25519PrivateKey, public_url: str, mail_from: str) -> None:
        self._key, self._public_url, self._from = private_key, public_url.rstrip("/"), mail_from
        self.templates = Environment(
            loader=PackageLoader("registration"),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
        )

    def token(self, account_id: UUID) -> str:
        expires = datetime.now(UTC) + timedelta(hours=CONFIRMATION_HOURS)
        return jwt.encode({"sub": str(account_id), "aud": PURPOSE, "exp": expires}, self._key, algorithm="EdDSA")

    def account_id(self, token: str) -> UUID:
        """Whose address the token confirms. Raises LinkExpired."""
        try:
            claims = jwt.decode(
                token,
                self._key.public_key(),
                algorithms=["EdDSA"],
                audience=PURPOSE,
                options={"require": ["exp", "sub", "aud"]},
            )
            return UUID(claims["sub"])
        except (jwt.PyJWTError, ValueError) as error:
            raise LinkExpired from error

    def mail(self, account: Account, mail_id: UUID) -> Letter:
        """The mail to a person who opened an account. Sent again under the same `mail_id`, it is the same mail.

        Nothing in it comes from whoever asked for the account: anybody may ask in anybody's name.
        """
        words = {"link": f"{self._public_url}/confirmer?jeton={self.token(account.id)}", "hours": CONFIRMATION_HOURS}
        return Letter(
            message_id=message_id(mail_id),
            sender=self._from,
            to=account.email,
            subject=self._text("subject.txt", words).strip(),
            text=self._text("body.txt", words),
            html=self._text("body.html", words),
            dated=datetime.now(UTC),
        )

    def _text(self, part: str, words: dict[str, object]) -> str:
        return self.templates.get_template(f"confirmation/{part}").render(words)
