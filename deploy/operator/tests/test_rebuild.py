"""The public read model, rebuilt from the topics beside the live one, compared with it, and put in its place."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update

from backbone.campaign.clock import StoppedClock
from backbone.campaign.edition import load_editions
from backbone.contracts import EventWithdrawn
from map_feed.chronicle import Chronicle
from map_feed.feed import Feed
from map_feed.store import Bookmark, events, metadata, oldest_running, seen_of, written_after
from map_feed.tail import Tail
from sdi.shadow import shadow_table

EDITION = Path(__file__).parents[3] / "editions" / "2026.toml"


@pytest.fixture
def rebuild(sdi, database_url):
    async def rebuild(*words):
        return await sdi("rebuild", "map-feed", *words, "--json", told={"DATABASE_URL": database_url})

    return rebuild


@pytest.fixture
async def on_the_map(tell, an_event, labelled, located, rebuild):
    """An event, labelled and located, on a live map that says what the topics say."""
    event = an_event()
    await tell(labelled(event))
    await tell(located(event))
    assert (await rebuild("--yes")).exit_code == 0
    return event


@pytest.fixture
def row_of(engine):
    async def row_of(event_id):
        async with engine.connect() as connection:
            rows = await connection.execute(select(events).where(events.c.event_id == event_id))
            return rows.mappings().one_or_none()

    return row_of


@pytest.fixture
def schemas(engine):
    async def schemas():
        async with engine.connect() as connection:
            return list(await connection.scalars(text("SELECT nspname FROM pg_namespace WHERE nspname = 'rebuild'")))

    return schemas


TAKEN_OFF = {"withdrawn_revision": 1, "event": None}
WRITTEN = {"written_in": text("pg_current_xact_id()::text::bigint")}


def told_apart(answer):
    return {name: answer.json["comparison"][name] for name in ("agree", "missing", "different", "too_many")}


AGREE = {"agree": True, "missing": 0, "different": 0, "too_many": 0}


async def test_a_map_that_lost_everything_is_rebuilt_from_the_topics(on_the_map, rebuild, row_of, schemas):
    row = await row_of(on_the_map.event_id)
    assert (row["decided_revision"], row["event"]["title"]) == (1, on_the_map.title)
    assert row["locations"]["1"]["location"]["commune_code"] == "69266"
    answer = await rebuild("--compare-only")
    assert (answer.exit_code, told_apart(answer), answer.json["switched"]) == (0, AGREE, False)
    assert await schemas() == []


async def test_a_row_that_is_not_as_the_topics_say_is_found_and_left(on_the_map, rebuild, engine, row_of, schemas):
    async with engine.begin() as tx:
        await tx.execute(update(events).where(events.c.event_id == on_the_map.event_id).values(**TAKEN_OFF))
    answer = await rebuild("--compare-only", "--wait", "0")
    assert (answer.exit_code, told_apart(answer)) == (1, AGREE | {"agree": False, "different": 1})
    assert answer.json["comparison"]["some"] == [str(on_the_map.event_id)]  # whose story says more
    assert answer.json["comparison"]["live_hash"] != answer.json["comparison"]["rebuilt_hash"]
    assert (await row_of(on_the_map.event_id))["withdrawn_revision"] == 1
    assert await schemas() == []


async def test_what_is_switched_reaches_the_visitors(on_the_map, rebuild, engine, take_live, an_event, labelled):
    ghost = an_event()  # on the map, and in no topic
    await take_live(labelled(ghost))
    async with engine.begin() as tx:
        await tx.execute(update(events).where(events.c.event_id == on_the_map.event_id).values(**TAKEN_OFF))
    async with engine.connect() as connection:
        since = await oldest_running(connection)
    answer = await rebuild("--yes")
    assert (answer.exit_code, told_apart(answer)) == (0, AGREE | {"agree": False, "different": 1, "too_many": 1})
    async with engine.connect() as connection:
        written = await written_after(connection, Bookmark.before(since), 100)
        shown = await seen_of(connection, [row.event_id for row in written if row.is_seen])
    assert {row.event_id: row.is_seen for row in written} == {on_the_map.event_id: True, ghost.event_id: False}
    assert [json.loads(seen.event)["title"] for seen in shown] == [on_the_map.title]
    assert told_apart(await rebuild("--compare-only", "--wait", "0")) == AGREE


async def test_a_rebuild_comes_to_its_end_though_more_is_told_all_the_time(
    on_the_map, rebuild, tell, an_event, labelled, row_of
):
    unheard = an_event()
    await tell(labelled(unheard))
    ended = asyncio.Event()

    async def go_on():
        while not ended.is_set():
            await tell(labelled(an_event()))

    telling = [asyncio.create_task(go_on()) for _ in range(4)]
    try:
        answer = await rebuild("--yes")
        assert not any(task.done() for task in telling)  # more was told until its very end
    finally:
        ended.set()
        await asyncio.gather(*telling)
    assert (answer.exit_code, answer.json["switched"]) == (0, True)
    assert (await row_of(unheard.event_id))["decided_revision"] == 1


async def test_rows_that_are_right_are_not_written_again(on_the_map, rebuild, row_of):
    before = await row_of(on_the_map.event_id)
    assert (await rebuild()).exit_code == 0  # where the two agree, there is nothing to ask
    assert await row_of(on_the_map.event_id) == before


async def test_nothing_is_switched_without_a_yes(on_the_map, sdi, database_url, take_live, an_event, labelled, row_of):
    ghost = an_event()
    await take_live(labelled(ghost))
    answer = await sdi("rebuild", "map-feed", typed="n\n", told={"DATABASE_URL": database_url})
    assert (answer.exit_code, "1 too many in the live one" in answer.errors) == (1, True)
    assert (await row_of(ghost.event_id))["decided_revision"] == 1


async def test_what_the_live_service_takes_during_the_switch_is_kept(
    on_the_map, database_url, engine, take_live, row_of, eventually
):
    withdrawn = EventWithdrawn(event_id=on_the_map.event_id, revision=2, withdrawn_at="2026-03-02T12:00:00Z")
    taking = []

    async def the_live_service_waits():
        async with engine.connect() as connection:
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'public.events'::regclass"
            return await connection.scalar(text(waiting))

    async with shadow_table(database_url) as shadow:

        async def catch_up():
            taking.append(asyncio.create_task(take_live(withdrawn)))
            await eventually(the_live_service_waits)

        before = await shadow.switch(catch_up)  # nothing was folded: all rows are taken off
        assert (before.agree, before.rebuilt_rows) == (False, 0)
        await taking[0]
    row = await row_of(on_the_map.event_id)
    assert (row["withdrawn_revision"], row["event"]) == (2, None)


async def test_what_was_told_while_the_tables_were_folded_is_in_the_switched_one(
    on_the_map, rebuild, tell, take_live, row_of
):
    withdrawn = EventWithdrawn(event_id=on_the_map.event_id, revision=2, withdrawn_at="2026-03-02T12:00:00Z")
    await tell(withdrawn)
    await take_live(withdrawn)
    assert (await rebuild("--yes")).exit_code == 0
    assert (await row_of(on_the_map.event_id))["withdrawn_revision"] == 2


async def test_a_message_that_cannot_be_read_is_counted_and_not_set_aside_again(on_the_map, rebuild, write, sdi):
    async def letters():
        answer = await sdi("dead-letters", "list", "--service", "map-feed", "--json")
        return len(answer.json)

    before, set_aside = await letters(), (await rebuild("--compare-only")).json["set_aside"]
    await write("labelling.decisions", str(uuid4()), b"{")
    answer = await rebuild("--compare-only")
    assert (answer.exit_code, answer.json["set_aside"], await letters()) == (0, set_aside + 1, before)


async def test_one_rebuild_at_a_time(rebuild, database_url):
    async with shadow_table(database_url):
        answer = await rebuild("--yes")
    assert (answer.exit_code, answer.errors) == (2, "sdi: another rebuild is at work: wait for its end\n")


async def test_the_database_must_be_named(sdi):
    answer = await sdi("rebuild", "map-feed")
    assert (answer.exit_code, answer.errors) == (2, "map-feed: the setting DATABASE_URL is not set\n")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "DATABASE_URL is no address: postgresql+asyncpg://user:password@host:port/database"),
        ("postgresql+asyncpg://a:b@127.0.0.1:1/c", "PostgreSQL does not answer: is DATABASE_URL right, is it up?"),
    ],
)
async def test_a_database_that_is_not_there_is_said_in_one_line(sdi, url, said):
    answer = await sdi("rebuild", "map-feed", told={"DATABASE_URL": url})
    assert (answer.exit_code, answer.errors) == (2, f"sdi: {said}\n")


async def test_another_services_database_is_refused(sdi, make_database):
    answer = await sdi("rebuild", "map-feed", told={"DATABASE_URL": await make_database("geocoding")})
    said = "sdi: the database is not map-feed's, or has no tables yet: is DATABASE_URL right?\n"
    assert (answer.exit_code, answer.errors) == (2, said)


@pytest.fixture
def read_changes(engine):
    """What a partner reads behind a cursor, once all news of the map is told; and where it goes on."""
    chronicle = Chronicle(engine, None, load_editions(EDITION), StoppedClock(datetime(2026, 11, 10, tzinfo=UTC)))

    async def read_changes(after=None):
        async with engine.connect() as connection:
            await chronicle.catch_up(connection)
        found = []
        while True:  # as a partner does: page by page, until one is not full
            page = await Feed(engine, Tail(engine, None)).page(after, 100)
            found += [(change.kind, change.event_id) for change in page.changes]
            after = page.next
            if len(page.changes) < 100:
                return found, after

    return read_changes


async def test_a_cursor_of_the_changes_stays_good_and_tells_what_a_rebuild_has_changed_and_nothing_else(
    on_the_map, rebuild, read_changes, tell, an_event, labelled, engine
):
    other = an_event()
    await tell(labelled(other))
    assert (await rebuild("--yes")).exit_code == 0
    _, cursor = await read_changes()
    async with engine.begin() as tx:  # a loss, of which partners are told as visitors see it; and one that is mended
        await tx.execute(update(events).where(events.c.event_id == other.event_id).values(**TAKEN_OFF, **WRITTEN))
    lost, cursor = await read_changes(cursor)
    async with engine.begin() as tx:
        await tx.execute(update(events).values(locations={}, **WRITTEN))
    assert (await rebuild("--yes")).exit_code == 0
    assert lost == [("event.removed", other.event_id)]
    assert (await read_changes(cursor))[0] == [("event.listed", other.event_id)]


def test_the_rebuild_knows_every_table_of_the_read_model():
    follow_from_it = {"changes", "journal", "webhooks", "webhook_events"}
    assert set(metadata.tables) - follow_from_it == {events.name}
