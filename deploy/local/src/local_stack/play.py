"""An edition played through the registration API, watched until every event has reached its final state."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import httpx

from backbone.campaign.edition import Edition
from backbone.testing.waiting import stretched
from provision.databases import SERVICES
from registration_client.models import EventDraft, State, UploadView

from .deeds import do, share
from .federation import Federation, Handed, hand_in
from .generator import Sample, draft_of, generate
from .health import TRUSTS_NOBODY
from .organisers import Deed, Letterbox, Organiser, person
from .program import Program, patient_client

AT_ONCE = 16  # organisers who post at the same moment
NEW_ORGANISER = 0.3  # the chance that an event is somebody's first
RECENT = 50  # posts from whose authors the next one's is drawn: nobody posts for a whole region
DEEDS = (
    Deed.AMENDED,
    Deed.CANCELLED,
    Deed.COPIED,
    Deed.POSTPONED,
    Deed.MOVED_ONLINE,
    Deed.WITHDRAWN,
    Deed.AMENDED,
    Deed.COPIED,
)
"""What becomes of every third event that is on the map, in turn."""
COLLEAGUE_EVERY = 10  # organisers
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
    deeds: Counter[Deed] = field(default_factory=Counter)
    """What became of events after they were posted."""
    colleagues: int = 0
    read_rows: int = 0
    """How many rows of the federation's file registration has read so far."""
    handed: Handed | None = None
    counts: Counts = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    """The services that do not answer: the play waits for them."""
    started_at: float = field(default_factory=time.monotonic)
    first_on_map_after: float | None = None

    @property
    def expected(self) -> int:
        """How many events are to be final in the end: those that are posted, repeated, or handed in as a file."""
        return self.events + self.deeds[Deed.COPIED] + (self.handed.submitted if self.handed else 0)

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
    deeds = _every_third_of(cycle(DEEDS))
    for event_id, sample in generate(number, seed):
        if not posts or chance.random() < NEW_ORGANISER:
            organisers.append(person(len(organisers), seed, secret))
            posts.append(organisers[-1])
        else:
            posts.append(chance.choice(posts[-RECENT:]))
        posts[-1].events.append((event_id, draft_of(sample, edition)))
        if _is_lively(sample) and (deed := next(deeds)):
            posts[-1].deeds[event_id] = deed
    for place, who in enumerate(organisers):
        if place % COLLEAGUE_EVERY == 0:
            who.colleague = person(f"{place}-collegue", seed, secret)
    return organisers


def _every_third_of(deeds: Iterator[Deed]) -> Iterator[Deed | None]:
    for deed in deeds:
        yield from (None, deed, None)


def _is_lively(sample: Sample) -> bool:
    """Whether what becomes of it is to be seen on the map: it gets its label, has a place, and lies in the week."""
    is_on_site = "venue" in sample and "online_url" not in sample
    return is_on_site and sample["expected"]["decision"] == "labelled" and all(s["day"] < 5 for s in sample["slots"])


async def post_all(play: Play, organisers: list[Organiser], api_url: str, mailbox: Path) -> None:
    """Every organiser signs up and posts, `AT_ONCE` of them at a time. Raises httpx.HTTPError or Refused."""
    await _each(play, organisers, api_url, Letterbox(mailbox), _post)


async def play_all(
    play: Play, organisers: list[Organiser], federation: Federation, api_url: str, mailbox: Path
) -> None:
    """The same, and then each does what becomes of their events, while a federation hands in a file."""
    letterbox = Letterbox(mailbox)

    async def post_and_live_on(play: Play, program: Program) -> None:
        await _post(play, program)
        await _live_on(play, program, letterbox)

    async def hand_in_a_file(play: Play, program: Program) -> None:
        def note(upload: UploadView) -> None:
            play.read_rows = upload.counts.rows

        play.handed = await hand_in(program, federation, note)

    async with asyncio.TaskGroup() as both:
        both.create_task(_each(play, organisers, api_url, letterbox, post_and_live_on))
        both.create_task(_each(play, [federation.who], api_url, letterbox, hand_in_a_file))


async def _each(
    play: Play,
    organisers: list[Organiser],
    api_url: str,
    letterbox: Letterbox,
    act: Callable[[Play, Program], Awaitable[None]],
) -> None:
    free = asyncio.Semaphore(AT_ONCE)
    play.organisers += len(organisers)

    async def play_one(who: Organiser, http: httpx.AsyncClient) -> None:
        async with free:
            program = Program(http, who)
            await program.sign_up(letterbox)
            play.signed_up += 1
            await act(play, program)

    async with patient_client(api_url) as http, asyncio.TaskGroup() as all_of_them:
        for who in organisers:
            all_of_them.create_task(play_one(who, http))


async def _post(play: Play, program: Program) -> None:
    """What was posted in an earlier play is left as it has become."""
    there = {event.id for event in await program.events() if event.state != State.draft}
    for event_id, draft in program.who.events:
        if event_id not in there:
            await program.post(event_id, draft)
        play.posted += 1


async def _live_on(play: Play, program: Program, letterbox: Letterbox) -> None:
    there = await program.events()
    repeated = {event.draft.copied_from for event in there if isinstance(event.draft, EventDraft)}
    for event in there:
        if deed := program.who.deeds.get(event.id):
            if event.id not in repeated:
                await do(deed, program, event)
            play.deeds[deed] += 1
    if program.who.colleague:
        await share(program, program.who.colleague, letterbox)
        play.colleagues += 1


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
            if time.monotonic() - last_moved > stretched(PATIENCE_SECONDS):
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
        "events submitted": (told["submitted"], max(play.expected, told["submitted"])),
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
