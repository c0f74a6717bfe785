"""The deliveries: each receiver is sent the changes in their order, one request after another, at least once.

A receiver has a row of its own, with how far it has come, and while there is something for it a task of its own: who is
slow, or away, holds nobody else. What a process that died had in hand another takes over once its lease has run out.
"""

from __future__ import annotations

import asyncio
import logging
from uuid import UUID

from backbone.runtime.pulse import Beating
from backbone.runtime.waiting import attempts, is_transient, what_failed

from ..store.webhooks import Webhook, claim_webhooks
from .delivery import LEASE_SECONDS, Delivery, Means

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0  # for those whose wait is over
STOP_SECONDS = 10.0  # for a request under way


class Deliveries(Beating):
    """A part of whoever works. Any number of processes may run it."""

    name = "deliveries"

    def __init__(self, means: Means) -> None:
        super().__init__()
        self._means = means
        self._running: dict[UUID, asyncio.Task[None]] = {}

    async def run(self, stopping: asyncio.Event) -> None:
        try:
            async for _ in attempts(stopping):
                try:
                    await self._deliver_all(stopping)
                except Exception as error:
                    if not is_transient(error):
                        raise
                    log.warning("the deliveries lost their database: waiting", extra={"error": what_failed(error)})
        finally:
            await self._end()

    async def _deliver_all(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            self._pulse.beat()
            known = self._means.tail.journal
            async with self._means.engine.begin() as tx:
                claimed = await claim_webhooks(tx, LEASE_SECONDS)
            for webhook in claimed:
                self._begin(webhook, stopping)
            await self._means.tail.beyond(known.newest if known else 0, LOOK_SECONDS)

    def _begin(self, webhook: Webhook, stopping: asyncio.Event) -> None:
        if before := self._running.get(webhook.id):
            before.cancel()  # its lease has run out: whatever it hangs in, it is not to go on beside the new one
        task = self._running[webhook.id] = asyncio.create_task(Delivery(self._means, webhook, stopping).run())
        task.add_done_callback(lambda done: self._ended(webhook.id, done))

    def _ended(self, webhook_id: UUID, task: asyncio.Task[None]) -> None:
        if self._running.get(webhook_id) is task:
            del self._running[webhook_id]
        if not task.cancelled() and (error := task.exception()):
            log.error("a delivery ended in a fault of ours: it returns when its lease ends", exc_info=error)

    async def _end(self) -> None:
        tasks = [*self._running.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._means.sender.close()
