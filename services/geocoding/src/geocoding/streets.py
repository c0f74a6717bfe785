"""Whether a street that was typed and one that was found are of one kind: an impasse is not the rue of that name."""

from __future__ import annotations

import re

from backbone.texts.pasted import skeleton

_SHORT = {
    "r": "rue", "av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard", "blvd": "boulevard",
    "bvd": "boulevard", "ch": "chemin", "che": "chemin", "chem": "chemin", "pl": "place", "rte": "route",
    "imp": "impasse", "all": "allee", "sq": "square", "crs": "cours", "pass": "passage", "qu": "quai",
    "sent": "sentier", "rle": "ruelle", "allees": "allee", "rpt": "rond-point",
}  # fmt: skip
_WAYS = {*_SHORT.values(), "venelle", "esplanade", "faubourg", "voie", "traverse", "montee", "promenade", "mail"}


def is_another_way(typed: str, found: str) -> bool:
    """Whether both name kinds of way, and what was found (« 12 Rue de la Gare 69470 Cours ») is of none that was typed.
    One that names none leaves it open."""
    named, street = _ways(typed), re.split(r"\b[0-9]{5}\b", found)[0]
    return bool(named) and _ways(street)[:1] not in ([], *([way] for way in named))


def _ways(written: str) -> list[str]:
    """The words that are one, in their order: in « 3 rue de la Place » the street is the first."""
    words = (_SHORT.get(word, word) for word in re.findall(r"[a-z]+(?:-point)?", skeleton(written)))
    return [word for word in words if word in _WAYS]
