"""The fault matrix's platform: one for all tests that leave it whole, and another after one that did not."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from .history import History
from .platform import Platform

ROOT = Path(__file__).parents[1]
HISTORY = pytest.StashKey[History]()
FAILED = pytest.StashKey[bool]()
TEST_SECONDS = 1800  # more than the deadlines inside add up to on a busy machine: those say what was waited for


def pytest_configure(config: pytest.Config) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a run that is ended takes its servers with it
    seed = int(os.environ.get("SEED") or 1)
    began = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    config.stash[HISTORY] = History(ROOT / ".local" / "faults" / f"{began}-seed-{seed}.jsonl", seed)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TEST_SECONDS))


def pytest_report_header(config: pytest.Config) -> str:
    return f"faults: SEED={config.stash[HISTORY].seed}, history in {config.stash[HISTORY].file.relative_to(ROOT)}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    history = config.stash[HISTORY]
    terminalreporter.section("faults")
    terminalreporter.write_line(
        f"seed {history.seed}: {history.faults} faults injected, {history.acknowledged} revisions acknowledged, "
        f"{history.messages} messages checked"
    )
    for told in history.told:
        terminalreporter.write_line(told)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def history(request: pytest.FixtureRequest) -> History:
    return request.config.stash[HISTORY]


@pytest.fixture
def chance(request: pytest.FixtureRequest, history: History) -> random.Random:
    """The dice of one test: the same for the same seed, whichever tests run before it."""
    history.note("test", name=request.node.name)
    return random.Random(f"{history.seed}:{request.node.name}")


class Shared:
    """The platform that tests share, while it is whole."""

    def __init__(self, folders: pytest.TempPathFactory, history: History) -> None:
        self._folders, self._history = folders, history
        self.platform: Platform | None = None

    async def whole(self) -> Platform:
        if self.platform is None:
            self.platform = Platform(self._folders.mktemp("platform"), self._history)
            await self.platform.start()
        await self.platform.calm()
        return self.platform

    async def discard(self) -> None:
        platform, self.platform = self.platform, None
        if platform is not None:
            await platform.stop()


@pytest.fixture(scope="session")
async def shared(tmp_path_factory: pytest.TempPathFactory, history: History) -> AsyncIterator[Shared]:
    shared = Shared(tmp_path_factory, history)
    yield shared
    await shared.discard()


@pytest.fixture
async def platform(shared: Shared, request: pytest.FixtureRequest) -> AsyncIterator[Platform]:
    """A whole platform with one replica of each service and nothing under way."""
    try:
        yield await shared.whole()
    finally:
        if request.node.stash.get(FAILED, True):
            await shared.discard()
