"""Why an event is, or is not, on the map, and why its organiser had a mail, or none.

From what was told of it, and from how far each service has heard. What each service makes of the facts is not guessed:
map-feed's and commskit's own handlers fold them. Every state that the five services can leave an event in has its
sentence.
"""

from __future__ import annotations

from collections.abc import Mapping

from .known import Answer, Story, Told
from .mails import mails
from .on_the_map import on_the_map
from .where import where

__all__ = ["Answer", "Story", "Told", "explain"]


def explain(story: Story) -> Mapping[str, Answer]:
    """The answers, by their question."""
    return {
        "Where does it stand?": where(story),
        "Is it on the map?": on_the_map(story),
        "Which mail left?": mails(story),
    }
