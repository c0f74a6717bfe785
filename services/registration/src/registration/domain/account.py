"""An account: what a person gives to get one."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, StringConstraints

CONFIRMATION_HOURS = 48


def composed(text: Any) -> Any:
    """The text in NFC, as it is then measured and kept; what is no text is left for others to refuse."""
    return unicodedata.normalize("NFC", text) if isinstance(text, str) else text


def plain_text(text: str) -> str:
    """The text itself. Raises ValueError (in French) for control characters."""
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") and c not in "\n\t\u200d" for c in text):
        raise ValueError("Retirez les caractères de contrôle (souvent dus à un copier-coller).")
    return text


def one_line(text: str) -> str:
    """The text itself. Raises ValueError (in French) for control characters and line breaks."""
    if any(c in "\n\t\u2028\u2029" for c in text):
        raise ValueError("Écrivez sur une seule ligne.")
    return plain_text(text)


def mailable_address(address: str) -> str:
    """The address in lower case, its domain in ASCII. Raises ValueError (in French)."""
    try:
        valid = validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise ValueError("Indiquez une adresse électronique valable, par exemple prenom.nom@exemple.fr.") from None
    if valid.ascii_email is None:
        raise ValueError("La partie avant l’arobase ne doit pas contenir d’accent.")
    return valid.ascii_email.lower()


def long_enough(password: SecretStr) -> SecretStr:
    """The password itself. Raises ValueError (in French): pydantic would count a secret in « elements »."""
    if not 12 <= len(password) <= 200:
        raise ValueError("Choisissez un mot de passe de 12 à 200 caractères.")
    return password


AS_TEXT = (BeforeValidator(composed), AfterValidator(plain_text))
AS_ONE_LINE = (BeforeValidator(composed), AfterValidator(one_line))
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120), *AS_ONE_LINE]


class AccountRequest(BaseModel):
    """What a person gives to open an account. The password is 12 characters or more, and nothing else is asked
    of it (ANSSI's and NIST's advice: length, no composition rules)."""

    model_config = ConfigDict(extra="forbid")

    email: Annotated[str, Field(max_length=254), AfterValidator(mailable_address)]
    password: Annotated[SecretStr, AfterValidator(long_enough)]
    name: Line
    organisation: Line


def address_of(typed: str) -> str | None:
    """The address as accounts keep it, whatever way its owner typed it; None for what can be no address."""
    try:
        return mailable_address(typed.strip())
    except ValueError:
        return None


class Credentials(BaseModel):
    """What a person gives to sign in."""

    model_config = ConfigDict(extra="forbid")

    email: Annotated[str, Field(max_length=254)]
    password: SecretStr
