"""Ends what a run of the tests leaves behind: it waits for the run's end, however that comes, and then cleans up.

`python guardian.py MARK`: every process that was started with MARK in its environment, and nobody else, is ended.
"""

from __future__ import annotations

import sys
from contextlib import suppress

import psutil

NAME = "SDI_TEST_RUN"


def end_all(mark: str) -> None:
    """Ends the processes of the run: its servers, its services, its browsers."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != psutil.Process().pid and process.environ().get(NAME) == mark:
                process.kill()


if __name__ == "__main__":
    sys.stdin.read()  # ends when the run does: by itself, by a signal, by kill -9
    end_all(sys.argv[1])
