"""The board holds what the read model says: after slow readings, outages, late commits, losses, and in pieces."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter

import pytest
from sqlalchemy import delete, event, insert, text, update

from map_feed import board as board_module
from map_feed.board import NothingYet
from map_feed.store import count_seen, events


@pytest.fixture
def titles():
    """The titles on a board, as often as they stand there."""
    return lambda board: Counter(notice.listing.event.title for notice in current(board).ordered)


def current(board):
    """What the public sees of the current edition."""
    return board.view(board.editions.current)


@pytest.fixture
def interrupted(engine):
    """Breaks the connection at the statement of this number, and at none after it."""
    countdown = []

    def maybe_break(*_):
        if countdown:
            countdown[0] -= 1
            if countdown[0] == 0:
                countdown.clear()
                raise ConnectionResetError

    event.listen(engine.sync_engine, "before_cursor_execute", maybe_break)
    return countdown.append


@pytest.fixture
def small_pieces(monkeypatch):
    monkeypatch.setattr(board_module, "ROWS", 7)
    monkeypatch.setattr(board_module, "EVENTS", 3)


@pytest.fixture
def many(heard, labelled, an_event):
    """Puts so many events on the map."""
    return lambda number: heard(*(labelled(an_event(title=f"Visite {place:02}")) for place in range(number)))


async def test_a_reading_that_breaks_off_is_never_lost_and_never_shown_by_half(
    new_board, interrupted, titles, small_pieces, caplog, many
):
    await many(50)
    for statement in range(1, 28):
        board = new_board()
        interrupted(statement)
        await board.refresh()
        with pytest.raises(NothingYet):
            _ = current(board)
        assert board.counts() == {}
        await board.refresh()
        assert titles(board) == Counter(f"Visite {place:02}" for place in range(50))
    assert "anew" not in caplog.text  # nothing had to be mended


async def test_a_first_reading_of_any_length_ends_with_all_events_shown(
    new_board, titles, small_pieces, monkeypatch, eventually, many
):
    monkeypatch.setattr(board_module, "STATEMENT_SECONDS", 1.0)  # what one statement may take, and not the whole
    await many(50)
    board = new_board(draw=lambda _: time.sleep(0.03) or b"")

    async def read():
        await board.refresh()  # a busy machine may need another go: it goes on where it was
        return board.is_posted

    await eventually(read)
    assert titles(board) == Counter(f"Visite {place:02}" for place in range(50))


async def test_a_service_is_ready_and_answers_only_once_its_first_reading_is_posted(
    service, board, client, health, engine, eventually, monkeypatch, many
):
    monkeypatch.setattr(board_module, "STATEMENT_SECONDS", 0.2)
    await many(5)
    client.event_hooks = {"request": []}  # this service reads for itself
    async with engine.connect() as holder:
        await holder.execute(text("LOCK TABLE events IN ACCESS EXCLUSIVE MODE"))
        async with service.http.router.lifespan_context(service.http):
            try:
                await eventually(lambda: _answer(board._is_away))  # some readings have taken too long by now
                assert "the first reading of the map" in (await health.get("/health/ready")).json()["waits_for"]
                assert (await client.get("/evenements.geojson")).status_code == 503
                await holder.rollback()
                await eventually(lambda: _answer(board.is_posted))
                assert "the first reading of the map" not in (await health.get("/health/ready")).json()["waits_for"]
                counts = (await health.get("/health/counts")).json()
                features = (await client.get("/evenements.geojson")).json()["features"]
                assert (counts["listed"], counts["held"], len(features)) == (5, 5, 5)
            finally:
                await holder.rollback()


async def test_what_changes_is_shown_and_what_does_not_is_not_read_again(
    engine, new_board, an_event, titles, hear, labelled, withdrawn
):
    kept, gone, changed = (an_event(title=title) for title in ("un", "deux", "trois"))
    async with engine.begin() as tx:
        for one in (kept, gone, changed):
            await hear(tx, labelled(one))
    read = []
    board = new_board(draw=lambda listing: read.append(listing.event.title) or b"")
    await board.refresh()
    first = current(board)
    await board.refresh()
    assert current(board).number == first.number
    async with engine.begin() as tx:
        await hear(tx, labelled(changed.model_copy(update={"revision": 2, "title": "trois, mieux"})))
        await hear(tx, withdrawn(gone))
        await hear(tx, labelled(an_event(title="quatre")))
    await board.refresh()
    assert titles(board) == Counter(["un", "trois, mieux", "quatre"])
    assert Counter(read) == Counter(["un", "deux", "trois", "trois, mieux", "quatre"])
    assert [notice.listing.event.title for notice in first.ordered].count("deux") == 1  # a view stays as it was


async def test_the_board_is_in_order_after_every_reading(engine, new_board, an_event, hear, labelled):
    def on(day, title):
        slots = [{"starts_at": f"2026-11-{day}T09:00:00+01:00", "ends_at": f"2026-11-{day}T10:00:00+01:00"}]
        return an_event(title=title, slots=slots)

    moved = on(18, "b")
    board = new_board()
    for told in (
        moved,
        on(17, "d"),
        on(17, "c"),
        moved.model_copy(update=dict(on(16, "z"), revision=2, event_id=moved.event_id)),
    ):
        async with engine.begin() as tx:
            await hear(tx, labelled(told))
        await board.refresh()
    assert [notice.listing.event.title for notice in current(board).ordered] == ["z", "c", "d"]


async def test_what_commits_late_is_not_missed(engine, new_board, an_event, titles, hear, labelled):
    """Its number is older than that of much that was shown before it."""
    board = new_board()
    async with engine.connect() as slow_tx:
        await slow_tx.begin()
        await hear(slow_tx, labelled(an_event(title="lent")))
        for title in ("vif", "plus tard"):
            async with engine.begin() as tx:
                await hear(tx, labelled(an_event(title=title)))
            await board.refresh()
        assert titles(board) == Counter(["vif", "plus tard"])
        await slow_tx.commit()
    await board.refresh()
    assert titles(board) == Counter(["vif", "plus tard", "lent"])


async def test_an_event_that_two_transactions_wrote_in_turn_is_shown_as_the_last_left_it(
    engine, new_board, an_event, titles, hear, labelled
):
    board, told = new_board(), an_event(title="un")
    async with engine.connect() as older:
        await older.begin()
        await hear(older, labelled(an_event(title="autre")))  # has its number now
        async with engine.begin() as tx:
            await hear(tx, labelled(told))
        await board.refresh()
        await hear(older, labelled(told.model_copy(update={"revision": 2, "title": "deux"})))
        await older.commit()
    await board.refresh()
    assert titles(board) == Counter(["autre", "deux"])


@pytest.mark.parametrize("harm", ["a row is gone", "a row was put in behind the reader", "the board lost one"])
async def test_a_board_that_does_not_hold_what_the_read_model_says_tells_and_mends_it(
    harm, engine, new_board, an_event, titles, caplog, many
):
    await many(3)
    board = new_board(compare_seconds=0.0)
    await board.refresh()
    async with engine.begin() as tx:
        if harm == "a row is gone":
            await tx.execute(delete(events).where(events.c.event["title"].astext == "Visite 01"))
        elif harm == "a row was put in behind the reader":
            late = an_event(title="Visite 03")
            told = {"decided_revision": 1, "event": late.model_dump(mode="json"), "written_in": 2}
            await tx.execute(insert(events).values(event_id=late.event_id, **told))
        else:
            held = dict(list(board._posted.held.items())[1:])
            board._posted = board_module.post(None, board_module.Reading(0, 0, held, changed=set(held)))
    with caplog.at_level(logging.ERROR):
        await board.refresh()
    async with engine.connect() as connection:
        assert board.counts()["held"] == (await count_seen(connection, "2026"))["listed"] == len(titles(board))
    assert "the map does not show what the read model says" in caplog.text


async def test_a_database_put_back_to_an_earlier_moment_is_read_anew(engine, new_board, titles, many):
    await many(2)
    board = new_board()
    await board.refresh()
    board._since = 2**40  # as after a switch to a copy, whose transactions have lower numbers
    async with engine.begin() as tx:
        await tx.execute(delete(events).where(events.c.event["title"].astext == "Visite 00"))
    await board.refresh()
    assert titles(board) == Counter(["Visite 01"])


async def test_a_row_that_cannot_be_read_keeps_no_other_from_the_map_and_is_counted(
    engine, new_board, titles, caplog, many
):
    await many(3)
    async with engine.begin() as tx:
        broken = {"event": events.c.event.concat({"slots": "jamais"}), "written_in": 3}
        await tx.execute(update(events).where(events.c.event["title"].astext == "Visite 01").values(**broken))
    board = new_board(compare_seconds=0.0)
    await board.refresh()
    assert titles(board) == Counter(["Visite 00", "Visite 02"])
    assert board.counts() == {"held": 2, "other_editions": 0, "unknown_edition": 0, "unreadable": 1}
    assert "an event cannot be shown" in caplog.text


async def test_a_board_reads_by_itself_and_never_because_somebody_asks(new_board, eventually, many):
    board, stopping = new_board(refresh_seconds=0.01), asyncio.Event()
    running = asyncio.create_task(board.run(stopping))
    try:
        await eventually(lambda: _answer(board.is_posted))
        await many(2)
        await eventually(lambda: _answer(len(current(board).ordered) == 2))
    finally:
        stopping.set()
        async with asyncio.timeout(60):
            await running


async def _answer(answer):
    return answer


async def test_two_readers_of_one_database_come_to_the_same(new_board, titles, many):
    one, other = new_board(), new_board()
    for number in (3, 4):
        await many(number)
        await one.refresh()
    await other.refresh()
    assert titles(one) == titles(other)
    assert one._posted.sum == other._posted.sum
