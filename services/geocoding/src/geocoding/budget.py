"""Who may ask the national service, and when: one budget for all replicas, in the database that they share.

    a turn comes      1 / `per_second` after the one before it, whoever had that
    nobody asks       for as long as the service wants to be left (`Retry-After`), and while it is away
    it is away        after `FAILURES` in a row: for `FIRST_SECONDS`, twice that, … `LONGEST_SECONDS`. After each of
                      these one replica asks one question; any answer, a refusal too, says that it is back

Each statement is a transaction of its own, so that nobody holds the row while they wait or ask. The clock is the
database's.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from .domain import GeocoderRefused, GeocoderUnavailable

LOT_SECONDS = 0.2
"""One statement takes turns for all who wait here, but for no longer than this: then it is another replica's turn."""

FAILURES = 5
FIRST_SECONDS = 15.0
"""Also how long the one question may take: more than any call does."""
LONGEST_SECONDS = 300.0

_TAKE = text(
    "UPDATE national_service SET"
    " next_turn_at = greatest(next_turn_at, clock_timestamp())"
    "  + make_interval(secs => CAST(:apart AS float8) * CASE times_away WHEN 0 THEN :wanted ELSE 1 END),"
    " left_alone_until = CASE times_away WHEN 0 THEN left_alone_until"
    "  ELSE clock_timestamp() + make_interval(secs => :first) END"
    " WHERE left_alone_until <= clock_timestamp()"
    " RETURNING times_away, failures, CAST(extract(epoch FROM next_turn_at - clock_timestamp()) AS float8) AS over_in"
)
_LEFT_FOR = text(
    "SELECT CAST(extract(epoch FROM left_alone_until - clock_timestamp()) AS float8) FROM national_service"
)

_FAILED = text(
    "UPDATE national_service SET failures = failures + 1,"
    " left_alone_until = greatest(left_alone_until, clock_timestamp() + make_interval(secs => :retry_after))"
)
# not by one who asked before it was found away, and fails only now
_LEFT_AS_AWAY = text(
    "UPDATE national_service SET times_away = times_away + 1, left_alone_until = greatest(left_alone_until,"
    "  clock_timestamp() + make_interval(secs => least(:first * 2 ^ least(times_away, 20), :longest)))"
    " WHERE times_away = :times_away AND (times_away > 0 OR failures >= :most)"
)
_ANSWERED = text(
    "UPDATE national_service SET failures = 0, times_away = 0,"
    " left_alone_until = CASE times_away WHEN 0 THEN left_alone_until ELSE clock_timestamp() END"
    " WHERE times_away = :times_away"
)


class _Turn(NamedTuple):
    """How the service stood when the turn was taken."""

    times_away: int
    failures: int


class _Lot(NamedTuple):
    turn: _Turn
    number: int
    first_at: float  # on the loop's clock, as all that follows


class Budget:
    """The turns at the national service, and whether it is asked at all."""

    def __init__(self, engine: AsyncEngine, per_second: float) -> None:
        """`per_second` is what all replicas together may ask; each is told the same."""
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._apart, self._most = 1 / per_second, max(1, int(per_second * LOT_SECONDS))
        self._waiting: deque[asyncio.Future[_Turn]] = deque()
        self._handing_out: asyncio.Task[None] | None = None
        self._has_failed = asyncio.Event()  # since the lot was taken that is being handed out

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[bool]:
        """Waits for a turn, in which one request is made inside: what came of it is noted for all, unless that is an
        error which is neither `GeocoderUnavailable` nor `GeocoderRefused`. Yields whether the service is away: then
        this one question finds out if it is back.

        Raises `GeocoderUnavailable`, with how long, while the service is left alone.
        """
        turn = await self._next()
        try:
            yield turn.times_away > 0
        except GeocoderUnavailable as trouble:
            await self._note_failure(turn, trouble.retry_after or 0.0)
            raise
        except GeocoderRefused:
            await self._note_answer(turn)
            raise
        await self._note_answer(turn)

    async def _next(self) -> _Turn:
        coming: asyncio.Future[_Turn] = asyncio.get_running_loop().create_future()
        self._waiting.append(coming)
        if self._handing_out is None or self._handing_out.done():
            # a task of its own: whoever is cancelled while it waits takes nobody else's turn along
            self._handing_out = asyncio.create_task(self._hand_out())
        return await coming

    async def _hand_out(self) -> None:
        while self._waiting:
            try:
                lot = await self._take(min(len(self._waiting), self._most))
            except Exception as error:
                while (one := self._first_waiting()) is not None:
                    one.set_exception(error)
            else:
                await self._hand_out_lot(lot)

    async def _take(self, wanted: int) -> _Lot:
        self._has_failed.clear()
        async with self._engine.connect() as connection:
            asked = {"apart": self._apart, "wanted": wanted, "first": FIRST_SECONDS}
            row = (await connection.execute(_TAKE, asked)).one_or_none()
            if row is None:
                raise GeocoderUnavailable("it is left alone", await connection.scalar(_LEFT_FOR))
        number = wanted if row.times_away == 0 else 1
        first_in = row.over_in - number * self._apart
        return _Lot(_Turn(row.times_away, row.failures), number, asyncio.get_running_loop().time() + first_in)

    async def _hand_out_lot(self, lot: _Lot) -> None:
        clock = asyncio.get_running_loop()
        for number in range(lot.number):
            at = lot.first_at + number * self._apart
            if number and clock.time() > at + self._apart:
                return  # we were held up: what was missed is lost, or it would be made up for all at once
            if await self._fails_before(at) or (one := self._first_waiting()) is None:
                return
            one.set_result(lot.turn)

    async def _fails_before(self, at: float) -> bool:
        try:
            async with asyncio.timeout_at(at):
                return await self._has_failed.wait()
        except TimeoutError:
            return False

    def _first_waiting(self) -> asyncio.Future[_Turn] | None:
        while self._waiting:
            if not (one := self._waiting.popleft()).done():  # whoever waited was cancelled
                return one
        return None

    async def _note_failure(self, turn: _Turn, retry_after: float) -> None:
        left = {"most": FAILURES, "first": FIRST_SECONDS, "longest": LONGEST_SECONDS, "times_away": turn.times_away}
        async with self._engine.connect() as connection:
            await connection.execute(_FAILED, {"retry_after": retry_after})
            await connection.execute(_LEFT_AS_AWAY, left)
        self._has_failed.set()  # those who wait here ask anew, and are told

    async def _note_answer(self, turn: _Turn) -> None:
        if turn == (0, 0):
            return  # as nearly always: there is nothing to take back
        async with self._engine.connect() as connection:
            await connection.execute(_ANSWERED, {"times_away": turn.times_away})
