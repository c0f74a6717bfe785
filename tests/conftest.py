"""A local stack of its own for the tests of the whole: started once for a file, with an edition played through it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psutil
import pytest

from backbone.campaign.edition import load_edition
from backbone.testing.waiting import until
from local_stack.federation import Federation, cast_federation
from local_stack.health import not_ready
from local_stack.organisers import Organiser
from local_stack.places import Places
from local_stack.play import Play, cast_organisers, play_all, post_all, watch

EDITION = Path(__file__).parents[1] / "editions" / "2026.toml"
EVENTS, SEED = 40, 7
SECRET = "no secret: these people do not exist"


class Stack:
    """A local stack as a process, and what was played on it last."""

    def __init__(self, places: Places, told: Mapping[str, str]) -> None:
        self.places, self.told = places, told
        self.played = Play(EVENTS)
        places.log.parent.mkdir(parents=True, exist_ok=True)
        self.process = self._launched()

    def start(self) -> None:
        """Starts it again where it has ended."""
        self.process = self._launched()

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(60)

    def kill(self) -> None:
        """Kills it and all that it started, at one moment."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        for member in [*family, psutil.Process(self.process.pid)]:
            if member.is_running():
                member.kill()
        self.process.wait(10)

    async def until_up(self) -> None:
        async def is_up() -> bool:
            assert self.process.poll() is None, self.places.log.read_text()
            return await asyncio.to_thread(self._is_up)

        await until("the stack is up", is_up, 180.0)

    async def play(self, play: Play, show: Callable[[], None] = lambda: None) -> None:
        """Plays an edition, from the first event on, until all is final."""
        await self.until_up()
        self.played = play
        posting = asyncio.create_task(self.post(play))
        await watch(play, self.places.health_addresses(), posting, show)

    def organisers(self, events: int | None = None) -> list[Organiser]:
        """Those who post the first so many events, by default all that were played last."""
        number = events or self.played.events
        return cast_organisers(number, SEED, load_edition(EDITION), SECRET)

    async def post(self, play: Play) -> None:
        """Only posts."""
        await post_all(play, self.organisers(play.events), self.places.addresses()["registration"], self.places.mailbox)

    def federation(self) -> Federation:
        """Who hands in a file where the whole is played."""
        return cast_federation(SEED, load_edition(EDITION), SECRET)

    async def play_whole(self, play: Play) -> None:
        """Plays all that a demonstration does, until all is final."""
        api = self.places.addresses()["registration"]
        cast = (self.organisers(play.events), self.federation())
        acting = asyncio.create_task(play_all(play, *cast, api, self.places.mailbox))
        await watch(play, self.places.health_addresses(), acting, lambda: None)

    def _launched(self) -> subprocess.Popen[bytes]:
        (self.places.state / "addresses.json").unlink(missing_ok=True)  # what is waited for are this start's
        command = [sys.executable, "-m", "local_stack.cli", "up", "--state", str(self.places.state)]
        command += ["--edition", str(EDITION), "--log-file", str(self.places.log)]
        # a consumer that was killed is waited for so long by those who come after it
        environment = {**os.environ, "KAFKA_SESSION_SECONDS": "10", **self.told}
        return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, env=environment)

    def _is_up(self) -> bool:
        try:
            self.places.addresses()  # of this start, and with them the others
            return not not_ready(self.places.health_addresses())
        except FileNotFoundError:
            return False


@pytest.fixture(scope="module")
def told() -> Mapping[str, str]:
    """What the services of the stack are told besides."""
    return {}


@pytest.fixture(scope="module")
def make_stack(make_state_dir: Callable[[], Path], told: Mapping[str, str]) -> Iterator[Callable[[], Stack]]:
    """Starts a stack in a folder of its own, which ends with the file: five services with nothing to do would take
    their part of the processors from all tests that come after."""
    made: list[Stack] = []

    def make() -> Stack:
        made.append(Stack(Places(make_state_dir()), told))
        return made[-1]

    yield make
    for stack in made:
        if stack.process.poll() is None:
            stack.stop()


@pytest.fixture(scope="module")
def stack(make_stack: Callable[[], Stack]) -> Stack:
    """A stack on which an edition was played."""
    stack = make_stack()
    asyncio.run(stack.play(Play(EVENTS)))
    return stack
