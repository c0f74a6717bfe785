"""Which topics and which messages: by their names, and never those that tell of people."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import Refusal
from ..public import PUBLIC, refuse_unless_public
from .shapes import KINDS


def choose(topics: Sequence[str], types: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """The topics to read, and the messages to take of them; None: all, those too that nobody knows yet."""
    refuse_unless_public(topics)
    for name in types:
        if name not in KINDS:
            raise Refusal(f"there is no message {name}: {', '.join(sorted(KINDS))}")
    told_on = {KINDS[name].topic.name for name in types}
    if topics and not told_on <= set(topics):
        missing = ", ".join(sorted(told_on - set(topics)))
        raise Refusal(f"these messages are told on {missing}: name it too, or no topic")
    chosen = topics or told_on or {topic.name for topic in PUBLIC}
    return tuple(topic.name for topic in PUBLIC if topic.name in chosen), tuple(sorted(set(types))) or None
