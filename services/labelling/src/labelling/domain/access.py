"""Who may come, as an organiser's text has it: signs that a door is closed, or open.

Any « réservé », « uniquement », « membres » whose object is not one of the campaign's publics is at least a doubt.
"""

from __future__ import annotations

from dataclasses import dataclass

from .doors import SUBJECT, SURE, is_of_a_facility, kept_for_some
from .lexicon import Cue, Cues, by_family, small_words
from .reading import Reading, Span
from .words import BREAK, PAUSES

_THE_PUBLIC = small_words("access", "the_public")
_EVENTS = small_words("access", "events")
_MADE = small_words("access", "made")
_EVERYONE = frozenset(
    (
        "public",
        "grand public",
        "tous",
        "tout le monde",
        "curieux",
        "visiteurs",
        "habitants",
        "riverains",
        "pour tous",
        "le public",
        "au public",
        "ouvert à tous",
        "les curieux",
        "les habitants",
        "aux riverains",
        "ouvert au public",
    )
)
"""Terms that mean anybody."""


@dataclass(frozen=True)
class Access:
    """Where a text says, or seems to say, that not everyone may come; how sure that is in all (two are sure); and
    whether it says elsewhere that anyone may."""

    signs: tuple[Span, ...] = ()
    weight: int = 0
    is_open: bool = False


def access_in(reading: Reading) -> Access:
    """All that a text says of who may come."""
    cues = reading.cues("access")
    of = by_family(cues)
    signs = {(cue.first, cue.last): _weight(cue) for cue in of.get("closed", ()) if _counts(reading, cue, of)}
    full = [cue for cue in of.get("full", ()) if reading.is_said(cue.first)]
    signs |= {(cue.first, cue.last): int(cue is full[0]) for cue in full}
    signs |= {(cue.first, cue.last): 1 for cue in reading.cues("address") if _addresses(reading, cue)}
    kept = dict(kept_for_some(reading, of))
    unsure = [span for span, weight in kept.items() if weight < SURE]
    # « réservé aux amis … réservée aux amis »: said twice, it is no surer
    signs |= kept | dict.fromkeys(unsure[1:], 0)
    is_open = any(reading.is_said(cue.first) for cue in of.get("open", ()))
    # who is told that it is full may ask for more places: never a refusal
    return Access(tuple(sorted(signs)), 1 if full else _in_all(signs), is_open)


def _weight(cue: Cue) -> int:
    return max(sense.weight for sense in cue.senses if sense.family == "closed")


def _in_all(signs: dict[Span, int]) -> int:
    """What they weigh together: of two that share words only the heavier one counts."""
    total, end, before = 0, -1, 0
    for (first, last), weight in sorted(signs.items()):
        total += weight if first > end else max(weight - before, 0)
        before = weight if first > end else max(weight, before)
        end = max(end, last)
    return total


def _counts(reading: Reading, cue: Cue, of: Cues) -> bool:
    is_sure = _weight(cue) >= SURE
    if not reading.is_said(cue.first) or (not is_sure and _is_of_something_else(reading, cue)):
        return False
    if is_of_a_facility(reading, cue.first, of):
        return False
    # « les salariés et leurs familles, ainsi que le public »
    clause = reading.clause(cue.first)
    everyone = [sign for sign in (*of.get("open", ()), *of.get("listed", ())) if sign.senses[0].term in _EVERYONE]
    return not any(sign.first in clause and sign.first > cue.last for sign in everyone)


def _is_of_something_else(reading: Reading, cue: Cue) -> bool:
    """A name; a place (« un site interdit au public »); a case that may not come (« en cas de crue, annulée »)."""
    before = reading.words[max(cue.first - SUBJECT, reading.clause(cue.first)[0]) : cue.first]
    is_of_a_place = reading.words[cue.last] in _THE_PUBLIC and bool(before) and not _EVENTS.intersection(before)
    return cue.first >= reading.organisation or is_of_a_place or "cas" in before


def _addresses(reading: Reading, cue: Cue) -> bool:
    """« Pour les adhérents. », « visite pour nos clients »: said of the event, and not of what is made for them."""
    before = reading.words[cue.first - 1] if cue.first else BREAK
    return reading.is_said(cue.first) and (before in PAUSES or before == ":" or before in _EVENTS or before in _MADE)
