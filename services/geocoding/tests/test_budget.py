"""One budget for the national service: two replicas, each with an engine of its own, on one database."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from backbone.contracts import Address
from backbone.postgres.database import jobs
from backbone.service.folding import Happening, fold_all
from geocoding.app import create_app
from geocoding.budget import FAILURES, Budget
from geocoding.domain import GeocoderUnavailable
from geocoding.handlers import HEARS
from geocoding.store import counts, national_service, venues

PER_SECOND = 50.0
DOOR = {"kind": "housenumber", "score": 0.95, "citycode": "59512", "postcode": "59100", "city": "Roubaix"}


def door(number: int) -> Address:
    return Address(street=f"{number} rue de l’Industrie", postcode="59100", city="Roubaix")


@pytest.fixture
def doors():
    """Addresses of which none was asked for yet."""
    return map(door, range(1, 10_000))


@pytest.fixture
def taught(fake_ban):
    fake_ban.knows("rue de l’Industrie", at=(3.18, 50.69), **DOOR)
    return fake_ban


@pytest.fixture
def row(engine):
    """What all replicas know of the service, and for how many seconds it is left alone."""

    async def read():
        left_for = func.extract("epoch", national_service.c.left_alone_until - func.now()).label("left_for")
        async with engine.connect() as tx:
            return (await tx.execute(select(national_service, left_for))).one()

    return read


@pytest.fixture
def is_away(engine):
    """As the service's counts have it."""

    async def read():
        async with engine.connect() as tx:
            return (await counts(tx))["geocoder_away"]

    return read


@pytest.fixture
def while_is_over(engine):
    """The time has come until which the service is left alone."""

    async def end():
        async with engine.begin() as tx:
            await tx.execute(update(national_service).values(left_alone_until=func.now()))

    return end


@pytest.fixture
async def both(replica):
    return replica(), replica()


async def told(geocoder, address):
    """What came of it: the provider, or for how long one is to wait (0: nobody said)."""
    try:
        found = (await geocoder.locate(address)).location
    except GeocoderUnavailable as trouble:
        return trouble.retry_after or 0
    return found and found.provider


async def make_it_be_away(fake, both, doors):
    fake.fails(503)
    for number in range(FAILURES):
        assert await told(both[number % 2], next(doors)) == 0
    fake.questions.clear()


# -- turns


async def test_two_replicas_together_ask_no_more_often_than_one_may(taught, replica, row, doors):
    begins = (await row()).next_turn_at.timestamp()
    both = [replica(per_second=PER_SECOND), replica(per_second=PER_SECOND)]
    found = await asyncio.gather(*(told(both[number % 2], next(doors)) for number in range(50)))
    assert found == ["ban"] * 50
    # never before its turn: as many as that may have come by then, whichever of the two they came from
    early = [number for number, at in enumerate(sorted(taught.asked_at)) if at < begins + number / PER_SECOND - 0.001]
    assert (len(taught.asked_at), early) == (50, [])
    assert (await row()).next_turn_at.timestamp() >= begins + 50 / PER_SECOND - 0.001


async def test_turns_that_nobody_took_are_not_made_up_for(taught, replica, row, doors):
    one = replica(per_second=PER_SECOND)
    await asyncio.gather(*(told(one, next(doors)) for _ in range(3)))
    later = time.time()
    await asyncio.gather(*(told(one, next(doors)) for _ in range(4)))
    assert (await row()).next_turn_at.timestamp() >= later + 4 / PER_SECOND


async def test_turns_that_a_replica_missed_are_not_made_up_for(engine, row):
    budget, held_up_until = Budget(engine, PER_SECOND), []

    async def ask():
        async with budget.turn():
            if not held_up_until:
                # the whole process hangs, for longer than its lot of turns lasts
                time.sleep(0.3)  # noqa: ASYNC251
                held_up_until.append(time.time())

    await asyncio.gather(*(ask() for _ in range(9)))
    assert (await row()).next_turn_at.timestamp() >= held_up_until[0] + 7 / PER_SECOND


async def test_who_is_stopped_while_they_wait_takes_nobody_elses_turn_along(engine):
    budget, asked = Budget(engine, PER_SECOND), []

    async def ask(number):
        async with budget.turn():
            asked.append(number)

    asking = [asyncio.create_task(ask(number)) for number in range(6)]
    await asyncio.sleep(0)  # now all of them wait
    for task in asking[:3]:
        task.cancel()
    await asyncio.gather(*asking[3:])
    assert asked == [3, 4, 5]


@pytest.mark.parametrize("batches", [False, True], ids=["one by one", "many in one request"])
async def test_a_service_that_counts_has_nothing_to_say_against_two_replicas_that_work_off_a_heap(
    taught, settings, engine, submitted, batches
):
    told = {"geocoder_url": taught.url, "geocoder_per_second": PER_SECOND, "geocoder_batches": batches}
    services = [create_app(settings.model_copy(update=told | {"look_ups_at_once": 12})) for _ in range(2)]
    heard = [submitted(door(number), event_id=UUID(int=number)) for number in range(1, 61)]
    async with engine.begin() as tx:
        await fold_all(tx, [Happening(fact, fact.key, HEARS[type(fact)], None) for fact in heard], None)
    taught.allows(PER_SECOND)
    while any(await asyncio.gather(*(service.workers[0].run_due() for service in services))):
        pass
    async with engine.connect() as tx:
        places = (await tx.scalars(select(venues.c.location))).all()
    for service in services:
        await service.close()
        await service.engine.dispose()
    assert (taught.early, len(taught.questions) + sum(map(len, taught.batches))) == (0, 60)
    assert [place and (place["provider"], place["precision"]) for place in places] == [("ban", "housenumber")] * 60


# -- left alone, because it says so


@pytest.mark.parametrize("status", [429, 503])
async def test_a_wait_that_the_service_names_is_kept_by_all_replicas(fake_ban, both, doors, status):
    fake_ban.fails(status, Retry_After="900")
    for geocoder in (*both, *both):
        assert 600 < await told(geocoder, next(doors)) <= 900
    assert len(fake_ban.questions) == 1


async def test_who_waits_for_a_turn_is_told_at_once_that_the_service_wants_to_be_left(fake_ban, replica, doors):
    fake_ban.fails(429, Retry_After="900")
    one = replica(per_second=0.01)  # the second turn is far away
    waits = await asyncio.gather(*(told(one, next(doors)) for _ in range(4)))
    assert all(600 < wait <= 900 for wait in waits)
    assert len(fake_ban.questions) == 1


async def test_after_the_wait_it_is_asked_again(taught, both, doors, while_is_over):
    taught.fails(429, Retry_After="900")
    await told(both[0], next(doors))
    taught.recovers()
    await while_is_over()
    assert [await told(geocoder, next(doors)) for geocoder in both] == ["ban", "ban"]


async def test_a_mistaken_wait_is_none_for_ever(fake_ban, both, doors):
    fake_ban.fails(429, Retry_After=str(10**12))
    assert await told(both[0], next(doors)) == 3600
    assert await told(both[1], next(doors)) <= 3600


# -- left alone, because it is away


async def test_a_service_that_fails_again_and_again_is_left_alone_by_all(fake_ban, both, doors, is_away):
    await make_it_be_away(fake_ban, both, doors)
    for geocoder in both:
        assert 10 < await told(geocoder, next(doors)) <= 15
    assert (fake_ban.questions, await is_away()) == ([], 1)


async def test_one_that_never_answers_costs_nobody_a_timeout_any_more(fake_ban, replica, doors, is_away):
    fake_ban.falls_silent()
    impatient = [replica(timeout=0.05), replica(timeout=0.05)]
    waits = [await told(impatient[number % 2], next(doors)) for number in range(FAILURES + 2)]
    assert waits[:FAILURES] == [0] * FAILURES
    assert all(10 < wait <= 15 for wait in waits[FAILURES:])
    assert (len(fake_ban.questions) <= FAILURES, await is_away()) == (True, 1)


async def test_failures_of_those_who_asked_at_one_time_are_one_outage(fake_ban, replica, doors, row):
    fake_ban.falls_silent()
    one = replica(timeout=0.2)
    await asyncio.gather(*(told(one, next(doors)) for _ in range(3 * FAILURES)))
    assert (await row()).times_away == 1
    assert (await row()).left_for <= 15


async def test_when_the_while_is_over_one_replica_asks_one_question(fake_ban, both, doors, while_is_over, row):
    await make_it_be_away(fake_ban, both, doors)
    await while_is_over()
    waits = await asyncio.gather(*(told(geocoder, next(doors)) for geocoder in both * 5))
    assert len(fake_ban.questions) == 1
    assert (await row()).times_away == 2
    assert 15 < (await row()).left_for <= 30  # twice as long
    assert sorted(wait > 0 for wait in waits) == [False] + [True] * 9


async def test_a_while_grows_to_five_minutes_and_no_longer(engine, fake_ban, both, doors, while_is_over, row):
    await make_it_be_away(fake_ban, both, doors)
    async with engine.begin() as tx:
        await tx.execute(update(national_service).values(times_away=5000))
    await while_is_over()
    await told(both[0], next(doors))
    assert 270 < (await row()).left_for <= 300


@pytest.mark.parametrize("status", [200, 400])
async def test_one_answer_says_that_it_is_back(taught, both, doors, while_is_over, is_away, row, status):
    await make_it_be_away(taught, both, doors)
    await while_is_over()
    taught.recovers()
    if status == 400:
        taught.fails(400)
        with pytest.raises(Exception, match="400"):
            await both[0].locate(next(doors))
        taught.recovers()
    else:
        assert await told(both[0], next(doors)) == "ban"
    assert (await is_away(), (await row()).failures) == (0, 0)
    assert await asyncio.gather(*(told(geocoder, next(doors)) for geocoder in both * 3)) == ["ban"] * 6


async def test_whoever_asks_for_a_service_that_was_away_and_dies_is_followed_by_another(
    fake_ban, both, doors, while_is_over
):
    await make_it_be_away(fake_ban, both, doors)
    await while_is_over()
    fake_ban.falls_silent()
    asking = asyncio.create_task(told(both[0], next(doors)))
    while not fake_ban.questions:
        await asyncio.sleep(0.01)
    asking.cancel()
    assert 0 < await told(both[1], next(doors)) <= 15
    fake_ban.recovers()
    await while_is_over()
    await told(both[1], next(doors))
    assert len(fake_ban.questions) == 2


async def test_failures_with_an_answer_in_between_are_no_outage(taught, both, doors, is_away):
    for _ in range(3):
        taught.fails(503)
        for number in range(FAILURES - 1):
            assert await told(both[number % 2], next(doors)) == 0
        taught.recovers()
        assert await told(both[0], next(doors)) == "ban"
    assert await is_away() == 0


# -- what becomes of the look-ups


@pytest.fixture
async def worker(settings, taught):
    """Makes the worker of a replica: with the gazetteer behind the national service, or asking this geocoder alone."""
    services = []

    def make(geocoder=None):
        told = settings.model_copy(update={"geocoder_url": taught.url})
        services.append(create_app(told, geocoder=geocoder))
        return services[-1].workers[0]

    yield make
    for service in services:
        if service.close:
            await service.close()
        await service.engine.dispose()


@pytest.fixture
def hear(engine, submitted):
    async def tell(address):
        fact = submitted(address)
        async with engine.begin() as tx:
            await fold_all(tx, [Happening(fact, fact.key, HEARS[type(fact)], None)], None)

    return tell


async def test_what_is_asked_for_meanwhile_is_tried_again_when_it_was_told_to(worker, engine, taught, hear, doors, row):
    async with engine.begin() as tx:
        left = {"times_away": 9, "left_alone_until": func.now() + timedelta(minutes=5)}
        await tx.execute(update(national_service).values(left))
    await hear(next(doors))
    assert await worker().run_due() == 1
    async with engine.connect() as tx:
        state, due_at, attempts = (await tx.execute(select(jobs.c.state, jobs.c.due_at, jobs.c.attempts))).one()
    assert (taught.questions, state, attempts) == ([], "waiting", 1)
    # its own first wait is of two seconds: by that it would have used up its tries while nobody may ask
    assert (due_at - (await row()).left_alone_until).total_seconds() > -1


@pytest.mark.parametrize("outage", ["busy", "down", "silent"])
async def test_no_look_up_is_lost_or_coarser_for_an_outage(
    worker, replica, engine, taught, hear, doors, while_is_over, is_away, outage
):
    if outage == "silent":
        taught.falls_silent()
    else:
        taught.fails(429 if outage == "busy" else 503, Retry_After="5")
    one = worker(replica(timeout=0.05)) if outage == "silent" else worker()
    await hear(next(doors))
    for _ in range(FAILURES + 2):
        assert await one.run_due() == 1
        await while_is_over()
        async with engine.begin() as tx:
            await tx.execute(update(jobs).values(due_at=func.now()))
    assert await is_away() == 1
    taught.recovers()
    assert await worker().run_due() == 1
    async with engine.connect() as tx:
        [place] = await tx.scalars(select(venues.c.location))
    assert (place["provider"], place["precision"], await is_away()) == ("ban", "housenumber", 0)


async def test_an_answer_that_is_slow_is_waited_for(taught, replica, doors):
    taught.falls_silent()
    asking = asyncio.create_task(told(replica(), next(doors)))
    while not taught.questions:
        await asyncio.sleep(0.01)
    assert not asking.done()
    taught.recovers()
    assert (await asking, len(taught.questions)) == ("ban", 1)


EMPTY_GEOMETRY = (
    '{"features": [{"geometry": {"type": "Point", "coordinates": []},'
    ' "properties": {"type": "street", "score": 0.9, "citycode": "59512"}}]}'
)


@pytest.mark.parametrize(
    "fault",
    [
        lambda fake: fake.fails(429, Retry_After="5"),
        lambda fake: fake.fails(503),
        lambda fake: fake.answers("<html>En maintenance"),
        lambda fake: fake.answers(EMPTY_GEOMETRY),
        lambda fake: fake.falls_silent(),
    ],
    ids=["busy", "down", "a page", "an empty geometry", "silent"],
)
async def test_an_event_that_is_handed_in_again_during_a_fault_is_placed_no_worse_than_before(
    worker, engine, taught, submitted, fault
):
    one = worker()
    for revision in (1, 2):
        fact = submitted(door(7), revision=revision, sequence=revision)
        async with engine.begin() as tx:
            await fold_all(tx, [Happening(fact, fact.key, HEARS[type(fact)], None)], None)
        assert await one.run_due() == 1
        async with engine.connect() as tx:
            [place] = await tx.scalars(select(venues.c.location))
        assert (place["provider"], place["precision"]) == ("ban", "housenumber")
        fault(taught)
