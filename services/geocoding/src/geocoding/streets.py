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
    """Whether both name a kind of way, and not the same. One that says none leaves it open."""
    one, other = _way(typed), _way(found)
    return one is not None and other is not None and one != other


def _way(written: str) -> str | None:
    """The first word that is one: in « 3 rue de la Place » it is the street, in « ZI, rue X » too."""
    words = (_SHORT.get(word, word) for word in re.findall(r"[a-z]+(?:-point)?", skeleton(written)))
    return next((word for word in words if word in _WAYS), None)
