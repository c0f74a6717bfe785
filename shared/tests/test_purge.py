"""What is kept for a time only goes when its time is over, and nothing else does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from backbone.postgres.database import inbox, jobs, outbox
from backbone.postgres.inbox import take_new
from backbone.postgres.purge import ended_jobs, taken_messages
from backbone.postgres.upkeep import Upkeep
from backbone.service.settings import ServiceSettings


class Settings(ServiceSettings):
    service = "tiny"


SETTINGS = {"database_url": "postgresql+asyncpg://a@h/d", "kafka_bootstrap_servers": "h:1", "edition": "e.toml"}


def days_ago(days):
    return func.now() - timedelta(days=days)


@pytest.fixture
def purge(engine):
    """Purges until nothing is left to purge."""

    async def until_tidy(purges):
        await Upkeep(engine, purges).purge_all()

    return until_tidy


@pytest.fixture
def took(engine):
    async def write(**messages):
        async with engine.begin() as tx:
            rows = [{"consumer": "tiny", "message_id": name, "taken_at": at} for name, at in messages.items()]
            for row in rows:
                await tx.execute(insert(inbox).values(row))

    return write


@pytest.fixture
def queued(engine):
    async def write(kind, key, state, finished_at):
        row = {"kind": kind, "key": key, "payload": {}, "state": state, "traceparent": "", "finished_at": finished_at}
        async with engine.begin() as tx:
            await tx.execute(insert(jobs).values(row))

    return write


async def left(engine, column):
    async with engine.connect() as tx:
        return sorted(await tx.scalars(select(column)))


async def test_a_message_is_known_again_for_its_time_and_then_forgotten(engine, purge, took):
    await took(old=days_ago(331), young=days_ago(329))
    await purge(Settings(**SETTINGS).purges)
    assert await left(engine, inbox.c.message_id) == ["young"]
    async with engine.begin() as tx:
        assert await take_new(tx, "tiny", ["young", "old"]) == {"old"}


async def test_many_old_messages_go_a_batch_at_a_time(monkeypatch, engine, purge, took):
    monkeypatch.setattr("backbone.postgres.purge.BATCH", 10)
    await took(**{f"{number:02}": days_ago(40 + number) for number in range(25)})
    async with engine.begin() as tx:
        assert await taken_messages(timedelta(days=30))(tx)
    assert await left(engine, inbox.c.message_id) == [f"{number:02}" for number in range(15)]
    await purge([taken_messages(timedelta(days=30))])
    assert await left(engine, inbox.c.message_id) == []


async def test_jobs_that_ended_long_ago_go_those_that_wait_run_or_may_be_queued_again_stay(engine, purge, queued):
    for state, days in (("done", 31), ("done", 29), ("dead", 331), ("dead", 329)):
        await queued("mail", f"{state} {days}", state, days_ago(days))
    for state in ("waiting", "running"):
        await queued("mail", state, state, None)
    await purge(Settings(**SETTINGS).purges)
    assert await left(engine, jobs.c.key) == ["dead 329", "done 29", "running", "waiting"]


async def test_jobs_whose_rows_are_still_asked_for_stay(engine, purge, queued):
    for kind in ("confirmation", "other"):
        await queued(kind, "1", "done", days_ago(400))
    await purge([ended_jobs(timedelta(days=30), timedelta(days=30), but=("confirmation",))])
    assert await left(engine, jobs.c.kind) == ["confirmation"]


async def test_the_periods_are_settings(engine, purge, took, queued):
    await took(old=days_ago(31))
    await queued("mail", "done", "done", days_ago(2))
    await queued("mail", "dead", "dead", days_ago(2))
    told = Settings(**SETTINGS, inbox_kept_days=30, jobs_kept_days=1, dead_jobs_kept_days=1)
    await purge(told.purges)
    assert (await left(engine, inbox.c.message_id), await left(engine, jobs.c.key)) == ([], [])
    assert await left(engine, outbox.c.seq) == []
