"""What labelling does when it hears of an event."""

from __future__ import annotations

from uuid import UUID

from backbone.campaign.geography import ONLINE
from backbone.contracts import (
    AppealReceived,
    CorrectionRequested,
    DecisionFact,
    EventFact,
    EventLabelled,
    EventRejected,
    EventSubmitted,
    EventWithdrawn,
    JudgedFact,
    LabelWithdrawn,
    Mark,
    PublicEvent,
    ReviewRequested,
)
from backbone.service.catching_up import Recall
from backbone.service.floor import Hears
from backbone.service.folding import Then, fold

from .deadlines import deadlines
from .desk import Desk
from .domain.case import PERSONS, Case, entered
from .domain.criteria import judge
from .domain.decision import decide, repeat, stands, with_words_of_persons, withdraw
from .store import CASES, OpenCase, judged


def judge_event(case: OpenCase, submitted: EventSubmitted, desk: Desk) -> Then[OpenCase]:
    """Judges a revision by the four conditions and tells the decision; what is older changes nothing.

    An amendment is judged by what it touches: what was decided, or asked, stands as long as nothing changes of what is
    judged; and a person's word on a condition, as long as nothing changes of what it is judged by.
    """
    if submitted.mark <= case.now.heard:
        return Then(case)
    if _is_decided(case, submitted):
        return Then(case.after(case.now.hearing(submitted.mark)))
    event, now, heard = submitted.event, desk.clock.now(), case.now.hearing(submitted.mark)
    before = judged(case.now)
    if before and stands(before, event):
        again = repeat(heard, before, event, now)
        after, taken = entered(heard, again, heard.reviewer, overdue_in=heard.overdue_in)
        return Then(case.after(after, taken), [taken.told])
    decision, reviewer = _judged_anew(heard, before, event, desk)
    after, taken = entered(heard, decision, reviewer)
    return Then(case.after(after, taken), [taken.told], deadlines(decision, now))


def _judged_anew(
    heard: Case, before: JudgedFact | None, event: PublicEvent, desk: Desk
) -> tuple[JudgedFact, UUID | None]:
    """The decision, and the person whose word it rests on as well."""
    verdicts = judge(event, desk.editions.judging(event.edition))
    if before:
        verdicts = with_words_of_persons(before, event, verdicts)
    decision = decide(heard, event, verdicts, desk.clock.now(), desk.review_rules(event.edition))
    rests_on_a_person = any(verdict.rule in PERSONS for verdict in verdicts)
    return decision, heard.reviewer if rests_on_a_person else None


def withdraw_label(case: OpenCase, withdrawn: EventWithdrawn, desk: Desk) -> Then[OpenCase]:
    """Takes the event out of review; tells that its label is gone if it had one."""
    if withdrawn.mark <= case.now.heard:
        return Then(case)
    if _is_decided(case, withdrawn):
        return Then(case.after(case.now.hearing(withdrawn.mark)))
    heard = case.now.hearing(withdrawn.mark)
    if heard.granted:
        after, taken = entered(heard, withdraw(heard, withdrawn))
        return Then(case.after(after, taken), [taken.told])
    return Then(case.after(heard.closed(withdrawn.revision)))


def _is_decided(case: OpenCase, fact: EventFact) -> bool:
    """Whether that revision was decided on before it is heard of: the decision was taken back (`recall_decision`)."""
    known = case.now
    return fact.revision == known.revision == known.heard_revision and known.heard_sequence == 0


def recall_decision(case: OpenCase, decision: DecisionFact, desk: Desk) -> Then[OpenCase]:
    """Enters a decision that was told, and that the database has lost, in the log once more. Who took it is not told
    to anybody, and is lost."""
    if decision.sequence <= case.now.sequence:
        return Then(case)
    unheard = Mark(decision.revision, 0)
    now = case.now.hearing(unheard) if unheard > case.now.heard else case.now
    after, taken = entered(now, decision, overdue_in=_left_by(case, decision))
    return Then(case.after(after, taken), jobs=deadlines(decision, desk.clock.now()))


def _left_by(case: OpenCase, decision: DecisionFact) -> str | None:
    """The region that let a question wait until the national desk was asked as well."""
    asked = judged(case.now)
    if not isinstance(decision, ReviewRequested | AppealReceived) or not isinstance(asked, type(decision)):
        return None
    is_same = asked.due_at == decision.due_at and decision.region == ONLINE
    return asked.region if is_same and decision.decided_at >= decision.due_at else None


DECISIONS = (EventLabelled, EventRejected, ReviewRequested, CorrectionRequested, AppealReceived, LabelWithdrawn)
RECALL = Recall(before=[{kind: fold(recall_decision, into=CASES) for kind in DECISIONS}])

HEARS: Hears = {
    EventSubmitted: fold(judge_event, into=CASES),
    EventWithdrawn: fold(withdraw_label, into=CASES),
}
