"""One function per kind of news: each folds it into what the public may see; nothing else follows from it."""

from __future__ import annotations

from dataclasses import replace

from backbone.contracts import (
    AppealReceived,
    CorrectionRequested,
    DecisionFact,
    EventLabelled,
    EventLocated,
    EventNotLocated,
    EventRejected,
    EventWithdrawn,
    LabelWithdrawn,
    ReviewRequested,
)
from backbone.runtime.trace import recorded_trace
from backbone.service.floor import Hears
from backbone.service.folding import Then, fold

from .domain.standing import Standing
from .store import EVENTS


def show_or_hide(standing: Standing, fact: DecisionFact, _: object) -> Then[Standing]:
    """What the public sees is what the newest decision says, by its label and not by its type."""
    return _then(standing, standing.after_decision(fact))


def locate(standing: Standing, fact: EventLocated | EventNotLocated, _: object) -> Then[Standing]:
    """The revision has a pin, or none: then the event stays in the list."""
    return _then(standing, standing.after_look_up(fact))


def withdraw(standing: Standing, fact: EventWithdrawn, _: object) -> Then[Standing]:
    """The organiser took the event back."""
    return _then(standing, standing.after_withdrawal(fact.revision))


def _then(before: Standing, after: Standing) -> Then[Standing]:
    return Then(after if after is before else replace(after, traceparent=recorded_trace()))


HEARS: Hears = {
    EventLabelled: fold(show_or_hide, into=EVENTS),
    EventRejected: fold(show_or_hide, into=EVENTS),
    ReviewRequested: fold(show_or_hide, into=EVENTS),
    CorrectionRequested: fold(show_or_hide, into=EVENTS),
    AppealReceived: fold(show_or_hide, into=EVENTS),
    LabelWithdrawn: fold(show_or_hide, into=EVENTS),
    EventLocated: fold(locate, into=EVENTS),
    EventNotLocated: fold(locate, into=EVENTS),
    EventWithdrawn: fold(withdraw, into=EVENTS),
}
