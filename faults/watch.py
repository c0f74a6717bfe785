"""A real Prometheus beside a platform, with the shipped rules: what fires, and what has fired so far."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from backbone.testing.waiting import until
from local_stack.ports import free_port
from local_stack.prometheus import Alert, LocalPrometheus, write_targets

from .platform import Platform

EVERY_SECONDS, SHIPPED_SECONDS = 5, 15
# a scrape and a look at the rules come so much sooner here than where they are as shipped: what fires within this here
# fires within two minutes there. All that a rule waits for itself is as shipped
FIRES_WITHIN = 120.0 - 2 * (SHIPPED_SECONDS - EVERY_SECONDS)
CLEARS_WITHIN = 180.0
WHAT_HAPPENED = frozenset({"JobsDead", "MessageSetAside", "MailsRefused", "ServiceKeepsRestarting"})
"""They tell of something that has happened, and end by themselves some minutes after it."""


def name_of(alert: Alert) -> str:
    """The alert, and whom it is about."""
    return f"{alert.name} {alert.labels.get('job', '')}".strip()


class Watch:
    """Prometheus, told of every replica as they come and go."""

    def __init__(self, platform: Platform, folder: Path) -> None:
        self._platform = platform
        self._folder = folder
        self._prometheus = LocalPrometheus(folder, every_seconds=EVERY_SECONDS, port=free_port())
        self._noting: asyncio.Task[None] | None = None
        self.pages: set[str] = set()
        """The alerts of severity page that have fired since the last `note_anew`."""
        self.texts: dict[str, str] = {}

    async def start(self) -> None:
        """Returns once it has asked every replica: that nothing fires means nothing before."""
        self.tell_targets()
        await asyncio.to_thread(self._prometheus.start)
        await self.sees(f"count(up) >= {len(self._platform.all_replicas())}")
        self._noting = asyncio.create_task(self._note())

    async def stop(self) -> None:
        if self._noting:
            self._noting.cancel()
        await asyncio.to_thread(self._prometheus.stop)

    def tell_targets(self) -> None:
        """Whom to scrape from now on: every replica there is, whether it runs or not."""
        replicas = self._platform.all_replicas()
        write_targets(self._folder, [(replica.service, replica.health_url) for replica in replicas])

    def note_anew(self) -> None:
        self.pages.clear()
        self.texts.clear()

    async def firing(self) -> set[str]:
        return {name_of(alert) for alert in await self._alerts() if alert.fires}

    async def fires(self, wanted: set[str]) -> None:
        """Returns once all of these fire."""
        left = set(wanted)

        async def do_fire() -> bool:
            for alert in sorted(left & (firing := await self.firing())):
                left.discard(alert)
                self._platform.history.alerted(alert)
            return wanted <= firing

        await until(f"{sorted(wanted)} fire", do_fire, FIRES_WITHIN, pace=1.0)

    async def is_well(self, *over: str) -> None:
        """Returns once no page fires or is about to, and none of these alerts. A ticket that nobody meant does not
        count: a busy machine is slow. Nor does what tells of something that has happened: it ends minutes later."""
        loud: set[str] = set()

        async def is_quiet() -> bool:
            meant = [alert for alert in await self._alerts() if alert.severity == "page" or name_of(alert) in over]
            loud.clear()
            loud.update(name_of(alert) for alert in meant if alert.name not in WHAT_HAPPENED)
            return not loud

        try:
            await until("what fired is over", is_quiet, CLEARS_WITHIN, pace=1.0)
        except AssertionError as late:
            raise AssertionError(f"{late}: {sorted(loud)}") from None

    async def sees(self, expression: str) -> None:
        """Returns once an expression gives something."""

        async def is_there() -> bool:
            return bool(await asyncio.to_thread(self._prometheus.query, expression))

        await until(f"Prometheus sees {expression}", is_there, 60.0, pace=0.5)

    async def _alerts(self) -> list[Alert]:
        alerts = await self._asked()
        for alert in alerts:
            if alert.fires:
                self.texts[name_of(alert)] = " ".join(alert.annotations.values())
                if alert.severity == "page":
                    self.pages.add(name_of(alert))
        return alerts

    async def _asked(self) -> list[Alert]:
        for _ in range(3):
            try:
                return await asyncio.to_thread(self._prometheus.alerts)
            except httpx.TransportError:
                await asyncio.sleep(1.0)  # a busy machine; one that has ended does not answer the next time either
        return await asyncio.to_thread(self._prometheus.alerts)

    async def _note(self) -> None:
        while True:
            await self._alerts()
            await asyncio.sleep(1.0)
