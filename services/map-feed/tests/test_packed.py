"""Bodies are made once, and few at a time."""

from __future__ import annotations

import asyncio
import threading

import pytest

from map_feed.http.packed import Kept, Packed, Press, TooBusy


async def test_a_body_is_made_once_however_many_ask_for_it_at_once():
    made = []
    kept = Kept(Press(), most=2, most_bytes=100)

    def make() -> Packed:
        made.append(1)
        return Packed(b"x", "text/plain")

    await asyncio.gather(*(kept.get("a", make) for _ in range(50)))
    await kept.get("a", make)
    assert len(made) == 1


async def test_what_is_kept_is_bounded_by_number_and_size():
    kept = Kept(Press(), most=3, most_bytes=100)
    for key in range(10):
        await kept.get(key, lambda: Packed(b"x", "text/plain"))
    assert list(kept._bodies) == [7, 8, 9]
    for key in ("a", "b"):
        await kept.get(key, lambda: Packed(b"x" * 60, "text/plain"))
    assert list(kept._bodies) == ["b"]


async def test_a_body_that_cannot_be_made_is_tried_again_by_the_next_who_asks():
    kept = Kept(Press(), most=3, most_bytes=100)

    def fail() -> Packed:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await kept.get("a", fail)
    assert (await kept.get("a", lambda: Packed(b"x", "text/plain"))).body == b"x"


async def test_more_orders_than_there_is_time_for_are_turned_away():
    press, gate = Press(at_once=1, waiting=2), threading.Event()

    def slow() -> Packed:
        gate.wait(30)
        return Packed(b"x", "text/plain")

    orders = [asyncio.create_task(press.make(slow)) for _ in range(4)]
    await asyncio.wait(orders, return_when=asyncio.FIRST_COMPLETED)
    gate.set()
    told = await asyncio.gather(*orders, return_exceptions=True)
    assert [isinstance(one, TooBusy) for one in told] == [False, False, False, True]
