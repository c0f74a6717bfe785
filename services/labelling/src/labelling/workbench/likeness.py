"""What looks like an event, and is another, as an organiser says: for a person to see, and never judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from backbone.contracts import Label, PublicEvent
from backbone.http.access import Caller
from backbone.postgres.database import Tx

from ..store import cases
from .colleagues import regions_of

MOST = 20


@dataclass(frozen=True)
class Lookalike:
    """An event at the same place and hour, under a like title."""

    event: PublicEvent
    is_labelled: bool
    is_here: bool
    """Whether it waits for this reviewer too."""


async def lookalikes(tx: Tx, event: PublicEvent, caller: Caller) -> Sequence[Lookalike]:
    """Those of them that labelling has heard of, and that are not taken back."""
    if not event.resembles:
        return ()
    kept = cases.c.fact["event"]
    question = (
        select(kept, cases.c.label, cases.c.asks, cases.c.region, cases.c.overdue_in)
        .where(cases.c.event_id.in_(event.resembles), kept.is_not(None))
        .order_by(cases.c.event_id)
        .limit(MOST)
    )
    return [
        Lookalike(
            PublicEvent.model_validate(told), label == Label.GRANTED, _waits_for(caller, asks, region, overdue_in)
        )
        for told, label, asks, region, overdue_in in await tx.execute(question)
    ]


def _waits_for(caller: Caller, asks: str | None, *regions: str | None) -> bool:
    theirs = regions_of(caller)
    return asks is not None and (theirs is None or bool({*regions} & {*theirs}))
