from __future__ import annotations

import pytest
from sqlalchemy import select

from map_feed.store import count_seen, events, keep_end, keep_label, keep_location


@pytest.fixture
def row(engine):
    """What is kept of the only event, but for the number of the transaction that wrote it."""

    async def read():
        async with engine.connect() as connection:
            [row] = (await connection.execute(select(events))).mappings().all()
        return {name: value for name, value in row.items() if name != "written_in"}

    return read


async def test_a_new_revision_replaces_an_old_one_and_never_the_other_way(engine, row, an_event):
    first = an_event(title="ancien")
    second = first.model_copy(update={"revision": 2, "title": "nouveau"})
    async with engine.begin() as tx:
        await keep_label(tx, second)
        await keep_label(tx, first)
    kept = await row()
    assert (kept["labelled_revision"], kept["event"]["title"]) == (2, "nouveau")


async def test_an_end_is_never_undone_by_an_older_one(engine, row, an_event):
    event = an_event()
    async with engine.begin() as tx:
        await keep_end(tx, event.event_id, 3)
        await keep_end(tx, event.event_id, 2)
    assert (await row())["withdrawn_revision"] == 3


async def test_what_is_told_twice_writes_nothing(engine, an_event, a_location):
    event = an_event()

    async def tell_and_read() -> int:
        async with engine.begin() as tx:
            await keep_label(tx, event)
            await keep_location(tx, event.event_id, 1, a_location())
            await keep_end(tx, event.event_id, 1)
        async with engine.connect() as connection:
            return await connection.scalar(select(events.c.written_in))

    assert await tell_and_read() == await tell_and_read()


async def test_a_pin_belongs_to_its_own_revision(engine, seen, an_event, a_location):
    first = an_event()
    second = first.model_copy(update={"revision": 2})
    async with engine.begin() as tx:
        await keep_label(tx, first)
        await keep_location(tx, first.event_id, 1, a_location(commune_name="Avant"))
        await keep_location(tx, first.event_id, 2, a_location(commune_name="Après"))
    assert (await seen())[first.event_id].location == a_location(commune_name="Avant")
    async with engine.begin() as tx:
        await keep_label(tx, second)
    assert (await seen())[first.event_id].location == a_location(commune_name="Après")


async def test_an_amendment_has_no_pin_before_it_is_located(engine, seen, an_event, a_location):
    event = an_event(revision=2)
    async with engine.begin() as tx:
        await keep_location(tx, event.event_id, 1, a_location())
        await keep_label(tx, event)
    shown = (await seen())[event.event_id]
    assert (shown.event, shown.location) == (event, None)


async def test_counts_tell_pins_from_the_rest(engine, an_event, a_location):
    placed, unplaced, online, gone = an_event(), an_event(), an_event(online_url="https://visio.example"), an_event()
    async with engine.begin() as tx:
        for event in (placed, unplaced, online, gone):
            await keep_label(tx, event)
        await keep_location(tx, placed.event_id, 1, a_location())
        await keep_location(tx, unplaced.event_id, 1, None)
        await keep_end(tx, gone.event_id, 1)
        assert await count_seen(tx) == {"listed": 3, "on_map": 1, "online": 1, "not_located": 1}
