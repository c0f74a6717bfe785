"""All that is known of one event, and what the services make of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from backbone.contracts import (
    DecisionFact,
    EventFact,
    EventSubmitted,
    EventWithdrawn,
    KitSent,
    NoticeSent,
)
from backbone.service.folding import Fold
from commskit.domain.standing import EventKits
from commskit.handlers import HEARS as COMMSKIT
from map_feed.domain.standing import Standing
from map_feed.handlers import HEARS as MAP_FEED

F = TypeVar("F", bound=EventFact)


@dataclass(frozen=True)
class Told:
    """A fact that was told of the event, who has not heard it yet (`behind`) or set it aside, with the reason, and the
    trace that it belongs to."""

    fact: EventFact
    behind: frozenset[str] = frozenset()
    set_aside: Mapping[str, str] | None = None
    trace: str | None = None


@dataclass(frozen=True)
class Answer:
    """An answer: yes or no in a few words, then why, line by line. `is_stuck`: an operator has something to do."""

    short: str
    lines: tuple[str, ...]
    is_stuck: bool = False


@dataclass(frozen=True)
class Story:
    """All that is known of one event."""

    event_id: UUID
    told: Sequence[Told]
    today: date
    map_opens: date | None = None
    """Of its edition; None where nobody here knows it."""

    def newest(self, *kinds: type[F]) -> F | None:
        """The newest fact of these kinds, by its writer's mark."""
        found = [one.fact for one in self.told if isinstance(one.fact, kinds)]
        return max(found, key=lambda fact: fact.mark, default=None)

    @cached_property
    def submitted(self) -> EventSubmitted | None:
        return self.newest(EventSubmitted)

    @cached_property
    def decision(self) -> DecisionFact | None:
        return self.newest(DecisionFact)

    @property
    def is_taken_back(self) -> bool:
        withdrawn = self.newest(EventWithdrawn)
        return withdrawn is not None and (self.submitted is None or withdrawn.mark > self.submitted.mark)

    @cached_property
    def kits(self) -> EventKits:
        """What commskit owes of it, once it has heard everything."""
        state: EventKits = self._folded(COMMSKIT, EventKits(self.event_id))
        return state

    @cached_property
    def standing(self) -> Standing:
        """What map-feed shows of it, once it has heard everything."""
        state: Standing = self._folded(MAP_FEED, Standing(self.event_id))
        return state

    def _folded(self, hears: Mapping[type[Any], Any], state: Any) -> Any:
        for one in self.told:
            way = hears.get(type(one.fact))
            if isinstance(way, Fold):
                state = way.handle(state, one.fact, None).state
            elif isinstance(one.fact, KitSent | NoticeSent) and isinstance(state, EventKits):
                state = _with_mail(state, one.fact)  # what has left is not told twice
        return state

    def hindrances(self, service: str, fact: EventFact | None) -> Iterator[str]:
        """What keeps a service from acting on a fact: it has set it aside, or not heard it yet."""
        for one in self.told:
            if one.fact is not fact:
                continue
            if reason := (one.set_aside or {}).get(service):
                yield f"{service} set it aside: {reason}. `sdi dead-letters list` has it; mend, then replay it"
            elif service in one.behind:
                yield f"{service} has not heard it yet: `sdi lag` says how far it is behind, /health/ready if it runs"


def _with_mail(state: EventKits, sent: KitSent | NoticeSent) -> EventKits:
    if isinstance(sent, NoticeSent):
        notice = state.notice(sent.notice_id)
        return state.keeping_notice(notice.accepted("")) if notice else state
    kit = state.kit(sent.revision)
    return state.keeping(kit.accepted("")) if kit else state


def clock_time(moment: datetime) -> str:
    """The moment in the operator's own time zone."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"
