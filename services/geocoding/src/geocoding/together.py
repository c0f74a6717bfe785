"""Questions that wait for their turn at the national service at one time are asked in one request.

    few of them      each alone, in its own turn: the next turns come sooner than an answer does
    more of them     together, in one turn; each that is not plainly answered then, alone
    together failed  each alone for a while: that door may be broken, or slow, where the other is not

What the service as a whole says (too many questions, away, no answer in time) is said to all who were asked together,
as it would be to one.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass, field

from opentelemetry.trace import SpanKind

from backbone.runtime.spans import part

from .budget import Budget
from .domain import GeocoderError, Hit
from .wire import Question

log = logging.getLogger(__name__)

FEW = 4
"""Three turns more are had within a tenth of a second, at 45 a second: less than most answers take."""
MOST = 50
"""As many as one replica looks up at once. The service works at a hundred rows at a time, and within the time that any
question may take."""
REST_SECONDS = 60.0


class AskAlone(GeocoderError):
    """No word on an address: these questions were not answered together, and each may be asked alone. `never`: nor will
    any others be."""

    def __init__(self, reason: str, *, never: bool = False) -> None:
        super().__init__(reason)
        self.never = never


@dataclass(frozen=True, eq=False)
class _Waiting:
    question: Question
    answer: asyncio.Future[Hit | None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Together:
    """The questions of this process, each asked in a turn of the budget: alone, or with others that wait."""

    def __init__(
        self,
        budget: Budget,
        alone: Callable[[Question], Awaitable[Hit | None]],
        together: Callable[[Sequence[Question]], Awaitable[Mapping[int, Hit | None]]] | None,
    ) -> None:
        """`together` tells the hits by the place of their question, without those that it has no answer to, and raises
        `AskAlone`; None: each is asked alone."""
        self._budget, self._alone, self._together = budget, alone, together
        self._waiting: deque[_Waiting] = deque()
        self._asking: set[asyncio.Task[None]] = set()
        self._seeks_turn = False
        self._rests_until = 0.0  # on the loop's clock

    async def ask(self, question: Question) -> Hit | None:
        """The best hit, or None. Raises `GeocoderError`."""
        if self._may_together():
            one = _Waiting(question)
            self._waiting.append(one)
            self._seek_turn()
            try:
                with part("geocode", SpanKind.CLIENT, provider="ban"):  # the wait for the turn is in it
                    return await one.answer
            except AskAlone:
                pass
        async with self._budget.turn():
            return await self._alone(question)

    async def close(self) -> None:
        """Nobody waits any more."""
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)

    def _may_together(self) -> bool:
        return self._together is not None and asyncio.get_running_loop().time() >= self._rests_until

    def _seek_turn(self) -> None:
        """One turn at a time is sought for all who wait: by the time that it comes they may be many."""
        if self._waiting and not self._seeks_turn:
            self._seeks_turn = True
            # a task of its own, and of nobody's trace: whoever is cancelled while it waits takes nobody's turn along
            task = asyncio.create_task(self._ask_waiting(), context=Context())
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    async def _ask_waiting(self) -> None:
        some: list[_Waiting] | None = None
        try:
            async with self._budget.turn() as is_away:
                some = self._take(is_away)
                self._seek_turn()  # for those that are left, or come while these are asked
                await self._ask(some)
        except Exception as error:
            _tell(self._take_all() if some is None else some, error)

    def _take(self, is_away: bool) -> list[_Waiting]:
        """Those whose turn has come: one where we only find out whether the service is back."""
        waiting = self._take_all()
        number = MOST if len(waiting) >= FEW and not is_away and self._may_together() else 1
        self._waiting.extend(waiting[number:])
        return waiting[:number]

    def _take_all(self) -> list[_Waiting]:
        self._seeks_turn = False
        waiting = [one for one in self._waiting if not one.answer.done()]  # the others were cancelled
        self._waiting.clear()
        return waiting

    async def _ask(self, some: Sequence[_Waiting]) -> None:
        if not some:
            raise AskAlone("nobody waits any more")  # so that the turn passes for no answer
        if len(some) == 1:
            hits: Mapping[int, Hit | None] = {0: await self._alone(some[0].question)}
        else:
            hits = await self._ask_together([one.question for one in some])
        for number, one in enumerate(some):
            if one.answer.done():
                continue
            if number in hits:
                one.answer.set_result(hits[number])
            else:
                one.answer.set_exception(AskAlone("not plainly answered"))

    async def _ask_together(self, questions: Sequence[Question]) -> Mapping[int, Hit | None]:
        assert self._together
        try:
            hits = await self._together(questions)
            if not hits:
                raise AskAlone("none was plainly answered")
        except AskAlone as error:
            self._rest(float("inf") if error.never else REST_SECONDS, f"{error}")
            raise
        except GeocoderError as error:
            self._rest(REST_SECONDS, f"{error}")
            raise
        return hits

    def _rest(self, seconds: float, reason: str) -> None:
        self._rests_until = asyncio.get_running_loop().time() + seconds
        how_long = "from now on" if seconds == float("inf") else f"for {seconds:.0f} s"
        log.warning("%s, addresses are asked for one by one: together, %s", how_long, reason)


def _tell(some: Sequence[_Waiting], error: Exception) -> None:
    for one in some:
        if not one.answer.done():
            one.answer.set_exception(error)
