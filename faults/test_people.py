"""Several people, and several programs of one person, at the same events while things break."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

from .drafts import Draft, plan
from .invariants import hold
from .platform import Platform

ROUNDS = 4


async def test_two_programs_of_one_organiser_at_two_replicas_make_one_story_of_each_event(
    platform: Platform, chance: random.Random
) -> None:
    await platform.scale(2, ["registration"])
    organiser = chance.choice(platform.clients)
    work = plan(3, chance.randrange(10**9), platform.edition)

    async def write(event: str, draft: Draft, replica: int) -> int:
        url = platform.replicas["registration"][replica].url
        return await organiser.submit(event, draft, url=url)

    for event, steps in work:
        first = next(step for step in steps if step is not None)
        for number in range(ROUNDS):
            # the same moment, two texts, two doors: each is a revision of its own, or both are one
            ours = [
                replace(first, body={**first.body, "description": f"{first.body['description']} {number} {of}"})
                for of in ("un", "deux")
            ]
            told = await asyncio.gather(*(write(event, draft, replica) for replica, draft in enumerate(ours)))
            organiser.note_up_to(event, max(told), replace(first, outcome=None))
        organiser.note_up_to(event, await write(event, first, chance.randrange(2)), first)
    platform.history.fault("two programs at two replicas", events=len(work))
    await platform.load(8, chance)
    await hold(platform)
