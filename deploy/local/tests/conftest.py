"""A real Kafka and a real PostgreSQL for these tests, started once: each takes a second or two."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from local_stack.jars import fetch_jars, jars_folder
from local_stack.kafka import LocalKafka
from local_stack.postgres import LocalPostgres


@pytest.fixture
def tmp_path(make_state_dir: Callable[[], Path]) -> Path:
    """Instead of pytest's own, which another run of pytest would shut to PostgreSQL's user."""
    return make_state_dir()


@pytest.fixture(scope="session")
def postgres(make_state_dir: Callable[[], Path]) -> Iterator[LocalPostgres]:
    with LocalPostgres(make_state_dir(), fast=True) as server:
        yield server


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    with LocalKafka(tmp_path_factory.mktemp("kafka"), fetch_jars(jars_folder()), guarded=False) as node:
        yield node


@pytest.fixture
def processes_that_mention() -> Callable[[object], list[psutil.Process]]:
    def find(word: object) -> list[psutil.Process]:
        return [process for process in psutil.process_iter(["cmdline"]) if str(word) in str(process.info["cmdline"])]

    return find


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    def wait(is_so: Callable[[], bool], seconds: float = 10) -> None:
        until = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < until, "waited in vain"
            time.sleep(0.02)

    return wait
