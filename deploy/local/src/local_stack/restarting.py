"""Ending one process of a running stack, which then starts it again: what an operator does to one that stands still."""

from __future__ import annotations

import time
from pathlib import Path

import psutil

from .stack import command_of

PATIENCE_SECONDS = 25.0  # a service takes up to 20 to finish what it has begun; one that is frozen never does
SERVERS = {"kafka": "kafka.pid", "postgres": "postgres.pid"}


def end_one(state: Path, name: str, patience: float = PATIENCE_SECONDS) -> str:
    """Asks a service or a server of the stack in this folder to end, and insists after a while; how it went, in words.
    Raises LookupError where it does not run."""
    process = _process_of(state, name)
    began = time.monotonic()
    process.terminate()
    try:
        process.wait(patience)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(patience)
        return f"{name} did not end when asked, and was killed; the stack starts it again"
    return f"{name} has ended after {time.monotonic() - began:.1f} s; the stack starts it again"


def _process_of(state: Path, name: str) -> psutil.Process:
    if name in SERVERS:
        file = state / SERVERS[name]
        if file.exists() and psutil.pid_exists(int(file.read_text())):
            return psutil.Process(int(file.read_text()))
        raise LookupError(f"{name} does not run")
    lock = state / "lock"
    if not lock.exists() or not psutil.pid_exists(int(lock.read_text())):
        raise LookupError(f"no stack runs in {state}")
    for child in psutil.Process(int(lock.read_text())).children():
        if command_of(name) in child.cmdline():
            return child
    raise LookupError(f"{name} does not run: the stack says why in {state / 'logs'}")
