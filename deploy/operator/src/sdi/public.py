"""What everyone may read: the topics of facts, but the one that tells of people."""

from __future__ import annotations

from collections.abc import Iterable

from backbone.contracts import FACT_TOPICS, Topic, canary
from backbone.contracts.topics import all_topics

from .errors import Refusal

PUBLIC: tuple[Topic, ...] = tuple(topic for topic in FACT_TOPICS if not topic.personal)

CANARY = str(canary.EVENT).encode()
"""The key of all that is told of the canary, which is no event: whoever counts or looks at events leaves it out."""


def refuse_unless_public(names: Iterable[str]) -> None:
    """Raises Refusal, which says what to read instead."""
    public = ", ".join(topic.name for topic in PUBLIC)
    personal = [topic.name for topic in all_topics() if topic.personal]
    for name in names:
        if name in personal:
            raise Refusal(
                f"{name} holds what was told about people: it is never taken out, as nobody could erase it there. "
                f"What everyone may know is on {public}"
            )
        if name not in public.split(", "):
            raise Refusal(f"there is no topic {name}: {public}")
