"""The names of communes, as people write them: two spellings of one name fold to the same text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backbone.texts.pasted import skeleton

_SPELT_OUT = {
    "st": "saint",
    "ste": "sainte",
    "sts": "saints",
    "stes": "saintes",
    "s": "sur",
    "ss": "sous",
    "lez": "les",
    "nd": "notre dame",
    "mt": "mont",
    "mts": "monts",
    "pt": "petit",
    "pte": "petite",
    "gd": "grand",
    "gde": "grande",
    "vx": "vieux",
    "chat": "chateau",
    "chlle": "chapelle",
    "fbg": "faubourg",
}
_ARTICLES = {"le", "la", "les", "l"}
_SMALL_WORDS = {"le", "la", "les", "l", "de", "du", "des", "d", "en", "sur", "sous", "et", "a", "au", "aux"}
_CEDEX = re.compile(r"\b(?:cedex|cdx|cidex)\b")
# « BP 40 », « CS 50007 », « B.P. n° 12 », « boîte postale 3 »: where letters lie, not where people go
_BOX = re.compile(
    r"\b(?:b\.? ?p\.?|c\.? ?s\.?|tsa|c\.? ?p\.?|boite postale|case postale) ?(?:n[o°]\.? ?)?\d+(?: \d+)*\b"
)
# « 13e », « 13 ème arrondissement », « 07 », « 1er arrdt »: no commune has a number in its name.
_NUMBER = re.compile(
    r"\b\d+ ?-?(?:er|ere|e|eme|ieme|nd|nde)?\b[ -]*(?:(?:arrondissement|arrdt|arrt|ardt|arr)\b\.?)?|\bf-(?=\d)"
)
_ORDINALS = (
    "premier|deuxieme|second|troisieme|quatrieme|cinquieme|sixieme|septieme|huitieme|neuvieme|dixieme|onzieme|douzieme"
    "|treizieme|quatorzieme|quinzieme|seizieme|dix[ -](?:septieme|huitieme|neuvieme)|vingtieme"
)
# « Paris XIII », « Lyon VIIe », « Marseille huitième arrondissement », « Paris Centre »
_DISTRICT = re.compile(
    rf"\b(paris|lyon|marseille)[ ,-]+(?:(?:[ivx]+)(?:er|e|eme|ieme)?|{_ORDINALS}|centre)\b"
    r"[ -]*(?:(?:arrondissement|arrdt|arrt|ardt|arr)\b\.?)?"
)
_UNDER = re.compile(r"\b(?:s ?/ ?s|ss ?/)")  # « Clichy-s/s-Bois »
_ON = re.compile(r"\bs ?/ ?|(?<=\w)/(?=\w)")  # « Villeneuve s/ Lot », « La Roche/Yon »
_ASIDE = re.compile(r"\(([^()]*)\)?")
_BETWEEN = re.compile(r" [-–|] |[,;|]| ?/ ")


def fold(name: str) -> str:
    """What is left of a name once case, accents, hyphens, the leading article, CEDEX and numbers are set aside.

    « L'Haÿ-les-Roses » → « hay les roses », « ST DENIS CEDEX 2 » → « saint denis », « Lyon 7e » → « lyon ». No
    two communes of one postcode fold to the same text. Empty when nothing but such marks was written.
    """
    return _folded(_without_post(skeleton(name)))


def beginnings(typed: str) -> set[str]:
    """What the name may begin with that somebody is typing, folded: its last word as it stands, and spelt out
    (« st » may become « Saint-Denis » or « Strasbourg »). Empty when no letter is there yet."""
    plain = _without_post(skeleton(typed))
    return {_folded(plain), _folded(plain, is_whole=False)} - {""}


def readings(city: str) -> Iterator[str]:
    """What somebody may have meant who wrote this city, folded, the likeliest first and each once: all of it, what
    stands outside brackets (« Saint-Étienne (Loire) »), inside them (« Boucan Canot (Saint-Paul) »), and its parts
    (« Ker Lann, Bruz »)."""
    plain = _without_post(skeleton(city))
    outside = _ASIDE.sub(" ", plain)
    parts = [part for part in _BETWEEN.split(outside) if part.strip() != "france"]
    asides = [aside for aside in _ASIDE.findall(plain) if aside.strip() not in _ARTICLES]
    seen = {""}
    for written in (plain, outside, " ".join(parts), *reversed(parts), *asides):
        if (name := _folded(written)) not in seen:
            seen.add(name)
            yield name


def essence(name: str) -> str:
    """What is left of a folded name without its small words: « boulogne sur mer » and « boulogne mer » are one."""
    return " ".join(word for word in name.split() if word not in _SMALL_WORDS)


def says_cedex(name: str) -> bool:
    """Whether a name carries the mark of business mail, whose postcodes are no place's."""
    return _CEDEX.search(skeleton(name)) is not None


def _without_post(plain: str) -> str:
    before, *_ = _CEDEX.split(_BOX.sub(" ", plain))
    return _DISTRICT.sub(r"\1", before)


def _folded(plain: str, *, is_whole: bool = True) -> str:
    spelt = _NUMBER.sub(" ", _ON.sub(" sur ", _UNDER.sub(" sous ", plain)))
    spelt = re.sub(r"\bn\.? ?-?d\.?(?=\W)", "nd", spelt)
    found = re.findall(r"[a-z]+", spelt)
    ended = found if is_whole else found[:-1]
    words = " ".join([*(_SPELT_OUT.get(word, word) for word in ended), *found[len(ended) :]]).split()
    return " ".join(_without_article(words))


def _without_article(words: list[str]) -> list[str]:
    """« le havre » and « havre (le) » → « havre »."""
    if len(words) > 1 and words[0] in _ARTICLES:
        return words[1:]
    if len(words) > 1 and words[-1] in _ARTICLES:
        return words[:-1]
    return words
