"""Until when an event may be submitted, and amended: in days of Paris, both included. Pure."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from backbone.campaign.edition import Edition

from .refusals import NotOpen, WeekBegun
from .story import State

PARIS = ZoneInfo("Europe/Paris")
_OPEN = frozenset({State.SUBMITTED, State.LABELLED, State.IN_REVIEW, State.CORRECTION_ASKED, State.SUSPENDED})
_REFUSED = frozenset({State.REJECTED, State.IN_APPEAL, State.LABEL_WITHDRAWN})


def day_in_paris(now: datetime) -> date:
    return now.astimezone(PARIS).date()


def is_amendment(state: State, *, was_labelled: bool) -> bool:
    """Whether a new revision amends what was accepted, or is still to be decided. What was refused, or taken back, is
    submitted anew; but whose amendment cost them the label may mend it."""
    return state in _OPEN or (state in _REFUSED and was_labelled)


def last_day(edition: Edition, state: State, *, was_labelled: bool) -> date:
    """The last day on which this event may be submitted once more."""
    amends = is_amendment(state, was_labelled=was_labelled)
    return edition.amendable_until if amends else edition.registration.last_day


def check_day(edition: Edition, now: datetime, state: State, *, was_labelled: bool) -> None:
    """Raises NotOpen, or WeekBegun."""
    today, amends = day_in_paris(now), is_amendment(state, was_labelled=was_labelled)
    if today < edition.registration.opens:
        raise NotOpen(today, edition.registration)
    if today <= edition.registration.last_day:
        return
    if not amends:
        raise NotOpen(today, edition.registration)
    if today > edition.amendable_until:
        raise WeekBegun(today, edition)
