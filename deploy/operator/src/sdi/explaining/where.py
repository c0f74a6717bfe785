"""Where an event stands: registration's and labelling's words on it."""

from __future__ import annotations

from collections.abc import Iterator

from backbone.contracts import (
    AppealReceived,
    CorrectionRequested,
    DecidedBy,
    DecisionFact,
    Finding,
    JudgedFact,
    Label,
    LabelWithdrawn,
    ReviewRequested,
)

from .known import Answer, Story, clock_time


def where(story: Story) -> Answer:
    """Registration's and labelling's words on it."""
    if story.is_taken_back:
        return Answer("taken back", ("its organiser took it back, or their account was erased",))
    decision, submitted = story.decision, story.submitted
    if submitted and (decision is None or decision.revision < submitted.revision):
        stuck = tuple(story.hindrances("labelling", submitted))
        waits = stuck or ("labelling has heard it and told nothing yet: a moment, or look at its log",)
        before = f"; revision {decision.revision} was {_label(decision)}" if decision else ""
        return Answer(f"revision {submitted.revision} is being judged{before}", waits, is_stuck=bool(stuck))
    if decision is None:
        return Answer("unknown", ("neither a submission nor a decision was told of it",), is_stuck=True)
    return Answer(_label(decision), tuple(_about_decision(decision)))


def _label(decision: DecisionFact) -> str:
    if isinstance(decision, CorrectionRequested):
        return f"{decision.label.replace('_', ' ')}, a correction was asked for"
    if isinstance(decision, AppealReceived):
        return f"{decision.label.replace('_', ' ')}, and under appeal"
    if decision.label == Label.REFUSED and decision.had_label:
        return "refused, and the label it had is gone"
    return decision.label.replace("_", " ")


def _by(decision: DecisionFact) -> str:
    if decision.decided_by == DecidedBy.ORGANISER:
        return "asked for by its organiser"
    return f"decided by {decision.decided_by}" + ("" if decision.automated else ", a person")


def _about_decision(decision: DecisionFact) -> Iterator[str]:
    yield f"revision {decision.revision}, {_by(decision)} at {clock_time(decision.decided_at)}"
    if isinstance(decision, CorrectionRequested):
        yield f"the organiser is to mend it ({decision.correction.kind}): {decision.correction.message}"
        yield "the clock stands still until they submit it anew"
    if isinstance(decision, ReviewRequested | AppealReceived):
        yield f"a person of region {decision.region} decides until {clock_time(decision.due_at)}"
    if isinstance(decision, LabelWithdrawn):
        yield f"{decision.reason.code}: {decision.reason.message}"
    if isinstance(decision, JudgedFact):
        for verdict in decision.verdicts:
            if verdict.finding != Finding.MET:
                yield f"{verdict.condition} {verdict.finding.replace('_', ' ')}: {verdict.words}"
