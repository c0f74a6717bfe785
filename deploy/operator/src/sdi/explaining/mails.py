"""Which mails about an event left, which are owed, and why none is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backbone.contracts import (
    DecidedBy,
    KitFailed,
    KitSent,
    Label,
    NoticeFailed,
    NoticeSent,
)
from commskit.domain.notices import Notice
from commskit.domain.standing import kit_id

from .known import Answer, Story, clock_time


def mails(story: Story) -> Answer:
    """What left for the organiser's mailbox, and what is owed and has not."""
    left = tuple(_left(story))
    owed = [answer for answer in (_kit(story), _notice(story)) if answer]
    if owed:
        return Answer(
            "; ".join(answer.short for answer in owed),
            (*dict.fromkeys(line for answer in owed for line in answer.lines), *left),
            is_stuck=any(answer.is_stuck for answer in owed),
        )
    return Answer("none is owed" if not left else "none is owed any more", (_why_no_mail(story), *left))


def _left(story: Story) -> Iterator[str]:
    for one in story.told:
        if isinstance(one.fact, KitSent):
            yield f"the kit of revision {one.fact.revision} left at {clock_time(one.fact.sent_at)}"
        elif isinstance(one.fact, NoticeSent):
            what = f"the mail « {one.fact.notice} » of revision {one.fact.revision}"
            yield f"{what} left at {clock_time(one.fact.sent_at)}"


def _kit(story: Story) -> Answer | None:
    revision = story.kits.owed
    if not revision:
        return None
    wanted = kit_id(story.event_id, revision)
    sent = any(isinstance(one.fact, KitSent) and one.fact.kit_id == wanted for one in story.told)
    failed = [one.fact for one in story.told if isinstance(one.fact, KitFailed) and one.fact.revision == revision]
    return _became_of(story, f"the kit of revision {revision}", failed, is_sent=sent)


def _notice(story: Story) -> Answer | None:
    owed: Notice | None = next((notice for notice in story.kits.notices if story.kits.owes(notice)), None)
    if owed is None:
        return None
    sent = any(isinstance(one.fact, NoticeSent) and one.fact.notice_id == owed.id for one in story.told)
    failed = [one.fact for one in story.told if isinstance(one.fact, NoticeFailed) and one.fact.notice_id == owed.id]
    return _became_of(story, f"the mail « {owed.name} »", failed, is_sent=sent)


def _became_of(story: Story, what: str, failed: Sequence[KitFailed | NoticeFailed], *, is_sent: bool) -> Answer:
    if is_sent:
        return Answer(
            f"{what} left", ("if its organiser does not find it: among the spam, or at the address they had then",)
        )
    if failed:
        why = f"{failed[-1].reason.code} at {clock_time(failed[-1].failed_at)}: {failed[-1].reason.message}"
        mend = "`commskit jobs` lists it; once its cause is mended, `commskit jobs retry ID`"
        return Answer(f"{what} was given up", (why, mend), is_stuck=True)
    if stuck := tuple(story.hindrances("commskit", story.decision)):
        return Answer(f"{what} is owed", stuck, is_stuck=True)
    waits = (
        "it has not left: it is being made, or waits for the mail server, or for the organiser's address, which "
        "travels on another topic",
        "commskit's /health/counts says how many wait, its log why; `commskit jobs` lists what was given up",
    )
    return Answer(f"{what} is under way", waits)


def _why_no_mail(story: Story) -> str:
    if story.is_taken_back:
        return "it was taken back: of what organisers do themselves they are not written"
    decision = story.decision
    if decision is None:
        return "nothing is decided: mails tell of decisions"
    if decision.label == Label.GRANTED and not story.kits.takes_place:
        return "it has the label and does not take place: no kit is sent of it"
    if decision.decided_by == DecidedBy.ORGANISER:
        return "its organiser did it themselves"
    return f"no mail tells of the label « {decision.label} »"
