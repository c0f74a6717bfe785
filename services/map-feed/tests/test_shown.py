"""The end of a trace: an event is on the map, perhaps of another process than that which heard of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from backbone.runtime.spans import open_tracing
from backbone.service.folding import Happening, fold_all
from backbone.testing.collector import Collector
from map_feed.handlers import HEARS
from map_feed.store import events

ID = "0af7651916cd43dd8448eb211c80319c"
LABELLED, LOCATED, WITHDRAWN = (f"00-{ID}-{number:016x}-01" for number in (1, 2, 3))
UNRECORDED = f"00-{ID}-{4:016x}-00"


@pytest.fixture
def heard_in(engine):
    """Has the service hear a fact that belongs to a trace."""

    async def hear(traceparent, fact):
        async with engine.begin() as tx:
            await fold_all(tx, [Happening(fact, fact.key, HEARS[type(fact)], traceparent)], None)

    return hear


@pytest.fixture
def collector():
    with Collector() as collector:
        yield collector


async def test_what_comes_on_the_map_is_shown_in_the_trace_that_brought_it_there(
    heard_in, new_board, collector, an_event, labelled, located, a_location, withdrawn
):
    shown = an_event()
    tracing = open_tracing("map-feed", collector.url, 0.0)
    board, another = new_board(tracing=tracing), new_board(tracing=tracing)
    for each in (board, another):
        await each.refresh()
    await heard_in(LABELLED, labelled(shown))
    await board.refresh()
    await heard_in(LOCATED, located(shown, a_location()))
    await board.refresh()
    await board.refresh()  # nothing is new
    await another.refresh()
    await heard_in(WITHDRAWN, withdrawn(shown))
    await board.refresh()
    await tracing.close()
    told = [(span.name, span.trace_id, int(span.parent_id, 16), span.attributes) for span in collector.spans]
    about = {"sdi.event.id": str(shown.event_id)}
    assert told == [
        ("show on the map", ID, 1, about | {"sdi.shown.pin": False}),
        ("show on the map", ID, 2, about | {"sdi.shown.pin": True}),
        ("show on the map", ID, 2, about | {"sdi.shown.pin": True}),  # by the other one, which looked later
        ("show on the map", ID, 3, about | {"sdi.shown.hidden": True}),
    ]


async def test_what_a_board_finds_as_it_begins_and_what_is_not_recorded_ends_no_trace(
    heard_in, new_board, collector, an_event, labelled, located, a_location, engine
):
    shown = an_event()
    await heard_in(LABELLED, labelled(shown))
    tracing = open_tracing("map-feed", collector.url, 0.0)
    board = new_board(tracing=tracing)
    await board.refresh()
    assert [notice.listing.id for view in board.views() for notice in view.ordered] == [shown.event_id]
    await heard_in(UNRECORDED, located(shown, a_location()))
    await board.refresh()
    await tracing.close()
    assert collector.spans == []
    async with engine.connect() as connection:
        assert await connection.scalar(select(events.c.traceparent)) is None  # nor is the older one gone on with
