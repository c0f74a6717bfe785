"""PostgreSQL restored from before the last hour, by the steps of docs/backups.md; and rebuilt from the topics."""

from __future__ import annotations

import asyncio
import random
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from backbone.contracts import OrganiserErased
from backbone.testing.waiting import until
from provision.databases import SERVICES

from . import backups
from .drafts import LABELLED, Draft
from .history import History
from .invariants import (
    each_piece_of_work_has_its_job_which_has_ended,
    every_committed_fact_is_told_and_no_other,
    facts_of_a_key_are_first_told_in_the_order_of_commits,
    hold,
)
from .organiser import Client
from .platform import Platform
from .public import features
from .world import see

AMENDED = 4


@pytest.fixture
async def own_platform(tmp_path: Path, history: History) -> AsyncIterator[Platform]:
    """A platform that nobody uses afterwards: what was acknowledged on it is not so any more."""
    platform = Platform(tmp_path, history)
    try:
        await platform.start()
        yield platform
    finally:
        await platform.stop()


def copy(data: Path, place: Path) -> None:
    """Puts a copy in a place, whatever was there."""
    shutil.rmtree(place, ignore_errors=True)
    subprocess.run(["cp", "-a", str(data), str(place)], check=True)  # with its owner


async def copy_at_rest(platform: Platform, source: Path, place: Path) -> None:
    """Stops services and database, copies a folder, and starts the database."""
    await asyncio.gather(*(platform.end(replica) for replica in platform.all_replicas()))
    await asyncio.to_thread(platform.postgres.stop)
    await asyncio.to_thread(copy, source, place)
    await asyncio.to_thread(platform.postgres.start)


def start_all(platform: Platform) -> None:
    for replica in platform.all_replicas():
        replica.start()


def labelled(platform: Platform) -> list[tuple[Client, str, Draft]]:
    """The events whose newest revision has its label for certain."""
    return [
        (client, event, story[-1])
        for client in platform.clients
        for event, story in client.story.items()
        if story[-1] is not None and story[-1].outcome == LABELLED
    ]


def titled(draft: Draft, more: str) -> Draft:
    return replace(draft, body={**draft.body, "title": f"{draft.body['title'][:100]} {more}"})


@pytest.mark.thorough
async def test_a_database_restored_from_before_it_goes_on_with_numbers_that_nobody_has_heard(
    own_platform: Platform, chance: random.Random
) -> None:
    platform = own_platform
    data, backup = platform.state / "postgres" / "data", platform.state / "postgres" / "backup"
    registration = platform.replicas["registration"][0].url
    await platform.load(12, chance)
    await platform.at_rest()
    await copy_at_rest(platform, data, backup)
    start_all(platform)
    await platform.ready()

    amended = chance.sample(labelled(platform), AMENDED)
    known = {event: client.acknowledged[event] for client, event, _ in amended}
    for client, event, draft in amended:
        lost = titled(draft, "bis")
        assert await client.submit(event, lost, url=registration) == known[event] + 1
    await platform.at_rest()

    platform.history.fault("PostgreSQL restored from before", lost=len(amended))
    await copy_at_rest(platform, backup, data)
    await asyncio.to_thread(platform.log.reset_groups)
    start_all(platform)
    await platform.at_rest()
    for client, event, _ in amended:
        shown = await client.event(event)
        assert (shown["revision"], shown["is_changed"]) == (known[event] + 1, True), "a told number is free again"

    for client, event, draft in amended:
        assert await client.submit(event, titled(draft, "ter"), url=registration) == known[event] + 2
    await platform.at_rest()
    wanted = {event: titled(draft, "ter").body["title"] for _, event, draft in amended}

    async def new_texts_are_shown() -> bool:
        seen = await features(platform.replicas["map-feed"][0].url)  # what the map shows may be a second old
        return {event: seen[event]["properties"]["title"] for event in wanted} == wanted

    await until("the map shows the new texts", new_texts_are_shown, 20.0, pace=0.3)
    mailed = {name: times for name, times in platform.mail.accepted.items() if "@kit." in name}
    assert max(mailed.values()) <= 2, "a kit was mailed more than once more"
    own = {event for client in platform.clients for event in client.acknowledged}
    assert (await features(platform.replicas["map-feed"][0].url)).keys() <= own


LOST = {
    "registration": {
        "events": {
            "created_at",
            "organisation_id",
        },  # which colleagues share it is registration's own, and its backup's
        "timeline": {"noted"},
        "accounts": {
            "created_at",
            "confirmed_at",
            "password_hash",
            "sign_up",
            "is_contested",
            "role",
            "regions",
            "used_at",
        },
    },
    "labelling": {
        "cases": {"hash", "changed_at", "reviewer"},
        "decisions": {"hash", "previous", "entered_at", "reviewer"},
    },
    "geocoding": {"venues": {"changed_at", "whys"}},
    "commskit": {
        "organisers": set(),
        "events": set(),
        "kits": {"receipt", "changed_at"},
        "notices": {"receipt", "changed_at", "word"},  # of some that have left, what they said
    },
    "map-feed": {"events": {"changed_at", "written_in", "traceparent"}},
}
"""What is compared of each service, and what nothing brings back of it."""

BOOKS = (
    every_committed_fact_is_told_and_no_other,
    facts_of_a_key_are_first_told_in_the_order_of_commits,
    each_piece_of_work_has_its_job_which_has_ended,
)
"""What is asked of the outbox and of jobs that are lost."""


async def state_of(platform: Platform, service: str) -> Mapping[str, list[str]]:
    async with platform.admin(service) as connection:
        rows = {table: await connection.fetch(f"SELECT * FROM {table}") for table in LOST[service]}
    return {
        table: sorted(str(_without(dict(row), LOST[service][table])) for row in rows[table] if not _never_left(row))
        for table in rows
    }


def _never_left(row: Mapping[str, Any]) -> bool:
    """A mail that a later revision overtook before it was ever handed over: told of by nobody, owed to nobody."""
    return row.get("state") == "superseded" and row.get("copies") == 0


def _without(row: dict[str, Any], lost: set[str]) -> dict[str, Any]:
    if "account_id" in row and row["account_id"] is None:
        lost = {*lost, "heard"}  # of an event whose organiser is erased nothing is heard any more
    return {name: value for name, value in sorted(row.items()) if name not in lost}


def differ(before: Mapping[str, list[str]], after: Mapping[str, list[str]]) -> list[str]:
    found = []
    for table, rows in before.items():
        found += [f"{table} lacks {row}" for row in rows if row not in after[table]]
        found += [f"{table} has {row}" for row in after[table] if row not in rows]
    return found


async def hashes(platform: Platform) -> dict[UUID, str]:
    async with platform.admin("registration") as connection:
        return {row["id"]: row["password_hash"] for row in await connection.fetch("SELECT * FROM accounts")}


async def set_passwords(platform: Platform, hashes: Mapping[UUID, str]) -> None:
    """Everybody has set their password anew, by the mail for that, and took the one they had."""
    async with platform.admin("registration") as connection:
        await connection.executemany("UPDATE accounts SET password_hash = $2 WHERE id = $1", [*hashes.items()])


async def an_hour(platform: Platform, chance: random.Random) -> Mapping[str, Path]:
    """What was kept of each database before an hour in which people come and go, and change their events."""
    await platform.load(6, chance)
    await platform.at_rest()
    kept = {service: await backups.dump(platform, service) for service in SERVICES}
    await platform.load(4, chance)
    for client, event, draft in chance.sample(labelled(platform), 2):
        await client.post_all([(event, [titled(draft, "bis")])], 0.0)
    await platform.forget(platform.clients[0])
    await platform.gather_organisers()
    await platform.load(3, chance, clients=platform.clients[-1:])
    await platform.at_rest()
    return kept


@pytest.mark.thorough
@pytest.mark.parametrize("is_anew", [False, True], ids=["put back", "made anew"])
async def test_a_service_that_lost_its_database_catches_up_with_what_it_told(
    own_platform: Platform, chance: random.Random, *, is_anew: bool
) -> None:
    platform = own_platform
    kept = await an_hour(platform, chance)
    for service in SERVICES:
        before, world, passwords = await state_of(platform, service), await see(platform), await hashes(platform)
        platform.history.fault("a database is lost", service=service, anew=is_anew)
        await backups.lose(platform, service)
        if is_anew:
            await backups.make_anew(platform, service)
        else:
            await backups.put_back(platform, service, kept[service])
        platform.history.note("caught up", said=await backups.catch_up(platform, service))
        await set_passwords(platform, passwords)
        await backups.start(platform, service)
        await platform.at_rest()
        assert differ(before, await state_of(platform, service)) == []
        after = await see(platform)
        new = {after.told[id_].header("ce_type") for id_ in after.told.keys() - world.told.keys()}
        assert new <= {OrganiserErased.ce_type}, "something was told again, or otherwise"
        assert after.mails == world.mails, "somebody was written twice"
    # nothing that is told from here on bears a number that is taken
    await platform.load(3, chance)
    await hold(platform, but=BOOKS)
