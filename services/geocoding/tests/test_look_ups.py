"""From a submission to a point on the map, over the real table and worker, with the gazetteer or one that fails."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from backbone.contracts import Address, EventLocated, EventNotLocated
from backbone.postgres.database import jobs, outbox
from backbone.service.floor import open_floor
from backbone.service.folding import Happening, fold_all
from geocoding.app import create_app
from geocoding.domain import GeocoderUnavailable, Verdict
from geocoding.handlers import HEARS, PATIENCE, UNANSWERED, UNKNOWN
from geocoding.pipeline import Pipeline
from geocoding.store import counts, venues


@pytest.fixture
def hear(engine):
    """Tells the service facts, all in one poll."""

    async def tell(*facts):
        async with engine.begin() as tx:
            await fold_all(tx, [Happening(fact, fact.key, HEARS[type(fact)], None) for fact in facts], None)

    return tell


@pytest.fixture
async def open_worker(settings, clock):
    """Starts the service's worker over this geocoder."""
    services = []

    def make(geocoder):
        services.append(create_app(settings, open_floor(settings, clock=clock), geocoder=geocoder))
        [worker] = services[-1].workers
        return worker

    yield make
    for service in services:
        await service.engine.dispose()


@pytest.fixture
def worker(open_worker, gazetteer):
    return open_worker(gazetteer)


@pytest.fixture
def told(engine):
    """The facts in the outbox, in order."""
    kinds = {fact.ce_type: fact for fact in (EventLocated, EventNotLocated)}

    async def read():
        async with engine.connect() as tx:
            rows = await tx.execute(select(outbox.c.type, outbox.c.payload).order_by(outbox.c.seq))
            return [kinds[row.type].model_validate(row.payload) for row in rows]

    return read


@pytest.fixture
def kept(engine):
    """The revision and state of the only event, and how many facts were told of it."""

    async def read():
        async with engine.connect() as tx:
            return tuple((await tx.execute(select(venues.c.heard_revision, venues.c.state, venues.c.sequence))).one())

    return read


class Geocoder:
    """Knows nobody's address, or fails as told, and remembers what it was asked."""

    def __init__(self, *failures: Exception) -> None:
        self.asked: list[Address] = []
        self._failures = list(failures)

    async def locate(self, address: Address) -> Verdict:
        self.asked.append(address)
        if self._failures:
            raise self._failures.pop(0)
        return Verdict(None, "it has no such address")


async def test_a_submitted_venue_is_found_kept_and_told(hear, worker, engine, told, kept, gazetteer, clock, submitted):
    fact = submitted()
    await hear(fact)
    assert await kept() == (1, "waiting", 0)
    assert await worker.run_due() == 1
    placed = await Pipeline({"gazetteer": gazetteer}, gazetteer).place(fact.event.venue.address)
    found = placed.location
    assert (found.epci_code, found.academy) == ("200093201", "Lille")
    about = {"event_id": fact.event_id, "revision": 1, "sequence": 1, "edition": "2026"}
    assert await told() == [EventLocated(**about, location=found, located_at=clock.at)]
    assert await kept() == (1, "located", 1)
    async with engine.connect() as tx:
        assert await tx.scalar(select(venues.c.location)) == found.model_dump(mode="json")
        whys = await tx.scalar(select(venues.c.whys))
    assert [tuple(why) for why in whys] == [*placed.whys[:2], ("handed in", placed.whys[2].said), *placed.whys[3:]]
    assert whys[1] == ["commune", "Roubaix (59512), score 1.00: its name, and a postcode that serves it"]


async def test_one_poll_may_hold_all_that_happened_to_many_events(hear, worker, engine, told, submitted, lyon):
    first, second = UUID(int=1), UUID(int=2)
    await hear(
        submitted(event_id=first),
        submitted(None, event_id=second),
        submitted(lyon, event_id=first, revision=2, sequence=2),
        submitted(lyon, event_id=second, revision=2, sequence=2),
    )
    assert await worker.run_due() == 3
    assert {(fact.event_id, fact.revision, fact.sequence) for fact in await told()} == {(first, 2, 1), (second, 2, 1)}
    async with engine.connect() as tx:
        states = {"waiting": 0, "located": 2, "not_located": 0, "online": 0, "withdrawn": 0}
        assert await counts(tx) == states | {"geocoder_away": 0}


async def test_a_revision_is_looked_up_once_however_often_it_is_delivered(hear, worker, told, kept, submitted):
    fact = submitted()
    await hear(fact, fact)
    assert await worker.run_due() == 1
    await hear(fact)
    assert (await worker.run_due(), len(await told())) == (0, 1)
    assert await kept() == (1, "located", 1)


async def test_a_second_word_on_a_revision_is_work_of_its_own(hear, worker, told, kept, submitted, lyon):
    await hear(submitted(sequence=1))
    await worker.run_due()
    await hear(submitted(lyon, sequence=2))
    assert await worker.run_due() == 1
    assert [(fact.revision, fact.sequence, fact.location.commune_name) for fact in await told()] == [
        (1, 1, "Roubaix"),
        (1, 2, "Lyon"),
    ]
    assert await kept() == (1, "located", 2)


async def test_a_geocoder_that_is_away_is_asked_again(hear, open_worker, engine, told, kept, submitted):
    geocoder, fact = Geocoder(GeocoderUnavailable("down")), submitted()
    worker = open_worker(geocoder)
    await hear(fact)
    await worker.run_due()
    assert (await told(), await kept()) == ([], (1, "waiting", 0))
    assert await worker.run_due() == 0  # not at once
    async with engine.begin() as tx:
        await tx.execute(update(jobs).values(due_at=func.now()))
    assert await worker.run_due() == 1
    assert geocoder.asked == [fact.event.venue.address] * 2
    assert [fact.reason for fact in await told()] == [UNKNOWN]


async def test_a_geocoder_says_how_long_it_wants_to_be_left(hear, open_worker, engine, submitted):
    await hear(submitted())
    await open_worker(Geocoder(GeocoderUnavailable("busy", retry_after=900.0))).run_due()
    async with engine.connect() as tx:
        wait = await tx.scalar(select(func.extract("epoch", jobs.c.due_at - func.now())))
    assert 890 < wait <= 900


async def test_after_the_last_try_the_event_stays_without_a_pin(hear, open_worker, engine, told, kept, submitted):
    await hear(submitted())
    async with engine.begin() as tx:
        await tx.execute(update(jobs).values(attempts=PATIENCE.tries - 1))
    await open_worker(Geocoder(GeocoderUnavailable("down"))).run_due()
    assert [(fact.sequence, fact.reason) for fact in await told()] == [(1, UNANSWERED)]
    assert await kept() == (1, "not_located", 1)


async def test_a_dead_look_up_that_is_queued_again_gives_the_event_its_pin(
    hear, open_worker, worker, engine, told, kept, submitted
):
    await hear(submitted())
    async with engine.begin() as tx:
        await tx.execute(update(jobs).values(attempts=PATIENCE.tries - 1))
    await open_worker(Geocoder(GeocoderUnavailable("down"))).run_due()
    async with engine.begin() as tx:
        await tx.execute(update(jobs).values(state="waiting", attempts=0, due_at=func.now(), finished_at=None))
    await worker.run_due()
    assert [(type(fact), fact.sequence) for fact in await told()] == [(EventNotLocated, 1), (EventLocated, 2)]
    assert await kept() == (1, "located", 2)


DOOR = {"citycode": "59512", "postcode": "59100", "city": "Roubaix", "at": (3.18, 50.69)}


@pytest.fixture
async def national(settings, clock, fake_ban):
    """The service's worker, with the national service before the gazetteer."""
    service = create_app(settings.model_copy(update={"geocoder_url": fake_ban.url}), open_floor(settings, clock=clock))
    [worker] = service.workers
    yield worker
    await service.close()
    await service.engine.dispose()


@pytest.fixture
def later(engine):
    """The hours of all that waits have come; in how many each was to come."""

    async def go():
        async with engine.begin() as tx:
            waits = await tx.scalars(
                select(func.round(func.extract("epoch", jobs.c.due_at - func.now()) / 3600)).where(
                    jobs.c.state == "waiting"
                )
            )
            hours = [int(wait) for wait in waits]
            await tx.execute(update(jobs).where(jobs.c.state == "waiting").values(due_at=func.now()))
        return hours

    return go


@pytest.mark.parametrize("answer", ["<html>En maintenance</html>", '{"features": [{"geometry": {}}]}'])
async def test_the_poor_answer_of_a_bad_hour_is_told_and_a_finer_one_once_the_service_has_it(
    hear, national, fake_ban, told, kept, later, submitted, answer
):
    fake_ban.knows("12 rue de l’Industrie", kind="housenumber", score=0.95, **DOOR)
    fake_ban.answers(answer)
    await hear(submitted())
    assert await national.run_due() == 1
    [poor] = await told()
    assert (poor.sequence, poor.location.precision, poor.location.provider) == (1, "municipality", "gazetteer")
    assert [doubt.code for doubt in poor.location.doubts] == ["street-unknown"]
    assert await later() == [2]
    assert await national.run_due() == 1  # still no better, and nothing is told twice
    assert (len(await told()), await later()) == (1, [6])
    fake_ban.recovers()
    assert await national.run_due() == 1
    [_, finer] = await told()
    assert (finer.revision, finer.sequence, finer.location.precision) == (1, 2, "housenumber")
    assert (finer.location.provider, finer.location.doubts) == ("ban", ())
    assert await kept() == (1, "located", 2)
    assert await later() == []


async def test_a_poor_answer_is_asked_for_again_three_times_and_no_more(
    hear, national, fake_ban, told, later, submitted
):
    fake_ban.fails(200, "<html>En maintenance</html>")
    await hear(submitted())
    waits = []
    while await national.run_due():
        waits += await later()
    assert (waits, len(await told())) == ([2, 6, 24], 1)


async def test_an_address_that_nobody_knew_in_a_bad_hour_is_told_as_unknown_once(
    hear, national, fake_ban, told, later, submitted, nowhere
):
    fake_ban.fails(200, "<html>En maintenance</html>")
    await hear(submitted(nowhere))
    while await national.run_due():
        await later()
    assert [(type(fact), fact.sequence) for fact in await told()] == [(EventNotLocated, 1)]


async def test_a_service_that_is_away_when_it_is_asked_again_takes_nothing_back(
    hear, national, fake_ban, engine, told, kept, later, submitted
):
    fake_ban.fails(200, "<html>En maintenance</html>")
    await hear(submitted())
    await national.run_due()
    await later()
    fake_ban.fails(status=503)
    async with engine.begin() as tx:
        await tx.execute(update(jobs).where(jobs.c.state == "waiting").values(attempts=PATIENCE.tries - 1))
    assert await national.run_due() == 1
    assert [type(fact) for fact in await told()] == [EventLocated]
    assert await kept() == (1, "located", 1)


async def test_what_is_amended_meanwhile_is_not_asked_for_as_it_was(
    hear, national, fake_ban, told, later, submitted, lyon
):
    fake_ban.fails(200, "<html>En maintenance</html>")
    await hear(submitted())
    await national.run_due()
    await hear(submitted(lyon, revision=2, sequence=2))
    fake_ban.recovers()
    fake_ban.knows("12 rue de l’Industrie", kind="housenumber", score=0.95, **DOOR)
    await later()
    await national.run_due()
    assert [(fact.revision, fact.location.commune_name) for fact in await told()] == [(1, "Roubaix"), (2, "Lyon")]


async def test_who_put_the_pin_is_not_asked_for_again(hear, national, fake_ban, told, later, submitted):
    fake_ban.fails(200, "<html>En maintenance</html>")
    await hear(submitted(**pinned()))
    await national.run_due()
    assert ([fact.location.provider for fact in await told()], await later()) == (["organiser"], [])


GATE = {"longitude": 3.1885, "latitude": 50.6961}
"""In Roubaix, where lorries come in; the middle of the commune is a kilometre off."""


def pinned(**at):
    address = {"street": "12 rue de l’Industrie", "postcode": "59100", "city": "Roubaix"}
    return {"venue": {"address": address, "position": {**GATE, "is_confirmed": True, **at}}}


async def test_where_the_organiser_confirmed_the_pin_wins_over_what_the_address_is_taken_for(
    hear, worker, submitted, told
):
    await hear(submitted(**pinned()))
    await worker.run_due()
    [fact] = await told()
    place = fact.location
    assert (place.longitude, place.latitude, place.precision) == (*GATE.values(), "housenumber")
    assert (place.provider, place.is_confirmed, place.radius_m, place.score) == ("organiser", True, None, None)
    assert (place.commune_code, place.region_code, place.timezone) == ("59512", "32", "Europe/Paris")


@pytest.mark.parametrize(
    "pin",
    [
        {"is_confirmed": False},  # a program's guess
        {"longitude": GATE["latitude"], "latitude": GATE["longitude"]},  # exchanged
        {"longitude": 2.3522, "latitude": 48.8566},  # Paris
    ],
)
async def test_a_pin_that_nobody_confirmed_or_that_is_somewhere_else_leaves_the_address_where_it_is(
    hear, worker, submitted, told, pin
):
    await hear(submitted(**pinned(**pin)))
    await worker.run_due()
    [fact] = await told()
    assert (fact.location.provider, fact.location.precision) == ("gazetteer", "municipality")
    assert fact.location.is_confirmed is False
    assert fact.location.radius_m


async def test_a_pin_that_is_moved_is_told_as_a_finer_place_of_the_next_revision(hear, worker, submitted, told):
    await hear(submitted())
    await worker.run_due()
    await hear(submitted(revision=2, sequence=2, **pinned()))
    await worker.run_due()
    assert [(fact.revision, fact.sequence, fact.location.provider) for fact in await told()] == [
        (1, 1, "gazetteer"),
        (2, 2, "organiser"),
    ]


async def test_an_address_that_nobody_knows_is_told_by_its_pin(hear, open_worker, submitted, told):
    venue = {"address": {"postcode": "59100", "city": "Parc du Sartel"}, "position": {**GATE, "is_confirmed": True}}
    await hear(submitted(venue=venue))
    await open_worker(Geocoder()).run_due()
    [fact] = await told()
    assert (fact.location.commune_name, fact.location.provider) == ("Roubaix", "organiser")
    assert [doubt.code for doubt in fact.location.doubts] == ["commune-guessed"]
