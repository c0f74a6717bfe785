"""Who alone may come, as sentences say it: « réservé à », « uniquement », « seuls les », « s'adresse aux ».

Any such word whose object is not one of the campaign's publics is a sign of a closed door; that of people of the house,
« nos clients », is a sure one.
"""

from __future__ import annotations

from collections.abc import Iterator

from .lexicon import Cues, small_words, standing_in
from .reading import Reading, Span

Sign = tuple[Span, int]
"""Where a door seems closed, and how sure that is."""

SURE = 2
"""What signs weigh in all, where a door is closed."""

SUBJECT = 5
"""Words in which a text says what is closed."""

_OBJECT = 8
"""Words in which it says for whom."""

_RESERVED = small_words("access", "reserved")
_LIMITED = small_words("access", "limited")
_ONLY = small_words("access", "only")
_RATHER = small_words("access", "rather")
_TO = small_words("access", "to")
_OURS = small_words("access", "ours")
_TO_THEM = small_words("access", "to_them")
_PLURAL_ARTICLES = small_words("access", "plural_articles")


def kept_for_some(reading: Reading, of: Cues) -> Iterator[Sign]:
    """All places of a text where it says, or seems to say, who alone may come."""
    for place, word in enumerate(reading.words):
        says = _SAYING.get(word)
        if says and (sign := says(reading, place, of)) and reading.is_said(place):
            yield sign


def is_of_a_facility(reading: Reading, place: int, of: Cues) -> bool:
    """« le parking est réservé au personnel »: nobody is kept out of the event."""
    return bool(standing_in(of, "facility", range(max(place - SUBJECT, reading.clause(place)[0]), place)))


def _reserved(reading: Reading, place: int, of: Cues) -> Sign | None:
    """« réservé (exclusivement) à … »."""
    if is_of_a_facility(reading, place, of):
        return None
    words, end = reading.words, reading.clause(place, pauses=True)[-1]
    at, adverbs = place + 1, set[str]()
    while at <= end and (words[at] in _ONLY or words[at] in _RATHER or words[at] == "en"):
        adverbs.add(words[at])
        at += 1
    if at > end or adverbs & _RATHER or words[at] not in _TO:
        return None
    weight = SURE if adverbs & _ONLY or words[place - 1] in _ONLY else 1
    whom = range(at + 1, min(end, at + _OBJECT) + 1)
    if words[place] in _LIMITED:
        return ((place, whom[-1]), weight) if whom and _is_of_the_house(reading, whom, of) else None
    if _is_of_ours(reading, whom, of):
        weight = SURE
    return ((place, whom[-1] if whom else at), weight) if _is_of_few(reading, whom, of) else None


def _only(reading: Reading, place: int, of: Cues) -> Sign | None:
    """« adhérents uniquement », « uniquement pour nos clients »."""
    part = reading.clause(place, pauses=True)
    before = [cue for cue in of.get("house", ()) if cue.last in part and place - 2 <= cue.last < place]
    if before:
        return (before[0].first, place), SURE
    at = place + 1
    if at > part[-1] or reading.words[at] not in ("pour", "aux", "destine", "destinee", "ouvert", "ouverte"):
        return None
    whom = range(at + 1, min(part[-1], at + _OBJECT) + 1)
    return ((place, whom[-1]), SURE) if whom and _is_of_few(reading, whom, of) else None


def _alone(reading: Reading, place: int, of: Cues) -> Sign | None:
    """« seuls les collaborateurs munis d'un badge pourront s'inscrire »."""
    whom = _after(reading, place)
    if not whom or reading.words[place + 1] not in _TO_THEM:
        return None
    return ((place, whom[-1]), SURE) if _is_of_the_house(reading, whom, of) else None


def _told_to(reading: Reading, place: int, of: Cues) -> Sign | None:
    """« s'adresse aux électroniciens en exercice »: to those of a house or of a trade, and to no listed public."""
    whom = _after(reading, place)
    if not whom or not _TO_THEM.intersection(reading.words[at] for at in whom):
        return None
    trades = [cue for cue in reading.cues("industry") if cue.first in whom and cue.is_of("trade")]
    if (
        standing_in(of, "listed", whom)
        or standing_in(of, "open", whom)
        or not (trades or standing_in(of, "house", whom))
    ):
        return None
    is_sure = reading.words[place + 1] in _ONLY or _is_of_ours(reading, whom, of)
    return (place, whom[-1]), SURE if is_sure else 1


def _opened(reading: Reading, place: int, of: Cues) -> Sign | None:
    """« ouverte cette année au cercle familial des planteurs »: to them, and to nobody else that is named."""
    whom = _after(reading, place)
    named = standing_in(of, "house", whom)
    if not named or reading.words[named[0].first - 1] not in _TO_THEM:
        return None
    return None if standing_in(of, "listed", whom) or standing_in(of, "open", whom) else ((place, named[0].last), 1)


def _invited(reading: Reading, place: int, of: Cues) -> Sign | None:
    """« la direction convie les équipes et leurs conjoints »."""
    if reading.words[place - 1] in _PLURAL_ARTICLES:
        return None  # « les invités seront reçus la veille »
    whom = range(place + 1, min(reading.clause(place, pauses=True)[-1], place + SUBJECT) + 1)
    if not whom or not _is_of_the_house(reading, whom, of):
        return None
    return (place, whom[-1]), SURE if _is_of_ours(reading, whom, of) else 1


def _complete(reading: Reading, place: int, of: Cues) -> Sign | None:
    """« COMPLET », and nothing else."""
    return ((place, place), int("full" not in of)) if len(reading.clause(place)) == 1 else None


_SAYING = {
    **dict.fromkeys(_RESERVED | _LIMITED, _reserved),
    **dict.fromkeys(_ONLY, _only),
    **dict.fromkeys(small_words("access", "alone"), _alone),
    **dict.fromkeys(small_words("access", "tells"), _told_to),
    **dict.fromkeys(small_words("access", "opened"), _opened),
    **dict.fromkeys(small_words("access", "invites"), _invited),
    **dict.fromkeys(small_words("access", "complete"), _complete),
}


def _after(reading: Reading, place: int) -> range:
    """The words in which it says for whom."""
    return range(place + 1, min(reading.clause(place, pauses=True)[-1], place + _OBJECT) + 1)


def _is_of_ours(reading: Reading, whom: range, of: Cues) -> bool:
    """« nos clients », « ses actionnaires »: nobody takes them for the public."""
    ours = any(reading.words[place] in _OURS for place in whom)
    return ours and _is_of_the_house(reading, whom, of)


def _is_of_few(reading: Reading, whom: range, of: Cues) -> bool:
    listed, house = standing_in(of, "listed", whom), standing_in(of, "house", whom)
    if not listed or _OURS.intersection(reading.words[place] for place in whom):
        return True
    return bool(house) and house[0].first < listed[0].first


def _is_of_the_house(reading: Reading, whom: range, of: Cues) -> bool:
    listed, house = standing_in(of, "listed", whom), standing_in(of, "house", whom)
    return bool(house) and (not listed or house[0].first < listed[0].first)
