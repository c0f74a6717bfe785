"""The service as it is put together: who is asked, what is closed, what it says of itself."""

from __future__ import annotations

from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from httpx import ASGITransport, AsyncClient
from pydantic import ValidationError

from backbone.contracts import Address
from backbone.testing.scraped import scrape
from geocoding.app import create_app
from geocoding.desk import Desk

ROUBAIX = Address(street="12 rue de l’Industrie", postcode="59100", city="Roubaix")


def with_service(settings, url):
    return settings.model_copy(update={"geocoder_url": url})


async def test_without_a_national_service_the_gazetteer_answers_alone(settings, engine, clock):
    desk = Desk.open(settings, engine, clock)
    found = (await desk.pipeline.place(ROUBAIX)).location
    assert (found.commune_code, found.provider, desk.close) == ("59512", "gazetteer", None)


async def test_the_national_service_is_asked_first_and_told_who_asks(settings, engine, clock, fake_ban):
    door = {"citycode": "59512", "postcode": "59100", "city": "Roubaix", "at": (3.18, 50.69)}
    fake_ban.knows("12 rue de l’Industrie", kind="housenumber", score=0.95, **door)
    desk = Desk.open(with_service(settings, fake_ban.url), engine, clock)
    found = (await desk.pipeline.place(ROUBAIX)).location
    await desk.close()
    assert (found.provider, found.precision) == ("ban", "housenumber")
    assert fake_ban.user_agents == ["semaine-industrie/1 (+https://carte.example)"]


async def test_what_the_national_service_does_not_know_the_gazetteer_does(settings, engine, clock, fake_ban):
    desk = Desk.open(with_service(settings, fake_ban.url), engine, clock)
    found = (await desk.pipeline.place(ROUBAIX)).location
    await desk.close()
    assert fake_ban.questions != []
    assert (found.provider, found.precision) == ("gazetteer", "municipality")


async def test_whoever_is_told_first_is_asked_first(settings, engine, clock, fake_ban):
    told = with_service(settings, fake_ban.url).model_copy(update={"geocoder_order": "gazetteer ban"})
    desk = Desk.open(told, engine, clock)
    found = (await desk.pipeline.place(ROUBAIX)).location
    await desk.close()
    assert (found.provider, fake_ban.questions) == ("gazetteer", [])


async def test_the_service_begins_with_its_door_and_ends_with_it(settings):
    service, ran = create_app(settings), []
    said = iter(({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}))

    @asynccontextmanager
    async def running(_):
        ran.append("up")
        yield
        ran.append("down")

    async def hear():
        return next(said)

    async def tell(message):
        ran.append(message["type"])

    service.http.router.lifespan_context = running
    await service.http({"type": "lifespan", "state": {}}, hear, tell)
    await service.engine.dispose()
    assert ran == ["up", "lifespan.startup.complete", "down", "lifespan.shutdown.complete"]


@pytest.mark.parametrize("url", ["ftp://adresses.example", "data.geopf.fr", ""])
def test_an_address_that_is_none_of_the_web_is_refused_at_start(settings, url):
    with pytest.raises(ValidationError, match="geocoder_url"):
        type(settings)(**settings.model_dump() | {"geocoder_url": url})


async def test_its_counts_are_there_from_the_beginning(settings):
    service = create_app(settings)
    async with AsyncClient(transport=ASGITransport(service.health), base_url="http://geocoding") as client:
        counts = (await client.get("/health/counts")).json()
    await service.engine.dispose()
    states = dict.fromkeys(("waiting", "located", "not_located", "online", "withdrawn"), 0)
    assert counts.items() >= states.items()


async def test_the_geocoders_are_counted_by_what_they_answered_and_look_ups_by_their_precision(
    settings, fake_ban, has_heard, submitted
):
    door = {"citycode": "59512", "postcode": "59100", "city": "Roubaix", "at": (3.18, 50.69)}
    fake_ban.knows("12 rue de l’Industrie", kind="housenumber", score=0.95, **door)
    service = create_app(with_service(settings, fake_ban.url))
    [worker] = service.workers

    def of(number, street):
        return submitted(ROUBAIX.model_copy(update={"street": street}), event_id=UUID(int=number))

    await has_heard(service, of(1, "12 rue de l’Industrie"), of(2, "3 rue que personne ne connaît"))
    assert await worker.run_due() == 2
    fake_ban.fails(503)
    await has_heard(service, of(3, "4 rue de l’Industrie"))
    assert await worker.run_due() == 1
    told = await scrape(service)
    await service.close()
    await service.engine.dispose()
    assert told.by("sdi_geocoder_calls_total", "provider", "outcome") == {
        ("ban", "found"): 1,
        ("ban", "unknown"): 1,
        ("ban", "unavailable"): 1,
        ("gazetteer", "found"): 1,
    }
    assert told.of("sdi_geocoder_call_seconds_count", provider="ban") == 3
    assert told.by("sdi_located_total", "precision") == {("housenumber",): 1, ("municipality",): 1}
    assert told.by("sdi_jobs", "state", kind="look-up") == {("retrying",): 1}
    assert told.by("sdi_job_seconds_count", "outcome") == {("done",): 2, ("retried",): 1}
