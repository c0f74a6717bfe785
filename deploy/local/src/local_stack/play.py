"""An edition played through the registration API, watched until every event has reached its final state."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from backbone.campaign.edition import Edition
from provision.databases import SERVICES

from .generator import draft_of, generate
from .health import TRUSTS_NOBODY
from .organisers import Api, Letterbox, Organiser, person, transport_to

AT_ONCE = 16  # organisers who post at the same moment
NEW_ORGANISER = 0.3  # the chance that an event is somebody's first
RECENT = 50  # posts from whose authors the next one's is drawn: nobody posts for a whole region
PATIENCE_SECONDS = 180.0  # without any count moving, before the play is given up

Counts = dict[str, dict[str, int]]


class GivenUp(Exception):
    """The events did not reach their final states; the message says where they are."""


@dataclass
class Play:
    """What is being played, and how far it is."""

    events: int
    signed_up: int = 0
    organisers: int = 0
    posted: int = 0
    counts: Counts = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    """The services that do not answer: the play waits for them."""
    started_at: float = field(default_factory=time.monotonic)
    first_on_map_after: float | None = None

    def note(self, counts: Counts) -> bool:
        """Takes the newest counts, of the services that answer; whether anything has moved."""
        moved = any(self.counts.get(name) != told for name, told in counts.items())
        self.counts = self.counts | counts
        self.away = set(SERVICES) - counts.keys()
        if self.first_on_map_after is None and counts.get("map-feed", {}).get("on_map"):
            self.first_on_map_after = time.monotonic() - self.started_at
        return moved


def cast_organisers(number: int, seed: int, edition: Edition, secret: str) -> list[Organiser]:
    """The organisers of `number` events: most post one or two, a chamber of commerce posts a dozen.

    An event has the same organiser however many are played: a longer play goes on where a shorter one stopped.
    """
    chance = random.Random(seed)  # noqa: S311 (no secret)
    organisers: list[Organiser] = []
    posts: list[Organiser] = []  # one entry an event: who has posted much is drawn more often
    for event_id, sample in generate(number, seed):
        if not posts or chance.random() < NEW_ORGANISER:
            organisers.append(person(len(organisers), seed, secret))
            posts.append(organisers[-1])
        else:
            posts.append(chance.choice(posts[-RECENT:]))
        posts[-1].events.append((event_id, draft_of(sample, edition)))
    return organisers


async def post_all(play: Play, organisers: list[Organiser], api_url: str, mailbox: Path) -> None:
    """Every organiser signs up and posts, `AT_ONCE` of them at a time. Raises httpx.HTTPError or RuntimeError."""
    letterbox, free = Letterbox(mailbox), asyncio.Semaphore(AT_ONCE)
    play.organisers = len(organisers)

    async def play_one(who: Organiser, client: httpx.AsyncClient) -> None:
        async with free:
            api = Api(client, who, is_patient=True)
            await api.sign_up(letterbox)
            play.signed_up += 1
            for event_id, draft in who.events:
                await api.post(event_id, draft)
                play.posted += 1

    client = httpx.AsyncClient(base_url=api_url, timeout=60.0, transport=transport_to(api_url))
    async with client, asyncio.TaskGroup() as all_of_them:
        for who in organisers:
            all_of_them.create_task(play_one(who, client))


async def read_counts(client: httpx.AsyncClient, health: Mapping[str, str]) -> Counts:
    """What each service counts at this moment; those that do not answer are left out."""
    answers = await asyncio.gather(*(_counts_of(client, health[name]) for name in SERVICES))
    return {name: counts for name, counts in zip(SERVICES, answers, strict=True) if counts is not None}


async def _counts_of(client: httpx.AsyncClient, address: str) -> dict[str, int] | None:
    try:
        answer = await client.get(f"{address}/health/counts")
    except httpx.TransportError:
        return None
    if answer.is_server_error:  # its database is away, or it stops
        return None
    counts: dict[str, int] = answer.raise_for_status().json()
    return counts


async def watch(
    play: Play,
    health: Mapping[str, str],
    posting: asyncio.Task[None],
    show: Callable[[], None],
    see_that_it_runs: Callable[[], None] = lambda: None,
) -> None:
    """Follows the counts until all is final and agrees. Raises GivenUp, or what the posting or `see_that_it_runs`
    raised."""
    last_moved = time.monotonic()
    async with httpx.AsyncClient(timeout=5.0, verify=TRUSTS_NOBODY) as client:
        while True:
            if play.note(await read_counts(client, health)):
                last_moved = time.monotonic()
            show()
            see_that_it_runs()
            if posting.done():
                posting.result()
                if not play.away and not open_questions(play):
                    return
            if time.monotonic() - last_moved > PATIENCE_SECONDS:
                raise GivenUp(_why(play))
            await asyncio.sleep(0.3)


def _why(play: Play) -> str:
    if play.away:
        return "; ".join(f"{name} does not answer" for name in sorted(play.away))
    return "; ".join(open_questions(play)) or "the organisers do not get on with posting"


def open_questions(play: Play) -> list[str]:
    """What is not final yet, or where two services disagree; empty once all is well."""
    told, judged = play.counts["registration"], play.counts["labelling"]
    found, kits, shown = play.counts["geocoding"], play.counts["commskit"], play.counts["map-feed"]
    sums = {
        "events submitted": (told["submitted"], max(play.events, told["submitted"])),
        "events judged": (
            sum(judged[s] for s in ("labelled", "rejected", "in_review", "suspended", "withdrawn")),
            told["submitted"],
        ),
        "labelled events that their organisers know of": (told["labelled"], judged["labelled"]),
        "rejected events that their organisers know of": (told["rejected"], judged["rejected"]),
        "reviewed events that their organisers know of": (told["in_review"], judged["in_review"]),
        "addresses looked up": (
            sum(found[s] for s in ("located", "not_located", "online", "withdrawn")),
            told["submitted"],
        ),
        "labelled events whose kit was mailed": (kits["equipped"], judged["labelled"]),
        "events listed for the public": (shown["listed"], judged["labelled"]),
        "listed events that the map's feed holds": (shown.get("held", 0), shown["listed"]),
        "listed events with a pin, online, or nowhere": (
            sum(shown[s] for s in ("on_map", "online", "not_located")),
            shown["listed"],
        ),
        "messages set aside": (sum(counts.get("set_aside", 0) for counts in play.counts.values()), 0),
    }
    return [f"{what}: {is_now} of {due}" for what, (is_now, due) in sums.items() if is_now != due]
