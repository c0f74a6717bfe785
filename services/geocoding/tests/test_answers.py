"""What the national service answered is kept for all replicas, for a while, and nothing else is."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from backbone.contracts import Address
from geocoding.answers import key_of
from geocoding.app import create_app
from geocoding.domain import GeocoderError, GeocoderUnavailable
from geocoding.store import answers, national_service

DOOR = {"kind": "housenumber", "score": 0.95, "citycode": "59512", "postcode": "59100", "city": "Roubaix"}
ROUBAIX = Address(street="12 bis rue de l’Industrie", postcode="59100", city="Roubaix")


@pytest.fixture
def taught(fake_ban):
    fake_ban.knows("rue de l’Industrie", at=(3.18, 50.69), **DOOR)
    return fake_ban


@pytest.fixture
def both(replica):
    return replica(), replica()


@pytest.fixture
def kept(engine):
    async def read():
        async with engine.connect() as tx:
            return (await tx.execute(select(answers, func.now().label("now")))).all()

    return read


@pytest.fixture
def grow_old(engine):
    async def grow(days):
        async with engine.begin() as tx:
            await tx.execute(update(answers).values(asked_at=answers.c.asked_at - timedelta(days=days)))

    return grow


@pytest.mark.parametrize(
    "written",
    [
        ROUBAIX,
        Address(street="12 BIS, RUE DE L'INDUSTRIE", postcode="59100", city="ROUBAIX CEDEX 1"),
        Address(street=" 12  bis  rue de l'industrie ", postcode="59100", city="roubaix"),
    ],
    ids=["as before", "on an envelope", "carelessly"],
)
async def test_an_answer_to_one_replica_is_one_to_all_however_the_address_is_written(taught, both, written):
    found = (await both[0].locate(ROUBAIX)).location
    assert (found.provider, found.precision) == ("ban", "housenumber")
    assert (await both[1].locate(written)).location == found
    assert len(taught.questions) == 1


@pytest.mark.parametrize(
    "other",
    [
        ROUBAIX.model_copy(update={"street": "12 rue de l’Industrie"}),
        ROUBAIX.model_copy(update={"street": None}),
        ROUBAIX.model_copy(update={"postcode": "59200", "city": "Tourcoing"}),
        ROUBAIX.model_copy(update={"city": "Atlantis"}),
    ],
    ids=["another door", "no street", "another commune", "another name"],
)
async def test_another_address_is_another_question(taught, both, other):
    for geocoder, address in zip(both, (ROUBAIX, other), strict=True):
        await geocoder.locate(address)
    assert len(taught.questions) == 2


def test_what_was_asked_within_other_bounds_is_another_question():
    # a newer gazetteer may know a commune by a name that it did not know before
    assert key_of(ROUBAIX, {"citycode": "59512"}) != key_of(ROUBAIX, {"postcode": "59100"})


async def test_that_it_has_no_such_place_is_an_answer_too(fake_ban, both):
    assert [(await geocoder.locate(ROUBAIX)).location for geocoder in both] == [None, None]
    assert len(fake_ban.questions) == 1


async def test_an_answer_that_is_too_old_is_asked_for_again_and_replaced(taught, fake_ban, both, grow_old, kept):
    lost = Address(street="1 quai Neuf", postcode="59100", city="Roubaix")
    assert (await both[0].locate(lost)).location is None
    await grow_old(29)
    fake_ban.knows("1 quai Neuf", at=(3.19, 50.7), **DOOR)
    assert (await both[1].locate(lost)).location is None
    await grow_old(2)
    found = (await both[1].locate(lost)).location
    assert (found.matched_label, len(fake_ban.questions)) == ("1 quai Neuf 59100 Roubaix", 2)
    [row] = await kept()
    assert (row.hit["longitude"], row.asked_at > row.now - timedelta(days=1)) == (3.19, True)
    assert ((await both[0].locate(lost)).location, len(fake_ban.questions)) == (found, 2)


EMPTY_GEOMETRY = (
    '{"features": [{"geometry": {"type": "Point", "coordinates": []},'
    ' "properties": {"type": "street", "score": 0.9, "citycode": "59512"}}]}'
)


@pytest.mark.parametrize(
    "fail",
    [
        lambda fake: fake.fails(429),
        lambda fake: fake.fails(503),
        lambda fake: fake.fails(400),
        lambda fake: fake.answers("<html>Maintenance"),
        lambda fake: fake.answers(EMPTY_GEOMETRY),
        lambda fake: fake.falls_silent(),
    ],
    ids=["too busy", "down", "a refusal", "a page", "an empty geometry", "silence"],
)
async def test_a_failure_is_never_kept(taught, replica, kept, fail):
    fail(taught)
    with pytest.raises(GeocoderError):
        await replica(timeout=0.5).locate(ROUBAIX)
    assert await kept() == []
    taught.recovers()
    assert (await replica().locate(ROUBAIX)).location.provider == "ban"


async def test_what_is_known_is_told_while_the_service_is_left_alone(taught, both, engine):
    found = (await both[0].locate(ROUBAIX)).location
    async with engine.begin() as tx:
        await tx.execute(update(national_service).values(left_alone_until=func.now() + timedelta(minutes=5)))
    assert (await both[1].locate(ROUBAIX)).location == found
    with pytest.raises(GeocoderUnavailable):
        await both[1].locate(ROUBAIX.model_copy(update={"street": "13 rue de l’Industrie"}))


async def test_nothing_of_what_was_typed_is_kept(taught, both, kept):
    await both[0].locate(ROUBAIX.model_copy(update={"street": "chez Mme Dupont, 12 rue de l’Industrie"}))
    [row] = await kept()
    assert "dupont" not in json.dumps(row.hit).casefold()
    assert len(row.key) == 32


async def test_an_answer_that_a_newer_release_kept_is_read(taught, both, engine):
    found = (await both[0].locate(ROUBAIX)).location
    async with engine.begin() as tx:
        [hit] = await tx.scalars(select(answers.c.hit))
        await tx.execute(update(answers).values(hit=hit | {"floor": 2}))
    assert (await both[1].locate(ROUBAIX)).location == found


async def test_answers_that_are_too_old_go(settings, taught, both, kept, grow_old):
    await both[0].locate(ROUBAIX)
    await grow_old(31)
    await both[0].locate(ROUBAIX.model_copy(update={"street": "13 rue de l’Industrie"}))
    service = create_app(settings)
    for part in service.parts:
        if part.name == "upkeep of answers":
            await part.purge_all()
    await service.engine.dispose()
    assert [row.asked_at > row.now - timedelta(days=1) for row in await kept()] == [True]
