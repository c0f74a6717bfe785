"""The changes of the map, as partners read them: what is told, in which order, to whoever reads from where."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from httpx import AsyncClient, TransportError
from sqlalchemy import text, update

from local_stack.ports import free_port
from local_stack.stack import command_of
from map_feed import chronicle as chronicle_module
from map_feed.chronicle import Chronicle
from map_feed.store import events

EDITION = Path(__file__).parents[3] / "editions" / "2026.toml"
BEFORE_THE_MAP_OPENS = datetime(2026, 1, 15, 9, tzinfo=UTC)


@pytest.fixture
def chronicle(service) -> Chronicle:
    [chronicle] = (part for part in service.parts if isinstance(part, Chronicle))
    return chronicle


@pytest.fixture
def tell(chronicle, engine):
    """Has the chronicle tell what is news."""

    async def tell():
        async with engine.connect() as connection:
            await chronicle.catch_up(connection)

    return tell


@pytest.fixture
def read(client, tell):
    """What a partner reads behind a cursor, once all news is told."""

    async def read(after=None, **asked):
        await tell()
        answer = await client.get("/v1/changes", params={**({"after": after} if after else {}), **asked})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return read


@pytest.fixture
def follow(read):
    """What a partner reads to the end, page by page."""

    async def follow(after=None, limit=500):
        found, more = [], True
        while more:
            page = await read(after, limit=limit)
            found, after, more = found + page["changes"], page["next"], page["more"]
        return found, after

    return follow


def said(changes):
    return [
        (change["type"], change["data"]["feature"] and change["data"]["feature"]["properties"]["title"])
        for change in changes
    ]


async def test_an_event_is_listed_changed_and_taken_off(read, put, heard, labelled, withdrawn, an_event, a_location):
    event = await put(an_event(title="Visite"), a_location())
    first = await read()
    second = event.model_copy(update={"revision": 2, "title": "Visite guidée"})
    await heard(labelled(second, sequence=2))
    then = await read(first["next"])
    await heard(withdrawn(second, sequence=3))
    last = await read(then["next"])
    assert said(first["changes"] + then["changes"] + last["changes"]) == [
        ("event.listed", "Visite"),
        ("event.changed", "Visite guidée"),
        ("event.removed", None),
    ]
    [removed] = last["changes"]
    assert removed["data"] == {
        "event_id": str(event.event_id),
        "edition": "2026",
        "changed": [],
        "reason": "withdrawn",
        "feature": None,
    }
    assert (await read(last["next"]))["changes"] == []


async def test_a_change_shows_the_event_as_the_map_does(read, client, put, an_event, a_location):
    await put(an_event(), a_location())
    [change] = (await read())["changes"]
    [feature] = (await client.get("/evenements.geojson")).json()["features"]
    assert change["data"]["feature"] == feature
    assert feature["properties"]["url"].startswith("https://carte.example/evenements/")


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("text", {"description": "On visite aussi la salle de contrôle."}),
        ("text", {"booking": {"url": "https://billets.example"}}),
        ("dates", {"slots": [{"starts_at": "2026-11-18T09:00:00+01:00", "ends_at": "2026-11-18T12:30:00+01:00"}]}),
        ("place", {"venue": {"address": {"street": "1 rue Neuve", "postcode": "69100", "city": "Villeurbanne"}}}),
        ("status", {"status": "cancelled"}),
    ],
)
async def test_a_change_says_what_has_changed(read, put, heard, labelled, an_event, located, a_location, what, changes):
    event = await put(an_event(), a_location())
    cursor = (await read())["next"]
    amended = an_event(event_id=event.event_id, revision=2, **changes)
    await heard(located(amended, a_location()), labelled(amended, sequence=2))
    [change] = (await read(cursor))["changes"]
    assert (change["type"], change["data"]["changed"]) == ("event.changed", [what])


async def test_a_pin_that_is_found_later_is_a_change_of_place(read, put, heard, located, an_event, a_location):
    event = await put(an_event())
    cursor = (await read())["next"]
    await heard(located(event, a_location()))
    [change] = (await read(cursor))["changes"]
    assert change["data"]["changed"] == ["place"]
    assert change["data"]["feature"]["geometry"]["coordinates"] == [4.8869, 45.7719]


async def test_what_changes_nothing_that_visitors_see_is_not_told(read, put, heard, labelled, an_event):
    event = await put(an_event())
    cursor = (await read())["next"]
    hidden = {"revision": 2, "external_id": "interne-7", "siret": "12345678901234"}
    await heard(labelled(event.model_copy(update=hidden), sequence=2))
    assert (await read(cursor))["changes"] == []


@pytest.mark.parametrize(
    ("label", "reason"),
    [("refused", "label_refused"), ("suspended", "label_suspended"), ("withdrawn", "label_withdrawn")],
)
async def test_a_label_that_goes_takes_the_event_off_and_says_why(read, put, heard, decided, an_event, label, reason):
    event = await put(an_event())
    cursor = (await read())["next"]
    await heard(decided(event, label, sequence=2))
    [change] = (await read(cursor))["changes"]
    assert (change["type"], change["data"]["reason"]) == ("event.removed", reason)


async def test_of_an_event_that_is_no_longer_shown_no_text_is_kept(read, put, heard, withdrawn, tell, engine, an_event):
    event = await put(an_event(title="Visite retirée"))
    await tell()
    await heard(withdrawn(event))
    await tell()
    async with engine.connect() as connection:
        kept = await connection.scalar(text("SELECT string_agg(changes::text, '') FROM changes"))
    assert str(event.event_id) in kept
    assert "retirée" not in kept


async def test_nothing_is_told_before_the_map_opens_and_then_all_of_it_at_the_end(
    follow, clock, put, heard, withdrawn, an_event
):
    clock.at, opened = BEFORE_THE_MAP_OPENS, clock.at
    older = await put(an_event(edition="2020", title="De 2020"))
    early = [await put(an_event(title=f"Visite {number}")) for number in range(3)]
    taken_back = await put(an_event(title="Retirée avant l’ouverture"))
    await heard(withdrawn(taken_back))
    before, cursor = await follow()
    assert said(before) == [("event.listed", "De 2020")]
    clock.at = opened
    await heard(withdrawn(older))
    after, _ = await follow(cursor)
    assert sorted(map(str, said(after))) == sorted(
        map(str, [("event.removed", None), *(("event.listed", event.title) for event in early)])
    )
    stamps = [change["timestamp"] for change in before + after]
    assert stamps == sorted(set(stamps))


async def test_a_map_that_closes_again_takes_its_events_off_and_lists_them_when_it_opens(follow, clock, put, an_event):
    await put(an_event(title="Visite"))
    _, cursor = await follow()
    clock.at, opened = BEFORE_THE_MAP_OPENS, clock.at
    closed, cursor = await follow(cursor)
    assert [change["data"]["reason"] for change in closed] == ["map_closed"]
    clock.at = opened
    again, _ = await follow(cursor)
    assert said(again) == [("event.listed", "Visite")]


async def test_an_edition_that_nobody_here_knows_is_not_told_of(follow, put, an_event):
    await put(an_event(edition="1999"))
    assert (await follow())[0] == []


async def test_who_begins_is_given_what_is_there_and_nothing_of_what_went_before(
    follow, read, put, heard, withdrawn, tell, an_event
):
    for number in range(5):
        event = await put(an_event(title=f"Visite {number}"))
        await tell()
        if number % 2:
            await heard(withdrawn(event))
            await tell()
    found, cursor = await follow(limit=1)
    assert said(found) == [("event.listed", f"Visite {number}") for number in (0, 2, 4)]
    assert (await read(cursor))["changes"] == []


async def test_who_begins_where_all_was_taken_off_waits_for_what_follows(client, tell, put, heard, withdrawn, an_event):
    event = await put(an_event())
    await tell()
    await heard(withdrawn(event))
    await tell()
    first = (await client.get("/v1/changes")).json()
    assert (first["changes"], first["more"]) == ([], False)
    second = (await client.get("/v1/changes", params={"after": first["next"]})).json()
    assert second["next"] == first["next"]


async def test_what_moves_while_it_is_read_page_by_page_is_neither_lost_nor_left_behind(
    read, put, heard, labelled, withdrawn, an_event
):
    shown = [await put(an_event(title=f"Visite {number}")) for number in range(6)]
    first = await read(limit=3)
    seen = {change["data"]["event_id"]: change for change in first["changes"]}
    changed, gone = shown[0], shown[1]
    await heard(labelled(changed.model_copy(update={"revision": 2, "title": "Visite 0, mieux"}), sequence=2))
    await heard(withdrawn(gone))
    cursor, more = first["next"], True
    while more:
        page = await read(cursor, limit=3)
        seen |= {change["data"]["event_id"]: change for change in page["changes"]}
        cursor, more = page["next"], page["more"]
    left = sorted(title for _, title in said(seen.values()) if title)
    assert left == ["Visite 0, mieux", *(f"Visite {number}" for number in (2, 3, 4, 5))]
    assert seen[str(gone.event_id)]["type"] == "event.removed"


async def test_a_transaction_that_commits_late_is_told_late_and_not_skipped(
    follow, engine, hear, put, labelled, an_event
):
    async with engine.begin() as slow:
        await hear(slow, labelled(an_event(title="Lente")))
        await put(an_event(title="Rapide"))
        first, cursor = await follow()
        assert said(first) == [("event.listed", "Rapide")]
    late, _ = await follow(cursor)
    assert said(late) == [("event.listed", "Lente")]


async def test_two_chronicles_that_both_think_they_lead_give_numbers_that_grow_by_commit(
    engine, service, put, follow, an_event
):
    """One that lost its lock without knowing it: its connection was cut, and another leads already."""
    for number in range(40):
        await put(an_event(title=f"Visite {number}"))

    async def tell():
        told = Chronicle(engine, None, service_editions, service_clock)
        async with engine.connect() as connection:
            await told.catch_up(connection)

    [leading] = (part for part in service.parts if isinstance(part, Chronicle))
    service_editions, service_clock = leading._editions, leading._clock
    await asyncio.gather(tell(), tell(), tell())
    found, _ = await follow()
    assert sorted(said(found)) == sorted(("event.listed", f"Visite {number}") for number in range(40))


async def test_a_chronicle_that_breaks_off_goes_on_and_tells_nothing_twice(
    chronicle, engine, follow, put, an_event, monkeypatch
):
    monkeypatch.setattr(chronicle_module, "ROWS", 3)
    for number in range(10):
        await put(an_event(title=f"Visite {number}"))
    tell_changes, calls = chronicle_module.tell_changes, []

    async def breaks(tx, told):
        calls.append(told)
        await tell_changes(tx, told)
        if len(calls) == 3:
            raise ConnectionResetError

    monkeypatch.setattr(chronicle_module, "tell_changes", breaks)
    async with engine.connect() as connection:
        with pytest.raises(ConnectionResetError):
            await chronicle.catch_up(connection)
    first, cursor = await follow()
    assert sorted(said(first)) == [("event.listed", f"Visite {number}") for number in range(10)]
    assert (await follow(cursor))[0] == []


async def test_a_row_that_was_missed_is_told_when_all_is_compared(follow, tell, engine, put, an_event, monkeypatch):
    event = await put(an_event())
    await tell()
    async with engine.begin() as tx:  # as if it had been written by a transaction of long ago
        await tx.execute(update(events).where(events.c.event_id == event.event_id).values(written_in=3, event=None))
    assert said((await follow())[0]) == [("event.listed", event.title)]
    monkeypatch.setattr(chronicle_module, "WHOLE_SECONDS", 0.0)
    assert (await follow())[0] == []


async def test_cursors_stay_good_over_a_new_start_and_a_rebuild_that_comes_to_the_same(
    engine, service, follow, put, an_event
):
    await put(an_event(title="Visite"))
    _, cursor = await follow()
    async with engine.begin() as tx:  # what `sdi rebuild` does: the same rows, written anew
        await tx.execute(update(events).values(written_in=text("pg_current_xact_id()::text::bigint")))
    await put(an_event(title="Après"))
    assert said((await follow(cursor))[0]) == [("event.listed", "Après")]


@pytest.mark.parametrize("put_back", ["UPDATE journal SET kept_in = 'another/1'", "UPDATE journal SET newest = 1"])
async def test_a_cursor_of_a_database_that_was_put_back_is_gone_and_the_answer_says_what_to_do(
    chronicle, engine, client, follow, put, an_event, put_back
):
    await put(an_event())
    _, cursor = await follow()
    async with engine.begin() as tx:
        await tx.execute(text(put_back if "newest" in put_back else "UPDATE journal SET kept_in = 'its name/1'"))
    async with engine.connect() as connection:
        await chronicle._begin(connection)
    answer = await client.get("/v1/changes", params={"after": cursor})
    assert answer.status_code == 410
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problemes/curseur-perime"
    assert "Recommencez sans « after »" in answer.json()["detail"]
    assert len((await follow())[0]) == 1


async def test_the_journal_of_a_database_goes_on_when_the_service_starts_again(
    chronicle, engine, follow, put, an_event
):
    async with engine.connect() as connection:
        await chronicle._begin(connection)
    await put(an_event())
    _, cursor = await follow()
    async with engine.connect() as connection:
        await chronicle._begin(connection)
    assert (await follow(cursor))[0] == []


@pytest.mark.parametrize("after", ["x", "é", "A" * 44, "Z" * 60, "7d5c2f9e-0000-4000-8000-000000000001"])
async def test_what_is_no_cursor_of_ours_is_said_to_be_none(client, after):
    answer = await client.get("/v1/changes", params={"after": after})
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["field"] == "after"
    assert error["message"].startswith("Reprenez tel quel le « next »")


@pytest.mark.parametrize("asked", [{"limit": 0}, {"limit": 501}, {"wait": 31}, {"wait": -1}, {"after": "x" * 101}])
async def test_what_is_asked_for_has_its_bounds(client, asked):
    answer = await client.get("/v1/changes", params=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


async def test_who_has_the_answer_already_is_told_so(client, read, put, an_event):
    await put(an_event())
    await read()
    answer = await client.get("/v1/changes")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["access-control-allow-origin"] == "*"
    again = await client.get("/v1/changes", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await put(an_event(title="Nouvelle"))
    await read()
    anew = await client.get("/v1/changes", headers={"If-None-Match": answer.headers["etag"]})
    assert anew.status_code == 200


async def test_the_link_leads_to_what_follows(client, read, put, an_event):
    await put(an_event())
    page = await read(limit=7)
    answer = await client.get("/v1/changes", params={"limit": 7})
    assert answer.links["next"]["url"] == f"/v1/changes?after={page['next']}&limit=7"


# --- waiting -----------------------------------------------------------------------------------------


@pytest.fixture
async def running(service, client):
    """The service, its parts at work, without a Kafka."""
    client.event_hooks = {"request": []}
    service.hearing = None
    service.take_role("serve")
    async with service.running():
        yield service


async def test_who_waits_is_answered_when_something_changes_and_not_kept_by_caches(running, client, put, an_event):
    first = (await client.get("/v1/changes")).json()
    waiting = asyncio.create_task(client.get("/v1/changes", params={"after": first["next"], "wait": 30}))
    await asyncio.sleep(0)
    await put(an_event(title="Enfin"))
    answer = await waiting
    assert said(answer.json()["changes"]) == [("event.listed", "Enfin")]
    assert answer.headers["cache-control"] == "no-store"


async def test_who_waits_in_vain_is_given_the_same_cursor(running, client):
    first = (await client.get("/v1/changes")).json()
    answer = (await client.get("/v1/changes", params={"after": first["next"], "wait": 0.05})).json()
    assert (answer["changes"], answer["more"], answer["next"]) == ([], False, first["next"])


async def test_a_reader_of_another_replica_waits_for_what_the_one_who_hears_tells(
    running, settings, clock, put, an_event
):
    from httpx import ASGITransport, AsyncClient

    from backbone.service.floor import open_floor
    from map_feed.app import create_app

    reader = create_app(settings, open_floor(settings, clock=clock))
    reader.take_role("http")
    async with reader.running(), AsyncClient(transport=ASGITransport(reader.http), base_url="http://map") as client:
        first = (await client.get("/v1/changes")).json()
        waiting = asyncio.create_task(client.get("/v1/changes", params={"after": first["next"], "wait": 30}))
        await put(an_event(title="D’ailleurs"))
        assert said((await waiting).json()["changes"]) == [("event.listed", "D’ailleurs")]


async def test_who_would_wait_beside_as_many_as_may_is_asked_to_come_back(client, monkeypatch):
    monkeypatch.setattr("map_feed.feed.MOST_WAITING", 0)
    answer = await client.get("/v1/changes", params={"wait": 30})
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert int(answer.headers["retry-after"]) > 0
    assert (await client.get("/v1/changes")).status_code == 200


async def test_a_process_that_is_told_to_end_answers_who_waits_and_ends(database_url, tmp_path, eventually):
    port = free_port()
    told = {"DATABASE_URL": database_url, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "EDITION": str(EDITION)}
    told |= {"HTTP_PORT": str(port), "HEALTH_PORT": str(free_port())}
    with (tmp_path / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            command_of("map-feed"), "http", env={**os.environ, **told}, stderr=log
        )
    try:
        async with AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=40) as client:

            async def is_up():
                assert process.returncode is None, (tmp_path / "log").read_text()
                with suppress(TransportError):
                    return (await client.get("/v1/changes")).is_success

            await eventually(is_up)
            is_sent = asyncio.Event()

            async def note(step, _):
                if step == "http11.receive_response_headers.started":
                    is_sent.set()

            asked = client.get("/v1/changes", params={"wait": 30}, extensions={"trace": note})
            waiting = asyncio.create_task(asked)
            await is_sent.wait()
            process.terminate()
            answer = await waiting
        assert (answer.status_code, answer.json()["changes"]) == (200, [])
        assert await process.wait() == 0
    finally:
        with suppress(ProcessLookupError):
            process.kill()
