"""A decision looked at once more, when the rules, their lexicons or the window of its edition have changed. Pure.

What the rules decided, they decide anew. What a person settled stands, whatever the rules say now. But where the window
itself rules an event out to which a person gave the label, or today's rules do for a condition that this person found
met by the rules and had no doubt to settle, a person is asked to look at it once more; until then it keeps its label.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from backbone.campaign.edition import ReviewRules
from backbone.contracts import (
    AppealReceived,
    Condition,
    CorrectionRequested,
    DecidedBy,
    Finding,
    JudgedFact,
    Label,
    Reason,
    ReviewRequested,
    Verdict,
)

from .case import PERSONS, Case
from .decision import decide, with_words_of_persons

_SINCE = "{} depuis qu’une personne a décidé : une personne regarde de nouveau."
LOOK_AGAIN: Mapping[str, Reason] = {
    Condition.DATES: Reason(code="dates-window-changed", message=_SINCE.format("La période a changé")),
    **{
        condition: Reason(code=f"{condition}-rules-changed", message=_SINCE.format("Les règles ont changé"))
        for condition in (Condition.PUBLIC, Condition.INDUSTRY, Condition.FREE)
    },
}
"""Why a person is asked once more about what a person decided, for each condition."""
_ASKED_ONCE_MORE = frozenset(reason.code for reason in LOOK_AGAIN.values())
_BY_MACHINE = (DecidedBy.RULES, DecidedBy.REJUDGEMENT)
_IN_REVIEW = (Label.UNDER_REVIEW, Label.SUSPENDED)


class Standing(StrEnum):
    """What becomes of a decision that is looked at again."""

    SAME = "same"
    CHANGED = "changed"
    """The rules decide otherwise now."""
    LEFT = "left"
    """The rules would decide otherwise now; but the word is a person's."""
    FOR_A_PERSON = "for_a_person"
    """A person gave the label, and the window or the rules rule the event out now: a person looks again."""


@dataclass(frozen=True)
class Rejudged:
    """A decision, and what becomes of it: `after` is what the rules say now, and is told if it `is_told`."""

    standing: Standing
    before: JudgedFact
    after: JudgedFact

    @property
    def is_told(self) -> bool:
        return self.standing in (Standing.CHANGED, Standing.FOR_A_PERSON)


def judge_again(
    case: Case, before: JudgedFact, verdicts: tuple[Verdict, ...], now: datetime, rules: ReviewRules
) -> Rejudged:
    """`before` is the decision that the case stands at, `verdicts` are today's on the event that it carries."""
    event = before.event

    def decided(found: tuple[Verdict, ...]) -> JudgedFact:
        return _by_rejudgement(decide(case, event, found, now, rules))

    if not event.takes_place:  # it keeps its label, and says that it is called off
        return Rejudged(Standing.SAME, before, before)
    if _rests_on_a_person(before) and before.label == Label.GRANTED and (since := _ruled_out_since(before, verdicts)):
        return Rejudged(Standing.FOR_A_PERSON, before, decided(_to_be_looked_at(before, since)))
    if _is_open_to_the_rules(before):
        after = decided(with_words_of_persons(before, event, verdicts))
        return Rejudged(Standing.SAME if _says_the_same(before, after) else Standing.CHANGED, before, after)
    by_rules = decided(verdicts)
    return Rejudged(Standing.LEFT if _contradicts(before, by_rules) else Standing.SAME, before, by_rules)


def _by_rejudgement(decision: JudgedFact) -> JudgedFact:
    return decision.model_copy(update={"decided_by": DecidedBy.REJUDGEMENT.value})


def _is_open_to_the_rules(before: JudgedFact) -> bool:
    # a doubt of the rules is theirs to clear; a person who asked for a correction, or was asked for one more look, has
    # it in hand
    if isinstance(before, AppealReceived | CorrectionRequested):
        return False
    if isinstance(before, ReviewRequested):
        return not any(verdict.code in _ASKED_ONCE_MORE for verdict in before.verdicts)
    return before.decided_by in _BY_MACHINE


def _says_the_same(before: JudgedFact, after: JudgedFact) -> bool:
    if before.label in _IN_REVIEW and after.label in _IN_REVIEW:
        return True  # who waits is not told so twice, nor given another clock
    # who was refused for another reason would mend the wrong thing
    return before.label == after.label and (before.label != Label.REFUSED or _unmet(before) == _unmet(after))


def _unmet(decision: JudgedFact) -> set[str]:
    return {verdict.condition for verdict in decision.verdicts if verdict.finding == Finding.NOT_MET}


def _contradicts(before: JudgedFact, after: JudgedFact) -> bool:
    # a doubt contradicts nobody: that is why a person was asked
    return after.label not in _IN_REVIEW and after.label != before.label


def _rests_on_a_person(before: JudgedFact) -> bool:
    is_settled = before.decided_by not in _BY_MACHINE
    return is_settled or any(verdict.rule in PERSONS for verdict in before.verdicts)


def _ruled_out_since(before: JudgedFact, verdicts: tuple[Verdict, ...]) -> Mapping[str, Verdict]:
    """Today's verdicts that rule the event out, by condition; none of those that a person has answered already."""
    then = {verdict.condition: verdict for verdict in before.verdicts}
    unmet = (verdict for verdict in verdicts if verdict.finding == Finding.NOT_MET)
    return {verdict.condition: verdict for verdict in unmet if not _is_answered(then.get(verdict.condition), verdict)}


def _is_answered(then: Verdict | None, today: Verdict) -> bool:
    """Whether a person has settled this condition themselves; of the dates, for the same days."""
    if then is None or then.rule not in PERSONS:
        return False
    return today.condition != Condition.DATES or _days(then) == _days(today)


def _days(verdict: Verdict) -> list[str]:
    return [evidence.text for evidence in verdict.evidence]


def _to_be_looked_at(before: JudgedFact, since: Mapping[str, Verdict]) -> tuple[Verdict, ...]:
    """What rules the event out today, in doubt; of all else what was found then."""
    then = {verdict.condition: verdict for verdict in before.verdicts}
    return tuple((then | {condition: _in_doubt(today) for condition, today in since.items()}).values())


def _in_doubt(verdict: Verdict) -> Verdict:
    why = LOOK_AGAIN[verdict.condition]
    return verdict.model_copy(update={"finding": Finding.DOUBTFUL.value, "code": why.code, "hint": why.message})
