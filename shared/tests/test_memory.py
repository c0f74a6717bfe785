"""How seldom Python goes through what a service has in memory."""

from __future__ import annotations

import subprocess
import sys

POLL = """
import gc
from backbone.runtime.memory import settle
looks = []
gc.callbacks.append(lambda phase, _: looks.append(phase) if phase == "start" else None)
settle()
looks.clear()
read = [{"number": [number]} for number in range(20_000)]
print(len(looks), gc.get_freeze_count() > 1000, gc.isenabled())
"""


def test_a_poll_is_read_without_a_look_at_all_that_lives_and_circles_are_found_all_the_same():
    # a process of its own: what is settled stays so
    told = subprocess.run([sys.executable, "-c", POLL], capture_output=True, text=True, check=True, timeout=180)
    assert told.stdout.split() == ["0", "True", "True"]
