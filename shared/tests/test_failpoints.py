"""A failpoint ends the process where it was asked to, and does nothing where it was not."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PASSES = """
from backbone.runtime.failpoints import failpoint
for number in (1, 2, 3):
    failpoint("elsewhere")
    failpoint("here")
    print(number, flush=True)
"""


@pytest.mark.parametrize(
    ("chosen", "code", "printed"),
    [("", 0, "1 2 3"), ("nowhere", 0, "1 2 3"), ("here", 137, ""), ("here:3", 137, "1 2"), ("here:4", 0, "1 2 3")],
)
def test_a_process_dies_at_the_passage_it_was_asked_to(chosen: str, code: int, printed: str) -> None:
    environ = {**os.environ, "SDI_FAILPOINT": chosen}
    done = subprocess.run([sys.executable, "-c", PASSES], env=environ, capture_output=True, text=True, timeout=180)
    assert (done.returncode, done.stdout.split()) == (code, printed.split())
