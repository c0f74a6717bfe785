"""An address as people type it, put right where there is only one way to read it."""

from __future__ import annotations

import re

from backbone.contracts import Address

_POSTCODE = re.compile(r"[0-9]{5}")
_COUNTRY = re.compile(r"^\s*(?:f|fr|france)\s*-?\s*(?=\d)", re.IGNORECASE)
_OF_FRANCE = re.compile(r"\b(?:f|fr)\s*-\s*$", re.IGNORECASE)
_BLANKS = re.compile(r"[\s. ]+")
_POSTCODES = re.compile(r"(?<!\d)(?<!bp )(?<!cs )(?<!tsa )(?<!cp )[0-9]{2} ?[0-9]{3}(?!\d)", re.IGNORECASE)
_BOX_OR_DAY = "".join(rf"(?<!{word} )" for word in ("bp", "cs", "tsa", "cp", "mars", "mai", "juin", "novembre"))
_SHORT_ONES = re.compile(rf"(?<=[^\W\d_][ ,]){_BOX_OR_DAY} *[1-9][0-9]{{3}}(?= +[^\W\d_])", re.IGNORECASE)
"""Of four digits, between words: a house's number stands before all of them; a box's and « 8 mai 1945 » are none."""
_LETTER = re.compile(r"[^\W\d_]")
_AROUND = " ,;-("
_EMPTY = re.compile(r"\(\s*\)")
_WITHIN = re.compile(r"(?<!\d)(\d{2} ?\d{3}|\d{4})(?!\d)")


def cleaned(address: Address) -> Address:
    """The same address with a whole postcode in its own field, or as it was where nothing is to be put right.

    « F-67000 », « 33 000 », « 1000 » (a spreadsheet took the zero), the postcode typed with the city or in its
    place, the city typed in the postcode's. What is nobody's postcode stays what it is.
    """
    if _POSTCODE.fullmatch(address.postcode):
        return address
    postcode = whole_postcode(address.postcode)
    if postcode:
        return address.model_copy(update={"postcode": postcode})
    for written, beside in ((address.city, address.postcode), (address.postcode, address.city)):
        if (found := _WITHIN.search(written)) and (postcode := whole_postcode(found[1])):
            around = f"{written[: found.start()]} {written[found.end() :]}"
            city = _EMPTY.sub(" ", around).strip(" ,;-")
            name = city if re.search(r"[^\W\d_]", city) else beside
            return address.model_copy(update={"postcode": postcode, "city": name.strip() or address.city})
    return address


def read_address(text: str) -> Address:
    """An address written in one line: « 12 rue de l'Industrie, 59100 Roubaix », « Roubaix 59100 », « Roubaix ».

    What stands before the postcode is the street, what stands after it the city; where nothing does, the city is the
    last part before it. One of four digits is a postcode only between the two, and the number of a box (« CS 50007 »)
    none. A line without a postcode is an address without one.
    """
    postcodes = list(_POSTCODES.finditer(text)) or list(_SHORT_ONES.finditer(text))
    followed = [one for one in postcodes if _LETTER.search(text, one.end())]
    found = next(reversed(followed or postcodes), None)
    before, after = (text, "") if found is None else (text[: found.start()], text[found.end() :])
    street, city = _OF_FRANCE.sub("", before).strip(_AROUND), after.strip(_AROUND)
    if not _LETTER.search(city):
        street, _, city = (part.strip(_AROUND) for part in street.rpartition(","))
    postcode = "" if found is None else whole_postcode(found[0]) or ""
    return Address.model_construct(street=street or None, postcode=postcode, city=city, commune_code=None)


def whole_postcode(typed: str) -> str | None:
    """The five digits that were meant, or None: « F-67000 », « 33 000 », « 1000 » for 01000."""
    digits = _BLANKS.sub("", _COUNTRY.sub("", typed))
    if re.fullmatch(r"[1-9][0-9]{3}", digits):
        digits = f"0{digits}"
    return digits if _POSTCODE.fullmatch(digits) else None
