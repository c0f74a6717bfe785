"""One trace from the request to the map."""

from __future__ import annotations

import asyncio

import pytest

from backbone.runtime.trace import current_trace, trace, trace_id

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_what_runs_in_a_trace_belongs_to_it():
    assert trace_id() is None
    with trace(TRACE) as told:
        assert told == TRACE == current_trace()
        assert trace_id() == "0af7651916cd43dd8448eb211c80319c"
    assert trace_id() is None


def test_without_a_trace_each_piece_of_work_is_one_of_its_own():
    assert current_trace() != current_trace()
    with trace(None):
        assert current_trace() == current_trace()


@pytest.mark.parametrize(
    "malformed", [None, "", "00-xyz", TRACE + "\n", TRACE.upper(), f"{TRACE}-more", "01" + TRACE[2:]]
)
def test_a_malformed_trace_is_replaced_by_a_new_one(malformed):
    with trace(malformed) as told:
        assert told != malformed
        with trace(told) as again:
            assert again == told


async def test_tasks_side_by_side_keep_their_traces_apart():
    async def work(number):
        with trace(f"00-{number:032x}-{1:016x}-01"):
            await asyncio.sleep(0)
            return int(trace_id(), 16)

    assert await asyncio.gather(*(work(number) for number in range(1, 20))) == list(range(1, 20))
