"""What map-feed tells Prometheus of its map."""

from __future__ import annotations

import time
from math import isnan

from aiokafka import TopicPartition

from backbone.service.lag import Behind
from backbone.testing.scraped import scrape


async def test_the_map_is_as_old_as_what_it_was_made_from(service, board, put, an_event, monkeypatch):
    told = await scrape(service)
    assert isnan(told.of("sdi_map_events"))
    assert isnan(told.of("sdi_map_age_seconds"))
    await put(an_event())
    await put(an_event())
    began = time.monotonic()
    await board.refresh()
    told = await scrape(service)
    assert told.of("sdi_map_events") == 2
    assert 0 <= told.of("sdi_map_age_seconds") <= time.monotonic() - began
    assert told.of("sdi_up", on="the first reading of the map") == 1
    # nothing new to show: all that was told is shown, so the map is no older than its last look
    again = time.monotonic()
    await board.refresh()
    looked = time.monotonic()
    assert (await scrape(service)).of("sdi_map_age_seconds") <= time.monotonic() - again

    async def away(_):
        raise ConnectionRefusedError

    monkeypatch.setattr("map_feed.board.oldest_running", away)
    await board.refresh()
    asked = time.monotonic()
    assert (await scrape(service)).of("sdi_map_age_seconds") >= asked - looked  # a look that failed is none


async def test_the_map_is_as_old_as_the_oldest_message_that_was_not_heard(service, board, put, an_event):
    await put(an_event())
    await board.refresh()
    place = TopicPartition("labelling.decisions", 3)
    service.listener.lag.behind = {place: Behind(at=10, end=12, since=time.time() - 300)}
    told = await scrape(service)
    assert told.of("sdi_lag_messages", topic="labelling.decisions", partition="3") == 2
    assert 300 <= told.of("sdi_map_age_seconds") < 360
