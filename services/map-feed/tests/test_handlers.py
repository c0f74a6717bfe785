from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest
from sqlalchemy import delete, select

from backbone.contracts import (
    EventCancelled,
    EventNotLocated,
    EventRejected,
    EventWithdrawn,
    LabelWithdrawn,
)
from map_feed.app import HANDLERS
from map_feed.store import events

AT = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def told(engine, seen):
    """Tells facts, each in a transaction of its own; what is kept of the event, and what is seen of it, if anything."""

    async def tell(*facts):
        async with engine.begin() as tx:
            await tx.execute(delete(events))
        for fact in facts:
            async with engine.begin() as tx:
                assert await HANDLERS[type(fact)](fact, tx) is None
        async with engine.connect() as connection:
            [row] = (await connection.execute(select(events))).mappings().all()
        kept = {name: value for name, value in row.items() if name != "written_in"}
        shown = (await seen()).get(row["event_id"])
        return kept, shown and (shown.event, shown.location)

    return tell


def rejected(event):
    return EventRejected(
        event_id=event.event_id, revision=event.revision, event=event, verdicts=(), decided_at=AT, decided_by="review"
    )


async def test_facts_in_any_order_come_to_the_same(told, an_event, a_location, labelled, located):
    first = an_event(title="première version")
    second = first.model_copy(update={"revision": 2, "title": "seconde version"})
    facts = [
        labelled(first),
        located(first, a_location(commune_name="Avant")),
        labelled(second),
        located(second, a_location(commune_name="Après")),
    ]
    results = [await told(*order) for order in permutations(facts)]
    assert all(result == results[0] for result in results)
    event, location = results[0][1]
    assert (event, location.commune_name) == (second, "Après")


async def test_a_withdrawal_in_any_order_hides_the_event(told, an_event, a_location, labelled, located):
    event = an_event()
    withdrawn = EventWithdrawn(event_id=event.event_id, revision=2, withdrawn_at=AT)
    facts = [labelled(event), located(event, a_location()), withdrawn]
    results = [await told(*order) for order in permutations(facts)]
    assert all(result == results[0] for result in results)
    assert results[0][1] is None


@pytest.mark.parametrize("end", [EventCancelled, LabelWithdrawn], ids=lambda end: end.__name__)
async def test_an_event_called_off_or_without_its_label_is_not_seen(told, an_event, labelled, end):
    event = an_event()
    times = {"reason": "…", "withdrawn_at": AT, "cancelled_at": AT}
    _, seen = await told(labelled(event), end(event_id=event.event_id, revision=1, **times))
    assert seen is None


async def test_a_refused_amendment_hides_the_event_until_a_better_one_is_labelled(told, an_event, labelled):
    first = an_event()
    second, third = (first.model_copy(update={"revision": revision}) for revision in (2, 3))
    _, seen = await told(labelled(first), rejected(second))
    assert seen is None
    for order in permutations([labelled(first), rejected(second), labelled(third)]):
        _, seen = await told(*order)
        assert seen == (third, None)


async def test_what_is_told_twice_comes_to_the_same(told, an_event, a_location, labelled, located):
    event = an_event()
    once = [labelled(event), located(event, a_location())]
    assert await told(*once) == await told(*once, *once)


async def test_an_address_that_nobody_knows_leaves_the_event_in_the_list(told, an_event, labelled):
    event = an_event()
    unknown = EventNotLocated(event_id=event.event_id, revision=1, reason="Adresse inconnue.", looked_up_at=AT)
    for order in permutations([labelled(event), unknown]):
        _, seen = await told(*order)
        assert seen == (event, None)
