"""Who came: when an organiser is asked, what they say, and what may be told of it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import reduce
from types import MappingProxyType
from typing import Annotated, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from backbone.campaign.dates import in_full, period, whole_day
from backbone.campaign.typography import listed
from backbone.campaign.words import AUDIENCES
from backbone.campaign.working_days import morning_of_working_day_after
from backbone.contracts import Audience, Contract, EventStatus, PublicEvent, SlotStatus
from backbone.texts.pasted import AS_TEXT

CALLS = 3
"""How often it is asked for: once, and twice again while nothing is reported."""
FIRST_WORKING_DAY, APART = 1, 5
"""Of the days after the last opening: the one on which it is asked for, and how many lie before it is asked again."""
OPEN_FOR = timedelta(days=60)
"""After the last opening: so long may it be reported, and corrected."""
MOST = 1_000_000

FEW_DAYS = 4
"""So many are each named."""

REST = Audience.EVERYONE
"""Where those are counted who were not counted by audience."""


class Report(BaseModel):
    """What an organiser says of who came."""

    model_config = ConfigDict(extra="forbid")

    visitors: Annotated[dict[Audience, Annotated[int, Field(ge=0, le=MOST)]], Field(min_length=1)]
    word: Annotated[str, StringConstraints(max_length=1000), AS_TEXT] | None = None

    @field_validator("word")
    @classmethod
    def _is_a_word(cls, word: str | None) -> str | None:
        return word or None

    @property
    def total(self) -> int:
        return sum(self.visitors.values())


class Shown(Contract):
    """What an attestation says: public words of the event, and of nobody."""

    edition: str
    organisation: str
    title: str
    days: str
    """« le mardi 17 novembre 2026 », « du 17 au 19 novembre 2026 »"""
    place: str
    """« à Montoir-de-Bretagne », « en ligne »"""

    @classmethod
    def of(cls, event: PublicEvent) -> Self:
        """By what the event was when it took place."""
        days = sorted({slot.starts_at.date() for slot in event.slots if slot.status != SlotStatus.CANCELLED})
        venue = None if event.status == EventStatus.MOVED_ONLINE else event.venue
        place = f"à {venue.address.city}" if venue else "en ligne"
        return cls(
            edition=event.edition,
            organisation=event.organisation,
            title=event.title,
            days=_in_words(days),
            place=place,
        )


def _in_words(days: Sequence[date]) -> str:
    first, last = days[0], days[-1]
    if len(days) > 1 and (last - first).days == len(days) - 1:
        return period(first, last)
    if len(days) <= FEW_DAYS:
        return listed(*(f"le {whole_day(day)}" for day in days))
    return f"sur {len(days)} jours, {period(first, last)}"


def last_opening(event: PublicEvent) -> datetime | None:
    """When the last of its openings ends that takes place, on the clocks there; None: none does."""
    if not event.takes_place:
        return None
    return max((slot.ends_at for slot in event.slots if slot.status != SlotStatus.CANCELLED), default=None)


def call_at(last: datetime, time: int, postcode: str | None) -> datetime:
    """When it is asked for: first (0) on the morning of the first working day there after the last opening."""
    return morning_of_working_day_after(last, FIRST_WORKING_DAY + time * APART, postcode)


def again_at(last: datetime, time: int, asked_at: datetime, postcode: str | None) -> datetime:
    """When it is asked again: in its turn, and not before a week of work has passed since it was asked last, as late as
    that may have been."""
    return max(call_at(last, time, postcode), morning_of_working_day_after(asked_at, APART, postcode))


def fields_of(event: PublicEvent, filed: Iterable[str] = ()) -> dict[str, str]:
    """The audiences that an organiser is asked about, by their codes, as a person reads them; the rest at the end."""
    asked = {*event.audiences, *filed} - {REST}
    found = {code: words for code, words in AUDIENCES.items() if code in asked}
    return found | {REST.value: "Autres visiteurs" if found else "Visiteurs"}


def open_until(last: datetime) -> datetime:
    """Until when it may be reported and corrected."""
    return last + OPEN_FOR


def until_in_words(last: datetime) -> str:
    """« 16 janvier 2027 »"""
    return in_full(open_until(last).date())


class Total(NamedTuple):
    """What was asked and reported in one place, or in all."""

    asked: int
    reported: int
    visitors: int
    by_audience: Mapping[str, int]

    @property
    def response_rate(self) -> float | None:
        """Of those who were asked, how many have answered, from 0 to 1; None: nobody was asked."""
        return round(self.reported / self.asked, 3) if self.asked else None


NOTHING = Total(0, 0, 0, MappingProxyType({}))


def added(totals: Iterable[Total]) -> Total:
    """All of them together."""
    return reduce(_plus, totals, NOTHING)


def _plus(one: Total, other: Total) -> Total:
    came = Counter(one.by_audience) + Counter(other.by_audience)
    return Total(one.asked + other.asked, one.reported + other.reported, one.visitors + other.visitors, came)


FEW = 5
"""Of fewer reports than these the public is told no sum: it would tell what one organiser has said."""
TENS, HUNDREDS = 10, 100


class Coarse(NamedTuple):
    """What the public is told of one place: rounded; `visitors` None: too few have reported."""

    reported: int | None
    visitors: int | None


def coarse(total: Total, *, to: int) -> Coarse:
    """The sum as the public is told it."""
    if total.reported < FEW:
        return Coarse(None, None)
    return Coarse(total.reported, round(total.visitors / to) * to)


def coarse_regions(regions: Mapping[str, Total]) -> dict[str, Coarse]:
    """The sums of regions as the public is told them. One that alone is left out would be what is missing from the sum
    of all: the smallest of the others is left out with it."""
    told = {region: coarse(total, to=TENS) for region, total in regions.items()}
    hidden = [region for region, total in regions.items() if total.reported and told[region].visitors is None]
    shown = sorted((total.reported, region) for region, total in regions.items() if told[region].visitors is not None)
    if len(hidden) == 1 and shown:
        told[shown[0][1]] = Coarse(None, None)
    return told
