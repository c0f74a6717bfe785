"""What organisers post: drafts of which each revision bears a word of its own, and what the rules must make of each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from backbone.campaign.edition import Edition
from backbone.contracts import Condition, EventLabelled, EventRejected, Finding, ReviewRequested, Verdict
from labelling.domain.case import Case
from labelling.domain.criteria import judge
from labelling.domain.decision import decide
from local_stack.generator import draft_of, generate
from registration.domain.draft import EventDraft

LABELLED, REJECTED, IN_REVIEW = "labelled", "rejected", "in_review"
_OUTCOMES = {EventLabelled: LABELLED, EventRejected: REJECTED, ReviewRequested: IN_REVIEW}
_SYLLABLES = [first + second for first in "bdfgklmnprtvz" for second in "aeiou"]


@dataclass(frozen=True)
class Draft:
    """One revision as it is posted. `word` stands in its title and its description, and nowhere else in the world.

    `outcome`: what becomes of it; None where the person who wrote the sample and the rules would not agree.
    """

    body: dict[str, Any]
    word: str
    outcome: str | None
    outcome_with_dates_checked: str | None = None
    """What becomes of it where a person has found its hours, which no revision changes, to be right."""


Step = Draft | None
"""None: the event is taken back. Each becomes a revision."""
Work = tuple[str, list[Step]]
"""An event's id, and what becomes of it."""


def plan(events: int, seed: int, edition: Edition) -> list[Work]:
    """What is to be posted: every third event is amended once, every third twice; of every fifth the last revision
    costs something; every seventh is taken back."""
    work: list[Work] = []
    for place, (event_id, sample) in enumerate(generate(events, seed)):
        steps: list[Step] = [_draft(sample, event_id, number, edition) for number in range(1 + place % 3)]
        if place % 5 == 4:
            steps.append(_draft(sample, event_id, len(steps), edition, is_free=False))
        if place % 7 == 3:
            steps.append(None)
        work.append((str(event_id), steps))
    return work


def _draft(sample: dict[str, Any], event_id: UUID, number: int, edition: Edition, **instead: Any) -> Draft:
    word = _word(f"{event_id}:{number}")
    plain = draft_of(sample, edition)
    body = {
        **plain,
        "title": f"{plain['title'][:100].rstrip()} {word}",
        "description": f"{plain['description'].rstrip()[:1400]} {word}.",
        **instead,
    }
    expected = {"review": IN_REVIEW}.get(sample["expected"]["decision"], sample["expected"]["decision"])
    outcome = _outcome(body, event_id, edition)
    is_certain = outcome in (expected, IN_REVIEW) or (instead and outcome == REJECTED)
    checked = _outcome(body, event_id, edition, are_dates_checked=True)
    return Draft(body, word, outcome if is_certain else None, checked if is_certain else None)


def _word(of: str) -> str:
    """A word that no lexicon knows, as somebody might name a workshop."""
    number = int.from_bytes(hashlib.sha256(of.encode()).digest()[:6])
    letters = "".join(_SYLLABLES[number // len(_SYLLABLES) ** place % len(_SYLLABLES)] for place in range(6))
    return letters.capitalize()


def outcomes(event: str, story: list[Step], words: Mapping[tuple[str, int], str]) -> Iterator[str | None]:
    """What becomes of each revision before a person has said anything of it. `words`: what reviewers said of which.

    Whoever judged one has judged its hours, and that stands: later revisions touch the words alone.
    """
    are_dates_checked = False
    for revision, step in enumerate(story, start=1):
        if step is None:
            yield None
        else:
            yield step.outcome_with_dates_checked if are_dates_checked else step.outcome
        are_dates_checked = step is not None and (are_dates_checked or (event, revision) in words)


def _outcome(body: dict[str, Any], event_id: UUID, edition: Edition, *, are_dates_checked: bool = False) -> str:
    event = EventDraft.model_validate(body).as_event(event_id, 1, edition.name, event_id)
    verdicts = judge(event, edition)
    if are_dates_checked:
        verdicts = tuple(v.model_copy(update={"finding": Finding.MET}) if _is_of_dates(v) else v for v in verdicts)
    return _OUTCOMES[type(decide(Case(event_id), event, verdicts, datetime.now(UTC)))]


def _is_of_dates(verdict: Verdict) -> bool:
    return verdict.condition == Condition.DATES and verdict.finding == Finding.DOUBTFUL
