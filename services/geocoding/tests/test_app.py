"""The service as it is put together: who is asked, what is closed, what it says of itself."""

from __future__ import annotations

import pytest
from httpx import ASGITransport, AsyncClient
from pydantic import ValidationError

from backbone.contracts import Address
from geocoding.app import create_app
from geocoding.desk import Desk
from geocoding.gazetteer import Gazetteer

ROUBAIX = Address(street="12 rue de l’Industrie", postcode="59100", city="Roubaix")


def with_service(settings, url):
    return settings.model_copy(update={"geocoder_url": url})


async def test_without_a_national_service_the_gazetteer_answers_alone(settings, clock):
    desk = Desk.open(settings, clock)
    assert (type(desk.geocoder), desk.close) == (Gazetteer, None)
    found = await desk.geocoder.locate(ROUBAIX)
    assert (found.commune_code, found.provider) == ("59512", "gazetteer")


async def test_the_national_service_is_asked_first_and_told_who_asks(settings, clock, fake_ban):
    door = {"citycode": "59512", "postcode": "59100", "city": "Roubaix", "at": (3.18, 50.69)}
    fake_ban.knows("12 rue de l’Industrie", kind="housenumber", score=0.95, **door)
    desk = Desk.open(with_service(settings, fake_ban.url), clock)
    found = await desk.geocoder.locate(ROUBAIX)
    await desk.close()
    assert (found.provider, found.precision) == ("ban", "housenumber")
    assert fake_ban.user_agents == ["semaine-industrie/1 (+https://carte.example)"]


async def test_what_the_national_service_does_not_know_the_gazetteer_does(settings, clock, fake_ban):
    desk = Desk.open(with_service(settings, fake_ban.url), clock)
    found = await desk.geocoder.locate(ROUBAIX)
    await desk.close()
    assert fake_ban.questions != []
    assert (found.provider, found.precision) == ("gazetteer", "municipality")


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
