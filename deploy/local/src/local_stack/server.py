"""A server that the stack starts, and that neither Ctrl-C nor a killed run leaves behind."""

from __future__ import annotations

import os
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals
from typing import Any, Self

import psutil

from backbone.testing.waiting import stretched

from .errors import explain
from .lives import how_it_ended


@dataclass(frozen=True)
class Program:
    """What to run, as whom, and where. `mark` is a word of its command line that no other process has."""

    name: str
    argv: Sequence[str]
    mark: str
    cwd: Path
    user: tuple[int, int] | None = None
    """User and group id; None: who we are."""
    stop_signals: Sequence[Signals] = (SIGTERM,)
    """Sent one after the other, each with its patience; SIGKILL comes last."""
    environment: Mapping[str, str] | None = None
    """Added to ours: what no other process may read, which a command line would show."""

    def with_arguments(self, *arguments: str) -> Program:
        """The same program with more words on its command line."""
        return replace(self, argv=[*self.argv, *arguments])

    def who_and_where(self) -> dict[str, Any]:
        """The arguments of `subprocess` that start it there, as that user."""
        as_user = {"user": self.user[0], "group": self.user[1], "extra_groups": []} if self.user else {}
        told = {"env": {**os.environ, **self.environment}} if self.environment else {}
        return {"cwd": self.cwd, "stdin": subprocess.DEVNULL, **as_user, **told}


class Standing(ABC):
    """What a stack stands on: started where a `with` begins, stopped where it ends."""

    @abstractmethod
    def start(self) -> None:
        """Starts it, and waits until it answers. Raises CannotStart."""

    @abstractmethod
    def stop(self) -> None:
        """Stops it; does nothing where it does not run."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Server:
    """One program in a session of its own (the terminal's Ctrl-C does not reach it), its pid kept in a file."""

    def __init__(self, pid_file: Path, log: Path) -> None:
        self._pid_file = pid_file
        self._log = log
        self._process: psutil.Popen | None = None
        self._stop_signals: Sequence[Signals] = ()

    @property
    def pid(self) -> int | None:
        """The process id while the server runs."""
        if self._process is None or self._process.poll() is not None:
            return None
        return int(self._process.pid)

    @property
    def exit_code(self) -> int | None:
        """With what the server ended, as `subprocess` tells it; None while it runs, and where `stop` ended it."""
        return None if self._process is None else self._process.poll()

    def start(self, program: Program, is_ready: Callable[[], bool], *, deadline: float) -> None:
        """Starts the program and waits until it is ready, on a busy machine for longer than `deadline`; where it does
        not come to that, raises CannotStart with its own reason."""
        with self._log.open("wb") as log:
            self._process = psutil.Popen(
                program.argv, stdout=log, stderr=log, start_new_session=True, **program.who_and_where()
            )
        self._stop_signals = program.stop_signals
        self._pid_file.write_text(str(self._process.pid))
        try:
            self._wait(program.name, is_ready, deadline)
        except BaseException:
            self.stop()
            raise

    def stop(self, patience: float = 15.0) -> None:
        """Asks the server to stop, then insists. Does nothing where none runs."""
        if self._process is not None:
            _end(self._process, self._stop_signals, patience)
            self._pid_file.unlink(missing_ok=True)
            self._process = None

    def end_orphan(self, program: Program) -> None:
        """Stops what a run that was killed left behind: the process of the pid file, if it is really this program."""
        try:
            orphan = psutil.Process(int(self._pid_file.read_text()))
            if any(program.mark in word for word in orphan.cmdline()):
                _end(orphan, program.stop_signals, patience=15.0)
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
            pass  # no file, half a file, or the number is now somebody else's
        self._pid_file.unlink(missing_ok=True)

    def _wait(self, name: str, is_ready: Callable[[], bool], deadline: float) -> None:
        began = time.monotonic()
        while not is_ready():
            if self.pid is None:
                raise explain(name, self._log, how_it_ended(self.exit_code))
            if (waited := time.monotonic() - began) > stretched(deadline):
                raise explain(name, self._log, f"it runs, and has not answered for {waited:.0f} s")
            time.sleep(0.05)


def wait_until_left(folder: Path, patience: float = 10.0) -> None:
    """Waits until no process works in the folder any more: the children of a killed server end a moment after it."""
    until = time.monotonic() + patience
    while _works_in(folder) and time.monotonic() < until:
        time.sleep(0.05)


def _works_in(folder: Path) -> bool:
    processes = psutil.process_iter(["cwd", "status"])
    return any(p.info["cwd"] == str(folder) and p.info["status"] != psutil.STATUS_ZOMBIE for p in processes)


def _end(process: psutil.Process, stop_signals: Sequence[Signals], patience: float) -> None:
    for sign in (*stop_signals, SIGKILL):
        try:
            process.send_signal(sign)
        except psutil.NoSuchProcess:
            return
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if _has_ended(process):
                return
            time.sleep(0.01)


def _has_ended(process: psutil.Process) -> bool:
    if isinstance(process, psutil.Popen):
        return bool(process.poll() is not None)
    try:
        # in a container whose first process reaps nobody, an orphan that has ended stays listed for ever
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
