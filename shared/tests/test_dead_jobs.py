"""Dead jobs are seen by an operator, and queued again by a command."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from backbone.postgres.bell import Bell
from backbone.postgres.database import jobs
from backbone.postgres.jobs import Job, JobRefused, queue_jobs
from backbone.runtime.trace import current_trace
from backbone.service.dead_jobs import run_jobs_command
from backbone.service.folding import in_transaction
from backbone.service.outcomes import Work
from backbone.service.settings import ServiceSettings
from backbone.service.working import Worker


class Settings(ServiceSettings):
    """Of a service that mails."""

    service = "commskit"


class Mail(Job):
    """A mail to somebody."""

    kind = "mail"
    what: str
    to: str = "marie@exemple.fr"

    @property
    def key(self):
        return self.what


@pytest.fixture
def command(database_url):
    settings = Settings(database_url=database_url, kafka_bootstrap_servers="h:1", edition="none.toml")

    async def run(*arguments):
        await run_jobs_command(settings, [str(argument) for argument in arguments])

    return run


@pytest.fixture
def mended():
    return asyncio.Event()


@pytest.fixture
def worker(engine, note, mended):
    """Refuses every job until the cause is mended; then its effect is its key."""

    async def mail(claimed, desk):
        if not mended.is_set():
            raise JobRefused("no paper")

    async def note_key(done, tx, desk):
        await note(tx, done.job.key)

    return Worker(engine, Bell(engine), Work(Mail, mail, in_transaction(note_key)), None)


@pytest.fixture
def die(engine, worker):
    """Queues a job, lets it die, and gives its id."""

    async def let(key):
        async with engine.begin() as tx:
            await queue_jobs(tx, [(Mail(what=key), timedelta(0), current_trace())])
        assert await worker.run_due() == 1
        async with engine.connect() as connection:
            return await connection.scalar(select(jobs.c.id).where(jobs.c.key == key))

    return let


@pytest.fixture
def states(engine):
    async def read():
        async with engine.connect() as connection:
            rows = await connection.execute(select(jobs.c.key, jobs.c.state, jobs.c.attempts).order_by(jobs.c.key))
        return [tuple(row) for row in rows]

    return read


async def test_dead_jobs_are_listed_with_their_reason_and_without_their_payload(command, die, capsys):
    first, second = await die("a"), await die("b")
    await command()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines] == [[str(first), "mail", "a"], [str(second), "mail", "b"]]
    assert all(line.endswith("1 tries  no paper") for line in lines)
    assert "marie" not in "".join(lines)


async def test_a_dead_job_that_is_queued_again_has_all_its_tries_and_the_others_stay_dead(
    command, die, worker, mended, states, effects, capsys
):
    await die("a")
    chosen = await die("b")
    await command("retry", chosen)
    assert capsys.readouterr().out == f"{chosen}  mail b  is waiting again\n"
    assert await states() == [("a", "dead", 1), ("b", "waiting", 0)]
    mended.set()
    assert await worker.run_due() == 1
    assert await effects() == ["b"]
    assert await states() == [("a", "dead", 1), ("b", "done", 1)]


async def test_all_dead_jobs_are_queued_again_at_once(command, die, states, capsys):
    await die("a")
    await die("b")
    await command("retry", "--all")
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert await states() == [("a", "waiting", 0), ("b", "waiting", 0)]


async def test_the_workers_are_woken_by_the_command(engine, command, die, eventually):
    chosen = await die("a")
    bell, stopping = Bell(engine), asyncio.Event()
    ringing = asyncio.create_task(bell.run(stopping))

    async def listens():
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%jobs%'"
        async with engine.connect() as connection:
            return await connection.scalar(text(query))

    await eventually(listens)
    await command("retry", chosen)
    async with asyncio.timeout(60):
        await bell.rung("jobs", stopping, at_most=3600.0)
    stopping.set()
    await ringing


async def test_a_job_that_is_not_dead_is_not_queued_again(command, die, worker, mended, states):
    chosen = await die("a")
    await command("retry", chosen)
    mended.set()
    await worker.run_due()
    for job_id in (chosen, uuid4()):
        with pytest.raises(SystemExit) as ended:
            await command("retry", job_id)
        assert ended.value.code == "commskit: no such job is dead"  # Python prints it and exits with 1
    assert await states() == [("a", "done", 1)]


async def test_without_dead_jobs_the_command_says_so(command, capsys):
    await command()
    assert capsys.readouterr().out == "commskit: no job is dead\n"
    with pytest.raises(SystemExit) as ended:
        await command("retry", "--all")
    assert ended.value.code == "commskit: no job is dead"


@pytest.mark.parametrize("wrong", [["retry"], ["retry", "12"], ["retry", str(UUID(int=1)), "--all"], ["bury"]])
async def test_an_order_that_is_not_clear_changes_nothing(wrong, command, die, states):
    await die("a")
    with pytest.raises(SystemExit) as ended:
        await command(*wrong)
    assert ended.value.code == 2
    assert await states() == [("a", "dead", 1)]
