"""Keeps the stack's processes up: what ends is started again after growing waits, and given up after some tries."""

from __future__ import annotations

import queue
import re
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TextIO

from .lives import LAST_LINES, EndedForGood, Life

WAITS = (1.0, 2.0, 4.0, 8.0, 16.0)  # seconds before each new start; what ends once more is given up
WELL_AFTER = 60.0  # seconds; what ran for so long is well, and its tries begin anew
STOP_SECONDS = 30.0  # a service takes up to 20 to finish what it has begun
OURS = "stack"  # whose lines these are, beside the processes' own
GIVEN_UP = "does not stay up"
COLOURS = (36, 33, 32, 35, 34, 31)


@dataclass
class Ward:
    """What is kept up, and how it does."""

    name: str
    life: Life
    colour: int
    said: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))
    tries: int = 0
    started_at: float = 0.0
    due_at: float | None = 0.0
    """When it is to be started; None while it runs."""


@dataclass(frozen=True)
class News:
    """What a ward's thread tells: a line that was said, or how it ended."""

    ward: Ward
    line: str = ""
    end: str | None = None
    is_final: bool = False


class Supervisor:
    """Runs everything until it is asked to stop, or until something does not stay up; prints what everybody says."""

    def __init__(self, output: TextIO, *, waits: Sequence[float] = WAITS, well_after: float = WELL_AFTER) -> None:
        self._output, self._waits, self._well_after = output, waits, well_after
        self._wards: list[Ward] = []
        self._news: queue.SimpleQueue[News] = queue.SimpleQueue()
        self._is_stopping = False
        self._given_up: News | None = None

    def add(self, name: str, life: Life) -> None:
        """Adds something to keep up; `run` starts it."""
        self._wards.append(Ward(name, life, COLOURS[len(self._wards) % len(COLOURS)]))

    def stop(self) -> None:
        """Asks `run` to end everything and to return; may be called from a signal handler."""
        self._is_stopping = True

    def run(self) -> int:
        """Returns once all has ended: 0 where `stop` asked for it, 1 where something was given up."""
        while not self._is_stopping:
            self._start_what_is_due()
            self._take_news()
        self._end_all()
        if self._given_up is None:
            return 0
        self._say_what_was_given_up(self._given_up)
        return 1

    def say(self, line: str) -> None:
        """Prints a line of the stack's own; from any thread."""
        self._print(OURS, None, line)

    def _start_what_is_due(self) -> None:
        now = time.monotonic()
        for ward in self._wards:
            if ward.due_at is not None and ward.due_at <= now:
                ward.due_at, ward.started_at = None, now
                threading.Thread(target=self._live, args=(ward,), daemon=True).start()

    def _live(self, ward: Ward) -> None:
        try:
            end, is_final = ward.life.live(lambda line: self._news.put(News(ward, line))), False
        except EndedForGood as reason:
            end, is_final = str(reason), True
        except Exception as error:  # whatever it is, it did not start: a program that is missing, a full disk
            end, is_final = f"could not be started: {error}", False
        self._news.put(News(ward, end=end, is_final=is_final))

    def _take_news(self) -> None:
        try:
            news = self._news.get(timeout=0.1)
        except queue.Empty:
            return
        if news.end is None:
            news.ward.said.append(news.line)
            self._print(news.ward.name, news.ward.colour, news.line)
        else:
            news.ward.due_at = float("inf")
            if not self._is_stopping:
                self._start_again_or_give_up(news)

    def _start_again_or_give_up(self, news: News) -> None:
        ward, now = news.ward, time.monotonic()
        if now - ward.started_at >= self._well_after:
            ward.tries = 0
        if news.is_final or ward.tries == len(self._waits):
            self.say(f"giving {ward.name} up ({news.end})")
            self._given_up = news
            self.stop()
            return
        wait = self._waits[ward.tries]
        ward.tries, ward.due_at = ward.tries + 1, now + wait
        again = f"starting it again in {wait:g} s (try {ward.tries} of {len(self._waits)})"
        self.say(f"{ward.name} has ended ({news.end}): {again}")

    def _end_all(self) -> None:
        self.say("stopping")
        insist_at = time.monotonic() + STOP_SECONDS
        for ward in self._running():
            ward.life.end(by_force=False)
        while self._running():
            self._take_news()
            if time.monotonic() > insist_at:
                for ward in self._running():
                    ward.life.end(by_force=True)

    def _running(self) -> list[Ward]:
        return [ward for ward in self._wards if ward.due_at is None]

    def _say_what_was_given_up(self, news: News) -> None:
        ward, tries = news.ward, "" if news.is_final else f", though started again {news.ward.tries} times"
        self.say(f"{ward.name} {GIVEN_UP} ({news.end}{tries}). Everything else was stopped. The last it said:")
        for line in ward.said or ["nothing"]:
            self.say(f"  {line}")

    def _print(self, name: str, colour: int | None, line: str) -> None:
        width = max(len(OURS), *(len(ward.name) for ward in self._wards))
        head = f"{datetime.now():%H:%M:%S} {name:<{width}} |"  # noqa: DTZ005 (for a person, by the clock on their wall)
        if colour and self._output.isatty():
            head = f"\x1b[{colour}m{head}\x1b[0m"
        self._output.write(f"{head} {line}\n")
        self._output.flush()


def is_ours(line: str) -> bool:
    """Whether a line of the log is the stack's own, and no service's."""
    return re.match(rf"\d\d:\d\d:\d\d {OURS} +\| ", line) is not None


def last_words(log: Path) -> str:
    """Why the stack ended, from its log."""
    lines = log.read_text().splitlines() if log.exists() else []
    first = next((place for place, line in enumerate(lines) if GIVEN_UP in line and is_ours(line)), None)
    if first is not None:
        return "\n".join(line.split(" | ", 1)[1] for line in lines[first:])
    telling = [line for line in lines if "cannot start" in line]
    return (telling or lines or ["the stack ended without a word"])[-1]
