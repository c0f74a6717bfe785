"""What the other services tell of an event, as its organiser follows it."""

from __future__ import annotations

from backbone.contracts import EventFact
from backbone.service.folding import Then

from ..desk import Desk
from ..domain.story import Story


def note_step(story: Story | None, fact: EventFact, desk: Desk) -> Then[Story | None]:
    """A step on the event's timeline, and perhaps another state; nothing of an event that is unknown, or nobody's."""
    return Then(story.heard_of(fact) if story else None)
