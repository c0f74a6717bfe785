"""What of an event's texts is printed otherwise than it was written, as its organiser is told."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from backbone.contracts.event import PublicEvent
from backbone.texts.lettering import set_in_type

_TOLD = 12  # signs; who pasted more sees it on the poster


@dataclass(frozen=True)
class PrintedOtherwise:
    """Signs that our typefaces lack."""

    replaced: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]


def printed_otherwise(event: PublicEvent) -> PrintedOtherwise:
    """What is replaced or left out on the poster; letters that only look different (« 𝗩 », « Ｖ ») are not told."""
    texts = [event.organisation, event.title, event.description]
    if event.venue:
        texts += [event.venue.name or "", event.venue.address.street or "", event.venue.address.city]
    setting = set_in_type("\n".join(texts))
    replaced = [pair for pair in setting.replaced if not _looks_the_same(*pair)]
    return PrintedOtherwise(tuple(replaced[:_TOLD]), setting.left_out[:_TOLD])


NOT_SENT_AGAIN = "not sent again: only the pin has moved since"
"""The receipt of a kit that is the one before, for another revision."""


def only_moves_its_pin(one: PublicEvent, other: PublicEvent) -> bool:
    """Whether the kit of one revision is that of the other, for the same person, as a pin is not printed. What is told
    once more as it was is not: it was called off in between, or taken back."""
    if not (one.venue and other.venue) or one.venue.position == other.venue.position:
        return False
    told = {"revision": True, "resembles": True, "venue": {"position"}}
    return one.model_dump(exclude=told) == other.model_dump(exclude=told)  # type: ignore[arg-type]


def _looks_the_same(written: str, printed: str) -> bool:
    return unicodedata.category(written)[0] in "LNP" and len(printed) == 1
