"""However a run of the tests ends, what it started ends with it."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

GUARDIAN = Path(__file__).with_name("guardian.py")


@pytest.fixture
def start():
    started = []

    def start(*words, mark, **how):
        process = subprocess.Popen(words, env={**os.environ, "SDI_TEST_RUN": mark}, **how)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait(30)


def test_a_run_that_is_killed_takes_its_servers_with_it_and_no_other_runs(start):
    ours, theirs = uuid.uuid4().hex, uuid.uuid4().hex
    server = start("sleep", "600", mark=ours)
    another = start("sleep", "600", mark=theirs)
    # the run: it starts a guardian as conftest.py does, and is killed
    guardian = f"subprocess.Popen([sys.executable, {str(GUARDIAN)!r}, {ours!r}], stdin=subprocess.PIPE, env={{}})"
    program = f"import os, subprocess, sys; {guardian}; os.kill(os.getpid(), 9)"
    assert start(sys.executable, "-c", program, mark=theirs).wait(60) == -9
    assert server.wait(60) == -9
    assert another.poll() is None
