"""What an operator turns is heeded by every process within seconds, and by one that has only just started too."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import ClassVar

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError

from backbone.postgres.bell import Bell
from backbone.postgres.database import jobs
from backbone.postgres.jobs import Job, queue_jobs
from backbone.postgres.switches import NO_MAIL, READ_ONLY, Pace, Switches, turn, turn_off
from backbone.runtime.trace import current_trace
from backbone.service.outcomes import Work
from backbone.service.settings import ServiceSettings
from backbone.service.switching import run_switch_command
from backbone.service.working import Worker


class Mail(Job):
    """A mail to somebody."""

    kind = "mail"
    to: str

    @property
    def key(self):
        return self.to


class Settings(ServiceSettings):
    """Settings of a service that mails."""

    service: ClassVar[str] = "geocoding"


@pytest.fixture
def settings(database_url, tmp_path):
    return Settings(database_url=database_url, kafka_bootstrap_servers="nowhere:9092", edition=tmp_path / "e.toml")


@pytest.fixture
def turns(engine):
    async def turn_one(name, to, note=""):
        async with engine.begin() as tx:
            if to == "off":
                await turn_off(tx, name)
            else:
                await turn(tx, name, to, note)

    return turn_one


@pytest.fixture
def done(engine):
    async def count():
        async with engine.connect() as connection:
            return await connection.scalar(select(func.count()).where(jobs.c.state == "done"))

    return count


@asynccontextmanager
async def working(engine, switches, **options):
    """A worker of mails, and what tells it of switches, running as in a service."""

    async def send(claimed, desk):
        return None

    worker = Worker(engine, Bell(engine), Work(Mail, send, **options), None, pace=switches.pace("mail", mails=True))
    stopping = asyncio.Event()
    tasks = [asyncio.create_task(part.run(stopping)) for part in (switches, worker)]
    try:
        yield
    finally:
        stopping.set()
        await asyncio.gather(*tasks)


async def until(condition, seconds=60):
    give_up = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < give_up, "it did not come"
        await asyncio.sleep(0.05)


async def test_mails_wait_while_they_are_switched_off_and_leave_once_they_are_on_again(engine, turns, done):
    await turns(NO_MAIL, None)
    async with engine.begin() as tx:
        await queue_jobs(tx, [(Mail(to=f"{n}"), timedelta(0), current_trace()) for n in range(3)])
    switches = Switches(engine)

    async def looked():
        return switches.is_known

    async with working(engine, switches):
        await until(looked)
        with suppress(TimeoutError):
            async with asyncio.timeout(2.5):  # a worker asks every second what is due
                await until(lambda: all_of(done, 1))
                pytest.fail("a mail left")
        await turns(NO_MAIL, "off")
        await until(lambda: all_of(done, 3))


async def all_of(done, number):
    return await done() == number


async def test_nothing_is_begun_before_the_switches_were_read(engine, turns):
    switches = Switches(engine)
    pace = switches.pace("mail", mails=True)
    assert pace.most(5) == 0
    await switches.look()
    assert pace.most(5) == 5


async def test_a_pace_lets_so_many_begin_in_a_minute(engine, turns):
    now = 100.0
    switches = Switches(engine)
    pace = Pace(switches, "mail", mails=False, monotonic=lambda: now)
    await turns("pace-mail", 30)
    await switches.look()
    began = 0
    for _ in range(600):  # a minute, in tenths
        now += 0.1
        may = pace.most(10)
        pace.took(may)
        began += may
    assert 29 <= began <= 31

    await turns("pace-mail", 0)
    await switches.look()
    now += 3600
    assert pace.most(10) == 0
    await turns("pace-mail", "off")
    await switches.look()
    assert pace.most(10) == 10


async def test_a_pace_of_many_a_second_saves_no_more_than_a_second_of_them(engine, turns):
    now = 100.0
    switches = Switches(engine)
    pace = Pace(switches, "mail", mails=False, monotonic=lambda: now)
    await turns("pace-mail", 600)
    await switches.look()
    now += 3600
    assert pace.most(1000) == 10


async def test_what_was_known_holds_while_the_database_cannot_say(engine, turns):
    await turns(READ_ONLY, None, "Retour à midi.")
    switches, stopping = Switches(engine), asyncio.Event()
    await switches.look()
    async with engine.begin() as tx:
        await tx.execute(text("ALTER TABLE switches RENAME TO elsewhere"))
    with pytest.raises(ProgrammingError):
        await switches.look()
    looking = asyncio.create_task(switches.run(stopping))
    await asyncio.sleep(0)  # it begins to look
    stopping.set()
    await looking  # and the service goes on
    assert switches.on[READ_ONLY].note == "Retour à midi."


async def test_the_command_says_what_is_on_and_turns_it(engine, settings, capsys):
    names = ["read-only", "no-mail", "pace-mail"]
    await run_switch_command(settings, ["read-only", "on", "--note", "Retour à midi."], names)
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("read-only: on since 20")
    assert said[0].endswith("« Retour à midi. »")
    assert said[1:] == ["no-mail: off", "pace-mail: off"]
    await run_switch_command(settings, ["pace-mail", "30"], names)
    assert "pace-mail: 30 a minute and replica since" in capsys.readouterr().out
    await run_switch_command(settings, ["read-only", "off"], names)
    assert capsys.readouterr().out.splitlines()[0] == "read-only: off"


@pytest.mark.parametrize("wrong", [["loud", "on"], ["read-only", "30"], ["pace-mail", "on"], ["pace-mail", "-1"]])
async def test_what_is_no_switch_or_no_value_of_one_is_refused_and_turns_nothing(engine, settings, wrong, capsys):
    with pytest.raises(SystemExit) as refused:
        await run_switch_command(settings, wrong, ["read-only", "pace-mail"])
    assert refused.value.code == 2
    switches = Switches(engine)
    await switches.look()
    assert not switches.on
