"""Several people, and several programs of one person, at the same events while things break."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from backbone.testing.waiting import until

from .drafts import REJECTED, Draft, plan
from .invariants import hold
from .organiser import Client
from .platform import Platform
from .reviewer import Reviewer

ROUNDS = 4
WORDS = 6
BURNERS = 4 * (os.cpu_count() or 1)
BURNING_SECONDS = 20.0


@pytest.fixture
async def reviewer(platform: Platform) -> AsyncIterator[Reviewer]:
    reviewer = Reviewer(platform)
    await reviewer.sign_up()
    yield reviewer
    await reviewer.close()


async def test_a_reviewers_word_that_was_acknowledged_is_the_last_one_though_labelling_is_killed_meanwhile(
    platform: Platform, reviewer: Reviewer, chance: random.Random
) -> None:
    await platform.load(24, chance)
    (labelling,) = platform.replicas["labelling"]
    reviewing = asyncio.create_task(reviewer.settle(WORDS, chance))
    loading = asyncio.create_task(platform.load(16, chance, lasting=8.0))
    for number in (1, 3):
        await until("words were said", lambda number=number: said(reviewer, number), 120.0)
        await asyncio.sleep(chance.uniform(0.0, 0.3))
        labelling.kill()
        labelling.start()
    await asyncio.gather(loading, reviewing)
    await hold(platform)


async def test_an_appeal_that_was_acknowledged_is_answered_once_though_labelling_is_killed_meanwhile(
    platform: Platform, reviewer: Reviewer, chance: random.Random
) -> None:
    await platform.load(20, chance)
    await hold(platform)
    refused = [(client, event) for client in platform.clients for event in client.story if is_refused(client, event)]
    assert refused
    (labelling,) = platform.replicas["labelling"]
    appealing = asyncio.gather(*(client.appeal(event) for client, event in refused))
    labelling.kill()
    labelling.start()
    await appealing
    reviewing = asyncio.create_task(reviewer.settle(await reviewer.waiting(), chance))
    await until("a word was said", lambda: said(reviewer, 1), 120.0)
    labelling.kill()
    labelling.start()
    await reviewing
    await hold(platform)
    assert {(event, client.acknowledged[event]) for client, event in refused} <= platform.words.keys()


def is_refused(client: Client, event: str) -> bool:
    last = client.story[event][-1]
    return last is not None and last.outcome == REJECTED


async def said(reviewer: Reviewer, number: int) -> bool:
    return reviewer.settled >= number


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


def _burn(until_: float) -> None:
    while time.time() < until_:
        pass


@pytest.mark.thorough
async def test_a_machine_whose_processors_are_taken_loses_nothing(platform: Platform, chance: random.Random) -> None:
    platform.history.fault("processors taken", by=BURNERS)
    spawned, until_ = multiprocessing.get_context("spawn"), time.time() + BURNING_SECONDS
    burners = [spawned.Process(target=_burn, args=(until_,), daemon=True) for _ in range(BURNERS)]
    for burner in burners:
        burner.start()
    try:
        await platform.load(16, chance, lasting=8.0)
    finally:
        for burner in burners:
            await asyncio.to_thread(burner.join, 60)
    await hold(platform)
