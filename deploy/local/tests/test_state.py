"""One stack at a time in one folder."""

import os
import subprocess
import sys

import pytest

from local_stack.state import held, private
from provision.errors import CannotStart

HOLD = """
import sys, time
from pathlib import Path
from local_stack.state import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_stack_in_the_same_folder_is_refused_and_the_first_is_named(tmp_path):
    with held(tmp_path), pytest.raises(CannotStart, match=rf"a stack is running in .* \(process {os.getpid()}\)"):
        held(tmp_path).__enter__()


def test_a_stack_that_was_killed_holds_nothing(tmp_path):
    stack = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE, text=True)
    assert stack.stdout.readline() == "held\n"
    stack.kill()
    stack.communicate()
    with held(tmp_path) as folder:
        assert folder == tmp_path


def test_a_folder_that_an_older_start_left_open_is_closed(tmp_path):
    (tmp_path / "mailbox").mkdir(mode=0o755)
    assert oct(private(tmp_path / "mailbox").stat().st_mode & 0o777) == "0o700"
