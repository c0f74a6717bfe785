"""Where an event takes place, so that two ways to write it can be held against each other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from .kept import Kept
from .title import is_same_word, letters_of

_SHORT = {
    "r": "rue", "av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard", "blvd": "boulevard",
    "ch": "chemin", "chem": "chemin", "che": "chemin", "pl": "place", "rte": "route", "imp": "impasse", "all": "allee",
    "st": "saint", "ste": "sainte", "fg": "faubourg", "sq": "square", "qu": "quai", "dr": "docteur", "gal": "general",
    "mal": "marechal", "pdt": "president", "pte": "porte", "crs": "cours",
}  # fmt: skip
_LITTLE = frozenset({"a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les"})
_WAYS = frozenset({*_SHORT.values(), "zone", "parc", "lieu", "dit"}) - {"saint", "sainte", "docteur", "general"}
_NUMBER = re.compile(r"^(\d+)(bis|ter|quater)?$")
_COUNTS_READERS = re.compile(r"^(?:utm_.*|fbclid|gclid|msclkid|mc_[ce]id|pwd|passcode|ref|source|lang)$")
_MOST_OF = 0.6
"""Of the words of the shorter street, which the other has as well."""


@dataclass(frozen=True)
class Place:
    """A place of two kinds, of which an event may have both: an address, and a room of the web."""

    postcode: str
    number: str
    street: frozenset[str]
    sign: frozenset[str]
    """The words of what stands at the door."""
    room: str

    @property
    def host(self) -> str:
        """Whose server the room is at."""
        return self.room.partition("/")[0].partition("?")[0]

    def is_same(self, other: Place) -> bool:
        """Whether one goes to one door, or opens one page."""
        if self.room and self.room == other.room:
            return True
        if not self.postcode or self.postcode != other.postcode:
            return False
        if self.number and other.number and self.number != other.number:
            return False
        if self.street and other.street:
            return _share(self.street, other.street) >= _MOST_OF
        if self.sign and other.sign:
            return _share(self.sign, other.sign) >= _MOST_OF
        return True  # who gives no street leaves it open


def place_of(kept: Kept) -> Place:
    """The place of a draft as it is kept."""
    venue = kept.get("venue") or {}
    words = [_SHORT.get(word, word) for word in letters_of(venue.get("street") or "").split()]
    number, rest = _number_of(words)
    return Place(
        postcode=venue.get("postcode") or "",
        number=number,
        street=frozenset(word for word in rest if word not in _LITTLE),
        sign=frozenset(letters_of(venue.get("name") or "").split()) - _LITTLE,
        room=room_of(kept.get("online_url") or ""),
    )


def room_of(address: str) -> str:
    """The page that an address opens, whoever counts its readers: « visio.example/salle »; empty if it is none."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    kept = sorted(f"{name}={value}" for name, value in parse_qsl(parts.query) if not _COUNTS_READERS.match(name))
    return f"{host}{parts.path.rstrip('/')}{'?' if kept else ''}{'&'.join(kept)}" if host else ""


def _number_of(words: list[str]) -> tuple[str, list[str]]:
    """The number in its street, and the other words: « 12 bis rue … », « 12-14 rue … »."""
    if not words or not _NUMBER.match(words[0]):
        return "", words
    if len(words) > 1 and words[1] in ("b", "bis", "t", "ter", "quater"):
        return f"{words[0]}{words[1][0]}", words[2:]
    rest = words[1:]
    while rest and rest[0].isdigit():
        rest = rest[1:]
    found = _NUMBER.match(words[0])
    return f"{found[1]}{(found[2] or '')[:1]}" if found else "", rest


def _share(some: frozenset[str], others: frozenset[str]) -> float:
    """How much of the shorter name the other has, the kind of way aside: « rue » says nothing."""
    some, others = (words - _WAYS or words for words in (some, others))
    shorter, longer = sorted((some, others), key=len)
    return sum(any(is_same_word(word, each) for each in longer) for word in shorter) / len(shorter)
