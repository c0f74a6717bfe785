"""What labelling does when it hears of an event."""

from __future__ import annotations

from backbone.contracts import EventSubmitted, EventWithdrawn
from backbone.service.floor import Hears
from backbone.service.folding import Then, fold

from .desk import Desk
from .domain.case import entered, is_by_a_person
from .domain.criteria import judge
from .domain.decision import decide, reads_alike, repeat, withdraw
from .store import CASES, OpenCase, judged


def judge_event(case: OpenCase, submitted: EventSubmitted, desk: Desk) -> Then[OpenCase]:
    """Judges a revision by the four conditions and tells the decision; what is older changes nothing.

    What a person decided stands, as long as nothing changes of what they judged.
    """
    if submitted.mark <= case.now.heard:
        return Then(case)
    event, now, heard = submitted.event, desk.clock.now(), case.now.hearing(submitted.mark)
    before = judged(case.now)
    if before and is_by_a_person(before) and reads_alike(before.event, event):
        decision, reviewer = repeat(heard, before, event, now), case.now.reviewer
    else:
        verdicts = judge(event, desk.editions.get(event.edition))
        decision, reviewer = decide(heard, event, verdicts, now), None
    return Then(case.after(*entered(heard, decision, reviewer)), [decision])


def withdraw_label(case: OpenCase, withdrawn: EventWithdrawn, desk: Desk) -> Then[OpenCase]:
    """Takes the event out of review; tells that its label is gone if it had one."""
    if withdrawn.mark <= case.now.heard:
        return Then(case)
    heard = case.now.hearing(withdrawn.mark)
    if heard.granted:
        decision = withdraw(heard, withdrawn)
        return Then(case.after(*entered(heard, decision)), [decision])
    return Then(case.after(heard.closed(withdrawn.revision)))


HEARS: Hears = {
    EventSubmitted: fold(judge_event, into=CASES),
    EventWithdrawn: fold(withdraw_label, into=CASES),
}
