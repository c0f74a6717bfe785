from __future__ import annotations

from sqlalchemy import func, select

from map_feed.store import count_seen, events


async def test_what_was_heard_in_several_polls_comes_to_what_was_heard_in_one(
    engine, heard, seen, an_event, a_location, decided, labelled, located
):
    told = []
    for number in range(3):
        first = an_event(title=f"Visite {number}")
        second = first.model_copy(update={"revision": 2, "title": f"Visite {number}, mieux"})
        told += [decided(first, "refused", sequence=1), located(first, a_location(commune_name="Avant"))]
        told += [labelled(second, sequence=2), located(second, a_location(commune_name="Après"))]
    for fact in told[:6]:
        await heard(fact)
    await heard(*told[6:])
    shown = [(one.event.title, one.location.commune_name) for one in (await seen()).values()]
    assert sorted(shown) == [(f"Visite {number}, mieux", "Après") for number in range(3)]


async def test_what_is_told_twice_writes_nothing(engine, heard, an_event, a_location, labelled, located, withdrawn):
    event = an_event()

    async def tell_and_read() -> int:
        await heard(labelled(event), located(event, a_location()), withdrawn(event))
        async with engine.connect() as connection:
            return await connection.scalar(select(events.c.written_in))

    assert await tell_and_read() == await tell_and_read()


async def test_a_row_says_which_transaction_wrote_it(engine, hear, an_event, labelled, located):
    event = an_event()
    for fact in (labelled(event), located(event, None)):
        async with engine.begin() as tx:
            await hear(tx, fact)
            mine = await tx.scalar(select(func.pg_current_xact_id().cast(events.c.label.type)))
            assert str(await tx.scalar(select(events.c.written_in))) == mine


async def test_an_event_keeps_when_it_was_labelled_and_where_it_is(seen, put, an_event, a_location):
    event = await put(an_event(), a_location())
    shown = (await seen())[event.event_id]
    assert (shown.event, shown.location) == (event, a_location())


async def test_counts_tell_pins_from_the_rest_edition_by_edition(engine, heard, put, an_event, a_location, located):
    unplaced = an_event()
    for event, location in [
        (an_event(), a_location()),
        (unplaced, None),
        (an_event(online_url="https://visio.example"), None),
        (an_event(online_url="https://visio.example", venue=unplaced.venue), a_location()),
        (an_event(status="moved_online"), a_location()),
        (an_event(status="cancelled"), a_location()),
        (an_event(edition="2020"), a_location()),
    ]:
        await put(event, location)
    await heard(located(unplaced, None))
    async with engine.connect() as connection:
        now, then = await count_seen(connection, "2026"), await count_seen(connection, "2020")
    assert now == {"listed": 6, "on_map": 3, "online": 2, "not_located": 1}
    assert then == {"listed": 1, "on_map": 1, "online": 0, "not_located": 0}


async def test_what_has_ended_is_not_counted(engine, heard, put, an_event, withdrawn):
    await heard(withdrawn(await put(an_event())))
    async with engine.connect() as connection:
        assert (await count_seen(connection, "2026"))["listed"] == 0
