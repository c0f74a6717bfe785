"""An account: what a person gives to get one."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

CONFIRMATION_HOURS = 48


def plain_text(text: str) -> str:
    """The text in NFC, without blanks at its ends. Raises ValueError (in French) for control characters."""
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") and c not in "\n\t\u200d" for c in text):
        raise ValueError("Retirez les caractères de contrôle (souvent dus à un copier-coller).")
    return unicodedata.normalize("NFC", text).strip()


def mailable_address(address: str) -> str:
    """The address in lower case, its domain in ASCII. Raises ValueError (in French)."""
    try:
        valid = validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise ValueError("Indiquez une adresse électronique valable, par exemple prenom.nom@exemple.fr.") from None
    if valid.ascii_email is None:
        raise ValueError("La partie avant l’arobase ne doit pas contenir d’accent.")
    return valid.ascii_email.lower()


Line = Annotated[str, Field(min_length=2, max_length=120), AfterValidator(plain_text)]


class AccountRequest(BaseModel):
    """What a person gives to open an account. The password is 12 characters or more, and nothing else is asked
    of it (ANSSI's and NIST's advice: length, no composition rules)."""

    model_config = ConfigDict(extra="forbid")

    email: Annotated[str, Field(max_length=254), AfterValidator(mailable_address)]
    password: Annotated[SecretStr, Field(min_length=12, max_length=200)]
    name: Line
    organisation: Line


class Credentials(BaseModel):
    """What a person gives to sign in."""

    model_config = ConfigDict(extra="forbid")

    email: Annotated[str, Field(max_length=254)]
    password: Annotated[SecretStr, Field(max_length=200)]
