"""The names of communes, as people write them: two spellings of one name fold to the same text."""

from __future__ import annotations

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
_SPELT_OUT = {
    "st": "saint",
    "ste": "sainte",
    "sts": "saints",
    "stes": "saintes",
    "s": "sur",
    "ss": "sous",
    "lez": "les",
}
_ARTICLES = {"le", "la", "les", "l"}
_CEDEX = re.compile(r"\bcedex\b")
# « 13e », « 13 ème arrondissement », « 07 », « 1er arrdt »: no commune has a number in its name.
_NUMBER = re.compile(r"\b\d+ ?(er|ere|e|eme|ieme|nd|nde)?\b( (arrondissement|arrdt|ardt|arr)\b)?")
_UNDER = re.compile(r"\bs ?/ ?s\b")  # « Clichy-s/s-Bois »


def fold(name: str) -> str:
    """What is left of a name once case, accents, hyphens, the leading article, CEDEX and numbers are set aside.

    « L'Haÿ-les-Roses » → « hay les roses », « ST DENIS CEDEX 2 » → « saint denis », « Lyon 7e » → « lyon ». No
    two communes of one postcode fold to the same text. Empty when nothing but such marks was written.
    """
    plain = unicodedata.normalize("NFD", name.casefold().translate(_LIGATURES))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    plain = _CEDEX.split(_UNDER.sub("sous", plain))[0]
    words = re.findall(r"[a-z]+", _NUMBER.sub(" ", plain))
    return " ".join(_without_article([_SPELT_OUT.get(word, word) for word in words]))


def says_cedex(name: str) -> bool:
    """Whether a name carries the mark of business mail, whose postcodes are no place's."""
    return _CEDEX.search(name.casefold()) is not None


def _without_article(words: list[str]) -> list[str]:
    """« le havre » and « havre (le) » → « havre »."""
    if len(words) > 1 and words[0] in _ARTICLES:
        return words[1:]
    if len(words) > 1 and words[-1] in _ARTICLES:
        return words[:-1]
    return words
