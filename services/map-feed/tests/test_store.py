from __future__ import annotations

import pytest
from sqlalchemy import select

from map_feed.store import count_seen, events, keep_end, keep_label, keep_location, told_since


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


async def test_a_pin_belongs_to_its_own_revision(engine, an_event, a_location):
    first = an_event()
    second = first.model_copy(update={"revision": 2})
    async with engine.begin() as tx:
        await keep_label(tx, first)
        await keep_location(tx, first.event_id, 1, a_location(commune_name="Avant"))
        await keep_location(tx, first.event_id, 2, a_location(commune_name="Après"))
        [told], _ = await told_since(tx, 0)
        assert told.location == a_location(commune_name="Avant")
        await keep_label(tx, second)
        [told], _ = await told_since(tx, 0)
        assert told.location == a_location(commune_name="Après")


async def test_an_amendment_has_no_pin_before_it_is_located(engine, an_event, a_location):
    event = an_event(revision=2)
    async with engine.begin() as tx:
        await keep_location(tx, event.event_id, 1, a_location())
        await keep_label(tx, event)
        [told], _ = await told_since(tx, 0)
    assert (told.event, told.location) == (event, None)


async def test_a_reader_asks_only_for_what_is_new(engine, an_event):
    async with engine.begin() as tx:
        await keep_label(tx, an_event(title="un"))
    async with engine.connect() as connection:
        _, since = await told_since(connection, 0)
    newer = an_event(title="deux")
    async with engine.begin() as tx:
        await keep_label(tx, newer)
    async with engine.connect() as connection:
        told, _ = await told_since(connection, since)
    assert [news.event for news in told] == [newer]


async def test_what_commits_late_is_not_missed(engine, an_event):
    slow, quick = an_event(title="lent"), an_event(title="vif")
    async with engine.connect() as slow_tx, engine.connect() as reader:
        await slow_tx.begin()
        await keep_label(slow_tx, slow)
        async with engine.begin() as tx:
            await keep_label(tx, quick)
        seen, since = await told_since(reader, 0)
        await reader.commit()
        await slow_tx.commit()
        then_seen, _ = await told_since(reader, since)
    assert [news.event for news in seen] == [quick]
    assert slow in [news.event for news in then_seen]


async def test_counts_tell_pins_from_the_rest(engine, an_event, a_location):
    placed, unplaced, online, gone = an_event(), an_event(), an_event(online_url="https://visio.example"), an_event()
    async with engine.begin() as tx:
        for event in (placed, unplaced, online, gone):
            await keep_label(tx, event)
        await keep_location(tx, placed.event_id, 1, a_location())
        await keep_location(tx, unplaced.event_id, 1, None)
        await keep_end(tx, gone.event_id, 1)
        assert await count_seen(tx) == {"listed": 3, "on_map": 1, "online": 1, "not_located": 1}
