"""Addresses that wait for a turn at the national service at one time are asked for in one CSV."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from backbone.contracts import Address
from geocoding.budget import Budget
from geocoding.desk import Desk
from geocoding.domain import GeocoderRefused, GeocoderUnavailable, Hit
from geocoding.store import answers, national_service
from geocoding.together import FEW, MOST, Together
from geocoding.wire import Question

ROUBAIX = {"citycode": "59512", "postcode": "59100", "city": "Roubaix"}
MANY = 20


def door(number: int) -> Address:
    return Address(street=f"{number} rue de l’Industrie", postcode="59100", city="Roubaix")


DOORS = [door(number) for number in range(101, 101 + MANY)]


@pytest.fixture
def taught(fake_ban):
    """It knows every door, each at its own place."""
    for number in range(101, 101 + MANY):
        fake_ban.knows(
            f"{number} rue de l’Industrie", kind="housenumber", score=0.95, at=(3 + number / 1000, 50.69), **ROUBAIX
        )
    return fake_ban


@pytest.fixture
def hold(engine):
    """The next turn is some time away, so that all who ask wait for it."""

    async def hold(seconds=0.5):
        async with engine.begin() as tx:
            next_turn_at = func.clock_timestamp() + timedelta(seconds=seconds)
            await tx.execute(update(national_service).values(next_turn_at=next_turn_at))

    return hold


@pytest.fixture
def row(engine):
    async def read():
        async with engine.connect() as tx:
            return (await tx.execute(select(national_service))).one()

    return read


async def told(geocoder, addresses=DOORS):
    """What came of each: where it is, None, or the error."""
    verdicts = await asyncio.gather(*map(geocoder.locate, addresses), return_exceptions=True)
    return [one if isinstance(one, Exception) else one.location and one.location.matched_label for one in verdicts]


LABELS = [f"{number} rue de l’Industrie 59100 Roubaix" for number in range(101, 101 + MANY)]


def asked_together(fake):
    return [row["q"] for batch in fake.batches for row in batch]


def asked_alone(fake):
    return [question["q"] for question in fake.questions]


def line(address):
    return f"{address.street} {address.postcode} {address.city}"


async def test_who_waits_at_one_time_is_asked_for_in_one_request_and_has_its_own_answer(taught, replica, hold):
    await hold()
    assert await told(replica(batches=True)) == LABELS
    assert sorted(asked_together(taught) + asked_alone(taught)) == sorted(map(line, DOORS))
    assert FEW <= max(map(len, taught.batches)) <= MOST
    assert set(taught.user_agents) == {"semaine-industrie/test"}


async def test_a_request_takes_one_turn_however_many_it_asks_for(taught, replica, hold, row):
    await hold()
    begins = (await row()).next_turn_at
    await told(replica(batches=True, per_second=1.0))
    turns = len(taught.batches) + len(taught.questions)
    assert (await row()).next_turn_at - begins >= timedelta(seconds=turns - 0.001)
    assert turns < MANY / 2


async def test_each_is_looked_for_where_it_is_declared(taught, replica, hold):
    addresses = [*DOORS, Address(street="1 quai Rambaud", postcode="69002", city="Lyon")]
    addresses.append(Address(postcode="69364", city="Lyon CEDEX 07"))
    await hold()
    await told(replica(batches=True), addresses)
    bounds = {one["q"]: (one["citycode"], one["postcode"]) for batch in taught.batches for one in batch}
    bounds |= {one["q"]: (one.get("citycode", ""), one.get("postcode", "")) for one in taught.questions}
    assert bounds == {line(one): ("59512", "") for one in DOORS} | {
        "1 quai Rambaud 69002 Lyon": ("", "69002"),
        "69364 Lyon CEDEX 07": ("", ""),
    }


async def test_a_few_are_asked_for_one_by_one(taught, replica, hold):
    await hold()
    assert await told(replica(batches=True), DOORS[: FEW - 1]) == LABELS[: FEW - 1]
    assert taught.batches == []


async def test_an_address_is_one_row_whatever_is_typed_in_it(taught, replica, hold):
    typed = '5 "Le Port", bât. B\r\n"1","899 rue de l’Industrie 59100 Roubaix","59512",""\n;œ'
    await hold()
    assert await told(replica(batches=True), [*DOORS, door(5).model_copy(update={"street": typed})]) == [*LABELS, None]
    assert sorted(asked_together(taught) + asked_alone(taught)) == sorted(
        [*map(line, DOORS), " ".join(typed.split()) + " 59100 Roubaix"]
    )


async def test_what_was_answered_together_is_kept_for_all_each_by_itself(taught, replica, hold):
    nowhere = [door(number) for number in range(801, 806)]
    await hold()
    first = await told(replica(batches=True), [*DOORS, *nowhere])
    assert first == [*LABELS, *[None] * len(nowhere)]
    taught.fails(503)
    assert [await told(replica(), [one]) for one in (*DOORS, *nowhere)] == [[one] for one in first]


# -- what is not answered together is asked for alone


@pytest.mark.parametrize(
    "mangled",
    [
        lambda text: "\n".join(sorted(text.splitlines(), reverse=True)[:1] + text.splitlines()[:0:-1]) + "\n",
        lambda text: "".join(text.splitlines(keepends=True)[:-2]),
        lambda text: text[:-30],
        lambda text: text.replace(",ok", ",error", 2),
        lambda text: "<!doctype html><title>Maintenance</title>",
        lambda text: "",
    ],
    ids=["another order", "rows that are missing", "cut off", "rows that failed", "a page", "nothing"],
)
async def test_every_address_has_its_own_place_however_the_csv_comes_back(taught, replica, hold, mangled):
    taught.mangles(mangled)
    await hold()
    assert await told(replica(batches=True)) == LABELS
    assert taught.batches


async def test_one_that_the_service_refuses_does_not_refuse_the_others(taught, replica, hold):
    long = door(7).model_copy(update={"street": "x" * 250})
    await hold()
    *others, refused = await told(replica(batches=True), [*DOORS, long])
    assert others == LABELS
    assert type(refused) is GeocoderRefused
    assert len(asked_alone(taught)) < MANY


@pytest.mark.parametrize("status", [400, 401, 403, 413, 500, 502])
async def test_a_door_for_many_that_is_broken_costs_nobody_their_place(taught, replica, hold, row, status):
    taught.fails_together(status)
    await hold()
    one = replica(batches=True)
    assert await told(one) == LABELS
    assert sorted(asked_alone(taught)) == sorted(map(line, DOORS))
    assert ((await row()).failures, len(taught.batches)) == (0, 1)
    await hold()
    await told(one, [door(number) for number in range(801, 801 + MANY)])
    assert len(taught.batches) == 1  # for a while it is not tried again


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_a_service_without_a_door_for_many_is_said_once_and_asked_one_by_one(
    taught, replica, hold, monkeypatch, caplog, status
):
    monkeypatch.setattr("geocoding.together.REST_SECONDS", 0.0)
    taught.fails_together(status)
    one = replica(batches=True)
    for addresses in (DOORS, [door(number) for number in range(801, 801 + MANY)]):
        await hold()
        await told(one, addresses)
    assert len(taught.batches) == 1
    assert [record.getMessage() for record in caplog.records if record.name == "geocoding.together"] == [
        "from now on, addresses are asked for one by one: together, the service takes none"
        f" ({status} at /search/csv; GEOCODER_BATCHES=off)"
    ]


async def test_after_a_while_the_door_for_many_is_tried_again(taught, replica, hold, monkeypatch):
    monkeypatch.setattr("geocoding.together.REST_SECONDS", 0.0)
    taught.fails_together(500)
    one = replica(batches=True)
    await hold()
    await told(one, DOORS[:10])
    taught.recovers()
    before = len(taught.batches)
    await hold()
    assert await told(one, DOORS[10:]) == LABELS[10:]
    assert len(taught.batches) > before


# -- what the service as a whole says is said to all


@pytest.mark.parametrize("status", [429, 503])
async def test_a_wait_that_it_names_is_told_to_all_who_were_asked_for_together(taught, replica, hold, row, status):
    taught.fails(status, Retry_After="900")
    await hold()
    waits = await told(replica(batches=True))
    assert all(isinstance(one, GeocoderUnavailable) and 600 < one.retry_after <= 900 for one in waits)
    assert taught.batches
    assert (await row()).failures == len(taught.batches) + len(taught.questions) < MANY / 2


async def test_no_answer_in_time_is_one_failure_and_told_to_all(taught, replica, hold, row):
    taught.falls_silent()
    await hold()
    failed = await told(replica(batches=True, timeout=0.5))
    assert all(isinstance(one, GeocoderUnavailable) for one in failed)
    assert taught.batches
    assert (await row()).failures == len(taught.batches) + len(taught.questions) < MANY / 2


async def test_who_was_not_answered_together_in_time_is_asked_alone_when_it_comes_again(taught, replica, hold):
    taught.falls_silent()
    one = replica(batches=True, timeout=0.5)
    await hold()
    await told(one)
    taught.recovers()
    taught.fails_together(504)
    await hold()
    assert await told(one) == LABELS


async def test_while_it_is_away_one_address_finds_out_whether_it_is_back(taught, replica, engine, row):
    async with engine.begin() as tx:
        await tx.execute(update(national_service).values(times_away=3))
    taught.fails(503)
    waits = await told(replica(batches=True))
    assert all(isinstance(one, GeocoderUnavailable) for one in waits)
    assert (len(taught.questions), taught.batches, (await row()).times_away) == (1, [], 4)


# -- in the process


@pytest.fixture
async def together(engine):
    """Asks doors whose hits bear their names; what it was asked, and a way to stop it."""
    asked = []

    async def alone(question):
        asked.append([question.text])
        return hit(question)

    async def many(questions):
        asked.append([question.text for question in questions])
        return {number: hit(question) for number, question in enumerate(questions)}

    one = Together(Budget(engine, 1000.0), alone, many)
    one.asked = asked
    yield one
    await one.close()


def hit(question: Question) -> Hit:
    return Hit("street", 0.9, "59512", 3.18, 50.69, question.text)


async def test_no_request_asks_for_more_than_it_may(together):
    found = await asyncio.gather(*(together.ask(Question(f"{n}", {})) for n in range(2 * MOST + FEW)))
    assert [one.label for one in found] == [f"{n}" for n in range(2 * MOST + FEW)]
    assert list(map(len, together.asked)) == [MOST, MOST, FEW]


async def test_who_is_stopped_while_they_wait_is_not_asked_for_and_takes_nobody_along(together):
    asking = [asyncio.create_task(together.ask(Question(f"{n}", {}))) for n in range(3 * FEW)]
    await asyncio.sleep(0)  # now all of them wait
    for task in asking[:FEW]:
        task.cancel()
    assert [one.label for one in await asyncio.gather(*asking[FEW:])] == [f"{n}" for n in range(FEW, 3 * FEW)]
    assert together.asked == [[f"{n}" for n in range(FEW, 3 * FEW)]]


async def test_a_turn_that_nobody_waits_for_any_more_does_not_say_that_the_service_is_back(together, engine, row):
    async with engine.begin() as tx:
        away = {"times_away": 2, "next_turn_at": func.clock_timestamp() + timedelta(seconds=0.3)}
        await tx.execute(update(national_service).values(away))
    others = asyncio.all_tasks()
    task = asyncio.create_task(together.ask(Question("1", {})))
    await asyncio.sleep(0)
    task.cancel()
    while asyncio.all_tasks() - others:  # until the turn has come and is over
        await asyncio.sleep(0.01)
    assert ((await row()).times_away, together.asked) == (2, [])


# -- as it is put together


@pytest.mark.parametrize("batches", [True, False])
async def test_an_installation_may_switch_it_off(settings, engine, clock, taught, hold, batches):
    told_so = settings.model_copy(update={"geocoder_url": taught.url, "geocoder_batches": batches})
    desk = Desk.open(told_so, engine, clock)
    await hold()
    placed = await asyncio.gather(*map(desk.pipeline.place, DOORS))
    await desk.close()
    assert [one.location.matched_label for one in placed] == LABELS
    assert bool(taught.batches) is batches


async def test_nothing_of_what_was_typed_is_kept_of_a_batch(taught, replica, hold, engine):
    addresses = [one.model_copy(update={"street": f"chez Mme Dupont, {one.street}"}) for one in DOORS]
    await hold()
    assert await told(replica(batches=True), addresses) == LABELS
    async with engine.connect() as tx:
        hits = [*await tx.scalars(select(answers.c.hit))]
    assert len(hits) == MANY
    assert "dupont" not in json.dumps(hits).casefold()
