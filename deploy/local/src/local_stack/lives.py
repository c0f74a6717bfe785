"""What the supervisor keeps up: a program of ours, and a server that was started before it."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

LAST_LINES = 15  # of a server's log, once it has ended
WRONG_SETTING = 2  # the exit code with which a service says that a setting is missing or wrong

Say = Callable[[str], None]


class EndedForGood(Exception):
    """It has ended, and no new start will mend that; the message says how."""


class Life(Protocol):
    """Something that can be started, and started again."""

    def live(self, say: Say) -> str:
        """Starts it and returns once it has ended: how. Its lines are handed to `say`. Raises EndedForGood."""

    def end(self, *, by_force: bool) -> None:
        """Asks it to end, or insists. Does nothing where it does not run."""


class Command:
    """A program in a session of its own, which the terminal's Ctrl-C does not reach."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str]) -> None:
        self._argv, self._env = argv, env
        self._process: subprocess.Popen[bytes] | None = None
        self._is_asked = False

    def live(self, say: Say) -> str:
        self._process = process = subprocess.Popen(
            self._argv,
            env=dict(self._env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        reader = threading.Thread(target=_read, args=(process, say), daemon=True)
        reader.start()
        if self._is_asked:  # in the moment before it was there to be told
            process.terminate()
        # seen, not yet reaped: until then its number is nobody else's. The children of a process that was
        # killed (commskit's renderers) would live on beside those of the next one
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        self.end(by_force=True)
        self._process = None
        reader.join(5)
        code = process.wait()
        if code == WRONG_SETTING:
            raise EndedForGood(how_it_ended(code))
        return how_it_ended(code)

    def end(self, *, by_force: bool) -> None:
        self._is_asked = not by_force
        process = self._process
        if process is not None:
            with suppress(ProcessLookupError):
                if by_force:
                    os.killpg(process.pid, signal.SIGKILL)
                else:
                    os.kill(process.pid, signal.SIGTERM)


class Restartable(Protocol):
    """A server of our own, PostgreSQL or Kafka, that somebody else stops in the end."""

    log: Path

    @property
    def pid(self) -> int | None: ...

    @property
    def exit_code(self) -> int | None: ...

    @property
    def address(self) -> str: ...

    def start(self) -> None: ...


class Watched:
    """A server that runs already: it is started again where it ends, and left running when all is stopped."""

    def __init__(self, server: Restartable) -> None:
        self._server, self._is_left = server, False

    def live(self, say: Say) -> str:
        if self._server.pid is None:
            before = self._server.address
            self._server.start()
            if self._server.address != before:  # the services know it by the address of before
                raise EndedForGood(f"another program took its port, {before}")
            say("is up again")
        while self._server.pid is not None and not self._is_left:
            time.sleep(0.1)
        if self._is_left:
            return "left running"
        for line in self._server.log.read_text(errors="replace").splitlines()[-LAST_LINES:]:
            say(line)
        return how_it_ended(self._server.exit_code)

    def end(self, *, by_force: bool) -> None:
        self._is_left = True


def how_it_ended(code: int | None) -> str:
    """In words: `exit code 1`, `killed by SIGKILL`."""
    return f"killed by {signal.Signals(-code).name}" if code is not None and code < 0 else f"exit code {code}"


def _read(process: subprocess.Popen[bytes], say: Say) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        say(line.decode(errors="replace").rstrip())
