"""Decisions that people took on events like this one: the same doubt, and words in common."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backbone.contracts import Finding, PublicEvent, Verdict
from backbone.texts.pasted import skeleton

_WORD = re.compile(r"\w{4,}")  # shorter ones are mostly those that every text has
MOST = 3


@dataclass(frozen=True)
class Precedent:
    """A decision by a person: on which event, what was in doubt, and what came of it."""

    event_id: UUID
    title: str
    organisation: str
    description: str
    doubts: tuple[str, ...]
    """The codes of what was in doubt."""
    is_labelled: bool
    sentences: tuple[str, ...]
    """What the organiser was told, where it was refused."""
    decided_at: datetime


def doubts_of(verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    """The codes of what is in doubt."""
    return tuple(verdict.code for verdict in verdicts if verdict.finding == Finding.DOUBTFUL)


def nearest(event: PublicEvent, verdicts: Sequence[Verdict], known: Iterable[Precedent]) -> list[Precedent]:
    """The few that are most like this event, the likest first; none that shares no doubt with it."""
    doubts, ours = set(doubts_of(verdicts)), words_of(event.title, event.description)
    near = [
        (len(doubts.intersection(one.doubts)), _likeness(ours, words_of(one.title, one.description)), one)
        for one in known
        if one.event_id != event.event_id and doubts.intersection(one.doubts)
    ]
    near.sort(key=lambda each: (each[0], each[1], each[2].decided_at), reverse=True)
    return [one for _, _, one in near[:MOST]]


def words_of(*texts: str) -> frozenset[str]:
    """The words that tell texts apart, whatever their case and accents."""
    return frozenset(_WORD.findall(skeleton(" ".join(texts))))


def _likeness(ours: frozenset[str], theirs: frozenset[str]) -> float:
    both = len(ours | theirs)
    return len(ours & theirs) / both if both else 0.0
