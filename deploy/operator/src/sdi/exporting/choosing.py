"""Which topics and which messages: by their names, and never those that tell of people."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.contracts.topics import all_topics

from ..errors import Refusal
from .shapes import KINDS, PUBLIC


def choose(topics: Sequence[str], types: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """The topics to read, and the messages to take of them; None: all, those too that nobody knows yet."""
    public = [topic.name for topic in PUBLIC]
    for name in topics:
        if name in [topic.name for topic in all_topics() if topic.personal]:
            raise Refusal(
                f"{name} holds what was told about people: it is never taken out, as nobody could erase it there. "
                f"What everyone may know is on {', '.join(public)}"
            )
        if name not in public:
            raise Refusal(f"there is no topic {name}: {', '.join(public)}")
    for name in types:
        if name not in KINDS:
            raise Refusal(f"there is no message {name}: {', '.join(sorted(KINDS))}")
    told_on = {KINDS[name].topic.name for name in types}
    if topics and not told_on <= set(topics):
        raise Refusal(
            f"{', '.join(sorted(told_on - set(topics)))} would have to be read for these messages: name it too"
        )
    chosen = topics or told_on or public
    return tuple(name for name in public if name in chosen), tuple(sorted(set(types))) or None
