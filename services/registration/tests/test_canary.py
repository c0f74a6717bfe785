"""Who submits the canary, and that nothing that happens to it is anybody else's trouble."""

from __future__ import annotations

import asyncio

from backbone.campaign.edition import CANARY
from backbone.service.floor import open_floor
from registration.app import create_app
from registration.handlers import canary as module
from registration.handlers.canary import Canary


def canaries(service):
    return service.http.state.desk.metrics.canaries._value.get()


async def test_of_two_replicas_one_submits_and_the_other_takes_over_when_it_ends(
    settings, mailer, clock, told, eventually
):
    replicas = [create_app(settings, open_floor(settings, clock=clock), mailer=mailer) for _ in range(2)]
    stopping = [asyncio.Event(), asyncio.Event()]
    parts = [Canary(replica.http.state.desk, 1) for replica in replicas]
    tasks = [asyncio.create_task(part.run(stop)) for part, stop in zip(parts, stopping, strict=True)]

    async def one_has_submitted_two():
        return max(map(canaries, replicas)) >= 2

    await eventually(one_has_submitted_two)
    flown = list(map(canaries, replicas))
    assert min(flown) == 0
    leader = flown.index(max(flown))
    stopping[leader].set()
    await tasks[leader]

    async def the_other_submits():
        return canaries(replicas[1 - leader]) > 0

    await eventually(the_other_submits)
    stopping[1 - leader].set()
    await asyncio.gather(*tasks)
    facts = [payload for kind, payload in await told() if kind == "EventSubmitted"]
    assert {fact["edition"] for fact in facts} == {CANARY.name}
    revisions = [fact["revision"] for fact in facts]
    assert revisions == sorted(set(revisions))
    assert [kind for kind, _ in await told("registration.organisers")] == ["OrganiserRegistered"]
    for replica in replicas:
        await replica.engine.dispose()


async def test_a_canary_that_cannot_be_submitted_is_tried_again_and_ends_nothing(
    service, monkeypatch, caplog, eventually
):
    written = module.draft_at
    broken = iter([True, False])

    def draft_at(now):
        if next(broken, False):
            raise KeyError("a fault of ours")
        return written(now)

    monkeypatch.setattr(module, "draft_at", draft_at)
    stopping = asyncio.Event()
    task = asyncio.create_task(Canary(service.http.state.desk, 1).run(stopping))

    async def it_was_submitted():
        return canaries(service) > 0

    await eventually(it_was_submitted)
    stopping.set()
    await task
    assert "no canary was submitted" in caplog.text
    assert service.broken is None
