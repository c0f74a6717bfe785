"""A postcode as people type it, and what to say of one that is none."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from pydantic_core import PydanticKnownError

from backbone.campaign.geography import DEPARTMENTS, department_of
from backbone.texts.pasted import mended

FIVE_DIGITS = "Un code postal a cinq chiffres, par exemple 44550."
LOST_ZERO = "Un code postal a cinq chiffres. S’il a perdu son zéro, écrivez {whole} ({department})."
NOT_IN_FRANCE = "Ce code postal n’existe pas en France ; vérifiez ses cinq chiffres."
CORSICAN = "En Corse, le code postal commence par 20, par exemple 20000 (Ajaccio) ou 20200 (Bastia)."
SWAPPED = "Ici va le code postal ; le nom de la commune va dans « city »."
NO_CITY = "Indiquez le nom de la commune ; le code postal va dans « postcode »."
ANOTHER = "Le code postal est écrit deux fois, et différemment : {one} et {other}. Lequel est le bon ?"

_COUNTRY = re.compile(r"^(?:f|fr|france)\s?-?\s?(?=\d)", re.IGNORECASE)
_SORTING = re.compile(r"\s?\bcedex\b(?:\s?\d{1,2})?$", re.IGNORECASE)  # which office of the town sorts the letters
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[ .\u00a0\u202f-](?=\d)")
_IN_A_CITY = re.compile(r"^(?:F-)?(\d{5})\b[\s,-]*|[\s,(-]*\b(\d{5})\)?$")
_LONGEST = 40  # characters that are looked at


def read_postcode(typed: Any) -> str:
    """The five digits: « 44 550 », « F-44550 » and the number 44550 are one. Raises ValueError (in French) for what is
    none, with the whole of what a spreadsheet has cut the zero from."""
    if isinstance(typed, bool) or not isinstance(typed, str | int):
        raise PydanticKnownError("string_type")
    plain = unicodedata.normalize("NFKC", mended(str(typed)[:_LONGEST]))
    postcode = _BETWEEN_DIGITS.sub("", _SORTING.sub("", _COUNTRY.sub("", plain)))
    if fault := _fault(postcode):
        raise ValueError(fault)
    return postcode


def _fault(postcode: str) -> str | None:
    whole = f"0{postcode}"
    if len(postcode) == 4 and (department := department_of(whole)):
        return LOST_ZERO.format(whole=whole, department=DEPARTMENTS[department].name)
    if re.match(r"2[ab]", postcode, re.IGNORECASE):
        return CORSICAN
    if re.search(r"[^\W\d]", postcode) and not re.search(r"\d", postcode):
        return SWAPPED
    if not re.fullmatch(r"\d{5}", postcode):
        return FIVE_DIGITS
    return None if department_of(postcode) else NOT_IN_FRANCE


def without_postcode(city: str, postcode: str | None) -> str:
    """The commune's name alone: « 44550 Montoir-de-Bretagne » is two fields in one. Raises ValueError (in French) if
    another postcode stands there than in its own field, or no name."""
    written = _IN_A_CITY.search(city)
    name = _IN_A_CITY.sub("", city).strip()
    if written and postcode and (other := written[1] or written[2]) != postcode:
        raise ValueError(ANOTHER.format(one=postcode, other=other))
    if city and not re.search(r"\D", name):
        raise ValueError(NO_CITY)
    return name
