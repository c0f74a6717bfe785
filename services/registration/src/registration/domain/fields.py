"""What the fields of a draft are made of: addresses that visitors can open, numbers that they can dial, pins."""

from __future__ import annotations

import re
from typing import Annotated

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat
from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    WithJsonSchema,
)
from pydantic import UrlConstraints as Url

from backbone.campaign.geography import REGIONS as REGIONS_OF_FRANCE
from backbone.texts.pasted import AS_ONE_LINE, AS_TEXT, PRINTED, WITH_WORDS, skeleton

from .account import Line
from .contacts import REGIONS

NO_SITE = (
    "Indiquez une adresse que les visiteurs peuvent ouvrir, sans identifiant ni mot de passe, "
    "par exemple https://exemple.fr."
)
NO_NUMBER = (
    "Indiquez un numéro de téléphone que l’on peut composer, par exemple 02 40 00 11 22, "
    "ou +32 2 555 12 12 s’il n’est pas français."
)


def of_a_public_site(address: AnyHttpUrl) -> AnyHttpUrl:
    """The address itself. Raises ValueError (in French) if nobody outside a network can open it, or if it bears a
    user: in « https://impots.example@autre.example », what one reads first is not where one goes."""
    host = (address.host or "").rstrip(".")
    if address.username is not None or address.password is not None or not _PUBLIC_HOST.search(host):
        raise ValueError(NO_SITE)
    return address


def as_dialled(number: str) -> str:
    """The number as one dials it from anywhere: « +33 2 40 00 11 22 ». Raises ValueError (in French)."""
    found = next((parsed for region in REGIONS if (parsed := _parsed(number, region))), None)
    if found is None:
        raise ValueError(NO_NUMBER)
    return phonenumbers.format_number(found, PhoneNumberFormat.INTERNATIONAL).replace("-", " ")


def _parsed(number: str, region: str) -> PhoneNumber | None:
    try:
        parsed = phonenumbers.parse(skeleton(number), region)
    except NumberParseException:
        return None
    return parsed if phonenumbers.is_valid_number(parsed) and not parsed.extension else None


_PUBLIC_HOST = re.compile(r"[^.]\.[a-z][a-z0-9-]*$")  # a name under a domain; no number, no « localhost »
WebAddress = Annotated[AnyHttpUrl, Url(max_length=500), AfterValidator(of_a_public_site)]
Telephone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=30), AfterValidator(as_dialled)]
Printed = Annotated[Line, PRINTED]
Word = Annotated[str, StringConstraints(min_length=1, max_length=500), AS_TEXT, WITH_WORDS]
"""Some sentences to visitors."""
Note = Annotated[str, StringConstraints(max_length=500), AS_ONE_LINE, WITH_WORDS]
Code = Annotated[str, StringConstraints(min_length=1, max_length=200), AS_ONE_LINE]
"""A name in somebody's own system."""
CommuneCode = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^([0-9]{2}|2[AB])[0-9]{3}$")]


def _is_a_region(code: str) -> str:
    if code not in REGIONS_OF_FRANCE:
        known = ", ".join(f"{code} ({name})" for code, name in REGIONS_OF_FRANCE.items())
        raise ValueError(f"Une région s’indique par son code : {known}.")
    return code


RegionCode = Annotated[
    str, AfterValidator(_is_a_region), WithJsonSchema({"type": "string", "enum": [*REGIONS_OF_FRANCE]})
]


class DraftPosition(BaseModel):
    """Where a pin is put, in degrees (WGS84)."""

    model_config = ConfigDict(extra="forbid")

    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    is_confirmed: StrictBool = False
    is_confirmed_twice: StrictBool = False
    """Said again when asked: it is outside the commune of the address."""
