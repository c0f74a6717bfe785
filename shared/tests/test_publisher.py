"""What a publisher gave up is given up whole: nothing of it reaches Kafka behind what is told afterwards."""

from __future__ import annotations

import asyncio

import pytest

from backbone.kafka.publisher import KafkaPublisher, Outgoing
from local_stack.mock_kafka import MockKafka


async def test_a_client_that_was_given_up_with_records_in_hand_goes_on_with_nothing(monkeypatch, eventually):
    monkeypatch.setattr("backbone.kafka.publisher.PATIENCE_SECONDS", 0.5)
    before = asyncio.all_tasks()
    kafka = MockKafka("It is enough here.")
    kafka.start()
    publisher = KafkaPublisher(kafka.cluster(), "test")
    await publisher.publish([Outgoing("facts", b"1", b"{}", [])])
    kafka.stop()
    with pytest.raises(TimeoutError):
        await publisher.publish([Outgoing("facts", b"1", b"{}", [])])

    async def nobody_goes_on():
        return asyncio.all_tasks() == before

    await eventually(nobody_goes_on, 10)
