"""From a submission to a place on the map, over the real worker and with the gazetteer or a geocoder that fails."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, select, update

from backbone.contracts import (
    Address,
    EventCancelled,
    EventLocated,
    EventNotLocated,
    EventSubmitted,
    EventWithdrawn,
    PublicEvent,
)
from backbone.postgres.database import jobs, outbox
from geocoding.app import PATIENCE, create_app
from geocoding.domain import GeocoderRefused, GeocoderUnavailable
from geocoding.handlers import UNANSWERED, UNKNOWN, forget_venue, plan_look_up
from geocoding.store import venues

AT = datetime(2026, 6, 2, 8, tzinfo=UTC)
ROUBAIX = Address(street="12 rue de l’Industrie", postcode="59100", city="Roubaix")
LYON = Address(street="1 quai Rambaud", postcode="69002", city="Lyon")
NOWHERE = Address(street="1 rue du Néant", postcode="59999", city="Nulle-Part-sur-Rien")


@pytest.fixture
def submitted():
    """Makes the fact that a revision of an event was submitted; online where no address is given."""

    def make(address: Address | None = ROUBAIX, event_id=None, revision=1):
        event = PublicEvent.model_validate(
            {
                "event_id": event_id or uuid4(),
                "revision": revision,
                "edition": "2026",
                "organiser_id": uuid4(),
                "organisation": "Filature",
                "title": "Visite",
                "description": "Visite de la filature.",
                "kind": "company_visit",
                "audiences": ["everyone"],
                "admission": "everyone",
                "is_free": True,
                "slots": [{"starts_at": "2026-11-17T09:00:00+01:00", "ends_at": "2026-11-17T12:00:00+01:00"}],
                "timezone": "Europe/Paris",
                "venue": {"address": address.model_dump()} if address else None,
                "online_url": None if address else "https://visio.example/filature",
            }
        )
        return EventSubmitted(event_id=event.event_id, revision=revision, event=event, submitted_at=AT)

    return make


@pytest.fixture
def hear(engine):
    """Tells the service facts, each in a transaction of its own."""

    async def tell(*facts):
        for fact in facts:
            async with engine.begin() as tx:
                await (plan_look_up if isinstance(fact, EventSubmitted) else forget_venue)(fact, tx)

    return tell


@pytest.fixture
async def open_worker(settings, clock):
    """Starts the service's worker over this geocoder."""
    services = []

    def make(geocoder):
        services.append(create_app(settings, geocoder=geocoder, clock=clock))
        [worker] = services[-1].parts
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
    kinds = {fact.ce_type(): fact for fact in (EventLocated, EventNotLocated)}

    async def read():
        async with engine.connect() as tx:
            rows = await tx.execute(select(outbox.c.type, outbox.c.payload).order_by(outbox.c.seq))
            return [kinds[row.type].model_validate(row.payload) for row in rows]

    return read


@pytest.fixture
def kept(engine):
    """The revision and state of the only event."""

    async def read():
        async with engine.connect() as tx:
            return tuple((await tx.execute(select(venues.c.revision, venues.c.state))).one())

    return read


@pytest.fixture
def queued(engine):
    async def count():
        async with engine.connect() as tx:
            return await tx.scalar(select(func.count()).select_from(jobs))

    return count


class Geocoder:
    """Knows nobody's address, or fails as told, and remembers what it was asked."""

    def __init__(self, *failures: Exception) -> None:
        self.asked: list[Address] = []
        self._failures = list(failures)

    async def locate(self, address: Address) -> None:
        self.asked.append(address)
        if self._failures:
            raise self._failures.pop(0)


async def test_a_submitted_venue_is_found_and_told(hear, worker, told, kept, gazetteer, clock, submitted):
    fact = submitted(ROUBAIX)
    await hear(fact)
    assert await kept() == (1, "waiting")
    assert await worker.run_due() == 1
    place = await gazetteer.locate(ROUBAIX)
    assert (place.commune, place.precision, place.region) == ("59512", "municipality", "32")
    assert await told() == [EventLocated(event_id=fact.event_id, revision=1, location=place, located_at=clock.at)]
    assert await kept() == (1, "located")


async def test_a_venue_that_nobody_knows_is_told_with_what_to_mend(hear, worker, told, kept, clock, submitted):
    fact = submitted(NOWHERE)
    await hear(fact)
    await worker.run_due()
    assert await told() == [EventNotLocated(event_id=fact.event_id, revision=1, reason=UNKNOWN, looked_up_at=clock.at)]
    assert await kept() == (1, "not_located")


async def test_an_event_online_is_not_looked_up(hear, worker, told, kept, queued, submitted):
    await hear(submitted(None))
    assert (await queued(), await worker.run_due(), await told()) == (0, 0, [])
    assert await kept() == (1, "online")


async def test_a_revision_is_looked_up_once_however_often_it_is_delivered(hear, worker, told, kept, queued, submitted):
    fact = submitted()
    await hear(fact, fact)
    assert await worker.run_due() == 1
    await hear(fact)
    assert (await queued(), await worker.run_due(), len(await told())) == (1, 0, 1)
    assert await kept() == (1, "located")


async def test_an_amendment_is_looked_up_anew(hear, worker, told, kept, submitted):
    first = submitted(ROUBAIX)
    await hear(first)
    await worker.run_due()
    await hear(submitted(LYON, first.event_id, 2))
    assert await kept() == (2, "waiting")
    await worker.run_due()
    assert [(fact.revision, fact.location.commune_name) for fact in await told()] == [(1, "Roubaix"), (2, "Lyon")]


async def test_an_overtaken_revision_tells_nothing(hear, worker, told, kept, submitted):
    first = submitted(ROUBAIX)
    await hear(first, submitted(LYON, first.event_id, 2))
    assert await worker.run_due() == 2
    assert [(fact.revision, fact.location.commune_name) for fact in await told()] == [(2, "Lyon")]
    assert await kept() == (2, "located")


async def test_an_older_revision_heard_late_is_not_looked_up(hear, worker, queued, told, submitted):
    first = submitted(ROUBAIX)
    await hear(submitted(LYON, first.event_id, 2), first)
    assert await queued() == 1
    await worker.run_due()
    assert [fact.revision for fact in await told()] == [2]


async def test_an_event_that_moves_online_loses_its_point(hear, worker, told, kept, submitted):
    first = submitted(ROUBAIX)
    await hear(first, submitted(None, first.event_id, 2))
    await worker.run_due()
    assert (await told(), await kept()) == ([], (2, "online"))


@pytest.mark.parametrize("end", [EventWithdrawn, EventCancelled])
async def test_an_event_that_is_gone_tells_nothing_in_whatever_order_it_is_heard(
    hear, worker, engine, told, kept, submitted, end
):
    fact = submitted()
    gone = end(event_id=fact.event_id, revision=2, withdrawn_at=AT, cancelled_at=AT)
    for order in permutations([fact, gone]):
        async with engine.begin() as tx:
            for table in (venues, jobs):
                await tx.execute(delete(table))
        await hear(*order)
        await worker.run_due()
        assert (await told(), await kept()) == ([], (2, "withdrawn"))


async def test_a_geocoder_that_is_away_is_asked_again(hear, open_worker, engine, told, kept, submitted):
    geocoder = Geocoder(GeocoderUnavailable("down"))
    worker = open_worker(geocoder)
    await hear(submitted())
    await worker.run_due()
    assert (await told(), await kept()) == ([], (1, "waiting"))
    assert await worker.run_due() == 0  # not at once
    async with engine.begin() as tx:
        await tx.execute(update(jobs).values(due_at=func.now()))
    assert await worker.run_due() == 1
    assert geocoder.asked == [ROUBAIX, ROUBAIX]
    assert [fact.reason for fact in await told()] == [UNKNOWN]


async def test_a_geocoder_says_how_long_it_wants_to_be_left(hear, open_worker, engine, submitted):
    await hear(submitted())
    await open_worker(Geocoder(GeocoderUnavailable("busy", retry_after=900.0))).run_due()
    async with engine.connect() as tx:
        wait = await tx.scalar(select(func.extract("epoch", jobs.c.due_at - func.now())))
    assert 890 < wait <= 900


async def test_after_the_last_try_the_event_stays_without_a_pin(
    hear, open_worker, engine, told, kept, clock, submitted
):
    fact = submitted()
    await hear(fact)
    async with engine.begin() as tx:
        await tx.execute(update(jobs).values(attempts=PATIENCE.tries - 1))
    await open_worker(Geocoder(GeocoderUnavailable("down"))).run_due()
    assert await told() == [
        EventNotLocated(event_id=fact.event_id, revision=1, reason=UNANSWERED, looked_up_at=clock.at)
    ]
    assert await kept() == (1, "not_located")


async def test_a_revision_overtaken_during_its_last_try_tells_nothing(hear, open_worker, engine, told, submitted):
    first = submitted()
    await hear(first)
    async with engine.begin() as tx:
        await tx.execute(update(jobs).values(attempts=PATIENCE.tries - 1))
    await hear(submitted(None, first.event_id, 2))
    await open_worker(Geocoder(GeocoderRefused("400"))).run_due()
    assert await told() == []
