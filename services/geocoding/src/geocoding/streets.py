"""Whether a street that was typed and one that was found may be one: an impasse is not the rue of that name, and an
ancienne route is not the route."""

from __future__ import annotations

import re
from itertools import pairwise

from backbone.texts.pasted import skeleton

_SHORT = {
    "r": "rue", "av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard", "blvd": "boulevard",
    "bvd": "boulevard", "ch": "chemin", "che": "chemin", "chem": "chemin", "pl": "place", "rte": "route",
    "imp": "impasse", "all": "allee", "sq": "square", "crs": "cours", "pass": "passage", "qu": "quai",
    "sent": "sentier", "rle": "ruelle", "allees": "allee", "rpt": "rond-point",
}  # fmt: skip
_WAYS = {*_SHORT.values(), "venelle", "esplanade", "faubourg", "voie", "traverse", "montee", "promenade", "mail"}
_WHICH = {
    "anc": "ancien", "ancienne": "ancien", "vx": "vieux", "vieille": "vieux", "nouvelle": "nouveau", "neuve": "neuf",
    "pt": "petit", "pte": "petit", "petite": "petit", "gd": "grand", "gde": "grand", "grd": "grand", "grde": "grand",
    "grande": "grand", "haute": "haut", "basse": "bas", "prolongee": "prolonge",
}  # fmt: skip
"""What tells two ways of one name apart, as it is compared."""


def is_another_way(typed: str, found: str) -> bool:
    """Whether both name kinds of way, and what was found (« 12 Rue de la Gare 69470 Cours ») is of none that was typed,
    or one says « ancienne », « petite », « haute », « prolongée » of its way, and the other nowhere. One that names
    none leaves it open."""
    street = re.split(r"\b[0-9]{5}\b", found)[0]
    named, there = _ways(typed), _ways(street)
    if not (named and there):
        return False
    return there[0] not in named or not _which(street) <= {*_words(typed)} or not _which(typed) <= {*_words(street)}


def _ways(written: str) -> list[str]:
    """The words that are one, in their order: in « 3 rue de la Place » the street is the first."""
    return [word for word in _words(written) if word in _WAYS]


def _which(written: str) -> set[str]:
    """The words that tell which one: before the way, or the last (« petite rue », « rue du Port prolongée »)."""
    found = set[str]()
    for words in map(_words, re.split(r"[,;()]", written)):
        before = {word for word, way in pairwise(words) if way in _WAYS}
        found |= before | ({words[-1]} if _WAYS & {*words} else set())
    return found & {*_WHICH.values()}


def _words(written: str) -> list[str]:
    words = (_SHORT.get(word, word) for word in re.findall(r"[a-z]+(?:-point)?", skeleton(written)))
    return [_WHICH.get(word, word) for word in words]
