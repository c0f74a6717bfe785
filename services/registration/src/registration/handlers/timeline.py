"""What the other services tell of an event, as its organiser follows it."""

from __future__ import annotations

from backbone.contracts import EventFact
from backbone.service.folding import Then

from ..desk import Desk
from ..domain.story import Story
from .attendance import attendance_calls
from .reminders import reminders


def note_step(story: Story | None, fact: EventFact, desk: Desk) -> Then[Story | None]:
    """A step on the event's timeline, and perhaps another state; nothing of an event that is unknown, or nobody's.
    Those who are to decide are reminded in time, and the organiser is asked afterwards who came."""
    if story is None:
        return Then(None)
    heard = story.heard_of(fact)
    is_news = heard is not story and fact.revision == heard.revision
    if not is_news:
        return Then(heard)
    now = desk.clock.now()
    return Then(heard, jobs=[*reminders(fact, desk.edition.review.reminder_days, now), *attendance_calls(fact, now)])
