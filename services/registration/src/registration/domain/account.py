"""An account: what a person gives to get one."""

from __future__ import annotations

from typing import Annotated, Any

from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from backbone.mail.mailbox import is_address
from backbone.texts.pasted import AS_ONE_LINE, ONE_LINE, WITH_WORDS

from .names import a_name
from .password import LONGEST, SHORTEST, chosen_well, normal

CONFIRMATION_HOURS = 48
FAREWELL_DAYS = 30
"""Between the mail that tells the owner of an account that it goes, as nobody uses it, and its end."""
NEW_PASSWORD_HOURS = 2


def typed_on_one_line(name: Any) -> Any:
    """The name itself. Raises ValueError (in French) for line breaks and tabs inside: a name is put into mails."""
    if isinstance(name, str) and any(c in "\n\r\t\v\f\x85\u2028\u2029" for c in name.strip()):
        raise ValueError(ONE_LINE)
    return name


def mailable_address(address: str) -> str:
    """The address in lower case, its domain in ASCII. Raises ValueError (in French)."""
    try:
        valid = validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise ValueError("Indiquez une adresse électronique valable, par exemple prenom.nom@exemple.fr.") from None
    if valid.ascii_email is None:
        raise ValueError("La partie avant l’arobase ne doit pas contenir d’accent.")
    if not is_address(valid.ascii_email):  # « =?…?= » may stand before the at sign, and mails would decode it
        raise ValueError("Cette adresse ne peut pas recevoir nos courriels ; indiquez-en une autre.")
    return valid.ascii_email.lower()


Line = Annotated[str, StringConstraints(min_length=2, max_length=120), AS_ONE_LINE, WITH_WORDS]
Typed = Annotated[Line, BeforeValidator(typed_on_one_line)]
Name = Annotated[Typed, AfterValidator(a_name)]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254),
    AfterValidator(mailable_address),
    Field(json_schema_extra={"format": "email"}),
]
Password = Annotated[SecretStr, AfterValidator(normal)]
ToBeChosen = Annotated[Password, Field(json_schema_extra={"minLength": SHORTEST, "maxLength": LONGEST})]
ChosenPassword = Annotated[ToBeChosen, AfterValidator(chosen_well)]


def not_about(password: SecretStr, email: str, name: str, organisation: str) -> SecretStr:
    """The password itself. Raises ValueError (in French) if it is not chosen well by a person of whom this is known."""
    return chosen_well(password, email, *email.split("@"), name, organisation)


Code = Annotated[str, Field(max_length=40)]


class AccountRequest(BaseModel):
    """What a person gives to open an account. The password is 12 characters or more and not among the commonest;
    nothing else is asked of it (ANSSI's and NIST's advice: length, no composition rules)."""

    model_config = ConfigDict(extra="forbid")

    email: Email
    name: Name
    organisation: Name
    password: ToBeChosen

    @field_validator("password")
    @classmethod
    def _is_not_what_is_known_of_them(cls, password: SecretStr, info: ValidationInfo) -> SecretStr:
        return not_about(password, *(str(info.data.get(field, "")) for field in ("email", "name", "organisation")))


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
    password: Password
    code: Code | None = None
    """Of the second factor, where the account has one: six digits, or a recovery code."""


class LinkRequest(BaseModel):
    """What a person gives who has forgotten their password."""

    model_config = ConfigDict(extra="forbid")

    email: Email


class NewAddress(BaseModel):
    """The address that is to be the account's, and what shows once more whose account it is."""

    model_config = ConfigDict(extra="forbid")

    email: Email
    password: Password
    code: Code | None = None


class OwnPassword(BaseModel):
    """The password to be, and the one it replaces."""

    model_config = ConfigDict(extra="forbid")

    password: Password
    code: Code | None = None
    new_password: ChosenPassword


class NewPassword(BaseModel):
    """The token out of the link in the mail, and the password to be."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[str, Field(max_length=2000)]
    password: ChosenPassword
