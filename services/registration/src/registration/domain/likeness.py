"""Whether two announcements are of one event: at one place, at one hour, under titles that say the same.

Nothing is refused by it: who submits is asked once, and a person reads the answer. So where it is unsure of two
organisations it asks; where one organisation holds two hours of a workshop, or two workshops at one hour, it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from itertools import product
from typing import Self
from uuid import UUID

from backbone.campaign.dates import in_full
from backbone.campaign.typography import counted
from backbone.contracts import EventStatus, SlotStatus

from .kept import Kept
from .place import Place, place_of
from .title import Title, title_of

_DOES_NOT_TAKE_PLACE = (EventStatus.CANCELLED, EventStatus.POSTPONED)
Hours = tuple[tuple[datetime, datetime], ...]

NEARLY_EQUAL = 0.9
"""Of titles: what is left of the difference is a slip of the fingers."""
ALIKE = 0.5
"""Of titles, at one hour."""
ALIKE_IN_ONE_HOUSE = 0.6
"""Of titles of one organisation, which knows what it has written: its workshops are called alike."""


@dataclass(frozen=True)
class Announced:
    """What of an event is compared."""

    title: Title
    place: Place
    hours: Hours
    """On the clocks there; of what is called off there are none."""

    @classmethod
    def of(cls, kept: Kept) -> Self:
        """Of a draft as it is kept, by whatever rules. Raises ValueError where it cannot be read."""
        try:
            hours = tuple(
                (datetime.fromisoformat(slot["starts_at"]), datetime.fromisoformat(slot["ends_at"]))
                for slot in kept["slots"]
                if slot.get("status") != SlotStatus.CANCELLED and kept.get("status") not in _DOES_NOT_TAKE_PLACE
            )
            return cls(title_of(kept["title"], kept.get("organisation") or "", _city(kept)), place_of(kept), hours)
        except (LookupError, TypeError, AttributeError) as error:
            raise ValueError("a draft of another release") from error

    @property
    def sittings(self) -> list[str]:
        """Each of its days with each of its places, as the index of what is submitted has them."""
        places = [
            place for place in (self.place.postcode, self.place.room.partition("/")[0].partition("?")[0]) if place
        ]
        return [f"{day} {place}" for day in self.days for place in places]

    @property
    def days(self) -> list[str]:
        """The days on which it takes place."""
        return sorted({start.date().isoformat() for start, _ in self.hours})


def sittings_of(kept: Kept) -> list[str]:
    """Those of a draft as it is kept; none while it is not whole."""
    try:
        return Announced.of(kept).sittings
    except ValueError:
        return []


def are_one(one: Announced, other: Announced, *, is_own: bool) -> bool:
    """Whether somebody has to be asked if the two are one event; `is_own`: one organisation announces both."""
    if not one.place.is_same(other.place) or not set(one.days) & set(other.days):
        return False
    alike = one.title.likeness(other.title)
    if _overlap(one.hours, other.hours):
        return alike >= (ALIKE_IN_ONE_HOUSE if is_own else ALIKE)
    # two hours of one house are two sessions; what two houses call the same on a day may be one, told with other hours
    return not is_own and alike >= NEARLY_EQUAL


def _overlap(some: Hours, others: Hours) -> bool:
    return any(a_start < b_end and b_start < a_end for (a_start, a_end), (b_start, b_end) in product(some, others))


def _city(kept: Kept) -> str:
    return (kept.get("venue") or {}).get("city") or ""


# --- how it is named to whoever submits its like ---------------------------------------------------


@dataclass(frozen=True)
class Lookalike:
    """An event that is submitted, as far as somebody else may know it."""

    token: str
    """To say in `not_the_same` that it is another event."""
    message: str
    """What it is, in French."""
    title: str
    organisation: str
    days: list[date]
    place: str
    id: UUID | None = None
    """For whoever may read it."""
    page: str | None = None
    """Where everybody reads it."""


def token_of(event_id: UUID) -> str:
    """What stands for an event's id where that is not told: it leads to nothing."""
    return sha256(f"likeness {event_id}".encode()).hexdigest()[:32]


def named(event_id: UUID, kept: Kept, *, is_readable: bool, page: str | None) -> Lookalike:
    """The event of a draft that was submitted. Of an online one the address is not told: it may be for those who
    register alone."""
    days = sorted({datetime.fromisoformat(slot["starts_at"]).date() for slot in kept["slots"]})
    place = _where(kept)
    when = in_full(days[0]) + ("" if len(days) == 1 else f" et {counted(len(days) - 1, 'autre', 'jour')}")
    return Lookalike(
        token=token_of(event_id),
        message=f"« {kept['title']} », par {kept['organisation']}, le {when}, {place}",
        title=kept["title"],
        organisation=kept["organisation"],
        days=days,
        place=place,
        id=event_id if is_readable else None,
        page=page,
    )


def _where(kept: Kept) -> str:
    venue = kept.get("venue")
    if not venue:
        return "en ligne"
    town = " ".join(part for part in (venue.get("postcode"), venue.get("city")) if part)
    return ", ".join(part for part in (venue.get("name"), venue.get("street"), town) if part)
