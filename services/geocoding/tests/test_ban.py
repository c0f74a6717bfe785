"""The national address service as it answers, and as it fails; and what every geocoder has in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backbone.contracts import Address, Location
from geocoding.ban import BanGeocoder
from geocoding.domain import (
    Geocoder,
    GeocoderError,
    GeocoderRefused,
    GeocoderUnavailable,
    GeocoderUnreadable,
)
from geocoding.gazetteer import Gazetteer
from geocoding.pipeline import Pipeline

LYON = Address(street="12 bis rue de la République", postcode="69002", city="Lyon 2e")
SAINT_DENIS = Address(street="4 rue de la Source", postcode="97400", city="Saint-Denis")
ROUBAIX = Address(street="CCI de Roubaix", postcode="59100", city="Roubaix")


@pytest.fixture
def taught(fake_ban: Any) -> Any:
    fake_ban.knows(
        "12 bis Rue de la République",
        kind="housenumber",
        score=0.93,
        citycode="69382",
        postcode="69002",
        city="Lyon",
        at=(4.8349, 45.7656),
        context="69, Rhône, Auvergne-Rhône-Alpes",
    )
    fake_ban.knows(
        "4 Rue de la Source",
        kind="housenumber",
        score=0.91,
        citycode="97411",
        postcode="97400",
        city="Saint-Denis",
        at=(55.4481, -20.8907),
        context="974, La Réunion",
    )
    fake_ban.knows(
        "Roubaix",
        kind="municipality",
        score=0.435,
        citycode="59512",
        postcode="59100",
        city="Roubaix",
        at=(3.1741, 50.6927),
        context="59, Nord, Hauts-de-France",
    )
    return fake_ban


@pytest.fixture(params=["gazetteer", "ban"])
def geocoder(request: pytest.FixtureRequest, taught: Any, ban: BanGeocoder, gazetteer: Gazetteer) -> Geocoder:
    made: dict[str, Callable[[], Geocoder]] = {
        "gazetteer": lambda: gazetteer,
        "ban": lambda: ban,
    }
    return made[request.param]()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (LYON, ("69123", "Lyon", "69", "84", "Europe/Paris")),
        (SAINT_DENIS, ("97411", "Saint-Denis", "974", "04", "Indian/Reunion")),
        (ROUBAIX, ("59512", "Roubaix", "59", "32", "Europe/Paris")),
    ],
    ids=["in an arrondissement", "overseas", "by its commune alone"],
)
async def test_every_geocoder_tells_the_same_commune_department_region_and_time(
    geocoder: Geocoder, address: Address, told: tuple[str, ...]
) -> None:
    found = (await geocoder.locate(address)).location
    assert found is not None
    place = (found.commune_code, found.commune_name, found.department_code, found.region_code, found.timezone)
    assert place == told


async def test_no_geocoder_makes_up_a_place(geocoder: Geocoder) -> None:
    assert (await geocoder.locate(Address(street="1 rue du Port", postcode="59100", city="Atlantis"))).location is None


async def test_a_door_is_a_point_without_a_radius(taught: Any, ban: BanGeocoder) -> None:
    assert (await ban.locate(LYON)).location == Location(
        longitude=4.8349,
        latitude=45.7656,
        precision="housenumber",
        commune_code="69123",
        commune_name="Lyon",
        department_code="69",
        region_code="84",
        timezone="Europe/Paris",
        provider="ban",
        matched_label="12 bis Rue de la République 69002 Lyon",
        score=0.93,
    )


async def test_a_weak_hit_is_the_commune_with_the_gazetteers_radius(
    taught: Any, ban: BanGeocoder, gazetteer: Gazetteer
) -> None:
    found, commune = (await ban.locate(ROUBAIX)).location, gazetteer.by_code("59512")
    assert found is not None
    assert commune is not None
    assert (found.precision, found.radius_m, found.score) == ("municipality", commune.radius_m, 0.435)
    assert found.matched_label == "Roubaix 59100 Roubaix"
    assert (found.longitude, found.latitude) == (commune.longitude, commune.latitude)


async def test_a_hit_in_another_department_is_refused(fake_ban: Any, ban: BanGeocoder) -> None:
    fake_ban.knows(
        "4 Rue de la Source",
        kind="housenumber",
        score=0.9,
        citycode="93066",
        postcode="97400",
        city="Saint-Denis",
        at=(2.35, 48.93),
    )
    address = Address(street="4 rue de la Source", postcode="97400", city="Zone industrielle")
    assert (await ban.locate(address)).location is None


async def test_the_gazetteer_answers_for_what_the_national_service_does_not_know(
    taught: Any, ban: BanGeocoder, gazetteer: Gazetteer
) -> None:
    address = Address(street="9 allée inconnue", postcode="74940", city="Annecy-le-Vieux")
    found = (await Pipeline({"ban": ban, "gazetteer": gazetteer}, gazetteer).place(address)).location
    assert found is not None
    assert (found.commune_code, found.provider, found.vintage) == ("74010", "gazetteer", "2026")


async def test_what_it_told_is_one_step_and_why_it_was_not_believed(
    fake_ban: Any, ban: BanGeocoder, gazetteer: Gazetteer
) -> None:
    source = Address(street="4 rue de la Source, chez Mme Dupont", postcode="97400", city="Zone industrielle")
    pipeline = Pipeline({"ban": ban}, gazetteer)
    assert dict((await pipeline.place(source)).whys)["ban"] == "it has no such address"
    there = {"postcode": "97400", "city": "Saint-Denis", "at": (2.35, 48.93)}
    fake_ban.knows("Rue de la Source", kind="street", score=0.9, citycode="93066", **there)
    other = source.model_copy(update={"street": "6 rue de la Source, chez Mme Dupont"})
    whys = dict((await pipeline.place(other)).whys)
    assert whys["ban"] == (
        "its best hit is not believed: street « Rue de la Source 97400 Saint-Denis » in Saint-Denis (93066), score"
        " 0.90, which is in department 93, not 974"
    )
    assert "Dupont" not in str(whys)


async def test_a_hit_in_a_commune_of_no_code_is_not_believed(fake_ban: Any, ban: BanGeocoder) -> None:
    there = {"postcode": "59100", "city": "Roubaix", "at": (3.18, 50.69)}
    fake_ban.knows("Rue de la Source", kind="street", score=0.9, citycode="00000", **there)
    address = Address(street="4 rue de la Source", postcode="59100", city="Atlantis")
    assert await ban.locate(address) == (None, "its best hit is not believed: no commune has the code 00000")


@pytest.mark.parametrize(
    ("address", "bounds"),
    [
        (ROUBAIX, {"citycode": "59512"}),
        (LYON, {"postcode": "69002"}),
        (Address(postcode="59047", city="Lille CEDEX"), {"citycode": "59350"}),
        (Address(postcode="59100", city="Atlantis"), {"postcode": "59100"}),
        (Address(postcode="69364", city="Lyon CEDEX 07"), {}),
    ],
    ids=["the commune", "an arrondissement's postcode", "CEDEX", "an unknown name", "CEDEX of arrondissements"],
)
async def test_it_is_asked_within_the_declared_commune(
    fake_ban: Any, ban: BanGeocoder, address: Address, bounds: dict[str, str]
) -> None:
    await ban.locate(address)
    words = " ".join(filter(None, (address.street, address.postcode, address.city)))
    assert fake_ban.questions == [{"q": words, "limit": "1", "autocomplete": "0", **bounds}]
    assert fake_ban.user_agents == ["semaine-industrie/test"]


async def test_too_many_questions_is_worth_asking_again_after_the_wait_it_names(
    fake_ban: Any, ban: BanGeocoder
) -> None:
    fake_ban.fails(429, "Too Many Requests", Retry_After="5")
    with pytest.raises(GeocoderUnavailable) as caught:
        await ban.locate(LYON)
    assert caught.value.retry_after == 5


@pytest.mark.parametrize("status", [401, 403, 404, 500, 502, 503, 504])
async def test_a_service_that_is_down_or_shut_to_us_is_worth_asking_again(
    fake_ban: Any, ban: BanGeocoder, status: int
) -> None:
    fake_ban.fails(status, "<h1>Indisponible</h1>")
    with pytest.raises(GeocoderUnavailable) as caught:
        await ban.locate(LYON)
    assert caught.value.retry_after is None


async def test_a_service_that_does_not_answer_in_time_is_worth_asking_again(
    fake_ban: Any, replica: Callable[..., BanGeocoder]
) -> None:
    fake_ban.falls_silent()
    with pytest.raises(GeocoderUnavailable, match="TimedOut"):
        await replica(timeout=0.05).locate(LYON)


async def test_a_service_that_is_not_there_is_worth_asking_again(replica: Callable[..., BanGeocoder]) -> None:
    with pytest.raises(GeocoderUnavailable):
        await replica("http://127.0.0.1:9/geocodage").locate(LYON)


async def test_a_refused_question_is_not_worth_asking_again(fake_ban: Any, ban: BanGeocoder) -> None:
    fake_ban.fails(400, '{"code": 400, "message": "q: must be shorter"}')
    with pytest.raises(GeocoderRefused) as caught:
        await ban.locate(LYON)
    assert type(caught.value) is GeocoderRefused


EMPTY_GEOMETRY = (
    '{"features": [{"geometry": {"type": "Point", "coordinates": []},'
    ' "properties": {"type": "street", "score": 0.9, "citycode": "69382"}}]}'
)


@pytest.mark.parametrize(
    "body",
    [EMPTY_GEOMETRY, '{"features": [{"geometry": null, "properties": {}}]}', "{}", "[]", "<html>Maintenance"],
    ids=["empty geometry", "no geometry", "no features", "a list", "a page"],
)
async def test_an_answer_that_is_no_geocoders_is_not_worth_asking_again(
    fake_ban: Any, ban: BanGeocoder, body: str
) -> None:
    fake_ban.answers(body)
    with pytest.raises(GeocoderUnreadable):
        await ban.locate(LYON)


@pytest.mark.parametrize("outage", [429, 503])
async def test_an_outage_is_not_hidden_by_the_gazetteer(
    fake_ban: Any, ban: BanGeocoder, gazetteer: Gazetteer, outage: int
) -> None:
    fake_ban.fails(outage)
    with pytest.raises(GeocoderError):
        await Pipeline({"ban": ban, "gazetteer": gazetteer}, gazetteer).place(LYON)
