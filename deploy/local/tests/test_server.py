"""A server that does not start: who waits for it is told how that went, whatever the server itself said."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from local_stack.server import Program, Server
from provision.errors import CannotStart


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., None]:
    """Starts a server that does this and never answers."""

    def run(code: str, deadline: float = 0.0) -> None:
        program = Program(name="The server", argv=[sys.executable, "-c", code], mark=code, cwd=tmp_path)
        Server(tmp_path / "server.pid", tmp_path / "server.log").start(program, lambda: False, deadline=deadline)

    return run


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("raise SystemExit(3)", "exit code 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "killed by SIGSEGV"),
        ("raise SystemExit('FATAL: no such role')", "FATAL: no such role"),
    ],
)
def test_a_server_that_ended_says_why_or_how(start, tmp_path, code, why):
    with pytest.raises(CannotStart) as told:
        start(code, deadline=60.0)
    assert str(told.value) == f"The server did not start: {why} (the whole log: {tmp_path}/server.log)"


def test_a_server_that_says_nothing_and_does_not_answer_is_said_to_run(start, tmp_path):
    with pytest.raises(CannotStart) as told:
        start("import time; time.sleep(60)")
    assert "The server did not start: it runs, and has not answered for 0 s" in str(told.value)
