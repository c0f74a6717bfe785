"""Work that touches the world: queued once, claimed by one, tried again, never lost, never finished twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from backbone.postgres.bell import Bell
from backbone.postgres.database import jobs
from backbone.postgres.jobs import Job, JobRefused, LeaseLost, Retry, job_counts, queue_jobs
from backbone.runtime.trace import current_trace, trace
from backbone.runtime.waiting import is_transient
from backbone.service.folding import in_transaction
from backbone.service.outcomes import Done, Work
from backbone.service.working import Worker

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Mail(Job):
    """A mail to somebody."""

    kind = "mail"
    to: str

    @property
    def key(self):
        return self.to


class Print(Mail):
    """Its print on paper."""

    kind = "print"


async def queue_one(tx, job, due_in=timedelta(0)):
    await queue_jobs(tx, [(job, due_in, current_trace())])


@pytest.fixture
def queue(engine):
    async def write(*keys, kind=Mail):
        async with engine.begin() as tx:
            await queue_jobs(tx, [(kind(to=key), timedelta(0), current_trace()) for key in keys])

    return write


@pytest.fixture
def worker(engine, note):
    """A worker whose jobs' effect is their key, and whose dead jobs' is « dead », the key and the reason."""

    async def mail(claimed, desk):
        return None

    async def note_key(done, tx, desk):
        await note(tx, done.job.key)

    async def note_dead(dead, tx, desk):
        await note(tx, f"dead {dead.job.key}: {dead.reason}")

    def make(do=mail, then=note_key, *, lease_seconds=15.0, **options):
        work = Work(Mail, do, in_transaction(then), in_transaction(note_dead), **options)
        return Worker(engine, Bell(engine), work, None, lease_seconds=lease_seconds)

    return make


@pytest.fixture
def the_job(engine):
    async def read(key="a"):
        async with engine.connect() as connection:
            waits = (jobs.c.due_at - func.now()).label("waits")
            return (await connection.execute(select(jobs, waits).where(jobs.c.key == key))).one()

    return read


@pytest.fixture
def make_due(engine):
    async def write():
        async with engine.begin() as tx:
            await tx.execute(update(jobs).values(due_at=func.now()).where(jobs.c.state == "waiting"))

    return write


@pytest.fixture
def let_leases_run_out(engine):
    async def write():
        async with engine.begin() as tx:
            ended = func.now() - timedelta(seconds=1)
            await tx.execute(update(jobs).values(lease_until=ended).where(jobs.c.state == "running"))

    return write


async def test_the_same_work_is_queued_once(engine, queue):
    await queue("a", "b", "a")
    await queue("b")
    await queue("a", kind=Print)
    async with engine.connect() as connection:
        assert await job_counts(connection, ["mail", "print", "geocode"]) == {
            "mail": {"waiting": 2, "running": 0, "dead": 0},
            "print": {"waiting": 1, "running": 0, "dead": 0},
            "geocode": {"waiting": 0, "running": 0, "dead": 0},
        }


async def test_work_for_later_is_not_done_before(engine, worker, the_job, make_due):
    async with engine.begin() as tx:
        await queue_one(tx, Mail(to="a"), timedelta(days=2))
    assert timedelta(days=1, hours=23) < (await the_job()).waits <= timedelta(days=2)
    assert await worker().run_due() == 0
    await make_due()
    assert await worker().run_due() == 1


async def test_work_queued_in_a_transaction_that_is_rolled_back_is_never_done(engine, worker):
    async with engine.connect() as tx:
        await queue_one(tx, Mail(to="a"))
        await tx.rollback()
    assert await worker().run_due() == 0


async def test_a_job_is_done_with_its_effects_and_belongs_to_the_trace_that_queued_it(
    engine, worker, the_job, effects, note
):
    async def note_trace(done, tx, desk):
        await note(tx, f"{done.job.to} {current_trace()}")

    with trace(TRACE):
        async with engine.begin() as tx:
            await queue_one(tx, Mail(to="a"))
    assert await worker(then=note_trace).run_due() == 1
    assert await effects() == [f"a {TRACE}"]
    job = await the_job()
    assert (job.state, job.attempts, job.lease, job.last_error) == ("done", 1, None, None)


async def test_what_fails_after_its_effects_leaves_none_of_them(queue, worker, the_job, effects, note):
    async def note_half(done, tx, desk):
        await note(tx, "half")
        raise ValueError("marie@exemple.fr")

    await queue("a")
    await worker(then=note_half).run_due()
    assert await effects() == []
    job = await the_job()
    assert (job.state, job.last_error) == ("waiting", "ValueError")


async def test_waits_grow_from_try_to_try_until_the_job_is_dead_with_what_follows_from_that(
    queue, worker, the_job, make_due, effects
):
    async def handle(claimed, desk):
        raise OSError("the world is away")

    tired = worker(handle, retry=Retry(tries=4, first=10.0, cap=25.0))
    await queue("a")
    waits = []
    for _ in range(3):
        await tired.run_due()
        assert await tired.run_due() == 0  # not before it is due
        waits.append((await the_job()).waits.total_seconds())
        await make_due()
    await tired.run_due()
    for wait, longest in zip(waits, (10, 20, 25), strict=True):
        assert longest / 2 - 1 < wait <= longest
    job = await the_job()
    assert (job.state, job.attempts, job.last_error) == ("dead", 4, "OSError")
    assert await effects() == ["dead a: OSError"]


async def test_a_job_that_is_refused_is_dead_at_once_with_its_reason(queue, worker, the_job, effects):
    async def handle(claimed, desk):
        raise JobRefused("the mail server answered 550")

    await queue("a")
    await worker(handle).run_due()
    job = await the_job()
    assert (job.state, job.attempts, job.last_error) == ("dead", 1, "the mail server answered 550")
    assert await effects() == ["dead a: the mail server answered 550"]


async def test_what_an_error_says_beside_its_reason_is_for_the_operator_in_one_line(queue, worker, the_job, effects):
    async def handle(claimed, desk):
        raise JobRefused("render-failed", "ValueError: no glyph for\n\x1b[31m « ⌀ »  " + "…" * 2000)

    await queue("a")
    await worker(handle).run_due()
    said = (await the_job()).last_error
    assert said.startswith("render-failed: ValueError: no glyph for [31m « ⌀ » ……")
    assert len(said) < 1100
    assert await effects() == ["dead a: render-failed"]


async def test_an_error_that_passes_may_say_more_too(queue, worker, the_job):
    class TimedOut(Exception):
        detail = "no kit after 20 s"

    async def handle(claimed, desk):
        raise TimedOut

    await queue("a")
    await worker(handle).run_due()
    job = await the_job()
    assert (job.state, job.last_error) == ("waiting", "TimedOut: no kit after 20 s")


async def test_the_wait_that_the_world_asks_for_is_kept(queue, worker, the_job):
    class TooMany(Exception):
        retry_after = 3600.0

    async def handle(claimed, desk):
        raise TooMany

    await queue("a")
    await worker(handle).run_due()
    assert 3590 < (await the_job()).waits.total_seconds() <= 3600


async def test_a_lease_that_ran_out_is_taken_over_and_the_first_result_is_rolled_back(
    queue, worker, the_job, effects, note, let_leases_run_out
):
    await queue("a")
    slow, fast = worker(), worker()
    [overtaken] = await slow.claim(1)
    assert await fast.run_due() == 0  # the lease still holds
    await let_leases_run_out()
    [taken_over] = await fast.claim(1)
    with pytest.raises(LeaseLost):
        await slow._outcomes.fold(Done(overtaken, None))
    await fast._outcomes.fold(Done(taken_over, None))
    assert await effects() == ["a"]
    assert ((await the_job()).state, (await the_job()).attempts) == ("done", 2)


async def test_an_error_of_a_worker_that_lost_its_lease_does_not_touch_the_job(
    queue, worker, the_job, effects, let_leases_run_out
):
    fast = worker()

    async def handle(claimed, desk):
        await let_leases_run_out()
        assert await fast.run_due() == 1
        raise JobRefused("too late")

    await queue("a")
    await worker(handle).run_due()
    assert await effects() == ["a"]
    assert (await the_job()).state == "done"


async def test_a_job_whose_worker_died_at_every_try_is_buried(queue, worker, the_job, effects, let_leases_run_out):
    deadly = worker(retry=Retry(tries=3))
    await queue("a")
    for _ in range(3):
        assert len(await deadly.claim(1)) == 1  # and the process is killed
        await let_leases_run_out()
    await deadly.run_due()
    assert (await the_job()).state == "dead"
    assert await effects() == ["dead a: its worker died at every try"]


async def test_a_job_that_takes_too_long_is_broken_off_and_tried_again(queue, worker, the_job):
    async def handle(claimed, desk):
        await asyncio.Event().wait()

    await queue("a")
    await worker(handle, timeout_seconds=0.2).run_due()
    job = await the_job()
    assert (job.state, job.last_error) == ("waiting", "TimeoutError")


async def test_a_worker_that_is_stopped_in_the_middle_hands_its_job_back_and_the_try_does_not_count(
    queue, worker, the_job, effects, monkeypatch, eventually
):
    monkeypatch.setattr("backbone.service.working.STOP_SECONDS", 0.1)
    began, stopping = asyncio.Event(), asyncio.Event()

    async def handle(claimed, desk):
        began.set()
        await asyncio.Event().wait()

    await queue("a")
    running = asyncio.create_task(worker(handle).run(stopping))
    async with asyncio.timeout(60):
        await began.wait()
        stopping.set()
        await running
    job = await the_job()
    assert (job.state, job.attempts, job.lease, job.last_error) == ("waiting", 0, None, "handed back at a stop")
    assert await worker().run_due() == 1
    assert await effects() == ["a"]


async def test_a_worker_that_is_stopped_lets_a_job_under_way_end(queue, worker, the_job, effects, note):
    began, stopping, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def handle(claimed, desk):
        began.set()
        await go_on.wait()

    await queue("a", "b")
    running = asyncio.create_task(worker(handle, at_once=1).run(stopping))
    async with asyncio.timeout(60):
        await began.wait()
        stopping.set()
        go_on.set()
        await running
    assert await effects() == ["a"]
    assert (await the_job("b")).state == "waiting"


async def test_a_lease_is_renewed_as_long_as_its_job_runs(queue, worker, the_job, effects, note, eventually):
    go_on, stopping = asyncio.Event(), asyncio.Event()

    async def handle(claimed, desk):
        await go_on.wait()

    await queue("a")
    running = asyncio.create_task(worker(handle, lease_seconds=1.0).run(stopping))

    async def is_claimed():
        return (await the_job()).state == "running"

    await eventually(is_claimed)
    first = (await the_job()).lease_until

    async def has_outlived_its_first_lease():
        return (await the_job()).lease_until > first + timedelta(seconds=1)

    await eventually(has_outlived_its_first_lease)
    assert await worker().run_due() == 0
    go_on.set()

    async def is_done():
        return await effects() == ["a"]

    await eventually(is_done)
    stopping.set()
    await running
    assert (await the_job()).attempts == 1


async def test_a_worker_that_was_away_for_longer_than_its_lease_drops_the_job_that_another_took_over(
    queue, worker, the_job, let_leases_run_out, effects, eventually
):
    dropped, began, stopping = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def handle(claimed, desk):
        began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            dropped.set()
            raise

    await queue("a")
    slow = worker(handle, lease_seconds=3.0)
    running = asyncio.create_task(slow.run(stopping))
    async with asyncio.timeout(60):
        await began.wait()
        await let_leases_run_out()
        assert await worker().run_due() == 1
        await dropped.wait()
        stopping.set()
        await running
    assert await effects() == ["a"]
    assert ((await the_job()).state, (await the_job()).attempts) == ("done", 2)


@pytest.mark.parametrize("ahead", [0, 32])
async def test_many_jobs_and_two_workers_are_each_done_once(ahead, engine, queue, worker, effects, note, eventually):
    at_work: Counter[str] = Counter()
    most_at_once: Counter[str] = Counter()

    async def handle(claimed, desk):
        at_work[claimed.key] += 1
        most_at_once[claimed.key] = max(most_at_once[claimed.key], at_work[claimed.key])
        await asyncio.sleep(0)

    async def note_end(done, tx, desk):
        await note(tx, done.job.key)
        at_work[done.job.key] -= 1

    keys = [f"job-{number:03}" for number in range(200)]
    await queue(*keys)
    stopping = asyncio.Event()
    running = [asyncio.create_task(worker(handle, note_end, at_once=3, ahead=ahead).run(stopping)) for _ in range(2)]

    async def all_done():
        return len(await effects()) >= len(keys)

    await eventually(all_done)
    stopping.set()
    await asyncio.gather(*running)
    assert sorted(await effects()) == keys
    assert most_at_once == dict.fromkeys(keys, 1)
    async with engine.connect() as connection:
        told = await connection.execute(
            select(jobs.c.state, jobs.c.attempts, func.count()).group_by(jobs.c.state, jobs.c.attempts)
        )
        assert told.all() == [("done", 1, 200)]


async def test_no_more_jobs_are_claimed_than_asked_for_whatever_the_plan(engine, worker):
    async with engine.begin() as tx:
        rows = [{"kind": "mail", "key": str(n), "payload": {}, "traceparent": TRACE} for n in range(3)]
        await tx.execute(insert(jobs), rows)
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("ANALYZE jobs"))
        database = await connection.scalar(text("SELECT current_database()"))
        for switch in ("hashjoin", "mergejoin", "hashagg", "sort", "material"):
            await connection.execute(text(f'ALTER DATABASE "{database}" SET enable_{switch} = off'))
    await engine.dispose()
    assert len(await worker().claim(1)) == 1


async def test_a_worker_that_loses_its_database_goes_on_when_it_is_back(engine, queue, worker, effects, eventually):
    stopping = asyncio.Event()
    running = asyncio.create_task(worker().run(stopping))
    await queue("a")

    async def first_done():
        return await effects() == ["a"]

    await eventually(first_done)
    async with engine.connect() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        await connection.execute(
            text(f"{others} WHERE datname = current_database() AND pid <> pg_backend_pid()"),
        )

    async def queued():
        try:
            await queue("b")
        except DBAPIError as error:  # taken between the server's last word and the end of the connection
            if not is_transient(error):
                raise
            return False
        return True

    await eventually(queued)

    async def second_done():
        return await effects() == ["a", "b"]

    await eventually(second_done)
    stopping.set()
    await running


async def test_jobs_that_end_together_are_finished_in_one_transaction_and_the_guilty_one_alone_is_tried_again(
    engine, queue, worker, effects, note, eventually
):
    all_there, transactions = asyncio.Event(), set()

    async def handle(claimed, desk):
        if claimed.key == "h":
            all_there.set()
        await all_there.wait()

    async def note_transaction(done, tx, desk):
        if done.job.key == "c":
            raise ValueError
        transactions.add(await tx.scalar(text("SELECT pg_current_xact_id()::text")))
        await note(tx, done.job.key)

    await queue(*"abcdefgh")
    stopping = asyncio.Event()
    running = asyncio.create_task(worker(handle, note_transaction, at_once=8).run(stopping))

    async def all_but_one_done():
        return len(await effects()) == 7

    await eventually(all_but_one_done)
    stopping.set()
    await running
    assert sorted(await effects()) == [*"abdefgh"]
    async with engine.connect() as connection:
        states = select(jobs.c.state, jobs.c.last_error).where(jobs.c.key == "c")
        assert (await connection.execute(states)).one() == ("waiting", "ValueError")


async def test_what_is_done_while_others_are_folded_makes_room_for_the_next_and_shares_the_next_transaction(
    queue, worker, effects, note, eventually
):
    done, all_done, transactions = set(), asyncio.Event(), set()

    async def handle(claimed, desk):
        done.add(claimed.key)
        if len(done) == 20:
            all_done.set()

    async def note_transaction(done, tx, desk):
        async with asyncio.timeout(60):
            await all_done.wait()  # the first transaction lasts until all is done, two at a time
        transactions.add(await tx.scalar(text("SELECT pg_current_xact_id()::text")))
        await note(tx, done.job.key)

    await queue(*"abcdefghijklmnopqrst")
    stopping = asyncio.Event()
    running = asyncio.create_task(worker(handle, note_transaction, at_once=2, ahead=32).run(stopping))

    async def all_folded():
        return len(await effects()) == 20

    await eventually(all_folded)
    stopping.set()
    await running
    assert len(transactions) == 2


async def test_no_more_jobs_wait_to_be_folded_than_the_next_transaction_takes(queue, worker, effects, note, eventually):
    done, may_fold = set(), asyncio.Event()

    async def handle(claimed, desk):
        done.add(claimed.key)

    async def note_key(done, tx, desk):
        await may_fold.wait()
        await note(tx, done.job.key)

    await queue(*(f"job-{number:03}" for number in range(100)))
    stopping, quick = asyncio.Event(), worker(handle, note_key, at_once=2, ahead=100)
    running = asyncio.create_task(quick.run(stopping))

    async def is_full():
        return len(done) >= 34

    await eventually(is_full)
    for _ in range(100):
        await asyncio.sleep(0)
    assert len(done) == 34
    may_fold.set()

    async def all_folded():
        return len(await effects()) == 100

    await eventually(all_folded)
    stopping.set()
    await running


async def test_jobs_that_were_claimed_ahead_and_not_begun_are_handed_back_at_a_stop(engine, queue, worker):
    began, stopping = asyncio.Event(), asyncio.Event()

    async def handle(claimed, desk):
        began.set()
        await stopping.wait()

    await queue(*"abcde")
    running = asyncio.create_task(worker(handle, at_once=1, ahead=32).run(stopping))
    async with asyncio.timeout(60):
        await began.wait()
        async with engine.connect() as connection:
            assert await connection.scalar(select(func.count()).where(jobs.c.state == "running")) == 5
        stopping.set()
        await running
    async with engine.connect() as connection:
        told = await connection.execute(select(jobs.c.state, jobs.c.attempts).order_by(jobs.c.state))
        assert told.all() == [("done", 1), *[("waiting", 0)] * 4]


async def test_a_job_whose_row_this_release_cannot_read_waits_for_one_that_can_and_at_last_is_dead_and_says_so(
    engine, worker, the_job, effects
):
    async with engine.begin() as tx:
        await tx.execute(insert(jobs).values(kind="mail", key="a", payload={"whom": "b"}, traceparent=TRACE))
    patient = worker(retry=Retry(tries=2, first=0.0))
    await patient.run_due()
    assert ((await the_job()).state, (await the_job()).last_error) == ("waiting", "Unreadable")
    await patient.run_due()
    assert ((await the_job()).state, (await the_job()).last_error) == ("dead", "Unreadable")
    assert await effects() == []


async def test_a_job_of_a_kind_that_only_another_release_knows_waits_untouched(engine, worker, the_job):
    async with engine.begin() as tx:
        await tx.execute(insert(jobs).values(kind="of 2028", key="a", payload={}, traceparent=TRACE))
    assert await worker().run_due() == 0
    assert ((await the_job()).state, (await the_job()).attempts) == ("waiting", 0)


async def test_a_job_of_a_newer_release_is_done_without_what_is_not_known(engine, worker, effects):
    async with engine.begin() as tx:
        told = {"to": "a", "added_in_2028": {"bcc": "b"}}
        await tx.execute(insert(jobs).values(kind="mail", key="a", payload=told, traceparent=TRACE))
    await worker().run_due()
    assert await effects() == ["a"]
