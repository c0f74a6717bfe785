"""Who may come, as an organiser's text has it: signs that a door is closed, or open.

Any « réservé », « uniquement », « membres » whose object is not one of the campaign's publics is at least a doubt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .lexicon import Cue, by_family, small_words
from .money import Span
from .reading import Reading
from .words import BREAK, PAUSES

_RESERVED = small_words("access", "reserved")
_LIMITED = small_words("access", "limited")
_ONLY = small_words("access", "only")
_RATHER = small_words("access", "rather")
_TO = small_words("access", "to")
_OURS = small_words("access", "ours")
_MADE = frozenset({"organise", "organisee", "organises", "concu", "concue", "prevu", "prevue", "montee", "imaginee"})
_THE_PUBLIC = frozenset({"public", "visiteurs"})
_FULL = frozenset({"complet", "complete", "complets"})
_EVENTS = small_words("access", "events")
_INVITES = small_words("access", "invites")
_OPENED = small_words("access", "opened")
_ALONE = small_words("access", "alone")
_TELLS = small_words("access", "tells")
_TO_THEM = small_words("access", "to_them")
_SPEAKING = _ALONE | _TELLS | _RESERVED | _LIMITED | _ONLY | _OPENED | _INVITES | _FULL
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
SURE = 2
"""What signs weigh in all, where a door is closed."""

_ARTICLES = frozenset({"les", "des", "nos", "aux", "vos", "leurs"})
_OBJECT = 8
"""Words in which a text says for whom it is."""
_SUBJECT = 5
"""Words in which it says what is."""


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
    kept = dict(_kept_for_some(reading, of))
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


def _counts(reading: Reading, cue: Cue, of: Mapping[str, list[Cue]]) -> bool:
    is_sure = _weight(cue) >= SURE
    if not reading.is_said(cue.first) or (not is_sure and _is_of_something_else(reading, cue)):
        return False
    if _near(of, "facility", range(max(cue.first - _SUBJECT, reading.clause(cue.first)[0]), cue.first)):
        return False  # « le parking est fermé aux visiteurs »
    # « les salariés et leurs familles, ainsi que le public »
    clause = reading.clause(cue.first)
    everyone = [sign for sign in (*of.get("open", ()), *of.get("listed", ())) if sign.senses[0].term in _EVERYONE]
    return not any(sign.first in clause and sign.first > cue.last for sign in everyone)


def _is_of_something_else(reading: Reading, cue: Cue) -> bool:
    """A name; a place (« un site interdit au public »); a case that may not come (« en cas de crue, visite annulée »)."""
    before = reading.words[max(cue.first - _SUBJECT, reading.clause(cue.first)[0]) : cue.first]
    is_of_a_place = reading.words[cue.last] in _THE_PUBLIC and bool(before) and not _EVENTS.intersection(before)
    return cue.first >= reading.organisation or is_of_a_place or "cas" in before


def _addresses(reading: Reading, cue: Cue) -> bool:
    """« Pour les adhérents. », « visite pour nos clients »: said of the event, and not of what is made for them."""
    before = reading.words[cue.first - 1] if cue.first else BREAK
    return reading.is_said(cue.first) and (before in PAUSES or before == ":" or before in _EVENTS or before in _MADE)


def _kept_for_some(reading: Reading, of: Mapping[str, list[Cue]]) -> Iterator[tuple[Span, int]]:
    for place, word in enumerate(reading.words):
        if word not in _SPEAKING:
            continue
        if word in _RESERVED or word in _LIMITED:
            found = _reserved(reading, place, of)
        elif word in _ONLY:
            found = _only(reading, place, of)
        elif word in _ALONE:
            found = _alone(reading, place, of)
        elif word in _TELLS:
            found = _told_to(reading, place, of)
        elif word in _OPENED:
            found = _opened(reading, place, of)
        elif word in _INVITES:
            found = _invited(reading, place, of)
        else:  # « COMPLET », alone
            found = ((place, place), int("full" not in of)) if len(reading.clause(place)) == 1 else None
        if found and reading.is_said(place):
            yield found


def _reserved(reading: Reading, place: int, of: Mapping[str, list[Cue]]) -> tuple[Span, int] | None:
    """« réservé (exclusivement) à … »."""
    if _near(of, "facility", range(max(place - _SUBJECT, reading.clause(place)[0]), place)):
        return None
    words, end = reading.words, reading.clause(place, pauses=True)[-1]
    at, adverbs = place + 1, set[str]()
    while at <= end and (words[at] in _ONLY or words[at] in _RATHER or words[at] == "en"):
        adverbs.add(words[at])
        at += 1
    if at > end or adverbs & _RATHER or words[at] not in _TO:
        return None
    weight = 2 if adverbs & _ONLY or (words[place - 1 : place] and words[place - 1] in _ONLY) else 1
    whom = range(at + 1, min(end, at + _OBJECT) + 1)
    if words[place] in _LIMITED:
        return ((place, whom[-1]), weight) if whom and _is_of_the_house(reading, whom, of) else None
    if _is_of_ours(reading, whom, of):
        weight = SURE
    return ((place, whom[-1] if whom else at), weight) if _is_of_few(reading, whom, of) else None


def _only(reading: Reading, place: int, of: Mapping[str, list[Cue]]) -> tuple[Span, int] | None:
    """« adhérents uniquement », « uniquement pour nos clients »."""
    part = reading.clause(place, pauses=True)
    before = [cue for cue in of.get("house", ()) if cue.last in part and place - 2 <= cue.last < place]
    if before:
        return (before[0].first, place), 2
    at = place + 1
    if at > part[-1] or reading.words[at] not in ("pour", "aux", "destine", "destinee", "ouvert", "ouverte"):
        return None
    whom = range(at + 1, min(part[-1], at + _OBJECT) + 1)
    return ((place, whom[-1]), 2) if whom and _is_of_few(reading, whom, of) else None


def _alone(reading: Reading, place: int, of: Mapping[str, list[Cue]]) -> tuple[Span, int] | None:
    """« seuls les collaborateurs munis d'un badge pourront s'inscrire »."""
    whom = range(place + 1, min(reading.clause(place, pauses=True)[-1], place + _OBJECT) + 1)
    if not whom or reading.words[place + 1] not in _TO_THEM:
        return None
    return ((place, whom[-1]), SURE) if _is_of_the_house(reading, whom, of) else None


def _told_to(reading: Reading, place: int, of: Mapping[str, list[Cue]]) -> tuple[Span, int] | None:
    """« s'adresse aux électroniciens en exercice »: to those of a house or of a trade, and to no listed public."""
    whom = range(place + 1, min(reading.clause(place, pauses=True)[-1], place + _OBJECT) + 1)
    if not whom or not _TO_THEM.intersection(reading.words[at] for at in whom):
        return None
    trades = [cue for cue in reading.cues("industry") if cue.first in whom and cue.is_of("trade")]
    if _near(of, "listed", whom) or _near(of, "open", whom) or not (trades or _near(of, "house", whom)):
        return None
    return (place, whom[-1]), SURE if _is_of_ours(reading, whom, of) else 1


def _opened(reading: Reading, place: int, of: Mapping[str, list[Cue]]) -> tuple[Span, int] | None:
    """« ouverte cette année au cercle familial des planteurs »: to them, and to nobody else that is named."""
    whom = range(place + 1, min(reading.clause(place, pauses=True)[-1], place + _OBJECT) + 1)
    named = _near(of, "house", whom)
    if not named or reading.words[named[0].first - 1] not in _TO_THEM:
        return None
    return None if _near(of, "listed", whom) or _near(of, "open", whom) else ((place, named[0].last), 1)


def _invited(reading: Reading, place: int, of: Mapping[str, list[Cue]]) -> tuple[Span, int] | None:
    """« la direction convie les équipes et leurs conjoints »."""
    if reading.words[place - 1] in _ARTICLES:
        return None  # « les invités seront reçus la veille »
    whom = range(place + 1, min(reading.clause(place, pauses=True)[-1], place + _SUBJECT) + 1)
    if not whom or not _is_of_the_house(reading, whom, of):
        return None
    return (place, whom[-1]), SURE if _is_of_ours(reading, whom, of) else 1


def _is_of_ours(reading: Reading, whom: range, of: Mapping[str, list[Cue]]) -> bool:
    """« nos clients », « ses actionnaires »: nobody takes them for the public."""
    ours = any(reading.words[place] in _OURS for place in whom)
    return ours and _is_of_the_house(reading, whom, of)


def _is_of_few(reading: Reading, whom: range, of: Mapping[str, list[Cue]]) -> bool:
    listed, house = _near(of, "listed", whom), _near(of, "house", whom)
    if not listed or _OURS.intersection(reading.words[place] for place in whom):
        return True
    return bool(house) and house[0].first < listed[0].first


def _is_of_the_house(reading: Reading, whom: range, of: Mapping[str, list[Cue]]) -> bool:
    listed, house = _near(of, "listed", whom), _near(of, "house", whom)
    return bool(house) and (not listed or house[0].first < listed[0].first)


def _near(of: Mapping[str, list[Cue]], family: str, part: range) -> list[Cue]:
    return [cue for cue in of.get(family, ()) if cue.first in part]
